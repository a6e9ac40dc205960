// What the ranges are called.

import { texts } from "./i18n.svelte";
import type { RangeName } from "./ranges";

export const rangeName = texts<RangeName>({
  en: {
    "30min": "Last 30 minutes", lastHour: "Last hour", last24h: "Last 24 hours", today: "Today", yesterday: "Yesterday",
    "7d": "Last 7 days", "30d": "Last 30 days", "90d": "Last 90 days", monthToDate: "Month to date", lastMonth: "Last month",
    "3m": "Last 3 months", "6m": "Last 6 months", "12m": "Last 12 months", yearToDate: "Year to date", lastYear: "Last year",
    all_time: "All time",
  },
  de: {
    "30min": "Letzte 30 Minuten", lastHour: "Letzte Stunde", last24h: "Letzte 24 Stunden", today: "Heute", yesterday: "Gestern",
    "7d": "Letzte 7 Tage", "30d": "Letzte 30 Tage", "90d": "Letzte 90 Tage", monthToDate: "Dieser Monat", lastMonth: "Letzter Monat",
    "3m": "Letzte 3 Monate", "6m": "Letzte 6 Monate", "12m": "Letzte 12 Monate", yearToDate: "Dieses Jahr", lastYear: "Letztes Jahr",
    all_time: "Gesamte Zeit",
  },
}); // prettier-ignore

export const t = texts({
  en: {
    title: "Period",
    custom: "Choose days",
    compare: "Compare with the period before",
    hint: "Choose the first day.",
    hintEnd: "Choose the last day.",
    previousMonth: "Month before",
    nextMonth: "Month after",
  },
  de: {
    title: "Zeitraum",
    custom: "Tage wählen",
    compare: "Mit dem Zeitraum davor vergleichen",
    hint: "Ersten Tag wählen.",
    hintEnd: "Letzten Tag wählen.",
    previousMonth: "Monat davor",
    nextMonth: "Monat danach",
  },
});
