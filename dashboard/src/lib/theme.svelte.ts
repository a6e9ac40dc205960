// Light, dark, or as the system has it. The colours are CSS custom properties (styles/tokens.css); public/assets/
// theme-2.js sets a chosen theme before the first paint.

import { store, stored } from "./i18n.svelte";

export type ThemeName = "system" | "light" | "dark";

const STORED = "footfall.theme";
const media = matchMedia("(prefers-color-scheme: dark)");
const paper = matchMedia("print");

class Theme {
  chosen = $state<ThemeName>(read());
  #systemIsDark = $state(media.matches);
  /** On paper all is light, whatever is chosen (styles/tokens.css). */
  isPrinted = $state(paper.matches);
  isDark = $derived(!this.isPrinted && (this.chosen === "dark" || (this.chosen === "system" && this.#systemIsDark)));

  constructor() {
    media.addEventListener("change", (event) => (this.#systemIsDark = event.matches));
    paper.addEventListener("change", (event) => (this.isPrinted = event.matches));
  }

  choose(name: ThemeName): void {
    if (name === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    this.chosen = name;
    store(STORED, name);
  }
}

/** What was chosen here; a share link may come with a theme of the page that it is embedded in, `?theme=dark`. */
function read(): ThemeName {
  const given = location.pathname.startsWith("/share/") ? new URLSearchParams(location.search).get("theme") : null;
  const found = given ?? stored(STORED);
  return found === "light" || found === "dark" ? found : "system";
}

export const theme = new Theme();

/** The colours of these custom properties as they are now, for canvas: `colours("--accent")` → ["rgb(…)"]. */
export function colours(...names: string[]): string[] {
  const probe = document.createElement("i");
  document.body.append(probe);
  const found = names.map((name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return found;
}
