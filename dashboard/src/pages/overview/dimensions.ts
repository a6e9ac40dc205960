// What visits are broken down by: where each list comes from, how a line of it reads, what a press filters by.

import type { Path, Query } from "$lib/api";
import { countryCode } from "$lib/countries";
import { fieldName, valueName } from "$lib/fields";
import { filter, type Filter } from "$lib/filters";
import { country, flag } from "$lib/format";
import { endPages, topPages, traffic, type EndRow, type PageRow, type ShareRow } from "$lib/insights";

/** One line of any of these lists. Duration in seconds, revenue in minor units; null where there is none. */
export interface Entry {
  key: string;
  label: string;
  sign?: string;
  note?: string;
  title?: string;
  href?: string;
  sessions: number;
  pageviews: number;
  bounceRate: number;
  duration: number | null;
  revenue: number;
  filters: Filter[];
}

/** One list. */
export interface Dimension {
  name: string;
  label: () => string;
  path: (project: string, query: Query) => Path<unknown[]>;
  /** How many lines a panel asks for, if not just those that it shows. */
  limit?: number;
  entries: (rows: unknown[]) => Entry[];
}

function dimension<Row>(
  name: string,
  path: (project: string, query: Query) => Path<Row[]>,
  entry: (row: Row) => Entry,
  keep: (row: Row) => boolean = () => true,
): Dimension {
  const entries = (rows: unknown[]): Entry[] => (rows as Row[]).filter(keep).map(entry);
  return { name, label: () => fieldName(name), path: path as Dimension["path"], entries };
}

const MARKED = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];

/** Sessions by a column. Of what only some visits have (campaigns), only those are listed. */
function shares(name: string, read: (row: ShareRow) => Partial<Entry> = () => ({})): Dimension {
  const entry = (row: ShareRow): Entry => ({
    key: `${row.prefix ?? ""}\n${row.name ?? ""}`,
    label: valueName(name, row.name),
    sessions: row.sessions,
    pageviews: row.pageviews,
    bounceRate: row.bounce_rate,
    duration: row.avg_session_duration,
    revenue: row.revenue,
    filters: [filter(name, row.name)],
    ...read(row),
  });
  const keep = (row: ShareRow): boolean => row.name !== null || !MARKED.includes(name);
  return dimension(name, (project, query) => traffic(project, name, query), entry, keep);
}

/** A version belongs to its browser or system: its label begins with that, and both are filtered by. */
const version = (name: string, parent: string): Dimension =>
  shares(name, (row) => ({
    label: [row.prefix, row.name].filter(Boolean).join(" ") || valueName(name, null),
    filters: [filter(parent, row.prefix ?? null), filter(name, row.name)],
  }));

const place = (name: string): Dimension =>
  shares(name, (row) => ({
    sign: flag(countryCode(row.prefix)),
    note: row.prefix ? country(countryCode(row.prefix) || row.prefix) : "",
    filters: [filter("country", row.prefix ?? null), filter(name, row.name)],
  }));

function page(name: string, path: (project: string, query: Query) => Path<(PageRow | EndRow)[]>): Dimension {
  return dimension(name, path, (row) => ({
    key: row.origin + row.path,
    label: row.path || "/",
    title: "title" in row && row.title ? `${row.path} · ${row.title}` : row.path,
    href: row.origin + row.path,
    sessions: row.sessions,
    pageviews: row.pageviews,
    bounceRate: row.bounce_rate,
    duration: "avg_duration" in row ? row.avg_duration : row.avg_session_duration,
    revenue: row.revenue,
    filters: [filter(name, row.path)],
  }));
}

export const PAGES = [
  page("path", topPages),
  page("entry_path", (project, query) => endPages(project, "entry", query)),
  page("exit_path", (project, query) => endPages(project, "exit", query)),
];

export const SOURCES = [
  shares("referrer_type"),
  shares("referrer_name"),
  shares("referrer", (row) => ({
    label: row.name?.replace(/^https?:\/\/(www\.)?/, "") || valueName("referrer", null),
    href: row.name ?? "",
  })),
];

export const CAMPAIGNS = ["utm_campaign", "utm_source", "utm_medium", "utm_content", "utm_term"].map((name) => shares(name));

/** All of them, because the map beside the list shows all: one request for both. */
export const COUNTRIES = { ...shares("country", (row) => ({ sign: flag(countryCode(row.name)) })), limit: 250 };
export const PLACES = [COUNTRIES, place("region"), place("city")];

export const DEVICES = shares("device");
export const BROWSERS = shares("browser");
export const BROWSER_VERSIONS = version("browser_version", "browser");
export const SYSTEMS = shares("os");
export const SYSTEM_VERSIONS = version("os_version", "os");
