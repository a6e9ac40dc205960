// Projects that were deleted in this browser and can still be restored: no API lists them.

import { part } from "$lib/api";
import { store, stored } from "$lib/i18n.svelte";
import { session } from "$lib/session.svelte";
import { send } from "./manage";

export interface DeletedProject {
  id: string;
  name: string;
  /** When its data goes, ms. */
  until: number;
}

const STORED = "footfall.deleted";
const GRACE_MS = 24 * 60 * 60 * 1000;

class Deleted {
  all = $state.raw<DeletedProject[]>(read());

  remember({ id, name }: { id: string; name: string }): void {
    this.#keep([{ id, name, until: Date.now() + GRACE_MS }, ...this.all.filter((each) => each.id !== id)]);
  }

  /** Throws ApiError: 404 once it is too late. */
  async restore(id: string): Promise<void> {
    await send(`/manage/projects/${part(id)}/restore`, { method: "POST" }, "/");
    this.#keep(this.all.filter((each) => each.id !== id));
    await session.load();
  }

  #keep(all: DeletedProject[]): void {
    this.all = all;
    store(STORED, JSON.stringify(all));
  }
}

function read(): DeletedProject[] {
  try {
    const found: unknown = JSON.parse(stored(STORED) ?? "[]");
    return (Array.isArray(found) ? found : []).filter((each: DeletedProject) => each.until > Date.now());
  } catch {
    return [];
  }
}

export const deleted = new Deleted();
