// How web vitals are rated: the bounds that Google publishes for the 75th percentile (web.dev/articles/vitals).

import { number } from "$lib/format";
import type { VitalName } from "../requests";

export const RATINGS = ["good", "middle", "poor"] as const;
export type Rating = (typeof RATINGS)[number];

/** Up to the first it is good, above the second poor. */
export const BOUNDS: Record<VitalName, [number, number]> = {
  lcp: [2500, 4000],
  inp: [200, 500],
  cls: [0.1, 0.25],
  fcp: [1800, 3000],
  ttfb: [800, 1800],
};

export function rate(name: VitalName, value: number): Rating {
  const [good, poor] = BOUNDS[name];
  return value <= good ? "good" : value <= poor ? "middle" : "poor";
}

/** 1.24 s, 180 ms, 0.08 */
export function showVital(name: VitalName, value: number): string {
  if (name === "cls") return number(value, 3);
  return value >= 1000 ? `${number(value / 1000, 2)} s` : `${number(value)} ms`;
}
