// Keyboard shortcuts: single keys, while no field is typed into. Whoever adds some says what they do, so that the
// help (`?`) lists exactly those that work now.

import { onMount } from "svelte";

export interface Shortcut {
  key: string;
  label: string;
  run: () => void;
}

class Shortcuts {
  groups = $state.raw<{ title: () => string; all: () => Shortcut[] }[]>([]);

  constructor() {
    addEventListener("keydown", (event) => this.#press(event));
  }

  #press(event: KeyboardEvent): void {
    if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented || event.isComposing) return;
    if (event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (document.querySelector("dialog[open]")) return;
    for (const group of this.groups.toReversed()) {
      const found = group.all().find((shortcut) => shortcut.key === event.key);
      if (!found) continue;
      event.preventDefault();
      found.run();
      return;
    }
  }
}

export const shortcuts = new Shortcuts();

/** Shortcuts that work while the component that calls this is there. */
export function useShortcuts(title: () => string, all: () => Shortcut[]): void {
  onMount(() => {
    const group = { title, all };
    shortcuts.groups = [...shortcuts.groups, group];
    return () => (shortcuts.groups = shortcuts.groups.filter((each) => each !== group));
  });
}
