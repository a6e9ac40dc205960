// What these pages ask, in the words of the API's reports (docs/manage.md): it is written into the address as
// `q`, and saved as a report on a dashboard. Range, filters, interval and comparison are the page's own, in the address too.

import { hasNoValue, OPERATORS, type Filter, type Operator } from "$lib/filters";

export const KINDS = [
  "chart", "funnel", "retention", "journeys", "attribution", "revenue", "goals", "campaigns", "vitals",
] as const; // prettier-ignore
export type KindName = (typeof KINDS)[number];

/** What is counted of the events of a series (docs/export.md). */
export const SEGMENTS = [
  "event", "user", "session", "group", "user_average", "one_event_per_user",
  "property_sum", "property_average", "property_max", "property_min",
] as const; // prettier-ignore
export type Segment = (typeof SEGMENTS)[number];

/** How a chart is drawn. */
export const LOOKS = ["line", "area", "bar", "pie", "table", "metric", "map"] as const;
export type Look = (typeof LOOKS)[number];

export interface EventSeries {
  type: "event";
  /** `*` is any event. */
  name: string;
  segment: Segment;
  /** Of segments that begin with `property_`; else ''. */
  property: string;
  filters: Filter[];
}

/** Worked out of the series before it: `A / B * 100`. */
export interface FormulaSeries {
  type: "formula";
  formula: string;
}

export type Series = EventSeries | FormulaSeries;

export interface Question {
  kind: KindName;
  look: Look;
  series: Series[];
  breakdowns: string[];
  /** What only some kinds need; texts, or lists of event names. */
  options: Record<string, string | string[]>;
}

export const MAX_SERIES = 26;
export const MAX_BREAKDOWNS = 5;
export const MAX_STEPS = 10;

/** The letter by which formulas name a series. */
export const letter = (place: number): string => String.fromCharCode(65 + place);

export const eventSeries = (name: string, more: Partial<EventSeries> = {}): EventSeries => ({
  type: "event",
  name,
  segment: "event",
  property: "",
  filters: [],
  ...more,
});

export const needsProperty = (segment: Segment): boolean => segment.startsWith("property_");

/** Series that can be asked: those that lack a property or a formula are still being made. */
export const isComplete = (series: Series): boolean =>
  series.type === "formula" ? series.formula.trim() !== "" : !needsProperty(series.segment) || series.property !== "";

/** The events among the series. */
export const events = (question: Question): EventSeries[] => question.series.filter((each) => each.type === "event");

export function option(question: Question, name: string, fallback = ""): string {
  const value = question.options[name];
  return typeof value === "string" && value ? value : fallback;
}

/** One of several words. */
export function choice<Word extends string>(question: Question, name: string, words: readonly Word[]): Word {
  const value = option(question, name);
  return words.find((word) => word === value) ?? words[0]!;
}

/** With options changed; '' takes one away. */
export function withOptions(question: Question, changes: Record<string, string | string[]>): Question {
  const options = Object.fromEntries(Object.entries({ ...question.options, ...changes }).filter(([, value]) => value.length));
  return { ...question, options };
}

/** A series as the API takes it; its id is the letter, by which the answer's lines are told apart. */
export function seriesBody(series: Series, place: number): Record<string, unknown> {
  const id = letter(place);
  if (series.type === "formula") return { id, type: "formula", formula: series.formula };
  const { name, segment, property, filters } = series;
  return { id, name, segment, ...(property && { property }), ...(filters.length && { filters }) };
}

/** The question as a text for the address. */
export const writeQuestion = ({ look, series, breakdowns, options }: Question): string =>
  JSON.stringify({
    ...(look !== "line" && { look }),
    series: series.map(seriesBody).map(({ id: _, ...rest }) => rest),
    ...(breakdowns.length && { breakdowns }),
    ...(Object.keys(options).length && { options }),
  });

/** The question of an address; null if there is none. What makes no sense in it is left out. */
export function readQuestion(kind: KindName, text: string | null): Question | null {
  if (!text) return null;
  try {
    return questionOf(kind, JSON.parse(text));
  } catch {
    return null;
  }
}

/** The question of a report's body, or of what an address says; null if it is neither. */
export function questionOf(kind: KindName, body: unknown): Question | null {
  if (!isObject(body)) return null;
  return {
    kind,
    look: LOOKS.find((look) => look === body.look) ?? "line",
    series: array(body.series).slice(0, MAX_SERIES).flatMap(readSeries),
    breakdowns: [...new Set(array(body.breakdowns).map((each) => text(isObject(each) ? each.name : each)))].filter(Boolean).slice(0, MAX_BREAKDOWNS),
    options: readOptions(body.options),
  };
}

function readSeries(body: unknown): Series[] {
  if (typeof body === "string" && body) return [eventSeries(body)];
  if (!isObject(body)) return [];
  if (body.type === "formula") return [{ type: "formula", formula: text(body.formula) }];
  const name = text(body.name);
  if (!name) return [];
  const segment = SEGMENTS.find((each) => each === body.segment) ?? "event";
  return [{ type: "event", name, segment, property: text(body.property), filters: array(body.filters).flatMap(readFilter) }];
}

/** A filter of a report. */
export function readFilter(body: unknown): Filter[] {
  if (!isObject(body)) return [];
  const operator = (body.operator ?? "is") as Operator;
  const value = [...new Set([body.value ?? []].flat().filter((each) => each !== null).map(String))];
  const name = text(body.name);
  if (!name || !OPERATORS.includes(operator) || (!value.length && !hasNoValue(operator))) return [];
  return [{ name, operator, value }];
}

function readOptions(body: unknown): Question["options"] {
  if (!isObject(body)) return {};
  const found = Object.entries(body).flatMap(([name, value]): [string, string | string[]][] => {
    if (Array.isArray(value)) return [[name, value.filter((each) => typeof each === "string")]];
    return ["string", "number"].includes(typeof value) ? [[name, String(value)]] : [];
  });
  return Object.fromEntries(found);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const array = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === "string" ? value : typeof value === "number" ? String(value) : "");
