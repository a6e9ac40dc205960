"""The headline numbers of a website, its charts and its lists: `/api/websites/{id}/stats…` (umami §4.3)."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Request
from msgspec.structs import asdict
from pydantic import Field

from footfall.api.taken import takes
from footfall.api.umami.dates import instant_text
from footfall.api.umami.errors import Generation, invalid
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.stats_filters import FIELDS
from footfall.api.umami.stats_reading import (
    Asked,
    Compare,
    SeriesQuery,
    StatsQuery,
    asked_of,
    unit_of,
)
from footfall.api.umami.taking import Text, Whole
from footfall.model.times import iso_ms
from footfall.query.channels import CHANNELS
from footfall.query.conditions import Kind
from footfall.query.present import ActiveVisitors, Extent
from footfall.query.ranges import TimeRange
from footfall.query.shown_traits import NEVER_MISSING
from footfall.query.trait_values import Channel, End, Told, TraitTraffics, TraitValue, TraitValues
from footfall.query.view_traffic import Traffic, TrafficSeries, Unit
from footfall.query.view_traits import Trait

TYPES: dict[str, Told] = {
    **FIELDS,
    "entry": End.ENTRY,
    "exit": End.EXIT,
    "channel": Channel.CHANNEL,
}
"""What `type` may be, in the spellings of all generations."""

MAX_ROWS = 10_000
_TOP = 10
_MAX_ALTERNATIVES = 5
_WITH_COUNTRY = (Trait.REGION, Trait.CITY)
_OLD_VIEWS = (Trait.PATH, Trait.TITLE, Trait.QUERY, Trait.TAG, *End)
"""Lists that count page views in generation 2."""


class NumbersQuery(StatsQuery):
    """A range, and which one to compare it with."""

    compare: Compare = "prev"


class ChartQuery(SeriesQuery):
    """A range in buckets, and perhaps which one to compare it with."""

    compare: Compare | None = None


class ListQuery(StatsQuery):
    """Part of a list of values of one type."""

    type: Text
    search: Text | None = None
    limit: Annotated[Whole, Field(ge=1)] = 500
    offset: Annotated[Whole, Field(ge=0, le=10**9)] = 0


class ChoicesQuery(StatsQuery):
    """Values of one type to choose from; several searches between commas."""

    type: Text
    search: Text | None = None


def build(context: UmamiContext) -> APIRouter:
    """The routes."""
    router = APIRouter(
        prefix="/websites/{website_id}", tags=["Statistics"], route_class=umami_route(context), responses=ERRORS
    )
    _add_numbers(router, context)
    _add_presence(router, context)
    _add_lists(router, context)
    return router


def _add_numbers(router: APIRouter, context: UmamiContext) -> None:
    @router.get("/stats", openapi_extra=takes(query=NumbersQuery))
    async def stats(request: Request, website_id: str) -> dict[str, Any]:
        """The headline numbers, and those of the range to compare with."""
        query = context.query(request, NumbersQuery)
        asked = await asked_of(context, request, website_id, query)
        now = await context.ask(asked.project, Traffic(asked.span, asked.conditions))
        before = await context.ask(asked.project, Traffic(asked.compared(query.compare), asked.conditions))
        return compared(asdict(now), asdict(before), context.generation)

    @router.get("/pageviews", openapi_extra=takes(query=ChartQuery))
    async def pageviews(request: Request, website_id: str) -> dict[str, Any]:
        """Page views and distinct visitors per bucket; empty buckets are left out."""
        query = context.query(request, ChartQuery)
        asked = await asked_of(context, request, website_id, query)
        unit = unit_of(query, asked.span, context.generation)
        found = await _chart(context, asked, asked.span, unit)
        if query.compare is None:
            return found
        before = asked.compared(query.compare)
        other = await _chart(context, asked, before, unit)
        return {**found, **_dates(asked.span), "compare": {**other, **_dates(before)}}


def _add_presence(router: APIRouter, context: UmamiContext) -> None:
    @router.get("/active")
    async def active(request: Request, website_id: str) -> dict[str, int]:
        """Who did anything in the last five minutes."""
        project = await context.readable_website(request, website_id)
        visitors = await context.ask(project, ActiveVisitors(context.now_ms()))
        return {"visitors": visitors, "x": visitors}

    @router.get("/daterange")
    async def daterange(request: Request, website_id: str) -> dict[str, str | None]:
        """When the first and the last event were; null without any."""
        project = await context.readable_website(request, website_id)
        since_ms = round(project.reset_at.timestamp() * 1000) if project.reset_at else 0
        found = await context.ask(project, Extent(since_ms))
        first, last = map(iso_ms, found) if found else (None, None)
        return {"startDate": first, "endDate": last, "mindate": first, "maxdate": last}


def _add_lists(router: APIRouter, context: UmamiContext) -> None:
    @router.get("/metrics", openapi_extra=takes(query=ListQuery))
    async def metrics(request: Request, website_id: str) -> list[dict[str, Any]]:
        """The values of a type by distinct visitors, events by how many there are; most first."""
        query = context.query(request, ListQuery)
        told = told_of(query.type)
        asked = await asked_of(context, request, website_id, query)
        is_old = context.generation == "v2"
        by_views = told is Trait.EVENT or (is_old and told in _OLD_VIEWS)
        all_channels = is_old and told is Channel.CHANNEL and not query.search
        question = TraitValues(
            range=asked.span,
            told=told,
            conditions=asked.conditions,
            search=(query.search,) if query.search else (),
            by_views=by_views,
            with_none=is_old and told not in (Trait.REFERRER, Channel.CHANNEL, Trait.EVENT, Trait.DISTINCT_ID),
            kind=kind_of(told),
            limit=MAX_ROWS if all_channels else min(query.limit, MAX_ROWS),
            offset=0 if all_channels else query.offset,
        )
        values = await context.ask(asked.project, question)
        rows = [_row(each, told, by_views) for each in values]
        return _all_channels(rows) if all_channels else rows

    @router.get("/metrics/expanded", openapi_extra=takes(query=ListQuery))
    async def expanded(request: Request, website_id: str) -> list[dict[str, Any]]:
        """The headline numbers of each value of a type."""
        query = context.query(request, ListQuery)
        told = told_of(query.type)
        asked = await asked_of(context, request, website_id, query)
        question = TraitTraffics(
            range=asked.span,
            told=told,
            conditions=asked.conditions,
            search=(query.search,) if query.search else (),
            kind=kind_of(told),
            limit=min(query.limit, MAX_ROWS),
            offset=query.offset,
        )
        rows = await context.ask(asked.project, question)
        return [{"name": row.name, **_country(told, row.country), **asdict(row.numbers)} for row in rows]

    @router.get("/values", openapi_extra=takes(query=ChoicesQuery))
    async def values(request: Request, website_id: str) -> list[dict[str, Any]]:
        """The ten values of a type that most events have."""
        query = context.query(request, ChoicesQuery)
        told = told_of(query.type)
        if not isinstance(told, Trait):
            raise invalid("type", "Invalid")
        asked = await asked_of(context, request, website_id, query)
        words = tuple(word.strip() for word in (query.search or "").split(",") if word.strip())
        question = TraitValues(
            range=asked.span,
            told=told,
            conditions=asked.conditions,
            search=words[:_MAX_ALTERNATIVES],
            by_views=True,
            kind=Kind.EVENTS if told is Trait.EVENT else Kind.ALL,
            limit=_TOP,
        )
        found = await context.ask(asked.project, question)
        return [{"value": each.name, "count": each.views} for each in found]


def told_of(type_: str) -> Told:
    """What a list is of. Raises Invalid."""
    told = TYPES.get(type_)
    if told is None:
        raise invalid("type", "Invalid")
    return told


def kind_of(told: Told) -> Kind:
    """Of which events a list is."""
    return Kind.EVENTS if told is Trait.EVENT else Kind.VIEWS


def compared(now: dict[str, int], before: dict[str, int], generation: Generation) -> dict[str, Any]:
    """Numbers beside those of another range: flat, or in generation 2 each with its own."""
    if generation == "v2":
        return {name: {"value": value, "prev": before[name]} for name, value in now.items()}
    return {**now, "comparison": before}


async def _chart(context: UmamiContext, asked: Asked, span: TimeRange, unit: Unit) -> dict[str, Any]:
    slots = await context.ask(asked.project, TrafficSeries(span, unit, asked.conditions))
    return {
        "pageviews": [{"x": instant_text(slot.start_ms), "y": slot.views} for slot in slots],
        "sessions": [{"x": instant_text(slot.start_ms), "y": slot.visitors} for slot in slots],
    }


def _dates(span: TimeRange) -> dict[str, str]:
    return {"startDate": iso_ms(span.start_ms), "endDate": iso_ms(span.end_ms - 1)}


def _row(each: TraitValue, told: Told, by_views: bool) -> dict[str, Any]:
    name = each.name if each.name or told in NEVER_MISSING else None
    return {"x": name, "y": each.views if by_views else each.visitors, **_country(told, each.country)}


def _country(told: Told, country: str) -> dict[str, str | None]:
    return {"country": country or None} if told in _WITH_COUNTRY else {}


def _all_channels(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """All of them, in generation 2, those without visitors too, whatever part was asked for."""
    found = {row["x"]: row for row in rows}
    return [*found.values(), *({"x": name, "y": 0} for name in CHANNELS if name not in found)]
