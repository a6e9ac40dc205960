// What the builders suggest: the project's events, and what they can be broken down and summed up by.

import { fieldName, groupName } from "$lib/fields";
import { FIELD_GROUPS, type FieldGroup } from "$lib/filters";
import { texts } from "$lib/i18n.svelte";
import { eventMeta, eventNames, properties } from "$lib/insights";
import { MARKS, MEASURED, SCREEN_VIEW } from "$lib/people";
import { resource } from "$lib/resource.svelte";
import { view } from "$lib/view.svelte";
import type { Choice } from "./Picker.svelte";
import { eventName } from "./words";

const LONG_MS = 300_000;
const OF_EVERY_SITE = [SCREEN_VIEW, ...MARKS];

const t = texts({
  en: { own: "Your events", every: "Of every site", properties: "Properties of events", visit: "Visit", currency: "Currency", profile: "Person" },
  de: { own: "Eigene Ereignisse", every: "Von jeder Site", properties: "Eigenschaften von Ereignissen", visit: "Besuch", currency: "Währung", profile: "Person" },
}); // prettier-ignore

/** Must be made while a component is initialised. */
export class Suggestions {
  #names = resource(() => (view.project ? eventNames(view.project) : null), LONG_MS);
  #properties = resource(() => (view.project ? properties(view.project) : null), LONG_MS);
  #meta = resource(() => (view.project ? eventMeta(view.project) : null), LONG_MS);

  /** Whether the events are known. */
  isKnown = $derived(this.#names.data !== undefined && (this.#meta.data !== undefined || this.#meta.error !== undefined));

  /** Events that the site sends itself, most frequent first. */
  own = $derived((this.#names.data ?? []).filter((name) => ![...OF_EVERY_SITE, ...MEASURED].includes(name)));

  #measured = $derived((this.#names.data ?? []).filter((name) => MEASURED.includes(name)));

  /** Events that are goals. */
  goals = $derived((this.#meta.data?.data ?? []).filter((each) => each.conversion).map((each) => each.name));

  events = $derived.by((): Choice[] => [
    ...["*", ...OF_EVERY_SITE, ...this.#measured].map((value) => ({ value, label: eventName(value), group: t("every") })),
    ...this.own.map((value) => ({ value, label: value, group: t("own") })),
  ]);

  /** The same without "any event", for steps. */
  steps = $derived(this.events.filter((choice) => choice.value !== "*"));

  #keys = $derived([...new Set((this.#properties.data?.properties ?? []).map((each) => each.property_key))].filter((key) => !key.startsWith("__")));

  /** What lines can be broken down by. */
  fields = $derived.by((): Choice[] => [
    ...(Object.entries(FIELD_GROUPS) as [FieldGroup, readonly string[]][]).flatMap(([group, names]) =>
      names.filter((name) => name !== "revenue").map((value) => ({ value, label: fieldName(value), group: groupName(group) })),
    ),
    ...this.#keys.map((key) => ({ value: `properties.${key}`, label: key, group: t("properties") })),
  ]);

  /** What of an event can be summed up: those of its own properties first that it is known to have. */
  numbers(event: string): Choice[] {
    const known = this.#properties.data?.properties ?? [];
    const of = known.filter((each) => event === "*" || each.event_name === event).map((each) => each.property_key);
    const keys = [...new Set([...of, ...this.#keys])].filter((key) => !key.startsWith("__"));
    return [{ value: "revenue", label: fieldName("revenue") }, ...keys.map((key) => ({ value: `properties.${key}`, label: key }))];
  }
}
