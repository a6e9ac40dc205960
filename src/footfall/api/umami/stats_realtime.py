"""The last half hour of a website: `/api/realtime/{id}` (umami contract §4.4, §9)."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from footfall.api.taken import takes
from footfall.api.umami.dates import instant_text
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.stats_reading import FilterQuery, asked_since
from footfall.api.umami.stats_rows import event_row
from footfall.api.umami.taking import Timezone, Whole
from footfall.query.conditions import Kind
from footfall.query.event_counts import EventSummary
from footfall.query.event_rows import EventRows
from footfall.query.trait_values import TraitValues
from footfall.query.view_traffic import TrafficSeries, Unit
from footfall.query.view_traits import Trait

WINDOW_MS = 30 * 60_000
MAX_ACTIVITY = 100
MAX_VALUES = 500

_SHOWN = ("sessionId", "eventName", "createdAt", "browser", "os", "device", "country", "urlPath", "referrerDomain")


class RealtimeQuery(FilterQuery):
    """Which events count. `startAt` and the time zone are taken and change nothing."""

    timezone: Timezone | None = None
    start_at: Annotated[Whole, Field()] | None = None


def build(context: UmamiContext) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["Realtime"], route_class=umami_route(context), responses=ERRORS)

    @router.get("/realtime/{website_id}", openapi_extra=takes(query=RealtimeQuery))
    async def realtime(request: Request, website_id: str) -> dict[str, Any]:
        """Countries by visitors, pages and referrers by views, what was done lately, and both charts by minute."""
        query = context.query(request, RealtimeQuery)
        asked = await asked_since(context, request, website_id, query, WINDOW_MS)
        project, span, conditions = asked.project, asked.span, asked.conditions

        async def values(trait: Trait, kind: Kind, *, by_views: bool) -> dict[str, int]:
            question = TraitValues(
                range=span, told=trait, conditions=conditions, kind=kind, by_views=by_views, limit=MAX_VALUES
            )
            found = await context.ask(project, question)
            return {each.name: each.views if by_views else each.visitors for each in found}

        countries = await values(Trait.COUNTRY, Kind.ALL, by_views=False)
        rows = EventRows(range=span, conditions=conditions, limit=MAX_ACTIVITY)
        events, _ = await context.ask(project, rows)
        slots = await context.ask(project, TrafficSeries(span, Unit.MINUTE, conditions))
        summary = await context.ask(project, EventSummary(span, conditions))
        minutes = [(instant_text(slot.start_ms), slot) for slot in slots]
        return {
            "countries": countries,
            "urls": await values(Trait.PATH, Kind.VIEWS, by_views=True),
            "referrers": await values(Trait.REFERRER, Kind.VIEWS, by_views=True),
            "events": _activity(event_row(event, project) for event in events),
            "series": {
                "views": [{"x": at, "y": slot.views} for at, slot in minutes],
                "visitors": [{"x": at, "y": slot.visitors} for at, slot in minutes],
            },
            "totals": {
                "views": sum(slot.views for slot in slots),
                "visitors": sum(slot.visitors for slot in slots),
                "events": summary.events,
                "countries": len(countries),
            },
            "timestamp": context.now_ms(),
        }

    return router


def _activity(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Newest first; before a visitor's first event stands that the visitor came."""
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    for row in reversed(list(rows)):
        shown = {name: row[name] for name in _SHOWN}
        if row["sessionId"] not in seen:
            seen.add(row["sessionId"])
            found.append({"__type": "session", **shown})
        found.append({"__type": "event" if row["eventName"] else "pageview", **shown})
    return found[::-1]
