// The read APIs of a project (docs/insights.md, docs/export.md): addresses with the type of their answers.

import { part, path, type Path, type Query } from "./api";
import type { Interval } from "./format";

/** The headline numbers. Rates in percent, durations in seconds, revenue in minor units. */
export interface Numbers {
  unique_visitors: number;
  total_sessions: number;
  total_screen_views: number;
  views_per_session: number;
  bounce_rate: number;
  avg_session_duration: number;
  total_revenue: number;
}

export interface Overview {
  summary: Numbers;
  series: (Numbers & { date: string })[];
  interval: Interval;
  startDate: string;
  endDate: string;
}

/** When the first and the last event were; null without any. */
export interface Extent {
  startDate: string | null;
  endDate: string | null;
}

export const extent = (uuid: string): Path<Extent> => path(`/api/websites/${part(uuid)}/daterange`);

/** Sessions with one value; `prefix` is what the value belongs to (a city's country, a version's browser). */
export interface ShareRow {
  name: string | null;
  prefix?: string | null;
  sessions: number;
  bounce_rate: number;
  avg_session_duration: number | null;
  pageviews: number;
  revenue: number;
}

export interface PageRow {
  title: string;
  origin: string;
  path: string;
  sessions: number;
  pageviews: number;
  bounce_rate: number;
  avg_duration: number;
  revenue: number;
}

export interface EndRow {
  origin: string;
  path: string;
  sessions: number;
  pageviews: number;
  bounce_rate: number;
  avg_session_duration: number | null;
  revenue: number;
}

/** What `/export/charts` answers. */
export interface Chart {
  series: ChartLine[];
  metrics: ChartMetrics;
}

export interface ChartLine {
  id: string;
  names: string[];
  event: { id: string; name: string; displayName?: string; breakdowns?: Record<string, string | string[]> };
  metrics: ChartMetrics;
  data: { date: string; count: number; previous?: Change }[];
}

export interface ChartMetrics {
  sum: number;
  average: number;
  min: number;
  max: number;
  count?: number;
  previous?: Record<"sum" | "average" | "min" | "max", Change>;
}

export interface Change {
  value: number;
  change: number | null;
  diff: number | null;
  state: "positive" | "negative" | "neutral";
}

/** One series of a chart question. */
export interface ChartEvent {
  name: string;
  segment?: string;
  property?: string;
  displayName?: string;
  filters?: { name: string; operator: string; value: string[] }[];
}

/** A note on the time line. */
export interface Reference {
  id: string;
  title: string;
  description: string;
  date: string;
}

export interface EventMeta {
  id: string;
  name: string;
  description: string;
  conversion: boolean;
  color: string;
  icon: string;
}

const of = (project: string, route: string): string => `/insights/${part(project)}/${route}`;

export const overview = (project: string, query: Query & { interval?: string }): Path<Overview> =>
  path(of(project, "overview"), query);

export const live = (project: string): Path<{ visitors: number }> => of(project, "live");

export const topPages = (project: string, query: Query): Path<PageRow[]> => path(of(project, "pages/top"), query);

export const endPages = (project: string, mode: "entry" | "exit", query: Query): Path<EndRow[]> =>
  path(of(project, "pages/entry_exit"), { ...query, mode });

const GEO = ["country", "region", "city"];
const DEVICES = ["device", "browser", "browser_version", "os", "os_version", "brand", "model"];

/** Sessions by a dimension: where from (referrer_name, utm_source, …), place, technology. */
export function traffic(project: string, dimension: string, query: Query): Path<ShareRow[]> {
  const area = GEO.includes(dimension) ? "geo" : DEVICES.includes(dimension) ? "devices" : "referrers";
  return path(of(project, `traffic/${area}`), { ...query, breakdown: dimension });
}

export const charts = (project: string, events: ChartEvent[], query: Query, breakdowns: string[] = []): Path<Chart> =>
  path("/export/charts", {
    projectId: project,
    events: JSON.stringify(events),
    breakdowns: breakdowns.length ? JSON.stringify(breakdowns.map((name) => ({ name }))) : undefined,
    ...query,
  });

/** The values that a field of events had lately, most frequent first. */
export const values = (project: string, field: string, event = "*"): Path<{ values: string[] }> =>
  path(of(project, "events/property_values"), { eventName: event, propertyKey: field });

/** What events can be filtered by, beside columns. */
export const properties = (
  project: string,
): Path<{ columns: string[]; properties: { property_key: string; event_name: string }[] }> =>
  of(project, "events/properties");

export const eventNames = (project: string): Path<string[]> => of(project, "events/names");

export const references = (project: string): Path<{ data: Reference[] }> =>
  path("/manage/references", { projectId: project });

export const eventMeta = (project: string): Path<{ data: EventMeta[] }> =>
  `/manage/projects/${part(project)}/event-meta`;
