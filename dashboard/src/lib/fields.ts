// What the fields of filters and breakdowns are called, and how their values read.

import { countryCode } from "./countries";
import { OPERATORS, type FieldGroup, type Operator } from "./filters";
import { country, flag } from "./format";
import { texts } from "./i18n.svelte";
import { t as common } from "./messages";

const NAMES = {
  en: {
    path: "Page", entry_path: "Entry page", exit_path: "Exit page", origin: "Host", title: "Page title",
    referrer_type: "Channel", referrer_name: "Source", referrer: "Referrer",
    utm_source: "UTM source", utm_medium: "UTM medium", utm_campaign: "UTM campaign", utm_term: "UTM term", utm_content: "UTM content",
    country: "Country", region: "Region", city: "City",
    device: "Device", browser: "Browser", browser_version: "Browser version", os: "System", os_version: "System version",
    brand: "Brand", model: "Model", name: "Event", revenue: "Revenue", has_profile: "Is known",
  },
  de: {
    path: "Seite", entry_path: "Einstiegsseite", exit_path: "Ausstiegsseite", origin: "Host", title: "Seitentitel",
    referrer_type: "Kanal", referrer_name: "Quelle", referrer: "Verweis",
    utm_source: "UTM-Quelle", utm_medium: "UTM-Medium", utm_campaign: "UTM-Kampagne", utm_term: "UTM-Begriff", utm_content: "UTM-Inhalt",
    country: "Land", region: "Region", city: "Stadt",
    device: "Gerät", browser: "Browser", browser_version: "Browserversion", os: "System", os_version: "Systemversion",
    brand: "Marke", model: "Modell", name: "Ereignis", revenue: "Umsatz", has_profile: "Ist bekannt",
  },
}; // prettier-ignore

export type FieldName = keyof typeof NAMES.en;

const fieldText = texts(NAMES);

const operatorText = texts<Operator>({
  en: {
    is: "is", isNot: "is not", contains: "contains", doesNotContain: "does not contain",
    startsWith: "starts with", endsWith: "ends with", regex: "matches", isNull: "is empty", isNotNull: "is not empty",
    gt: "is more than", lt: "is less than", gte: "is at least", lte: "is at most",
  },
  de: {
    is: "ist", isNot: "ist nicht", contains: "enthält", doesNotContain: "enthält nicht",
    startsWith: "beginnt mit", endsWith: "endet mit", regex: "passt auf", isNull: "ist leer", isNotNull: "ist nicht leer",
    gt: "ist mehr als", lt: "ist weniger als", gte: "ist mindestens", lte: "ist höchstens",
  },
}); // prettier-ignore

const groupText = texts<FieldGroup>({
  en: { pages: "Pages", sources: "Sources", places: "Places", technology: "Technology", behaviour: "Behaviour" },
  de: { pages: "Seiten", sources: "Quellen", places: "Orte", technology: "Technik", behaviour: "Verhalten" },
});

const CHANNELS = ["search", "social", "email", "ai", "tech", "commerce", "content", "paid", "unknown"] as const;
const channelText = texts<(typeof CHANNELS)[number]>({
  en: {
    search: "Search", social: "Social networks", email: "Email", ai: "AI assistants", tech: "Tech sites",
    commerce: "Shops", content: "Content sites", paid: "Advertising", unknown: "Other sites",
  },
  de: {
    search: "Suche", social: "Soziale Netze", email: "E-Mail", ai: "KI-Assistenten", tech: "Technikseiten",
    commerce: "Läden", content: "Inhaltsseiten", paid: "Werbung", unknown: "Andere Seiten",
  },
}); // prettier-ignore

const deviceText = texts({
  en: { desktop: "Desktop", mobile: "Phone", tablet: "Tablet", smarttv: "TV", console: "Console", wearable: "Wearable", laptop: "Laptop" },
  de: { desktop: "Desktop", mobile: "Telefon", tablet: "Tablet", smarttv: "Fernseher", console: "Konsole", wearable: "Wearable", laptop: "Laptop" },
}); // prettier-ignore

/** A field's name for people; a property's key for any other. */
export const fieldName = (name: string): string =>
  name in NAMES.en ? fieldText(name as FieldName) : name.replace(/^properties\./, "");

export const operatorName = (operator: Operator): string => operatorText(operator);
export const operators: readonly Operator[] = OPERATORS;
export const groupName = (group: FieldGroup): string => groupText(group);

const SOURCES = ["referrer_type", "referrer_name", "referrer"];

/** A value of a field for people: countries and channels in their language; what none means for the field. */
export function valueName(field: string, value: string | null): string {
  if (value === null || value === "") return SOURCES.includes(field) ? common("direct") : common("unknown");
  if (field === "country") return country(countryCode(value) || value);
  if (field === "referrer_type" && isOneOf(CHANNELS, value)) return channelText(value);
  const device = value.toLowerCase();
  if (field === "device" && isOneOf(DEVICES, device)) return deviceText(device);
  return value;
}

const DEVICES = ["desktop", "mobile", "tablet", "smarttv", "console", "wearable", "laptop"] as const;

function isOneOf<Word extends string>(words: readonly Word[], value: string): value is Word {
  return words.includes(value as Word);
}

/** A small sign before a value: a country's flag. */
export const valueSign = (field: string, value: string | null): string =>
  field === "country" ? flag(countryCode(value)) : "";
