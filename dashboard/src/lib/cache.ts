// What was asked before: answers are shown at once from here while newer ones are fetched.

import { request, type Path } from "./api";

interface Entry {
  at: number;
  data: unknown;
}

interface Flight {
  promise: Promise<unknown>;
  readers: number;
  controller: AbortController;
}

const MAX_ENTRIES = 300;
const entries = new Map<string, Entry>();
const flights = new Map<string, Flight>();

/** The last answer and its age in ms, if there was one. */
export function peek<T>(address: Path<T>): { data: T; ageMs: number } | undefined {
  const found = entries.get(address);
  return found && { data: found.data as T, ageMs: Date.now() - found.at };
}

/** A new answer. Whoever asks the same at the same time shares one request; it is aborted when nobody waits. */
export async function load<T>(address: Path<T>, signal: AbortSignal): Promise<T> {
  const flight = flights.get(address) ?? begin(address);
  flight.readers += 1;
  const leave = (): void => {
    flight.readers -= 1;
    if (flight.readers === 0) flight.controller.abort();
  };
  signal.addEventListener("abort", leave, { once: true });
  try {
    return (await flight.promise) as T;
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

/** Forget the answers whose address begins so; all without one. After a change, and at sign-out. */
export function forget(prefix = ""): void {
  for (const address of entries.keys()) if (address.startsWith(prefix)) entries.delete(address);
}

function begin(address: string): Flight {
  const controller = new AbortController();
  const promise = request<unknown>(address, { signal: controller.signal })
    .then((data) => {
      entries.delete(address);
      entries.set(address, { at: Date.now(), data });
      const [oldest] = entries.keys();
      if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
      return data;
    })
    .finally(() => flights.get(address) === flight && flights.delete(address));
  const flight: Flight = { promise, readers: 0, controller };
  controller.signal.addEventListener("abort", () => flights.get(address) === flight && flights.delete(address));
  flights.set(address, flight);
  return flight;
}
