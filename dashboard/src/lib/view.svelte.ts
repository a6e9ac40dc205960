// How a project is looked at: range, comparison, interval, filters. All of it lives in the address.

import { filtersQuery, readFilters, withFilter, writeFilter, type Filter } from "./filters";
import type { Interval } from "./format";
import { clock } from "./clock.svelte";
import { clockIn, intervals, previous, rangeQuery, readSpan, spanParameters, type RangeQuery, type Span } from "./ranges";
import { router } from "./router.svelte";
import { session, type Project } from "./session.svelte";

/** The query parameters that go along from page to page of a project. */
const KEPT = ["range", "from", "to", "compare", "f"];

class View {
  /** The slug in the address; '' where no project is looked at. */
  slug = $derived("slug" in router.route ? router.route.slug : "");

  /** Whether a share link is looked at: one project, no people, nothing to change. */
  isShared = $derived(router.route.name === "share");

  /** What is known of the project; undefined while nothing is. */
  info: Project | undefined = $derived(session.project(this.slug));

  /** The project's id, as the APIs take it: of a share link it is not in the address. */
  project = $derived(this.info?.id ?? (this.isShared ? "" : this.slug));

  /** The project's time zone. */
  zone = $derived(this.info?.timezone ?? "UTC");

  span: Span = $derived(readSpan(router.url.searchParams));
  filters: Filter[] = $derived(readFilters(router.url.searchParams));
  isCompared = $derived(router.url.searchParams.get("compare") !== "none");

  /** The project's day. */
  today = $derived.by(() => (void clock.beat, clockIn(this.zone).day));

  /** When the first event of the project was, ISO 8601; undefined while nobody has asked (`Shell`). */
  begin = $state<string>();

  choices = $derived(intervals(this.span, this.today, this.begin && clockIn(this.zone, new Date(this.begin)).day));
  interval: Interval = $derived.by(() => {
    const wanted = router.url.searchParams.get("interval") as Interval | null;
    return wanted && this.choices.all.includes(wanted) ? wanted : this.choices.first;
  });

  /** For the API: the range and the filters. */
  query = $derived({ ...rangeQuery(this.span), filters: filtersQuery(this.filters) });

  /** The same for the period before; null if nothing is compared, or while the project's time zone is not known. */
  previousQuery: (RangeQuery & { filters: string | undefined }) | null = $derived.by(() => {
    void clock.beat;
    const before = this.isCompared && this.info ? previous(this.span, this.zone) : null;
    return before && { ...before, filters: filtersQuery(this.filters) };
  });

  setSpan(span: Span): void {
    router.go(router.with({ ...spanParameters(span), interval: null }));
  }

  setInterval(interval: Interval): void {
    router.go(router.with({ interval }), { replace: true });
  }

  toggleCompared(): void {
    router.go(router.with({ compare: this.isCompared ? "none" : null }), { replace: true });
  }

  setFilters(filters: readonly Filter[]): void {
    router.go(router.with({ f: filters.map(writeFilter) }));
  }

  addFilter(added: Filter): void {
    this.setFilters(withFilter(this.filters, added));
  }

  /** The value that a field is filtered to; undefined if to none, or to several. */
  only(name: string): string | undefined {
    const found = this.filters.find((each) => each.name === name && each.operator === "is");
    return found?.value.length === 1 ? found.value[0] : undefined;
  }

  /** The address of a page of this project (of the one looked at last, where none is), with the same range and filters. */
  link(page: string, ...rest: string[]): string {
    const base = this.isShared ? "/share" : "/site";
    const kept = new URLSearchParams([...router.url.searchParams].filter(([name]) => KEPT.includes(name))).toString();
    const slug = this.slug || session.firstProject?.id;
    if (!slug) return "/";
    const path = [base, ...[slug, page, ...rest].map(encodeURIComponent)].join("/");
    return kept ? `${path}?${kept}` : path;
  }
}

export const view = new View();
