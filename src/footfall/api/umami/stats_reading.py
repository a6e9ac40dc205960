"""What statistics routes take: a range, units, filters in the spellings of all generations (umami §4.1)."""

from collections.abc import Iterable
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Request
from msgspec import Struct
from msgspec.structs import replace
from pydantic import ConfigDict

from footfall.api.umami.dates import read_date, stored_ms
from footfall.api.umami.errors import Generation, invalid
from footfall.api.umami.reading import UmamiContext
from footfall.api.umami.stats_filters import FIELDS, cohort_of, conditions_of, segment_tests
from footfall.api.umami.taking import Taken, Text, Timezone, Uuid, Whole, one_of
from footfall.model.project import Project
from footfall.query.conditions import NO_CONDITIONS, Conditions, Kind
from footfall.query.first import FirstEvent
from footfall.query.ranges import TimeRange, local, months_before
from footfall.query.view_traffic import Unit

ALL_TIME = (0, 1)
"""What clients send as startAt and endAt for everything that there is."""

Q = TypeVar("Q", bound="StatsQuery")

_HOUR_MS = 3_600_000
_AHEAD_MS = 24 * _HOUR_MS  # a sender's clock may be ahead of ours
_KINDS = {1: Kind.VIEWS, 2: Kind.EVENTS, 3: Kind.VIEWS, 4: Kind.VIEWS}
_UNITS = tuple(Unit)
# The coarsest first that fits: a span of so many hours, then of so many calendar months (contract §4.1).
_HOURS: dict[Generation, int] = {"v2": 48, "v3": 30 * 24}
_DAY_MONTHS: dict[Generation, int] = {"v2": 6, "v3": 7}
_MONTH_MONTHS = 24


def _with_traits(schema: dict[str, Any]) -> None:
    """Those that are traits are read from the query itself, and only described here."""
    given = schema["properties"]
    given |= {name: {"type": "string", "description": "A filter."} for name in FIELDS if name not in given}


class FilterQuery(Taken):
    """The filters that are not traits."""

    model_config = ConfigDict(json_schema_extra=_with_traits)

    match: Annotated[str, one_of("all", "any")] = "all"
    event_type: Whole | None = None
    segment: Uuid | None = None
    cohort: Uuid | None = None
    exclude_bounce: Text | None = None


class StatsQuery(FilterQuery):
    """A range: `startAt` and `endAt` in ms, both inclusive, or `startDate` and `endDate` as dates."""

    start_at: Whole | None = None
    end_at: Whole | None = None
    start_date: Text | None = None
    end_date: Text | None = None
    timezone: Timezone | None = None


class SeriesQuery(StatsQuery):
    """The same with the length of buckets."""

    unit: Annotated[str, one_of(*_UNITS)] | None = None


Compare = Annotated[str, one_of("prev", "yoy")]


class Asked(Struct, frozen=True):
    """What a request asks about: a website that the caller may see, a range of it, and which events count."""

    project: Project
    span: TimeRange
    conditions: Conditions

    def compared(self, compare: str) -> TimeRange:
        """The range to compare with: a year before, or back by the range's length in whole minutes."""
        return before(self.span, compare)


async def asked_of(
    context: UmamiContext,
    request: Request,
    website_id: str,
    query: StatsQuery,
    *,
    in_person: bool = False,
    without: tuple[str, ...] = (),
) -> Asked:
    """Who may see what; parameters `without` are no filters. Raises Invalid, Unauthorized, NotFound."""
    bounds = _bounds(query)
    conditions = _conditions(context, request, query, without)
    project = await context.readable_website(request, website_id, in_person=in_person)
    conditions = await with_saved(context, project, conditions, query)
    return Asked(project, await _span(context, project, bounds, query), conditions)


def span_of(query: StatsQuery, now_ms: int) -> TimeRange:
    """The range alone, of no website in particular. Raises Invalid."""
    bounds = _bounds(query)
    start, end = (0, now_ms) if bounds == ALL_TIME else bounds
    return TimeRange(stored_ms(start), stored_ms(end + 1), ZoneInfo(query.timezone or "UTC"))


async def ever_of(context: UmamiContext, request: Request, website_id: str) -> Asked:
    """All of a website since its reset, for who may see rows about one visitor. Raises Unauthorized, NotFound."""
    project = await context.readable_website(request, website_id, in_person=True)
    return Asked(project, _cut(project, 0, context.now_ms() + _AHEAD_MS, None), NO_CONDITIONS)


async def asked_since(
    context: UmamiContext, request: Request, website_id: str, query: FilterQuery, window_ms: int
) -> Asked:
    """The last `window_ms`, for who may see rows about one visitor. Raises Invalid, Unauthorized, NotFound."""
    conditions = _conditions(context, request, query)
    project = await context.readable_website(request, website_id, in_person=True)
    now = context.now_ms()
    span = _cut(project, now - window_ms, now, None)
    return Asked(project, span, await with_saved(context, project, conditions, query))


def filtered(pairs: Iterable[tuple[str, str]], query: FilterQuery, generation: Generation) -> Conditions:
    """The conditions that need nothing saved: the traits among `pairs`, and the kind of events. Raises Invalid."""
    conditions = conditions_of(pairs, generation, any_of=query.match == "any")
    if query.event_type is None:
        return conditions
    if query.event_type not in _KINDS:
        raise invalid("eventType", "Invalid")
    return replace(conditions, kind=_KINDS[query.event_type])


async def with_saved(
    context: UmamiContext, project: Project, conditions: Conditions, query: FilterQuery
) -> Conditions:
    """The conditions with those of a saved segment and cohort. Raises NotFound, Invalid."""
    segments, of_project = context.catalog.saved.segments, {"project_id": project.id}
    items, cohorts = conditions.items, conditions.cohorts
    if query.segment:
        segment = await context.run(segments.get, query.segment, of_project)
        items += segment_tests(segment.parameters, "segment")
    if query.cohort:
        cohort = await context.run(segments.get, query.cohort, of_project)
        cohorts += (cohort_of(cohort.parameters, context.now_ms()),)
    no_bounces = (query.exclude_bounce or "").lower() in ("true", "1")
    return replace(conditions, items=items, cohorts=cohorts, no_bounces=no_bounces)


def unit_of(query: SeriesQuery, span: TimeRange, generation: Generation) -> Unit:
    """The length of buckets: what is asked for, if it is not finer than the finest that the range allows."""
    finest = _finest(span, generation)
    if query.unit is None:
        return finest
    asked = Unit(query.unit)
    return asked if _UNITS.index(asked) >= _UNITS.index(finest) else finest


def before(span: TimeRange, compare: str) -> TimeRange:
    """The range to compare with: both ends a year before (`yoy`), or back by the whole minutes between them."""
    if compare == "yoy":
        start, end = (_a_year_before(ms, span.zone) for ms in (span.start_ms, span.end_ms - 1))
        return TimeRange(start, end + 1, span.zone)
    shift = (span.end_ms - 1 - span.start_ms) // 60_000 * 60_000
    return TimeRange(span.start_ms - shift, span.end_ms - shift, span.zone)


def _a_year_before(ms: int, zone: ZoneInfo) -> int:
    time = local(ms, zone)
    day = months_before(time.date(), 12)
    moved = time.replace(year=day.year, month=day.month, day=day.day)
    return round(moved.timestamp() * 1000)


def _conditions(
    context: UmamiContext, request: Request, query: FilterQuery, without: tuple[str, ...] = ()
) -> Conditions:
    given = (pair for pair in request.query_params.multi_items() if pair[0] not in without)
    return filtered(given, query, context.generation)


def _bounds(query: StatsQuery) -> tuple[int, int]:
    """Both instants in ms, inclusive. Raises Invalid."""
    start = query.start_at if query.start_at is not None else _date_ms(query.start_date, "startDate")
    end = query.end_at if query.end_at is not None else _date_ms(query.end_date, "endDate")
    missing = [name for name, value in (("startAt", start), ("endAt", end)) if value is None]
    if start is None or end is None:
        raise invalid(missing[0], "Required")
    if start > end:
        raise invalid("endAt", "must not be before startAt")
    return start, end


def _date_ms(text: str | None, field: str) -> int | None:
    found = read_date(text) if text else None
    if text and found is None:
        raise invalid(field, "Invalid date")
    return found


async def _span(context: UmamiContext, project: Project, bounds: tuple[int, int], query: StatsQuery) -> TimeRange:
    """The range, cut to what can be stored and to what has happened since the website was reset."""
    start, end = bounds
    if bounds == ALL_TIME:
        now = context.now_ms()
        first: int | None = await context.ask(project, FirstEvent())
        start, end = first or now, now
    return _cut(project, start, end, query.timezone)


def _cut(project: Project, start: int, end: int, timezone: str | None) -> TimeRange:
    if project.reset_at is not None:
        start = max(start, round(project.reset_at.timestamp() * 1000))
    start = stored_ms(start)
    return TimeRange(start, stored_ms(max(end + 1, start)), ZoneInfo(timezone or "UTC"))


def _finest(span: TimeRange, generation: Generation) -> Unit:
    first, last = local(span.start_ms, span.zone), local(span.end_ms - 1, span.zone)
    length_ms = span.end_ms - 1 - span.start_ms
    months = (last.year - first.year) * 12 + last.month - first.month
    if length_ms <= _HOUR_MS:
        return Unit.MINUTE
    if length_ms <= _HOURS[generation] * _HOUR_MS:
        return Unit.HOUR
    if months <= _DAY_MONTHS[generation]:
        return Unit.DAY
    return Unit.MONTH if months <= _MONTH_MONTHS else Unit.YEAR
