// Numbers, dates and names in the reader's locale.

import { locale } from "./i18n.svelte";

const formats = new Map<string, unknown>();

function cached<T>(kind: string, options: object, make: (tag: string) => T): T {
  const key = `${kind} ${locale.tag} ${JSON.stringify(options)}`;
  let found = formats.get(key) as T | undefined;
  if (found === undefined) formats.set(key, (found = make(locale.tag)));
  return found;
}

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return cached("number", options, (tag) => new Intl.NumberFormat(tag, options));
}

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return cached("date", options, (tag) => new Intl.DateTimeFormat(tag, options));
}

/** 12,345 */
export const number = (value: number, decimals = 0): string =>
  numbers({ maximumFractionDigits: decimals }).format(value);

/** 12.3K: for little room; up to 9,999 in full. */
export const compact = (value: number): string =>
  Math.abs(value) < 10_000
    ? number(value, Number.isInteger(value) ? 0 : 2)
    : numbers({ notation: "compact", maximumFractionDigits: 1 }).format(value);

/** 42.5% of 42.5 (percent, not a fraction). */
export const percent = (value: number, decimals = 1): string =>
  numbers({ style: "percent", maximumFractionDigits: decimals }).format(value / 100);

/** +12% of 12; changes over 1000% without fraction. */
export const change = (value: number): string =>
  numbers({
    style: "percent",
    signDisplay: "exceptZero",
    maximumFractionDigits: Math.abs(value) < 10 ? 1 : 0,
  }).format(value / 100);

/** 3m 24s of 204.2 seconds; the two largest units, as short as they are written anywhere. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${number(seconds, seconds < 10 ? 1 : 0)}s`;
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), locale.language === "de" ? "T" : "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "m"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${number(value)}${unit}`)
    .join(" ");
}

/** €1,234.50 of 123450 minor units; without a currency the plain amount. `short`: €1.2K, for axes and tiles. */
export function money(minor: number, currency: string, { short = false } = {}): string {
  const style: Intl.NumberFormatOptions = /^[A-Z]{3}$/.test(currency)
    ? { style: "currency", currency, currencyDisplay: "narrowSymbol" }
    : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  const amount = minor / 10 ** (currency ? (numbers(style).resolvedOptions().maximumFractionDigits ?? 2) : 2);
  const round = { ...style, minimumFractionDigits: 0, maximumFractionDigits: 0 };
  if (!short || Math.abs(amount) < 1000) return numbers(style).format(amount);
  const compacted = numbers({ ...round, notation: "compact", maximumFractionDigits: 1 });
  // Not every language has a short word for a thousand; then the amount is written out, without a fraction.
  const isShorter = Math.abs(amount) >= 10_000 && compacted.formatToParts(amount).some((part) => part.type === "compact");
  return (isShorter ? compacted : numbers(round)).format(amount);
}

/** A country's name in the reader's language, of its ISO code. */
export function country(code: string): string {
  const names = cached("region", {}, (tag) => new Intl.DisplayNames(tag, { type: "region", fallback: "code" }));
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
}

/** The flag of an ISO country code, made of regional indicator letters; a globe for anything else. */
export const flag = (code: string): string =>
  /^[A-Z]{2}$/.test(code) ? String.fromCodePoint(...[...code].map((letter) => 0x1f1a5 + letter.charCodeAt(0))) : "🌐";

/** "a, b and c" */
export const list = (items: string[]): string => cached("list", {}, (tag) => new Intl.ListFormat(tag)).format(items);

/**
 * The moment on its own clock: the API gives times on the project's wall clock with their offset, and that wall
 * clock is what is shown, wherever the reader is.
 */
export const wallClock = (iso: string): Date => new Date(`${iso.slice(0, 19)}Z`);

export type Interval = "minute" | "hour" | "day" | "week" | "month";

const AXIS: Record<Interval, Intl.DateTimeFormatOptions> = {
  minute: { hour: "numeric", minute: "2-digit" },
  hour: { hour: "numeric", minute: "2-digit" },
  day: { day: "numeric", month: "short" },
  week: { day: "numeric", month: "short" },
  month: { month: "short", year: "2-digit" },
};
const TITLE: Record<Interval, Intl.DateTimeFormatOptions> = {
  minute: { weekday: "short", hour: "numeric", minute: "2-digit" },
  hour: { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" },
  day: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
  week: { day: "numeric", month: "short", year: "numeric" },
  month: { month: "long", year: "numeric" },
};

/** A bucket's label on an axis. */
export const bucketLabel = (iso: string, interval: Interval): string =>
  dates({ ...AXIS[interval], timeZone: "UTC" }).format(wallClock(iso));

/** A bucket's label where there is room; a week with both ends. */
export function bucketTitle(iso: string, interval: Interval): string {
  const start = wallClock(iso);
  if (interval !== "week") return dates({ ...TITLE[interval], timeZone: "UTC" }).format(start);
  const end = new Date(start.getTime() + 6 * 86_400_000);
  return dates({ ...TITLE.week, timeZone: "UTC" }).formatRange(start, end);
}

/** 3 Nov 2026 of `2026-11-03`; both ends of a range written as one. */
export const day = (date: string): string =>
  dates({ day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(new Date(`${date}T00:00Z`));
export const days = (from: string, to: string): string =>
  dates({ day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).formatRange(
    new Date(`${from}T00:00Z`),
    new Date(`${to}T00:00Z`),
  );

/** An instant in a time zone, to the second. */
export const time = (iso: string, zone: string): string =>
  dates({ dateStyle: "medium", timeStyle: "medium", timeZone: zone }).format(new Date(iso));

/** An instant's clock time in a time zone. */
export const clockTime = (iso: string, zone: string): string =>
  dates({ timeStyle: "medium", timeZone: zone }).format(new Date(iso));

/** An instant in a time zone where there is little room: `20 Nov, 14:05`; with seconds if they matter. */
export const moment = (iso: string, zone: string, { seconds = false } = {}): string =>
  dates({
    day: "numeric",
    month: "short",
    hour: "numeric",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
    timeZone: zone,
  }).format(new Date(iso));

/** An instant's day in a time zone: `Fri, 20 Nov 2026`. */
export const dayOf = (iso: string, zone: string): string =>
  dates({ weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: zone }).format(new Date(iso));

/** "5 minutes ago". */
export function ago(iso: string, now = Date.now()): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3600], ["minute", 60]];
  const format = cached("ago", {}, (tag) => new Intl.RelativeTimeFormat(tag, { numeric: "auto" }));
  for (const [name, length] of steps)
    if (Math.abs(seconds) >= length) return format.format(Math.round(seconds / length), name);
  return format.format(Math.round(seconds), "second");
}
