"""Reports that count as resources of a website, as Umami 3.3 has them: `GET /api/websites/{id}/breakdown…`.

The range is `startAt` and `endAt`, filters are as everywhere, and the answers are those of the reports
(`reports_counting.py`). Source: umami contract §5.16.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from footfall.api.taken import takes
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.reporting import asked_for
from footfall.api.umami.reports_counting import (
    FieldNames,
    GoalFields,
    VitalName,
    breakdown,
    goal,
    utm,
    vitals,
    vitals_by,
    vitals_chart,
)
from footfall.api.umami.stats_reading import SeriesQuery, StatsQuery, unit_of
from footfall.api.umami.taking import FromJson, Whole, one_of
from footfall.query.view_traits import UTM_TRAITS, Trait
from footfall.query.web_vitals import LISTS, Vital

MAX_ROWS = 500


class BreakdownQuery(StatsQuery):
    """The fields as a text of JSON."""

    fields: Annotated[FieldNames, FromJson]


class GoalQuery(StatsQuery, GoalFields):
    """What is to be reached."""


class UtmQuery(StatsQuery):
    """Which parameter."""

    type: Annotated[str, one_of(*UTM_TRAITS)]


class VitalsChartQuery(SeriesQuery):
    """Which metric, by which buckets."""

    metric: VitalName = Vital.LCP


class VitalsListQuery(StatsQuery):
    """Which metric, by what."""

    type: Annotated[str, one_of(*LISTS)]
    metric: VitalName = Vital.LCP
    limit: Annotated[Whole, Field(ge=1)] = MAX_ROWS


def build(context: UmamiContext) -> APIRouter:
    """The routes."""
    router = APIRouter(
        prefix="/websites/{website_id}", tags=["Reports"], route_class=umami_route(context), responses=ERRORS
    )
    _add_counts(router, context)
    _add_performance(router, context)
    return router


def _add_counts(router: APIRouter, context: UmamiContext) -> None:
    @router.get("/breakdown", openapi_extra=takes(query=BreakdownQuery))
    async def breakdown_(request: Request, website_id: str) -> list[dict[str, Any]]:
        """Page views by fields, most visitors first."""
        query = context.query(request, BreakdownQuery)
        asked, span = await asked_for(context, request, website_id, query)
        return await breakdown(asked, span, query.fields)

    @router.get("/goals/stats", openapi_extra=takes(query=GoalQuery))
    async def goal_(request: Request, website_id: str) -> dict[str, int]:
        """How many visitors reached a goal, of how many."""
        query = context.query(request, GoalQuery)
        asked, span = await asked_for(context, request, website_id, query)
        return await goal(asked, span, query)

    @router.get("/utm/metrics", openapi_extra=takes(query=UtmQuery))
    async def utm_(request: Request, website_id: str) -> list[dict[str, Any]]:
        """The most frequent values of one campaign parameter."""
        query = context.query(request, UtmQuery)
        asked, span = await asked_for(context, request, website_id, query)
        return (await utm(asked, span))[Trait(query.type)]


def _add_performance(router: APIRouter, context: UmamiContext) -> None:
    @router.get("/performance/stats", openapi_extra=takes(query=StatsQuery))
    async def stats(request: Request, website_id: str) -> dict[str, Any]:
        """How fast pages were."""
        asked, span = await asked_for(context, request, website_id, context.query(request, StatsQuery))
        return await vitals(asked, span)

    @router.get("/performance/chart", openapi_extra=takes(query=VitalsChartQuery))
    async def chart(request: Request, website_id: str) -> dict[str, Any]:
        """One metric by bucket."""
        query = context.query(request, VitalsChartQuery)
        asked, span = await asked_for(context, request, website_id, query)
        unit = unit_of(query, span, context.generation)
        return {"chart": await vitals_chart(asked, span, Vital(query.metric), unit)}

    @router.get("/performance/metrics", openapi_extra=takes(query=VitalsListQuery))
    async def metrics(request: Request, website_id: str) -> list[dict[str, Any]]:
        """One metric by page, title, device or browser."""
        query = context.query(request, VitalsListQuery)
        asked, span = await asked_for(context, request, website_id, query)
        return await vitals_by(asked, span, Vital(query.metric), Trait(query.type), min(query.limit, MAX_ROWS))
