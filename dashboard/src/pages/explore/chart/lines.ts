// The lines of a chart's answer: what each is called, what it comes to, how its numbers read.

import { valueName, valueSign } from "$lib/fields";
import { compact, money, number, type Interval } from "$lib/format";
import type { Chart, ChartLine } from "$lib/insights";
import { isBeforeEnd } from "$lib/ranges";
import { letter, type Question, type Series } from "../question";
import { countedName, eventName } from "../words";

export interface DrawnLine {
  key: string;
  name: string;
  /** The breakdown values alone. */
  labels: string[];
  series: Series;
  place: number;
  dates: string[];
  values: number[];
  previous: number[] | undefined;
  /** What it comes to in the whole range, and did in the one before. */
  total: number;
  totalBefore: number | undefined;
  average: number;
  min: number;
  max: number;
  /** A custom property of tokens.css. */
  colour: string;
  long: (value: number) => string;
  short: (value: number) => string;
}

export const COLOURS = 8;

/** The answer's lines, largest first, as the API orders them. */
export function linesOf(question: Question, answer: Chart, currency: string, now = Date.now()): DrawnLine[] {
  return answer.series.flatMap((line, at) => {
    const place = question.series.findIndex((_, index) => letter(index) === line.event.id);
    const series = question.series[place];
    if (!series) return [];
    const labels = labelsOf(question.breakdowns, line);
    // Hours of today that are still to come are no zeros.
    const data = line.data.filter((each) => Date.parse(each.date) <= now);
    const { average, min, max } = line.metrics;
    return {
      key: line.id,
      // Where there is one series only, its name before every value says nothing.
      name: (labels.length && question.series.length === 1 ? labels : [seriesName(question, place), ...labels]).join(" · "),
      labels,
      series,
      place,
      dates: data.map((each) => each.date),
      values: data.map((each) => each.count),
      previous: data[0]?.previous ? data.map((each) => each.previous?.value ?? 0) : undefined,
      total: totalOf(series, line.metrics),
      totalBefore: line.metrics.previous && totalOf(series, before(line)),
      average,
      min,
      max,
      colour: `--series-${(at % COLOURS) + 1}`,
      ...formats(series, currency),
    };
  });
}

/** What a series is called; what it counts only where that is needed to tell series apart. */
export function seriesName(question: Question, place: number): string {
  const series = question.series[place];
  if (!series) return "";
  if (series.type === "formula") return series.formula;
  const counted = countedName(series.segment, series.property);
  return counted ? `${eventName(series.name)}, ${counted}` : eventName(series.name);
}

function labelsOf(breakdowns: string[], line: ChartLine): string[] {
  return breakdowns.map((name) => {
    const value = line.event.breakdowns?.[name];
    const text = Array.isArray(value) ? value.join(", ") : String(value ?? "");
    const sign = valueSign(name, text);
    return `${sign && text ? `${sign} ` : ""}${valueName(name, text)}`;
  });
}

type Metrics = Pick<ChartLine["metrics"], "sum" | "average" | "min" | "max" | "count">;

function before(line: ChartLine): Metrics {
  const old = line.metrics.previous as Partial<Record<keyof Metrics, { value: number }>> | undefined;
  const of = (name: keyof Metrics): number => old?.[name]?.value ?? 0;
  return { sum: of("sum"), average: of("average"), min: of("min"), max: of("max"), ...(old?.count && { count: of("count") }) };
}

/** People are counted once in the range, averages stay averages; of a formula that divides a sum would mean nothing. */
function totalOf(series: Series, metrics: Metrics): number {
  if (series.type === "formula") return /[/%]|mod|avg/.test(series.formula) ? metrics.average : metrics.sum;
  switch (series.segment) {
    case "user":
    case "one_event_per_user":
      return metrics.count ?? metrics.sum;
    case "user_average":
    case "property_average":
      return metrics.average;
    case "property_max":
      return metrics.max;
    case "property_min":
      return metrics.min;
    default:
      return metrics.sum;
  }
}

function formats(series: Series, currency: string): Pick<DrawnLine, "long" | "short"> {
  const isMoney = series.type === "event" && series.property === "revenue";
  if (isMoney) return { long: (value) => money(value, currency), short: (value) => money(value, currency, { short: true }) };
  return { long: (value) => number(value, 2), short: compact };
}

/** Whether the last bucket is still going on. */
export function isPartial(dates: string[], interval: Interval, zone: string): boolean {
  const last = dates.at(-1);
  return last !== undefined && isBeforeEnd(new Date(), last, interval, zone);
}

/** Whether values may be stacked: parts of a whole that nobody is counted in twice. */
export const isAdditive = (series: Series): boolean =>
  series.type === "event" && (series.segment === "event" || series.segment === "property_sum");
