"""Visitors of a website: `/api/websites/{id}/sessions…` (umami §4.3). What Umami calls a session is a visitor."""

from typing import Any

from fastapi import APIRouter, Request
from msgspec.structs import asdict

from footfall.api.taken import takes
from footfall.api.umami.paging import PageQuery, page_of
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.stats_reading import StatsQuery, asked_of, ever_of
from footfall.api.umami.stats_rows import data_rows, event_row, visitor_row
from footfall.model.errors import NotFound
from footfall.model.event import DESCRIBED
from footfall.model.times import iso_ms
from footfall.query.event_rows import EventRows
from footfall.query.session_data import DataOfVisitor
from footfall.query.visitors import VisitorList, VisitorSummary, VisitorWeek

MAX_ACTIVITY = 500


class VisitorsQuery(StatsQuery, PageQuery):
    """A page of the visitors of a range."""


def build(context: UmamiContext) -> APIRouter:
    """The routes."""
    router = APIRouter(
        prefix="/websites/{website_id}/sessions",
        tags=["Sessions"],
        route_class=umami_route(context),
        responses=ERRORS,
    )
    _add_lists(router, context)
    _add_one(router, context)
    return router


def _add_lists(router: APIRouter, context: UmamiContext) -> None:
    @router.get("", openapi_extra=takes(query=VisitorsQuery))
    async def listed(request: Request, website_id: str) -> dict[str, Any]:
        """Visitors, the latest first; `search` looks at distinct id, city, browser, system and device."""
        return await visitor_page(context, request, website_id, context.query(request, VisitorsQuery))

    @router.get("/stats", openapi_extra=takes(query=StatsQuery))
    async def stats(request: Request, website_id: str) -> dict[str, dict[str, int]]:
        """What visitors come to; `pageviews` are events of any kind."""
        query = context.query(request, StatsQuery)
        asked = await asked_of(context, request, website_id, query)
        found = await context.ask(asked.project, VisitorSummary(asked.span, asked.conditions))
        return {name: {"value": value} for name, value in asdict(found).items()}

    @router.get("/weekly", openapi_extra=takes(query=StatsQuery))
    async def weekly(request: Request, website_id: str) -> list[list[int]]:
        """Visitors by day of the week, from Sunday on, and hour."""
        query = context.query(request, StatsQuery)
        asked = await asked_of(context, request, website_id, query)
        return await context.ask(asked.project, VisitorWeek(asked.span, asked.conditions))


async def visitor_page(
    context: UmamiContext, request: Request, website_id: str, query: VisitorsQuery, paid_in: str = ""
) -> dict[str, Any]:
    """A page of visitors; `paid_in`: of those who paid in this currency."""
    asked = await asked_of(context, request, website_id, query, in_person=True)
    page = page_of(query, context.generation)
    question = VisitorList(
        range=asked.span,
        conditions=asked.conditions,
        search=page.search,
        paid_in=paid_in,
        limit=page.size,
        offset=page.offset,
    )
    visitors, number = await context.ask(asked.project, question)
    return page.body([visitor_row(each, str(asked.project.uuid)) for each in visitors], number)


def _add_one(router: APIRouter, context: UmamiContext) -> None:
    @router.get("/{session_id}")
    async def one(request: Request, website_id: str, session_id: str) -> dict[str, Any]:
        """One visitor, from the first event to the last."""
        asked = await ever_of(context, request, website_id)
        visitors, _ = await context.ask(asked.project, VisitorList(range=asked.span, id=session_id))
        if not visitors:
            raise NotFound("Not found")
        return visitor_row(visitors[0], str(asked.project.uuid))

    @router.get("/{session_id}/activity", openapi_extra=takes(query=StatsQuery))
    async def activity(request: Request, website_id: str, session_id: str) -> list[dict[str, Any]]:
        """What the visitor did in the range, newest first; the newest 500."""
        query = context.query(request, StatsQuery)
        asked = await asked_of(context, request, website_id, query, in_person=True)
        question = EventRows(range=asked.span, conditions=asked.conditions, visitor=session_id, limit=MAX_ACTIVITY)
        events, _ = await context.ask(asked.project, question)
        return [event_row(event, asked.project) for event in events]

    @router.get("/{session_id}/properties")
    async def properties(request: Request, website_id: str, session_id: str) -> list[dict[str, Any]]:
        """What is known of the visitor, by key."""
        asked = await ever_of(context, request, website_id)
        found = await context.ask(asked.project, DataOfVisitor(session_id))
        whose = {"websiteId": str(asked.project.uuid), "sessionId": session_id}
        return [
            {**whose, **row, "createdAt": iso_ms(profile.last_seen_at)}
            for profile in found
            for row in data_rows(profile.properties)
            if row["dataKey"] not in DESCRIBED
        ]
