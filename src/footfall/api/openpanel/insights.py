"""The Insights API: `GET /insights/{project_id}/…` (openpanel contract §8)."""

from typing import Annotated

from fastapi import APIRouter, Depends

from footfall.api.openpanel import dependencies
from footfall.api.openpanel.dependencies import Paging, filtered, paged, readable
from footfall.api.openpanel.insights_bodies import LiveBody, MetricsBody, PageRow, PrefixedShareRow, ShareRow
from footfall.api.openpanel.reading import ReadContext
from footfall.api.openpanel.routers import insights_router
from footfall.model.project import Project
from footfall.query.breakdown import PREFIXES, Breakdown, Dimension
from footfall.query.live import Live
from footfall.query.operators import Filters
from footfall.query.overview import Overview
from footfall.query.pages import Pages
from footfall.query.ranges import RangeName, TimeRange

DEFAULT_LIMIT = 10
MAX_LIMIT = 50

Filtered = Annotated[Filters, Depends(filtered)]
Paged = Annotated[Paging, Depends(paged(DEFAULT_LIMIT, MAX_LIMIT))]


def build(context: ReadContext) -> APIRouter:
    """The routes. Credentials first, then the project, then the parameters (contract §16.5)."""
    router = insights_router(context)

    project_of = readable(context, shared=True)
    Readable = Annotated[Project, Depends(project_of)]  # noqa: N806
    Ranged = Annotated[TimeRange, Depends(dependencies.ranged(context, project_of, RangeName.DAYS_7))]  # noqa: N806

    @router.get("/metrics")
    async def metrics(project: Readable, span: Ranged, filters: Filtered) -> MetricsBody:
        """The headline numbers, in all and per hour, day, week or month, whichever suits the range."""
        return MetricsBody.of(await context.ask(project, Overview(span, filters)))

    @router.get("/live")
    async def live(project: Readable) -> LiveBody:
        """How many visitors are there now."""
        return LiveBody(visitors=await context.ask(project, Live(context.now_ms())))

    @router.get("/pages")
    async def pages(project: Readable, span: Ranged, filters: Filtered, paging: Paged) -> list[PageRow]:
        """The pages that most sessions viewed."""
        return [PageRow.of(page) for page in await context.ask(project, Pages(span, filters, *paging))]

    def add_breakdown(dimension: Dimension) -> None:
        row = PrefixedShareRow if dimension in PREFIXES else ShareRow

        async def breakdown(project: Readable, span: Ranged, filters: Filtered, paging: Paged) -> list[ShareRow]:
            shares = await context.ask(project, Breakdown(span, dimension, filters, *paging))
            return [row.of(dimension, share) for share in shares]

        router.add_api_route(
            f"/{dimension}",
            breakdown,
            response_model=list[row],  # type: ignore[valid-type]
            name=f"by_{dimension}",
            description=f"Sessions by `{dimension}`, most first.",
        )

    for dimension in Dimension:
        add_breakdown(dimension)
    return router
