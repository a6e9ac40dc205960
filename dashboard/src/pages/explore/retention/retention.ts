// The grid of retention: who began when, and how many of them were back after so many intervals.

import { addDays, addMonths } from "$lib/ranges";
import { onClock, type CohortRow, type ReturnRow } from "../requests";

/** Known people, by the API's cohorts; or all visitors, whom only their device tells apart, by days. */
export const WHO = ["visitors", "people"] as const;
export type Who = (typeof WHO)[number];

export const PEOPLE_INTERVALS = ["week", "day", "month"] as const;
export type CohortInterval = (typeof PEOPLE_INTERVALS)[number];
export const CRITERIA = ["on", "on_or_after"] as const;

export interface Cohort {
  /** The day on which its interval begins; '' of the average. */
  date: string;
  size: number;
  /** How many were back, as a share from 0 to 1; null where that is still to come. */
  shares: (number | null)[];
  counts: (number | null)[];
}

export interface Grid {
  average: Cohort;
  cohorts: Cohort[];
  columns: number;
  /** The largest share after the first column, which is always whole. */
  most: number;
}

const LEAST_SCALE = 0.05;

/** Of the cohorts of known people. `today` is the project's day. */
export function gridOfPeople(rows: CohortRow[], interval: CohortInterval, today: string): Grid | null {
  const cohorts = rows.slice(1).map((row): Cohort => {
    const date = row.cohort_interval.slice(0, 10);
    const isOver = (column: number): boolean => after(date, interval, column) <= today;
    return {
      date,
      size: row.sum,
      shares: row.percentages.map((share, column) => (isOver(column) ? share : null)),
      counts: row.values.map((count, column) => (isOver(column) ? count : null)),
    };
  });
  return grid(cohorts);
}

/** Of the days of all visitors: only days on which somebody was back are told. */
export function gridOfVisitors(rows: ReturnRow[], zone: string, today: string): Grid | null {
  const found = new Map<string, Cohort>();
  const last = Math.max(0, ...rows.map((row) => row.day));
  for (const row of rows) {
    const date = onClock(row.date, zone).slice(0, 10);
    const begin = (): Cohort => {
      const empty = Array.from({ length: last + 1 }, (_, day) => (addDays(date, day) <= today ? 0 : null));
      return { date, size: row.visitors, shares: [...empty], counts: [...empty] };
    };
    const cohort = found.get(date) ?? begin();
    cohort.shares[row.day] = row.percentage / 100;
    cohort.counts[row.day] = row.returnVisitors;
    found.set(date, cohort);
  }
  return grid([...found.values()]);
}

function grid(cohorts: Cohort[]): Grid | null {
  if (!cohorts.length) return null;
  const columns = Math.max(...cohorts.map((cohort) => cohort.shares.filter((share) => share !== null).length));
  const cut = cohorts.map((cohort) => ({ ...cohort, shares: cohort.shares.slice(0, columns), counts: cohort.counts.slice(0, columns) }));
  const later = cut.flatMap((cohort) => cohort.shares.slice(1)).map((share) => share ?? 0);
  return { cohorts: cut, columns, average: average(cut, columns), most: Math.max(LEAST_SCALE, ...later) };
}

/** Of everybody who could have been back by then. */
function average(cohorts: Cohort[], columns: number): Cohort {
  const of = (column: number): { size: number; back: number } => {
    const known = cohorts.filter((cohort) => cohort.counts[column] != null);
    const sum = (value: (cohort: Cohort) => number): number => known.reduce((all, cohort) => all + value(cohort), 0);
    return { size: sum((cohort) => cohort.size), back: sum((cohort) => cohort.counts[column] ?? 0) };
  };
  const sums = Array.from({ length: columns }, (_, column) => of(column));
  const size = cohorts.reduce((all, cohort) => all + cohort.size, 0);
  return { date: "", size, shares: sums.map((each) => (each.size ? each.back / each.size : null)), counts: sums.map((each) => each.back) };
}

function after(date: string, interval: CohortInterval, number: number): string {
  return interval === "month" ? addMonths(date, number) : addDays(date, interval === "week" ? 7 * number : number);
}
