"""Events of a website, one by one and counted: `/api/websites/{id}/events…` (umami §4.3)."""

from typing import Any

from fastapi import APIRouter, Request

from footfall.api.taken import takes
from footfall.api.umami.dates import instant_text
from footfall.api.umami.paging import PageQuery, page_of
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.stats_reading import Compare, SeriesQuery, StatsQuery, asked_of, unit_of
from footfall.api.umami.stats_rows import event_row
from footfall.query.event_counts import EventSlots, EventSummary, EventTotals
from footfall.query.event_rows import EventRows


class EventsQuery(StatsQuery, PageQuery):
    """A page of the events of a range."""


class SummaryQuery(StatsQuery):
    """A range, and which one to compare it with."""

    compare: Compare = "prev"


def build(context: UmamiContext) -> APIRouter:
    """The routes."""
    router = APIRouter(
        prefix="/websites/{website_id}/events",
        tags=["Events"],
        route_class=umami_route(context),
        responses=ERRORS,
    )

    @router.get("", openapi_extra=takes(query=EventsQuery))
    async def listed(request: Request, website_id: str) -> dict[str, Any]:
        """Page views and custom events, newest first; `search` looks at paths and names."""
        query = context.query(request, EventsQuery)
        asked = await asked_of(context, request, website_id, query, in_person=True)
        page = page_of(query, context.generation)
        question = EventRows(
            range=asked.span,
            conditions=asked.conditions,
            search=page.search,
            limit=page.size,
            offset=page.offset,
        )
        events, number = await context.ask(asked.project, question)
        return page.body([event_row(event, asked.project) for event in events], number)

    @router.get("/series", openapi_extra=takes(query=SeriesQuery))
    async def series(request: Request, website_id: str) -> list[dict[str, Any]]:
        """Custom events by name and bucket."""
        query = context.query(request, SeriesQuery)
        asked = await asked_of(context, request, website_id, query)
        unit = unit_of(query, asked.span, context.generation)
        slots = await context.ask(asked.project, EventSlots(asked.span, unit, asked.conditions))
        return [{"x": slot.name, "t": instant_text(slot.start_ms), "y": slot.events} for slot in slots]

    @router.get("/stats", openapi_extra=takes(query=SummaryQuery))
    async def stats(request: Request, website_id: str) -> dict[str, Any]:
        """What custom events come to, and those of the range to compare with."""
        query = context.query(request, SummaryQuery)
        asked = await asked_of(context, request, website_id, query)
        now = await context.ask(asked.project, EventSummary(asked.span, asked.conditions))
        before = await context.ask(asked.project, EventSummary(asked.compared(query.compare), asked.conditions))
        return {"data": {**_totals(now), "comparison": _totals(before)}}

    return router


def _totals(found: EventTotals) -> dict[str, int]:
    return {
        "events": found.events,
        "visitors": found.visitors,
        "visits": found.visits,
        "uniqueEvents": found.names,
    }
