// The currencies of a project's revenue: amounts are shown in one where there is just one.

import type { Path } from "$lib/api";
import type { Chart } from "$lib/insights";
import type { RangeQuery } from "$lib/ranges";
import { eventSeries } from "./question";
import { chart } from "./requests";

const MOST = 20;

/** Revenue by currency, most first. */
export const byCurrency = (project: string, range: RangeQuery): Path<Chart> =>
  chart(
    project,
    [eventSeries("*", { segment: "property_sum", property: "revenue", filters: [{ name: "revenue", operator: "gt", value: ["0"] }] })],
    range,
    { interval: "month", limit: MOST, breakdowns: ["currency"] },
  );

export const currenciesOf = (answer: Chart | undefined): string[] =>
  (answer?.series ?? []).map((line) => String(line.event.breakdowns?.currency ?? ""));

/** The only currency; '' where there are several, or none. */
export function onlyCurrency(answer: Chart | undefined): string {
  const [first = "", second] = currenciesOf(answer);
  return second === undefined ? first : "";
}
