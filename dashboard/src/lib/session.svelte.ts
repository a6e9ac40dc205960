// Who looks: the signed-in user or a share link, and the projects that may be seen. One request tells all of it.

import { ApiError, onSignedOut, part, request, setShareToken } from "./api";
import { forget } from "./cache";
import { store, stored } from "./i18n.svelte";

export interface User {
  id: string;
  username: string;
  role: "admin" | "user" | "view-only";
}

export interface Project {
  id: string;
  uuid: string;
  name: string;
  domain: string;
  timezone: string;
  types: string[];
  mayChange: boolean;
}

export interface Share {
  slug: string;
  name: string;
  parameters: Record<string, unknown>;
  project: Project;
}

interface SessionBody {
  user: User | null;
  setup: boolean;
  version: string;
  projects: Project[];
  mayCreate: boolean;
  share: Share | null;
}

const ADDRESS = "/dashboard/session";
const LAST = "footfall.project";

class Session {
  /** null until the server has said who we are. */
  #body = $state.raw<SessionBody | null>(null);
  /** Why the server could not say. */
  error = $state.raw<ApiError>();

  isKnown = $derived(this.#body !== null);
  user = $derived(this.#body?.user ?? null);
  projects = $derived(this.#body?.projects ?? []);
  mayCreate = $derived(this.#body?.mayCreate ?? false);
  isSetUp = $derived(!(this.#body?.setup ?? false));
  version = $derived(this.#body?.version ?? "");
  share = $state.raw<Share | null>(null);

  /** Ask who we are, at the start and after changes of projects. */
  async load(): Promise<void> {
    try {
      this.#body = await request<SessionBody>(ADDRESS);
      // A link that was opened in this browser before needs no password a second time.
      this.share = this.#body.share ?? this.share;
      this.error = undefined;
    } catch (error) {
      this.error = error instanceof ApiError ? error : new ApiError(0, String(error));
    }
  }

  /** Sign in. Throws ApiError: 401 for a wrong name or password, 429 after too many tries. */
  async signIn(username: string, password: string): Promise<void> {
    this.#body = await request<SessionBody>(ADDRESS, { method: "POST", body: { username, password } });
  }

  async signOut(): Promise<void> {
    this.#body = await request<SessionBody>(ADDRESS, { method: "DELETE" });
    forget();
  }

  /** The first admin takes over a new installation. Throws ApiError. */
  async setUp(token: string, username: string, password: string): Promise<void> {
    this.#body = await request<SessionBody>("/dashboard/setup", { method: "POST", body: { token, username, password } });
  }

  /** Open a share link. Throws ApiError: 401 if it wants a(nother) password, 404 if there is none. */
  async openShare(slug: string, password = ""): Promise<void> {
    const body = password ? { password } : {};
    const opened = await request<Share & { token: string }>(`/dashboard/share/${part(slug)}`, { method: "POST", body });
    setShareToken(opened.token);
    this.share = opened;
  }

  /** A request was refused because nobody is signed in any more. */
  expire(): void {
    if (this.#body?.user) this.#body = { ...this.#body, user: null, projects: [], mayCreate: false };
  }

  /** The project of a slug, of those that may be seen; undefined if there is none, or while that is not known. */
  project(slug: string): Project | undefined {
    if (this.share && this.share.slug === slug) return this.share.project;
    return this.projects.find((project) => project.id === slug || project.uuid === slug);
  }

  /** The project to show first: the one that was looked at last. */
  get firstProject(): Project | undefined {
    return this.project(stored(LAST) ?? "") ?? this.projects[0];
  }

  remember(project: Project): void {
    store(LAST, project.id);
  }
}

export const session = new Session();
onSignedOut(() => session.expire());
