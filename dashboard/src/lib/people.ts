// Events, sessions and people one by one (docs/insights.md, docs/export.md): addresses with the type of their answers.

import { part, path, type Path, type Query } from "./api";
import { filtersQuery, type Filter } from "./filters";

/** One event. Times ISO 8601 in UTC, `duration` in ms, revenue in minor units; '' where something is not known. */
export interface EventRow {
  id: string;
  name: string;
  createdAt: string;
  deviceId: string;
  profileId: string;
  sessionId: string;
  path: string;
  origin: string;
  referrer: string;
  referrerName: string;
  referrerType: string;
  revenue: number;
  currency: string;
  country: string;
  region: string;
  city: string;
  os: string;
  osVersion: string;
  browser: string;
  browserVersion: string;
  device: string;
  brand: string;
  model: string;
  sdkName: string;
  sdkVersion: string;
  groups: string[];
  importedAt: string | null;
  duration: number;
  properties: Record<string, string>;
}

export interface EventPage {
  meta: { count: number; totalCount: number };
  data: EventRow[];
}

/** One visit. Times ISO 8601 in UTC, `duration` in ms, revenue in minor units. */
export interface SessionRow {
  id: string;
  device_id: string;
  profile_id: string;
  created_at: string;
  ended_at: string;
  is_bounce: boolean;
  entry_origin: string;
  entry_path: string;
  exit_origin: string;
  exit_path: string;
  screen_view_count: number;
  event_count: number;
  revenue: number;
  duration: number;
  referrer: string;
  referrer_name: string;
  referrer_type: string;
  country: string;
  region: string;
  city: string;
  os: string;
  os_version: string;
  browser: string;
  browser_version: string;
  device: string;
  brand: string;
  model: string;
  utm_source: string;
  utm_medium: string;
  utm_campaign: string;
  utm_term: string;
  utm_content: string;
}

export interface ProfileRow {
  id: string;
  is_external: boolean;
  first_name: string;
  last_name: string;
  email: string;
  avatar: string;
  properties: Record<string, string>;
  groups: string[];
  created_at: string;
  last_seen_at: string;
}

/** One person in numbers, of all time. */
export interface ProfileNumbers {
  firstSeen: string;
  lastSeen: string;
  sessions: number;
  screenViews: number;
  totalEvents: number;
  conversionEvents: number;
  uniqueDaysActive: number;
  avgSessionDurationMin: number;
  avgEventsPerSession: number;
  avgTimeBetweenSessionsSec: number;
  bounceRate: number;
  revenue: number;
}

/** A visitor of a range, known or not: a device. `totaltime` in seconds. */
export interface VisitorRow {
  id: string;
  distinctId: string | null;
  browser: string | null;
  os: string | null;
  device: string | null;
  country: string | null;
  city: string | null;
  firstAt: string;
  lastAt: string;
  visits: number;
  views: number;
  events: number;
  totaltime: number;
}

/** The report of a deletion. */
export interface Erasure {
  id: string;
  scope: string;
  at: string;
  removed: { events: number; sessions: number; dwells: number; profiles: number; groups: number; drops: number };
  done: boolean;
}

/** What was not counted: by reason, most first, and by day (UTC). */
export interface Drops {
  startDate: string;
  endDate: string;
  total: number;
  reasons: { reason: string; count: number }[];
  days: { date: string; counts: Record<string, number> }[];
}

export const SCREEN_VIEW = "screen_view";
/** Where sessions begin and end: nobody's doing, and read from the sessions, so slow to list. */
export const MARKS = ["session_start", "session_end"];
/** What pages tell of themselves (docs/umami.md); visitors do none of it. */
export const MEASURED = ["__performance", "__engagement", "__error"];
export const NO_MARKS: Filter = { name: "name", operator: "isNot", value: MARKS };

/** So many rows at a time. */
export const PAGE = 50;

const of = (project: string, route: string): string => `/insights/${part(project)}/${route}`;

/** Events, newest first, without the marks of sessions. */
export const events = (project: string, filters: readonly Filter[], query: Query = {}): Path<EventPage> =>
  path("/export/events", { projectId: project, limit: PAGE, ...query, filters: filtersQuery([...filters, NO_MARKS]) });

/** Sessions, newest first. */
export const sessions = (project: string, filters: readonly Filter[], query: Query = {}): Path<SessionRow[]> =>
  path(of(project, "sessions"), { limit: PAGE, ...query, filters: filtersQuery(filters) });

export const profiles = (project: string, filters: readonly Filter[], query: Query = {}): Path<ProfileRow[]> =>
  path(of(project, "profiles"), { limit: PAGE, ...query, filters: filtersQuery(filters) });

export const profile = (project: string, id: string): Path<{ profile: ProfileRow }> =>
  path(of(project, `profiles/${part(id)}`), { eventLimit: 1 });

export const profileNumbers = (project: string, id: string): Path<ProfileNumbers> => of(project, `profiles/${part(id)}/metrics`);

export const profileSessions = (project: string, id: string, cursor = 1): Path<SessionRow[]> =>
  path(of(project, `profiles/${part(id)}/sessions`), { limit: 100, cursor });

export const visitors = (uuid: string, query: Query): Path<{ data: VisitorRow[]; count: number }> =>
  path(`/api/websites/${part(uuid)}/sessions`, { pageSize: PAGE, ...query });

export const drops = (project: string, query: Query): Path<Drops> => path(`/dashboard/drops/${part(project)}`, query);

/** A person's name as far as one is known; '' for a device. */
export const fullName = (person: Pick<ProfileRow, "first_name" | "last_name">): string =>
  [person.first_name, person.last_name].filter(Boolean).join(" ");

/** Whether the id names a person, not just a device. */
export const isKnown = (profileId: string, deviceId: string): boolean => profileId !== "" && profileId !== deviceId;

/** What is shown of an id of a device: enough of it to tell it from its neighbours. */
export const shortId = (id: string): string => (id.length > 12 ? id.slice(0, 6) : id);
