// Which days are looked at: the API's named ranges, or two days. Days are texts `YYYY-MM-DD` on the project's
// wall clock; every calculation here is calendar arithmetic on them.

import type { Interval } from "./format";

export const RANGES = [
  "30min", "lastHour", "last24h", "today", "yesterday", "7d", "30d", "90d",
  "monthToDate", "lastMonth", "3m", "6m", "12m", "yearToDate", "lastYear", "all_time",
] as const; // prettier-ignore

export type RangeName = (typeof RANGES)[number];

/** A named range, or both days of a custom one. */
export type Span = { name: RangeName } | { name: "custom"; from: string; to: string };

export const DEFAULT_SPAN: Span = { name: "30d" };

/** The keys that choose a range. */
export const RANGE_KEYS: Partial<Record<string, RangeName>> = {
  n: "30min", o: "lastHour", h: "last24h", d: "today", e: "yesterday", w: "7d", t: "30d", q: "90d",
  m: "monthToDate", p: "lastMonth", s: "6m", l: "12m", y: "yearToDate", a: "all_time",
}; // prettier-ignore

/** What the API wants to know. */
export interface RangeQuery {
  range?: string;
  startDate?: string;
  endDate?: string;
}

export const rangeQuery = (span: Span): RangeQuery =>
  span.name === "custom" ? { startDate: span.from, endDate: span.to } : { range: span.name };

/** The span of an address's query; the default if there is none or it makes no sense. */
export function readSpan(query: URLSearchParams, fallback: Span = DEFAULT_SPAN): Span {
  const [name, from, to] = ["range", "from", "to"].map((key) => query.get(key) ?? "");
  if (isDay(from) && isDay(to)) return from <= to ? { name: "custom", from, to } : { name: "custom", from: to, to: from };
  return RANGES.includes(name as RangeName) ? { name: name as RangeName } : fallback;
}

/** What to write into an address's query; null takes a parameter away. */
export const spanParameters = (span: Span): Record<"range" | "from" | "to", string | null> =>
  span.name === "custom"
    ? { range: null, from: span.from, to: span.to }
    : { range: span.name, from: null, to: null };

const MINUTES: Partial<Record<string, number>> = { "30min": 30, lastHour: 60, last24h: 24 * 60 };
const DAYS_BACK: Partial<Record<string, number>> = { today: 0, "7d": 7, "30d": 30, "90d": 90 };
const MONTHS_BACK: Partial<Record<string, number>> = { "3m": 3, "6m": 6 };

/** First and last day; null for ranges that are counted in minutes or begin with the first event. */
export function daysOf(span: Span, today: string): [string, string] | null {
  const { name } = span;
  if (name === "custom") return [span.from, span.to];
  const back = DAYS_BACK[name];
  if (back !== undefined) return [addDays(today, -back), today];
  const months = MONTHS_BACK[name];
  if (months !== undefined) return [addMonths(today, -months), today];
  const month = `${today.slice(0, 7)}-01`;
  const year = `${today.slice(0, 4)}-01-01`;
  switch (name) {
    case "yesterday":
      return [addDays(today, -1), addDays(today, -1)];
    case "monthToDate":
      return [month, today];
    case "lastMonth":
      return [addMonths(month, -1), addDays(month, -1)];
    case "12m":
      return [addMonths(month, -12), addDays(addMonths(month, 1), -1)];
    case "yearToDate":
      return [year, today];
    case "lastYear":
      return [addMonths(year, -12), addDays(year, -1)];
    default:
      return null;
  }
}

/**
 * The period to compare with; null if there is none. As long as the span and right before it; a month is compared
 * with the month before, a year with the year before. What is still going on is compared with as much of the
 * period before as has passed of this one, to the minute: within it, the same is asked.
 */
export function previous(span: Span, zone: string, now = new Date()): RangeQuery | null {
  const minutes = MINUTES[span.name];
  if (minutes !== undefined) {
    const minute = Math.floor(now.getTime() / 60_000);
    const at = (back: number): string => new Date((minute - back) * 60_000).toISOString();
    return { startDate: at(2 * minutes), endDate: at(minutes) };
  }
  const { day: today, time } = clockIn(zone, now);
  const found = daysOf(span, today);
  if (found === null) return null;
  const [from, last] = found;
  if (from > today) return null;
  const to = last > today ? today : last;
  const isMonth = span.name === "monthToDate" || span.name === "lastMonth";
  const isYear = span.name === "yearToDate" || span.name === "lastYear" || span.name === "12m";
  const shift = (day: string): string =>
    isMonth ? addMonths(day, -1) : isYear ? addMonths(day, -12) : addDays(day, -(daysBetween(from, to) + 1));
  const isOver = to < today;
  const end = isOver && isMonth ? addDays(from, -1) : shift(to);
  return { startDate: shift(from), endDate: isOver ? end : `${end}T${time.slice(0, 5)}:59` };
}

/**
 * The intervals that make a readable chart of a span, finest first, and the one to begin with. `since` is the day of
 * the first event, with which some spans begin; undefined while it is not known.
 */
export function intervals(span: Span, today: string, since?: string): { all: Interval[]; first: Interval } {
  if (span.name === "30min" || span.name === "lastHour") return { all: ["minute"], first: "minute" };
  if (span.name === "last24h") return { all: ["hour"], first: "hour" };
  const found = daysOf(span, today) ?? (since ? [since, today] : null);
  if (found === null) return { all: ["day", "week", "month"], first: "month" };
  const length = daysBetween(found[0], found[1] > today ? today : found[1]) + 1;
  const all: Interval[] = [];
  if (length <= 14) all.push("hour");
  if (length > 1 && length <= 800) all.push("day");
  if (length >= 14) all.push("week");
  if (length >= 45) all.push("month");
  const first = length <= 2 ? "hour" : length <= 93 ? "day" : length <= 190 ? "week" : "month";
  return { all, first };
}

/** The last day of the day, week or month that begins on a day. */
export function lastDayOf(day: string, interval: "day" | "week" | "month"): string {
  return interval === "month" ? addDays(addMonths(day, 1), -1) : interval === "week" ? addDays(day, 6) : day;
}

const BUCKET_MS = { minute: 60_000, hour: 3_600_000 };

/** Whether an instant lies before the end of the bucket that begins at `date`; days and more end on the zone's clock. */
export function isBeforeEnd(instant: Date, date: string, interval: Interval, zone: string): boolean {
  if (interval === "minute" || interval === "hour") return instant.getTime() < Date.parse(date) + BUCKET_MS[interval];
  return clockIn(zone, instant).day <= lastDayOf(date.slice(0, 10), interval);
}

/** The day and the wall clock's time (`14:05:59`) in a zone. */
export function clockIn(zone: string, now = new Date()): { day: string; time: string } {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone, hourCycle: "h23",
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).formatToParts(now); // prettier-ignore
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? "00";
  return { day: `${of("year")}-${of("month")}-${of("day")}`, time: `${of("hour")}:${of("minute")}:${of("second")}` };
}

export function addDays(day: string, number: number): string {
  const date = new Date(`${day}T00:00Z`);
  date.setUTCDate(date.getUTCDate() + number);
  return date.toISOString().slice(0, 10);
}

/** The same day of another month, or that month's last. */
export function addMonths(day: string, number: number): string {
  const date = new Date(`${day.slice(0, 7)}-01T00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + number);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return `${date.toISOString().slice(0, 7)}-${String(Math.min(Number(day.slice(8)), last)).padStart(2, "0")}`;
}

export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / 86_400_000);

const isDay = (text: string | undefined): text is string =>
  /^\d{4}-\d{2}-\d{2}$/.test(text ?? "") && !Number.isNaN(Date.parse(`${text}T00:00Z`)) && addDays(text ?? "", 0) === text;
