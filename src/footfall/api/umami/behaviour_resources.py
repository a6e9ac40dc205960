"""Reports on behaviour as resources of a website, as Umami 3.3 has them: `GET /api/websites/{id}/journeys…`.

The range is `startAt` and `endAt`, filters are as everywhere, and the answers are those of the reports
(`reports_behaviour.py`, `reports_attribution.py`). Source: umami contract §5.16.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Request

from footfall.api.taken import takes
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.reporting import asked_for
from footfall.api.umami.reports_attribution import StepFields, attribution
from footfall.api.umami.reports_behaviour import FunnelFields, JourneyFields, Steps, funnel, journeys, retention
from footfall.api.umami.stats_reading import StatsQuery
from footfall.api.umami.taking import FromJson


class JourneyQuery(StatsQuery, JourneyFields):
    """Ways through the site."""


class FunnelQuery(StatsQuery, FunnelFields):
    """Steps as a text of JSON."""

    steps: Annotated[Steps, FromJson]


class AttributionQuery(StatsQuery, StepFields):
    """What visitors did, and which touch gets the credit."""


def build(context: UmamiContext) -> APIRouter:
    """The routes."""
    router = APIRouter(
        prefix="/websites/{website_id}", tags=["Reports"], route_class=umami_route(context), responses=ERRORS
    )

    @router.get("/journeys", openapi_extra=takes(query=JourneyQuery))
    async def journeys_(request: Request, website_id: str) -> list[dict[str, Any]]:
        """The hundred most frequent ways through the site."""
        query = context.query(request, JourneyQuery)
        asked, span = await asked_for(context, request, website_id, query)
        return await journeys(asked, span, query)

    @router.get("/retention", openapi_extra=takes(query=StatsQuery))
    async def retention_(request: Request, website_id: str) -> list[dict[str, Any]]:
        """Visitors by the day they first came on, and how many were there on each day after it."""
        asked, span = await asked_for(context, request, website_id, context.query(request, StatsQuery))
        return await retention(asked, span)

    @router.get("/funnels/stats", openapi_extra=takes(query=FunnelQuery))
    async def funnel_(request: Request, website_id: str) -> list[dict[str, Any]]:
        """How many visitors got how far."""
        query = context.query(request, FunnelQuery)
        asked, span = await asked_for(context, request, website_id, query)
        return await funnel(asked, span, query)

    @router.get("/attribution", openapi_extra=takes(query=AttributionQuery))
    async def attribution_(request: Request, website_id: str) -> dict[str, Any]:
        """Which sources brought the visitors who did the step."""
        query = context.query(request, AttributionQuery)
        asked, span = await asked_for(context, request, website_id, query)
        return await attribution(asked, span, query, query.type, query.step)

    return router
