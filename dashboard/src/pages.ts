// The pages of a project, in the order of the navigation. To add one: a component in pages/, a line here.

import Activity from "@lucide/svelte/icons/activity";
import ChartLine from "@lucide/svelte/icons/chart-line";
import ChartNoAxesCombined from "@lucide/svelte/icons/chart-no-axes-combined";
import MousePointerClick from "@lucide/svelte/icons/mouse-pointer-click";
import Route from "@lucide/svelte/icons/route";
import Settings from "@lucide/svelte/icons/settings";
import Users from "@lucide/svelte/icons/users";
import type { Component } from "svelte";
import { texts } from "$lib/i18n.svelte";
import Overview from "./pages/overview/Overview.svelte";

const t = texts({
  en: { overview: "Overview", realtime: "Realtime", explore: "Explore", events: "Events", sessions: "Sessions", profiles: "Profiles", settings: "Settings" },
  de: { overview: "Übersicht", realtime: "Jetzt", explore: "Auswerten", events: "Ereignisse", sessions: "Sitzungen", profiles: "Personen", settings: "Einstellungen" },
}); // prettier-ignore

/** What a page's component may take: the rest of the path, `["abc"]` of `/site/shop/sessions/abc`. */
export interface PageProps {
  rest: string[];
}

// Any props, because a page need not take those it is given.
export type PageComponent = Component<any>;

export interface PageEntry {
  name: string;
  title: () => string;
  icon: Component<{ size?: number }>;
  /** The page, of the first load; or how it is loaded when it is gone to. */
  component?: PageComponent;
  load?: () => Promise<{ default: PageComponent }>;
  /** Whether range and filters are at the top of it. */
  hasRange: boolean;
  /** Whether a share link may show it. */
  isShared?: boolean;
}

export const PAGES: PageEntry[] = [
  { name: "overview", title: () => t("overview"), icon: ChartLine, component: Overview, hasRange: true, isShared: true },
  { name: "realtime", title: () => t("realtime"), icon: Activity, load: () => import("./pages/realtime/Realtime.svelte"), hasRange: false, isShared: true },
  { name: "explore", title: () => t("explore"), icon: ChartNoAxesCombined, load: () => import("./pages/explore/Explore.svelte"), hasRange: true },
  { name: "events", title: () => t("events"), icon: MousePointerClick, load: () => import("./pages/events/Events.svelte"), hasRange: true },
  { name: "sessions", title: () => t("sessions"), icon: Route, load: () => import("./pages/sessions/Sessions.svelte"), hasRange: true },
  { name: "profiles", title: () => t("profiles"), icon: Users, load: () => import("./pages/profiles/Profiles.svelte"), hasRange: false },
  { name: "settings", title: () => t("settings"), icon: Settings, load: () => import("./pages/settings/Settings.svelte"), hasRange: false },
]; // prettier-ignore

/** The page of a name that may be seen here. */
export const pageOf = (name: string, isShared: boolean): PageEntry | undefined =>
  PAGES.find((page) => page.name === name && (!isShared || page.isShared));
