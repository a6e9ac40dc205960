// What the settings read and change: Manage (docs/manage.md, docs/privacy.md), Umami's API (docs/umami.md) and the
// dashboard's imports (docs/dashboard.md). Addresses with the type of their answers, and how a change is sent.

import { part, path, request, type Path, type RequestOptions } from "$lib/api";
import { forget } from "$lib/cache";
import { clock } from "$lib/clock.svelte";

export interface ProjectDetails {
  id: string;
  uuid: string;
  name: string;
  domain: string | null;
  cors: string[];
  allowUnsafeRevenueTracking: boolean;
  filters: ProjectFilter[];
  timezone: string;
  retentionDays: number | null;
  eventsCount: number;
  createdAt: string;
  /** When the data of a deleted project goes. */
  deleteAt: string | null;
}

/** What a project does not count. */
export interface ProjectFilter {
  type: "ip" | "profile_id" | "event";
  value: string;
}

export interface Client {
  id: string;
  name: string;
  type: "write" | "read" | "root";
  createdAt: string;
  /** Only in the answer to its making. */
  secret?: string;
}

/** The report of a deletion: how many rows went. */
export interface Erasure {
  id: string;
  scope: "profile" | "visitor" | "age" | "project";
  at: string;
  removed: Record<"events" | "sessions" | "dwells" | "profiles" | "groups" | "drops", number>;
  done: boolean;
}

export interface ShareLink {
  id: string;
  name: string;
  slug: string;
  hasPassword: boolean;
  embedOrigins: string[];
  createdAt: string;
}

export interface Website {
  id: string;
  userId: string | null;
  teamId: string | null;
}

export interface Account {
  id: string;
  username: string;
  role: "admin" | "user" | "view-only";
  createdAt: string;
  _count?: { websites?: number };
}

export interface ApiKey {
  id: string;
  name: string;
  keyPrefix: string;
  createdAt: string;
  lastUsedAt: string | null;
  expiresAt: string | null;
  /** Only in the answer to its making. */
  key?: string;
}

export interface Member {
  id: string;
  userId: string;
  role: string;
  user?: { id: string; username: string } | null;
}

export interface Team {
  id: string;
  name: string;
  /** null for those who may not change its members. */
  accessCode: string | null;
  members: Member[];
  _count: { websites?: number };
}

/** A file that is being read into a project, or was. */
export interface Import {
  id: string;
  kind: ImportKind;
  name: string;
  /** One after the other is read. */
  state: "waiting" | "reading" | "storing" | "done" | "failed";
  bytes: number;
  bytesRead: number;
  lines: number;
  added: number;
  known: number;
  leftOut: Record<string, number>;
  examples: string[];
  message: string;
  startedAt: string;
}

export const hasEnded = ({ state }: Import): boolean => state === "done" || state === "failed";

export type ImportKind = "access-log" | "events";

export interface Data<T> {
  data: T;
}

/** A page of a list of Umami's; all of it, for what the settings show. */
export interface Page<T> {
  data: T[];
  count: number;
}

const ALL = { pageSize: 1000 };

export const details = (project: string): Path<Data<ProjectDetails>> => `/manage/projects/${part(project)}`;
export const deleted = (): Path<Data<ProjectDetails[]>> => path("/manage/projects", { deleted: true });
export const clients = (project: string): Path<Data<Client[]>> => path("/manage/clients", { projectId: project });
export const erasures = (project: string): Path<Data<Erasure[]>> => `${details(project)}/erasures`;
export const website = (uuid: string): Path<Website> => `/api/websites/${part(uuid)}`;
export const shares = (uuid: string): Path<Page<ShareLink>> => path(`${website(uuid)}/shares`, ALL);
export const imports = (project: string): Path<{ imports: Import[] }> => `/dashboard/import/${part(project)}`;
export const keys = (): Path<ApiKey[]> => "/api/me/api-keys";
export const users = (): Path<Page<Account>> => path("/api/users", ALL);
export const teams = (isAdmin: boolean): Path<Page<Team>> => path(isAdmin ? "/api/admin/teams" : "/api/teams", ALL);

/** Sends a change; what was read from addresses that begin with `stale` is asked for again. Throws ApiError. */
export async function send<T>(address: Path<T>, options: RequestOptions, ...stale: string[]): Promise<T> {
  const answer = await request(address, options);
  stale.forEach(forget);
  clock.refresh();
  return answer;
}

/** Lines that say something, without spaces around them. */
export const linesOf = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter(Boolean); // prettier-ignore

/** The origins whose pages may send to a new project without a secret: its own, or any while it has no domain. */
export const originsOf = (domain: string): string[] => {
  const host = domain.trim().replace(/\/+$/, "");
  return [host === "" ? "*" : host.includes("://") ? host : `https://${host}`];
};
