// Questions that are kept: reports on dashboards, by the Manage API (docs/manage.md). How a dashboard looks is kept
// in the options of its reports: `place`, from 0, and `size`.

import { part, request, type Path } from "$lib/api";
import { forget } from "$lib/cache";
import { clock } from "$lib/clock.svelte";
import { writeFilter } from "$lib/filters";
import { RANGES, spanParameters, type RangeName, type Span } from "$lib/ranges";
import { view } from "$lib/view.svelte";
import { KINDS, option, questionOf, readFilter, seriesBody, writeQuestion, type KindName, type Look, type Question } from "./question";

export interface Dashboard {
  id: string;
  name: string;
  createdAt: string;
  updatedAt: string;
}

export interface Report {
  id: string;
  name: string;
  dashboardId: string;
  chartType: string;
  interval: string;
  range: string;
  startDate: string | null;
  endDate: string | null;
  previous: boolean;
  series: unknown[];
  breakdowns: unknown[];
  filters: unknown[];
  options: Record<string, unknown>;
}

type Chart = "linear" | "bar" | "area" | "pie" | "metric" | "map" | "funnel" | "retention" | "sankey";

const LOOK_CHARTS: Record<Look, Chart> = { line: "linear", area: "area", bar: "bar", pie: "pie", table: "linear", metric: "metric", map: "map" };
const KIND_CHARTS: Record<Exclude<KindName, "chart">, Chart> = {
  funnel: "funnel", retention: "retention", journeys: "sankey", attribution: "bar", revenue: "area", goals: "metric",
  campaigns: "bar", vitals: "metric",
}; // prettier-ignore
const CHART_KINDS: Partial<Record<string, KindName>> = { funnel: "funnel", conversion: "funnel", retention: "retention", sankey: "journeys" };
const CHART_LOOKS: Partial<Record<string, Look>> = { linear: "line", bar: "bar", histogram: "bar", area: "area", pie: "pie", metric: "metric", map: "map" };

const base = (): string => `/manage/projects/${part(view.project)}/dashboards`;
const of = (dashboard: string, report = ""): string => `${base()}/${part(dashboard)}/reports${report && `/${part(report)}`}`;

export const dashboards = (): Path<{ data: Dashboard[] }> => base();
export const reports = (dashboard: string): Path<{ data: Report[] }> => of(dashboard);

/** What a report asks; null if that can't be understood. */
export function asked(report: Report): Question | null {
  const { kind: own, look: drawn, ...options } = report.options;
  const kind = KINDS.find((each) => each === own) ?? CHART_KINDS[report.chartType] ?? "chart";
  const look = typeof drawn === "string" ? drawn : CHART_LOOKS[report.chartType];
  const settings = kind === "retention" ? { ...options, interval: report.interval } : options;
  return questionOf(kind, { look, series: report.series, breakdowns: report.breakdowns, options: settings });
}

/** The address that shows a report: its question with its own range and filters. */
export function reportLink(report: Report): string {
  const question = asked(report);
  if (!question) return view.link("explore", "dashboards", report.dashboardId);
  const query = new URLSearchParams({ q: writeQuestion(question), report: `${report.dashboardId}/${report.id}` });
  for (const [name, value] of Object.entries(spanParameters(spanOf(report)))) if (value) query.set(name, value);
  if (!report.previous) query.set("compare", "none");
  if (question.kind === "chart") query.set("interval", report.interval);
  for (const filter of report.filters.flatMap(readFilter)) query.append("f", writeFilter(filter));
  return `/site/${part(view.slug)}/explore/${question.kind}?${query.toString()}`;
}

function spanOf(report: Report): Span {
  const [from, to] = [report.startDate?.slice(0, 10), report.endDate?.slice(0, 10)];
  if (from && to) return { name: "custom", from, to };
  return { name: RANGES.find((name) => name === report.range) ?? ("30d" satisfies RangeName) };
}

function body(question: Question): Record<string, unknown> {
  const { span } = view;
  const isCustom = span.name === "custom";
  const { kind, look } = question;
  return {
    chartType: kind === "chart" ? LOOK_CHARTS[look] : KIND_CHARTS[kind],
    interval: kind === "retention" ? option(question, "interval", "week") : view.interval,
    range: isCustom ? "30d" : span.name,
    startDate: isCustom ? span.from : null,
    endDate: isCustom ? span.to : null,
    previous: view.isCompared,
    series: question.series.map(seriesBody),
    breakdowns: question.breakdowns.map((name) => ({ name })),
    filters: view.filters,
  };
}

/** Of retention the API's own default is another one. */
const optionsOf = ({ kind, look, options }: Question): Record<string, unknown> => ({
  ...(kind === "retention" && { criteria: "on" }),
  ...options,
  kind,
  ...(kind === "chart" && { look }),
});

/** Keep a new report. Throws ApiError. */
export async function createReport(dashboard: string, name: string, question: Question): Promise<Report> {
  const { data: others } = await request(reports(dashboard));
  const options = { ...optionsOf(question), place: others.length };
  return changed(request<{ data: Report }>(of(dashboard), { method: "POST", body: { ...body(question), name, options } }));
}

/** Let a report ask something else; its name and place stay. Throws ApiError. */
export async function updateReport(dashboard: string, id: string, question: Question): Promise<Report> {
  const { data: old } = await request<{ data: Report }>(of(dashboard, id));
  const { place, size } = old.options;
  const options = { ...optionsOf(question), ...(place !== undefined && { place }), ...(size !== undefined && { size }) };
  return changed(request<{ data: Report }>(of(dashboard, id), { method: "PATCH", body: { ...body(question), options } }));
}

/** Rename a report, or change how it lies on its dashboard. Throws ApiError. */
export async function changeReport(report: Report, changes: { name?: string; options?: Record<string, unknown> }): Promise<Report> {
  const options = changes.options && { ...report.options, ...changes.options };
  return changed(request<{ data: Report }>(of(report.dashboardId, report.id), { method: "PATCH", body: { ...changes, ...(options && { options }) } }));
}

/** Put the reports in this order. Throws ApiError. */
export async function arrange(order: Report[]): Promise<void> {
  const moved = order.map((report, place) => ({ report, place })).filter(({ report, place }) => report.options.place !== place);
  await Promise.all(
    moved.map(({ report, place }) =>
      request(of(report.dashboardId, report.id), { method: "PATCH", body: { options: { ...report.options, place } } }),
    ),
  );
  renew();
}

export async function deleteReport(report: Report): Promise<void> {
  await request(of(report.dashboardId, report.id), { method: "DELETE" });
  renew();
}

export const createDashboard = (name: string): Promise<Dashboard> =>
  changed(request<{ data: Dashboard }>(base(), { method: "POST", body: { name } }));

export const renameDashboard = (id: string, name: string): Promise<Dashboard> =>
  changed(request<{ data: Dashboard }>(`${base()}/${part(id)}`, { method: "PATCH", body: { name } }));

export async function deleteDashboard(id: string): Promise<void> {
  await request(`${base()}/${part(id)}`, { method: "DELETE" });
  renew();
}

async function changed<T>(answer: Promise<{ data: T }>): Promise<T> {
  const { data } = await answer;
  renew();
  return data;
}

function renew(): void {
  forget(base());
  clock.refresh();
}

/** In the order of the dashboard; those without a place (made by the API) come last, oldest first. */
export function inOrder(found: Report[]): Report[] {
  const place = (report: Report): number => (typeof report.options.place === "number" ? report.options.place : Infinity);
  return found.toSorted((one, other) => (place(one) === place(other) ? 0 : place(one) - place(other)));
}
