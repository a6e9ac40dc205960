"""Revenue as resources of a website, as Umami 3.3 has them: `GET /api/websites/{id}/revenue/…`.

The numbers are those of the report (`reports_money.py`). Source: umami contract §5.16, §4.3.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Request

from footfall.api.taken import takes
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.reporting import asked_for
from footfall.api.umami.reports_money import KINDS, Currency, earned_by, earnings, points
from footfall.api.umami.stats_reading import Compare, SeriesQuery, StatsQuery, before, unit_of
from footfall.api.umami.stats_sessions import VisitorsQuery, visitor_page
from footfall.api.umami.taking import one_of
from footfall.query.revenue import Revenue


class ChartQuery(SeriesQuery):
    """The currency, and the length of buckets."""

    currency: Currency


class TotalsQuery(StatsQuery):
    """The currency, and which range to compare with."""

    currency: Currency
    compare: Compare = "prev"


class ListQuery(StatsQuery):
    """The currency, and by what."""

    currency: Currency
    type: Annotated[str, one_of(*KINDS)]


class PayersQuery(VisitorsQuery):
    """A page of visitors who paid in a currency."""

    currency: Currency


def build(context: UmamiContext) -> APIRouter:
    """The routes."""
    router = APIRouter(
        prefix="/websites/{website_id}/revenue",
        tags=["Reports"],
        route_class=umami_route(context),
        responses=ERRORS,
    )

    @router.get("/chart", openapi_extra=takes(query=ChartQuery))
    async def chart(request: Request, website_id: str) -> dict[str, Any]:
        """What events of each name earned, by bucket."""
        query = context.query(request, ChartQuery)
        asked, span = await asked_for(context, request, website_id, query)
        unit = unit_of(query, span, context.generation)
        return {"chart": points(await asked.ask(Revenue(span, query.currency, unit, conditions=asked.conditions)))}

    @router.get("/stats", openapi_extra=takes(query=TotalsQuery))
    async def stats(request: Request, website_id: str) -> dict[str, Any]:
        """What was earned, and what in the range to compare with."""
        query = context.query(request, TotalsQuery)
        asked, span = await asked_for(context, request, website_id, query)
        comparison = await earnings(asked, before(span, query.compare), query.currency)
        return {**await earnings(asked, span, query.currency), "comparison": comparison}

    @router.get("/metrics", openapi_extra=takes(query=ListQuery))
    async def metrics(request: Request, website_id: str) -> list[dict[str, Any]]:
        """What was earned by country, region, referrer or channel."""
        query = context.query(request, ListQuery)
        asked, span = await asked_for(context, request, website_id, query)
        return await earned_by(asked, span, query.currency, query.type)

    @router.get("/sessions", openapi_extra=takes(query=PayersQuery))
    async def sessions(request: Request, website_id: str) -> dict[str, Any]:
        """The visitors who paid, the latest first."""
        query = context.query(request, PayersQuery)
        return await visitor_page(context, request, website_id, query, paid_in=query.currency)

    return router
