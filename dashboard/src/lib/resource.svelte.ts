// Data for a component: `const metrics = resource(() => overview(...))`. Follows what the address depends on.

import { untrack } from "svelte";
import { ApiError, type Path } from "./api";
import { load, peek } from "./cache";
import { clock } from "./clock.svelte";

const FRESH_MS = 20_000;

/**
 * `data` is the newest answer, also while the next one loads; `isLoading` says that it is not (yet) what was asked
 * for. Once that has failed (`error`) there is no `data`: another question's would read as its answer. An answer from
 * the cache is there in the first frame.
 */
export class Resource<T> {
  data = $state.raw<T>();
  error = $state.raw<ApiError>();
  isLoading = $state(true);
  #shown = "";
  #failed = "";

  /** Must be made while a component is initialised. `address` null: nothing to ask (yet). */
  constructor(address: () => Path<T> | null, freshMs: number) {
    const first = untrack(address);
    if (first !== null) this.#show(first);
    // Before what is inside of the component is made: what a page needs is asked for before its parts' details.
    $effect.pre(() => {
      const wanted = address();
      void clock.beat;
      return untrack(() => (wanted === null ? undefined : this.#ask(wanted, freshMs)));
    });
  }

  #show(address: Path<T>): number {
    const known = peek(address);
    if (this.#failed !== address) this.error = undefined;
    if (known) {
      this.data = known.data;
      this.error = undefined;
      this.#shown = address;
    }
    this.isLoading = this.#shown !== address;
    return known?.ageMs ?? Infinity;
  }

  #ask(address: Path<T>, freshMs: number): (() => void) | undefined {
    if (this.#show(address) < freshMs) return undefined;
    const controller = new AbortController();
    load(address, controller.signal).then(
      () => controller.signal.aborted || this.#show(address),
      (error: unknown) => {
        if (controller.signal.aborted) return;
        if (this.#shown !== address) {
          this.data = undefined;
          this.#shown = "";
        }
        this.#failed = address;
        this.error = error instanceof ApiError ? error : new ApiError(0, String(error));
        this.isLoading = false;
      },
    );
    return () => controller.abort();
  }
}

/** See Resource. `freshMs`: how old an answer may be before it is asked for again. */
export function resource<T>(address: () => Path<T> | null, freshMs = FRESH_MS): Resource<T> {
  return new Resource(address, freshMs);
}
