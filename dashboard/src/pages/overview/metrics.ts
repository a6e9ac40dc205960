// The headline numbers: what each is called, how it reads, what the chart draws.

import { compact, duration, money, number, percent } from "$lib/format";
import type { Numbers } from "$lib/insights";
import { t } from "$lib/messages";

export interface Metric {
  key: string;
  field: keyof Numbers;
  label: () => string;
  /** In a tile. */
  short: (value: number) => string;
  /** In full. */
  long: (value: number) => string;
  isLessBetter?: boolean;
}

/** Revenue comes last, for projects that have any; `currency` is '' where there are several, or none is known. */
export function metrics(currency: string): Metric[] {
  const ratio = (value: number): string => number(value, 2);
  return [
    { key: "visitors", field: "unique_visitors", label: () => t("visitors"), short: compact, long: number },
    { key: "sessions", field: "total_sessions", label: () => t("sessions"), short: compact, long: number },
    { key: "views", field: "total_screen_views", label: () => t("views"), short: compact, long: number },
    { key: "depth", field: "views_per_session", label: () => t("viewsPerSession"), short: ratio, long: ratio },
    { key: "bounces", field: "bounce_rate", label: () => t("bounceRate"), short: (value) => percent(value, 0), long: percent, isLessBetter: true },
    { key: "duration", field: "avg_session_duration", label: () => t("visitDuration"), short: duration, long: duration },
    { key: "revenue", field: "total_revenue", label: () => t("revenue"), short: (value) => money(value, currency, { short: true }), long: (value) => money(value, currency) },
  ]; // prettier-ignore
}

/** How a number changed, in percent; null if there was nothing before. */
export const changeOf = (now: number, before: number): number | null => (before ? (100 * (now - before)) / before : now ? null : 0);
