// What builder and result of an attribution agree on (docs/umami.md): a conversion is an event, or the view of a page.

import { filter } from "$lib/filters";
import { eventSeries, type EventSeries } from "../question";

export const MODELS = ["first-click", "last-click"] as const;

/** A page's view as a series. */
export const viewOf = (path: string): EventSeries => eventSeries("screen_view", { filters: [filter("path", path)] });

/** The page of such a series; undefined if it is of another event. */
export function pathOf(series: EventSeries): string | undefined {
  const [found] = series.filters;
  return series.name === "screen_view" && found?.name === "path" ? found.value[0] : undefined;
}
