// A list that goes on: pages are asked for as the reader comes to the end of what is there.

import { untrack } from "svelte";
import { ApiError, request, type Path } from "./api";
import { peek, load } from "./cache";
import { clock } from "./clock.svelte";

interface Ways<Answer, Row> {
  /** The first page; null: nothing to ask (yet). */
  first: () => Path<Answer> | null;
  rows: (answer: Answer) => Row[];
  key: (row: Row) => string;
  /** The page after these rows; `again`: so many pages in a row brought nothing new. null: that was all. */
  next: (rows: Row[], last: Answer, again: number) => Path<Answer> | null;
}

/** What the end of such a list needs to know of it. */
export interface Growing {
  readonly rows: readonly unknown[] | undefined;
  readonly error: ApiError | undefined;
  readonly isMore: boolean;
  readonly isDone: boolean;
  more(): Promise<void>;
}

/**
 * `rows` are those of all pages so far, each key once. The first page is shown from the cache and asked for anew with
 * each heartbeat, as long as it is the only one. Must be made while a component is initialised.
 */
export class Endless<Answer, Row> implements Growing {
  rows = $state.raw<Row[] | undefined>();
  first = $state.raw<Answer | undefined>();
  error = $state.raw<ApiError | undefined>();
  isLoading = $state(true);
  isMore = $state(false);
  isDone = $state(false);
  #last: Answer | undefined;
  #pages = 0;
  #again = 0;
  #shown = "";
  #failed = "";
  #ways: Ways<Answer, Row>;
  #controller: AbortController | undefined;

  constructor(ways: Ways<Answer, Row>) {
    this.#ways = ways;
    $effect(() => {
      const address = ways.first();
      void clock.beat;
      return untrack(() => (address === null ? undefined : this.#begin(address)));
    });
    $effect(() => () => this.#controller?.abort());
  }

  /** The next rows, if there are any and none are on their way. */
  async more(): Promise<void> {
    if (this.isDone || this.isMore || this.isLoading) return;
    const controller = (this.#controller = new AbortController());
    this.isMore = true;
    try {
      // A page that brings nothing new is followed by the next one: many rows of one instant fill whole pages.
      while (!controller.signal.aborted && !this.isDone && !(await this.#next(controller.signal)));
    } catch (error) {
      if (!controller.signal.aborted) this.error = asError(error);
    } finally {
      if (this.#controller === controller) this.isMore = false;
    }
  }

  /** One page; whether it brought anything new. */
  async #next(signal: AbortSignal): Promise<boolean> {
    const rows = this.rows ?? [];
    const address = this.#last === undefined ? null : this.#ways.next(rows, this.#last, this.#again);
    if (address === null) {
      this.isDone = true;
      return false;
    }
    const answer = await request(address, { signal });
    if (signal.aborted) return false;
    const known = new Set(rows.map(this.#ways.key));
    const fresh = this.#ways.rows(answer).filter((row) => !known.has(this.#ways.key(row)));
    this.#last = answer;
    this.#pages += 1;
    this.#again = fresh.length ? 0 : this.#again + 1;
    this.rows = [...rows, ...fresh];
    this.error = undefined;
    this.isDone = this.#ways.next(this.rows, answer, this.#again) === null;
    return fresh.length > 0;
  }

  #begin(address: Path<Answer>): (() => void) | undefined {
    const isSame = this.#shown === address;
    if (isSame && this.#pages > 1) {
      if (this.error) void this.more();
      return undefined;
    }
    if (!isSame) {
      this.#controller?.abort();
      this.isMore = false;
      if (this.#failed !== address) this.error = undefined;
      const known = peek(address);
      if (known) this.#show(address, known.data);
    }
    this.isLoading = this.#shown !== address;
    const controller = new AbortController();
    load(address, controller.signal).then(
      (answer) => {
        if (controller.signal.aborted || (this.#shown === address && this.#pages > 1)) return;
        this.#show(address, answer);
        this.isLoading = false;
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        if (this.#shown !== address) this.#clear();
        this.#failed = address;
        this.error = asError(error);
        this.isLoading = false;
      },
    );
    return () => controller.abort();
  }

  /** Rows of another question would read as the answer of the one that failed. */
  #clear(): void {
    this.rows = this.first = this.#last = undefined;
    this.#pages = 0;
    this.#shown = "";
  }

  #show(address: Path<Answer>, answer: Answer): void {
    this.first = this.#last = answer;
    this.rows = this.#ways.rows(answer);
    this.error = undefined;
    this.#pages = 1;
    this.#again = 0;
    this.#shown = address;
    this.isDone = this.#ways.next(this.rows, answer, 0) === null;
  }
}

function asError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, String(error));
}
