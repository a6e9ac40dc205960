// How events look: a sign and a colour by name, from what the project says of them (event meta), else by what they are.

import Banknote from "@lucide/svelte/icons/banknote";
import Bell from "@lucide/svelte/icons/bell";
import Bookmark from "@lucide/svelte/icons/bookmark";
import Calendar from "@lucide/svelte/icons/calendar";
import CircleAlert from "@lucide/svelte/icons/circle-alert";
import CircleCheck from "@lucide/svelte/icons/circle-check";
import CreditCard from "@lucide/svelte/icons/credit-card";
import Download from "@lucide/svelte/icons/download";
import ExternalLink from "@lucide/svelte/icons/external-link";
import Eye from "@lucide/svelte/icons/eye";
import Flag from "@lucide/svelte/icons/flag";
import Gauge from "@lucide/svelte/icons/gauge";
import Gift from "@lucide/svelte/icons/gift";
import Heart from "@lucide/svelte/icons/heart";
import LogIn from "@lucide/svelte/icons/log-in";
import LogOut from "@lucide/svelte/icons/log-out";
import Mail from "@lucide/svelte/icons/mail";
import MessageCircle from "@lucide/svelte/icons/message-circle";
import MousePointerClick from "@lucide/svelte/icons/mouse-pointer-click";
import Phone from "@lucide/svelte/icons/phone";
import Play from "@lucide/svelte/icons/play";
import Search from "@lucide/svelte/icons/search";
import Share from "@lucide/svelte/icons/share-2";
import ShoppingCart from "@lucide/svelte/icons/shopping-cart";
import SquarePen from "@lucide/svelte/icons/square-pen";
import Star from "@lucide/svelte/icons/star";
import Tag from "@lucide/svelte/icons/tag";
import Target from "@lucide/svelte/icons/target";
import UserPlus from "@lucide/svelte/icons/user-plus";
import Zap from "@lucide/svelte/icons/zap";
import type { Component } from "svelte";
import { texts } from "./i18n.svelte";
import type { EventMeta } from "./insights";

export type Icon = Component<{ size?: number }>;

/** The signs to choose from. What another program wrote there is any text: then the event's own sign is shown. */
export const ICONS: Record<string, Icon> = {
  click: MousePointerClick, eye: Eye, target: Target, star: Star, heart: Heart, flag: Flag, zap: Zap, tag: Tag,
  cart: ShoppingCart, card: CreditCard, money: Banknote, gift: Gift, "user-plus": UserPlus, "log-in": LogIn, "log-out": LogOut,
  mail: Mail, message: MessageCircle, phone: Phone, bell: Bell, calendar: Calendar, search: Search, download: Download,
  link: ExternalLink, share: Share, play: Play, bookmark: Bookmark, form: SquarePen, check: CircleCheck, alert: CircleAlert,
  gauge: Gauge,
}; // prettier-ignore

/** The colours to choose from, of the theme's series. */
export const COLOURS = ["blue", "orange", "teal", "pink", "olive", "brown", "sky", "grey"] as const;

export type Colour = (typeof COLOURS)[number];

const BY_NAME: Record<string, [string, Colour]> = {
  screen_view: ["eye", "grey"],
  revenue: ["money", "teal"],
  link_out: ["link", "grey"],
  search: ["search", "sky"],
  __performance: ["gauge", "grey"],
  __engagement: ["eye", "grey"],
  __error: ["alert", "orange"],
};
const BY_PART: [RegExp, string, Colour][] = [
  [/purchase|order|checkout|pay/i, "card", "teal"],
  [/cart|basket/i, "cart", "orange"],
  [/sign_?up|register|account/i, "user-plus", "pink"],
  [/log_?in|sign_?in/i, "log-in", "blue"],
  [/log_?out|sign_?out/i, "log-out", "grey"],
  [/download/i, "download", "sky"],
  [/newsletter|mail|subscri/i, "mail", "pink"],
  [/search/i, "search", "sky"],
  [/share/i, "share", "sky"],
  [/video|play/i, "play", "brown"],
  [/form|submit|contact/i, "form", "olive"],
  [/error|fail/i, "alert", "orange"],
];

export interface Look {
  icon: Icon;
  colour: Colour;
}

/** How an event of a name looks. */
export function look(name: string, meta?: Pick<EventMeta, "icon" | "color">): Look {
  const found = BY_NAME[name] ?? BY_PART.find(([pattern]) => pattern.test(name))?.slice(1) ?? ["click", "blue"];
  const [icon, colour] = found as [string, Colour];
  return {
    icon: ICONS[meta?.icon ?? ""] ?? ICONS[icon] ?? MousePointerClick,
    colour: isColour(meta?.color) ? meta.color : colour,
  };
}

/** The class that gives this colour as `--tint`. */
export const tint = (colour: Colour): string => `tint-${COLOURS.indexOf(colour) + 1}`;

export const isColour = (text: string | undefined): text is Colour => COLOURS.includes(text as Colour);

const names = texts({
  en: { screen_view: "Page view", revenue: "Revenue", link_out: "Outbound link", session_start: "Session start", session_end: "Session end", __performance: "Web vitals", __engagement: "Engagement", __error: "Script error" },
  de: { screen_view: "Seitenaufruf", revenue: "Umsatz", link_out: "Ausgehender Link", session_start: "Sitzungsbeginn", session_end: "Sitzungsende", __performance: "Web Vitals", __engagement: "Beschäftigung", __error: "Skriptfehler" },
}); // prettier-ignore
const NAMED = ["screen_view", "revenue", "link_out", "session_start", "session_end", "__performance", "__engagement", "__error"] as const;

/** An event's name for people: that of the known ones in their language, any other as it was sent. */
export function eventTitle(name: string): string {
  const known = NAMED.find((each) => each === name);
  return known ? names(known) : name;
}
