// What events, segments and intervals are called on these pages.

import { eventTitle } from "$lib/eventLooks";
import { fieldName } from "$lib/fields";
import type { Interval } from "$lib/format";
import { texts } from "$lib/i18n.svelte";
import { MEASURED } from "$lib/people";
import type { Look, Segment } from "./question";

const own = texts({
  en: { any: "Any event", view: "Page view", start: "Session begins", end: "Session ends" },
  de: { any: "Jedes Ereignis", view: "Seitenaufruf", start: "Sitzung beginnt", end: "Sitzung endet" },
});

/** An event's name for people: those that we make ourselves have one. */
export function eventName(name: string): string {
  switch (name) {
    case "*":
      return own("any");
    case "screen_view":
      return own("view");
    case "session_start":
      return own("start");
    case "session_end":
      return own("end");
    default:
      return MEASURED.includes(name) ? eventTitle(name) : name;
  }
}

/** What is counted, as a choice: "Sum of a property". */
export const segmentName = texts<Segment>({
  en: {
    event: "Times", user: "Visitors", session: "Sessions", group: "Groups", user_average: "Times per visitor",
    one_event_per_user: "Visitors, each once", property_sum: "Sum of", property_average: "Average of",
    property_max: "Most of", property_min: "Least of",
  },
  de: {
    event: "Anzahl", user: "Besucher", session: "Sitzungen", group: "Gruppen", user_average: "Anzahl je Besucher",
    one_event_per_user: "Besucher, jeder einmal", property_sum: "Summe von", property_average: "Durchschnitt von",
    property_max: "Höchstes von", property_min: "Niedrigstes von",
  },
}); // prettier-ignore

/** What a series counts, beside its event's name: '' for the plain number of events. */
export function countedName(segment: Segment, property: string): string {
  if (segment === "event") return "";
  return property ? `${segmentName(segment)} ${fieldName(property)}` : segmentName(segment);
}

export const lookName = texts<Look>({
  en: { line: "Lines", area: "Area", bar: "Bars", pie: "Pie", table: "Table", metric: "Numbers", map: "Map" },
  de: { line: "Linien", area: "Fläche", bar: "Balken", pie: "Kreis", table: "Tabelle", metric: "Zahlen", map: "Karte" },
});

export const intervalName = texts<Interval>({
  en: { minute: "Minutes", hour: "Hours", day: "Days", week: "Weeks", month: "Months" },
  de: { minute: "Minuten", hour: "Stunden", day: "Tage", week: "Wochen", month: "Monate" },
});

/** Texts that several of these pages need. */
export const t = texts({
  en: {
    add: "Add", remove: "Remove", event: "Event", total: "In all", average: "Average", least: "Least", most: "Most",
    change: "Change", share: "Share", filters: "Filters", addFilter: "Filter", property: "Property", counts: "Counts",
    step: "Step", name: "Name", others: "Others", show: "Show",
  },
  de: {
    add: "Hinzufügen", remove: "Entfernen", event: "Ereignis", total: "Gesamt", average: "Durchschnitt", least: "Mindestens",
    most: "Höchstens", change: "Änderung", share: "Anteil", filters: "Filter", addFilter: "Filter", property: "Eigenschaft",
    counts: "Zählt", step: "Schritt", name: "Name", others: "Andere", show: "Zeigen",
  },
}); // prettier-ignore
