// Time zones: which there are, and which instant a wall clock's time in one of them is.

import { clockIn } from "$lib/ranges";

/** The names of all time zones; those given besides, though this browser may not know them. */
export const zones = (...besides: string[]): string[] =>
  [...new Set(["UTC", ...besides, ...Intl.supportedValuesOf("timeZone")])].filter(Boolean);

/** The zone that this browser is in. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** The instant of `2026-11-21T14:05` on the wall clock of a zone, in ISO 8601. */
export function instantOf(wall: string, zone: string): string {
  const wanted = Date.parse(`${wall}Z`);
  let at = wanted;
  // Twice, because the first guess may lie on the other side of a change of the clocks.
  for (let turn = 0; turn < 2; turn++) {
    const { day, time } = clockIn(zone, new Date(at));
    at += wanted - Date.parse(`${day}T${time}Z`);
  }
  return new Date(at).toISOString();
}

/** What the wall clock of a zone showed at an instant, for a field of type datetime-local. */
export function wallOf(iso: string, zone: string): string {
  const { day, time } = clockIn(zone, new Date(iso));
  return `${day}T${time.slice(0, 5)}`;
}
