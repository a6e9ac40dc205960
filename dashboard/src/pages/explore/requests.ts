// Where the answers of these pages come from, and the requests that ask for them outside of the dashboard.

import { part, path, type Path, type Query } from "$lib/api";
import { countryCode } from "$lib/countries";
import { filtersQuery, type Filter } from "$lib/filters";
import type { Interval } from "$lib/format";
import type { Chart } from "$lib/insights";
import { addDays, clockIn, daysOf, type RangeQuery, type Span } from "$lib/ranges";
import { seriesBody, type EventSeries, type Series } from "./question";

export interface FunnelAnswer {
  totalSessions: number;
  steps: FunnelLevel[];
}

export interface FunnelLevel {
  event: { name: string };
  count: number;
  percent: number;
  dropoffCount: number;
  dropoffPercent: number;
  previousCount: number;
}

/** Who began in one interval; the first row is their average. `percentages` are from 0 to 1. */
export interface CohortRow {
  cohort_interval: string;
  sum: number;
  values: number[];
  percentages: number[];
}

/** Umami's retention: a cohort's day, and who was back so many days later. */
export interface ReturnRow {
  date: string;
  day: number;
  visitors: number;
  returnVisitors: number;
  percentage: number;
}

export interface FlowAnswer {
  nodes: { id: string; label: string; percentage: number; value: number; step: number }[];
  links: { source: string; target: string; value: number }[];
}

/** A way that visits began; null where one ended. */
export interface WayRow {
  items: (string | null)[];
  count: number;
}

export type SourceKind = "referrer" | "paidAds" | "utm_source" | "utm_medium" | "utm_campaign" | "utm_content" | "utm_term";
export type AttributionAnswer = Record<SourceKind, { name: string; value: number }[]> & {
  total: { pageviews: number; visitors: number; visits: number };
};

export const VITALS = ["lcp", "inp", "cls", "fcp", "ttfb"] as const;
export type VitalName = (typeof VITALS)[number];

/** Percentiles: milliseconds, but of cls a plain number. */
export interface Percentiles {
  p50: number;
  p75: number;
  p95: number;
}

export type VitalsAnswer = Record<VitalName, Percentiles> & { count: number };

interface ChartOptions {
  breakdowns?: string[];
  filters?: readonly Filter[];
  interval?: Interval;
  previous?: boolean;
  limit?: number;
}

export const chart = (project: string, series: Series[], range: RangeQuery, more: ChartOptions = {}): Path<Chart> =>
  path("/export/charts", {
    projectId: project,
    series: JSON.stringify(series.map(seriesBody)),
    breakdowns: more.breakdowns?.length ? JSON.stringify(more.breakdowns.map((name) => ({ name }))) : undefined,
    filters: filtersQuery(more.filters ?? []),
    interval: more.interval,
    previous: more.previous || undefined,
    limit: more.limit,
    ...range,
  });

/** The page's filters hold for every step. */
export function funnel(project: string, steps: EventSeries[], filters: readonly Filter[], more: Query): Path<FunnelAnswer> {
  const all = steps.map(({ name, filters: own }) => ({ name, filters: [...own, ...filters] }));
  return path("/export/funnel", { projectId: project, events: JSON.stringify(all), ...more });
}

const insights = (project: string, route: string): string => `/insights/${part(project)}/${route}`;
const website = (project: string, route: string): string => `/api/websites/${part(project)}/${route}`;

export const cohorts = (project: string, query: Query): Path<CohortRow[]> => path(insights(project, "retention/cohort"), query);
export const flow = (project: string, query: Query): Path<FlowAnswer> => path(insights(project, "user_flow"), query);
export const returns = (project: string, query: Query): Path<ReturnRow[]> => path(website(project, "retention"), query);
export const ways = (project: string, query: Query): Path<WayRow[]> => path(website(project, "journeys"), query);
export const attribution = (project: string, query: Query): Path<AttributionAnswer> => path(website(project, "attribution"), query);
export const vitals = (project: string, query: Query): Path<VitalsAnswer> => path(website(project, "performance/stats"), query);
export const vitalsChart = (project: string, query: Query): Path<{ chart: (Percentiles & { t: string })[] }> =>
  path(website(project, "performance/chart"), query);
export const vitalsBy = (project: string, query: Query): Path<(Percentiles & { name: string; count: number })[]> =>
  path(website(project, "performance/metrics"), query);

const MINUTES: Partial<Record<string, number>> = { "30min": 30, lastHour: 60, last24h: 24 * 60 };
const MINUTE_MS = 60_000;

/** A span as Umami's API takes it: both instants in ms; `0` and `1` are all time. */
export function instants(span: Span, zone: string, now = Date.now()): { startAt: number; endAt: number; timezone: string } {
  const minutes = MINUTES[span.name];
  const end = Math.ceil(now / MINUTE_MS) * MINUTE_MS;
  if (minutes !== undefined) return { startAt: end - minutes * MINUTE_MS, endAt: end, timezone: zone };
  const days = daysOf(span, clockIn(zone, new Date(now)).day);
  if (days === null) return { startAt: 0, endAt: 1, timezone: zone };
  return { startAt: midnight(days[0], zone), endAt: midnight(addDays(days[1], 1), zone) - 1, timezone: zone };
}

/** When a day begins in a zone: at midnight, or when the clocks are put forward from it. */
function midnight(day: string, zone: string): number {
  const wanted = Date.parse(`${day}T00:00Z`);
  let guess = wanted;
  for (let round = 0; round < 2; round += 1) {
    const shown = clockIn(zone, new Date(guess));
    const next = guess + wanted - Date.parse(`${shown.day}T${shown.time}Z`);
    if (round > 0 && clockIn(zone, new Date(next)).day < day) break;
    guess = next;
  }
  return guess;
}

/** An instant on a zone's clock, as the API writes bucket dates. */
export function onClock(instant: string, zone: string): string {
  const { day, time } = clockIn(zone, new Date(instant));
  return `${day}T${time}`;
}

const UMAMI_NAMES: Partial<Record<string, string>> = {
  path: "path", title: "title", country: "country", region: "region", city: "city", browser: "browser", os: "os",
  device: "device", name: "event", utm_source: "utm_source", utm_medium: "utm_medium", utm_campaign: "utm_campaign",
  utm_term: "utm_term", utm_content: "utm_content",
}; // prettier-ignore
const UMAMI_OPERATORS: Partial<Record<string, string>> = { is: "eq", isNot: "neq", contains: "c", doesNotContain: "dnc", regex: "re" };

/** Filters for Umami's API, and those that it has no word for. */
export function umamiFilters(filters: readonly Filter[]): { query: Query; left: Filter[] } {
  const query: Query = {};
  const left: Filter[] = [];
  for (const filter of filters) {
    const name = UMAMI_NAMES[filter.name];
    const operator = UMAMI_OPERATORS[filter.operator];
    const values = filter.value.map((value) => (name === "country" ? countryCode(value) || value : name === "device" ? value.toLowerCase() : value));
    const isList = operator === "eq" || operator === "neq";
    const fits = isList ? values.every((value) => !value.includes(",")) : values.length === 1;
    if (!name || !operator || !fits || name in query) left.push(filter);
    else query[name] = `${operator}.${values.join(",")}`;
  }
  return { query, left };
}

/** A request as a line for a shell, with placeholders where the credentials go. */
export function curl(address: string, origin: string): string {
  const url = new URL(address, origin);
  const isUmami = url.pathname.startsWith("/api/");
  const headers = isUmami
    ? ['-H "x-umami-api-key: $API_KEY"']
    : ['-H "openpanel-client-id: $CLIENT_ID"', '-H "openpanel-client-secret: $CLIENT_SECRET"'];
  const parameters = [...url.searchParams].map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`);
  return [`curl -G ${quoted(url.origin + url.pathname)}`, ...headers, ...parameters].join(" \\\n  ");
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
