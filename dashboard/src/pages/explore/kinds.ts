// The kinds of questions, in the order of the navigation: what each is called, how it begins, what shows it.

import ChartSpline from "@lucide/svelte/icons/chart-spline";
import Coins from "@lucide/svelte/icons/coins";
import FunnelIcon from "@lucide/svelte/icons/funnel";
import Gauge from "@lucide/svelte/icons/gauge";
import Grid3x3 from "@lucide/svelte/icons/grid-3x3";
import Megaphone from "@lucide/svelte/icons/megaphone";
import Split from "@lucide/svelte/icons/split";
import Target from "@lucide/svelte/icons/target";
import Waypoints from "@lucide/svelte/icons/waypoints";
import type { Component } from "svelte";
import { texts } from "$lib/i18n.svelte";
import AttributionBuilder from "./attribution/AttributionBuilder.svelte";
import AttributionResult from "./attribution/AttributionResult.svelte";
import CampaignsResult from "./campaigns/CampaignsResult.svelte";
import ChartBuilder from "./chart/ChartBuilder.svelte";
import ChartResult from "./chart/ChartResult.svelte";
import FunnelBuilder from "./funnel/FunnelBuilder.svelte";
import FunnelResult from "./funnel/FunnelResult.svelte";
import GoalsBuilder from "./goals/GoalsBuilder.svelte";
import GoalsResult from "./goals/GoalsResult.svelte";
import JourneysBuilder from "./journeys/JourneysBuilder.svelte";
import JourneysResult from "./journeys/JourneysResult.svelte";
import type { Output } from "./output.svelte";
import { eventSeries, type KindName, type Question } from "./question";
import RetentionBuilder from "./retention/RetentionBuilder.svelte";
import RetentionResult from "./retention/RetentionResult.svelte";
import RevenueResult from "./revenue/RevenueResult.svelte";
import type { Suggestions } from "./suggestions.svelte";
import VitalsResult from "./vitals/VitalsResult.svelte";

export interface BuilderProps {
  question: Question;
  suggestions: Suggestions;
  onchange: (question: Question) => void;
}

export interface ResultProps {
  question: Question;
  /** Where the answer can be taken away from. */
  output: Output;
  /** On a dashboard: only what is seen at a glance. */
  isTile?: boolean;
  /** Results may let their reader ask something else; not on a dashboard. */
  onchange?: (question: Question) => void;
}

export interface Kind {
  name: KindName;
  title: () => string;
  about: () => string;
  icon: Component<{ size?: number }>;
  /** What asks; without one the result asks all there is to ask. */
  builder?: Component<BuilderProps>;
  result: Component<ResultProps>;
  /** What it asks first, of a project with these goals and own events. */
  start: (known: { goals: string[]; own: string[] }) => Pick<Question, "series">;
}

const t = texts({
  en: {
    chart: "Chart", chartAbout: "Count any events over time, by any property, and calculate with them.",
    funnel: "Funnel", funnelAbout: "See how many get through your steps, and where they leave.",
    retention: "Retention", retentionAbout: "See who comes back, by when they first came.",
    journeys: "Journeys", journeysAbout: "Follow the ways that visits take.",
    attribution: "Attribution", attributionAbout: "Learn which sources brought those who converted.",
    revenue: "Revenue", revenueAbout: "What was earned, from whom and where.",
    goals: "Goals", goalsAbout: "How many visitors reach what matters to you.",
    campaigns: "Campaigns", campaignsAbout: "What your links with utm_ parameters bring.",
    vitals: "Web vitals", vitalsAbout: "How fast your pages are for those who use them.",
  },
  de: {
    chart: "Diagramm", chartAbout: "Beliebige Ereignisse über die Zeit zählen, nach Eigenschaften, und damit rechnen.",
    funnel: "Trichter", funnelAbout: "Sehen, wie viele alle Schritte gehen, und wo sie aufhören.",
    retention: "Wiederkehr", retentionAbout: "Sehen, wer wiederkommt, nach dem Beginn.",
    journeys: "Wege", journeysAbout: "Den Wegen folgen, die Besuche nehmen.",
    attribution: "Zuordnung", attributionAbout: "Welche Quellen die gebracht haben, die ein Ziel erreichten.",
    revenue: "Umsatz", revenueAbout: "Was eingenommen wurde, von wem und wo.",
    goals: "Ziele", goalsAbout: "Wie viele Besucher erreichen, worauf es Ihnen ankommt.",
    campaigns: "Kampagnen", campaignsAbout: "Was Ihre Links mit utm_-Parametern bringen.",
    vitals: "Ladezeiten", vitalsAbout: "Wie schnell Ihre Seiten für alle sind, die sie benutzen.",
  },
}); // prettier-ignore

const none: Kind["start"] = () => ({ series: [] });

function kind(name: KindName, icon: Kind["icon"], result: Kind["result"], more: Partial<Kind> = {}): Kind {
  return { name, icon, result, title: () => t(name), about: () => t(`${name}About`), start: none, ...more };
}

export const ALL: Kind[] = [
  kind("chart", ChartSpline, ChartResult, { builder: ChartBuilder, start: () => ({ series: [eventSeries("screen_view")] }) }),
  kind("funnel", FunnelIcon, FunnelResult, {
    builder: FunnelBuilder,
    start: ({ goals, own }) => ({ series: ["screen_view", ...(goals.length ? goals : own).slice(0, 1)].map((name) => eventSeries(name)) }),
  }),
  kind("retention", Grid3x3, RetentionResult, { builder: RetentionBuilder }),
  kind("journeys", Waypoints, JourneysResult, { builder: JourneysBuilder }),
  kind("attribution", Split, AttributionResult, {
    builder: AttributionBuilder,
    start: ({ goals, own }) => ({ series: [...goals, ...own].slice(0, 1).map((name) => eventSeries(name)) }),
  }),
  kind("goals", Target, GoalsResult, {
    builder: GoalsBuilder,
    start: ({ goals }) => ({ series: goals.slice(0, 12).map((name) => eventSeries(name, { segment: "user" })) }),
  }),
  kind("revenue", Coins, RevenueResult),
  kind("campaigns", Megaphone, CampaignsResult),
  kind("vitals", Gauge, VitalsResult),
];

export const kindOf = (name: string): Kind | undefined => ALL.find((each) => each.name === name);
