// Texts that several pages need. A page's own texts stand beside it.

import { ApiError } from "./api";
import { texts } from "./i18n.svelte";

export const t = texts({
  en: {
    visitors: "Visitors",
    sessions: "Sessions",
    views: "Views",
    viewsPerSession: "Views per session",
    bounceRate: "Bounce rate",
    duration: "Duration",
    visitDuration: "Visit duration",
    revenue: "Revenue",
    direct: "Direct",
    unknown: "Unknown",
    none: "None",
    cancel: "Cancel",
    close: "Close",
    save: "Save",
    saved: "Saved.",
    apply: "Apply",
    delete: "Delete",
    copy: "Copy",
    copied: "Copied.",
    search: "Search",
    more: "More",
    all: "All",
    back: "Back",
    download: "Download as CSV",
    retry: "Try again",
    noData: "Nothing in this period.",
    noDataFiltered: "Nothing passes these filters.",
    nothingFound: "Nothing found.",
    loading: "Loading…",
    newTab: "opens in a new tab",
    unreachable: "The server can’t be reached. Is it running?",
    signedOut: "Please sign in again.",
    forbidden: "You may not see this.",
    notFound: "There is no such thing.",
    tooMany: "Too many requests at once. Try again in a moment.",
    overloaded: "The server is busy. Try again in a moment.",
    failed: "That did not work.",
  },
  de: {
    visitors: "Besucher",
    sessions: "Sitzungen",
    views: "Aufrufe",
    viewsPerSession: "Aufrufe je Sitzung",
    bounceRate: "Absprungrate",
    duration: "Dauer",
    visitDuration: "Besuchsdauer",
    revenue: "Umsatz",
    direct: "Direkt",
    unknown: "Unbekannt",
    none: "Ohne",
    cancel: "Abbrechen",
    close: "Schließen",
    save: "Speichern",
    saved: "Gespeichert.",
    apply: "Anwenden",
    delete: "Löschen",
    copy: "Kopieren",
    copied: "Kopiert.",
    search: "Suchen",
    more: "Mehr",
    all: "Alle",
    back: "Zurück",
    download: "Als CSV herunterladen",
    retry: "Noch einmal versuchen",
    noData: "Nichts in diesem Zeitraum.",
    noDataFiltered: "Nichts passt auf diese Filter.",
    nothingFound: "Nichts gefunden.",
    loading: "Wird geladen …",
    newTab: "öffnet einen neuen Tab",
    unreachable: "Der Server ist nicht erreichbar. Läuft er?",
    signedOut: "Bitte erneut anmelden.",
    forbidden: "Das ist nicht für Sie freigegeben.",
    notFound: "Das gibt es nicht.",
    tooMany: "Zu viele Anfragen auf einmal. Gleich noch einmal versuchen.",
    overloaded: "Der Server ist ausgelastet. Gleich noch einmal versuchen.",
    failed: "Das hat nicht geklappt.",
  },
});

/** An error as a sentence. What the server says of a wrong input is shown as it is. */
export function sentence(error: unknown): string {
  if (!(error instanceof ApiError)) return t("failed");
  switch (error.status) {
    case 0:
    case 502: // what is in front of it says so
    case 504:
      return t("unreachable");
    case 401:
      return t("signedOut");
    case 403:
      return t("forbidden");
    case 404:
      return t("notFound");
    case 429:
      return t("tooMany");
    case 503:
      return t("overloaded");
    default:
      return error.message || t("failed");
  }
}
