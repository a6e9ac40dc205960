"""The Insights API: `GET /insights/{project_id}/…` (openpanel contract §8)."""

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from pydantic import WithJsonSchema

from footfall.api.openpanel.insights_bodies import LiveBody, MetricsBody, PageRow, PrefixedShareRow, ShareRow
from footfall.api.openpanel.parameters import (
    EndDate,
    FiltersParameter,
    RangeParameter,
    StartDate,
    read_filters,
    whole_number,
)
from footfall.api.openpanel.reading import ERRORS, ReadContext, guarded_route, issues_object
from footfall.model.project import Project
from footfall.query.breakdown import PREFIXES, Breakdown, Dimension
from footfall.query.first import FirstEvent
from footfall.query.live import Live
from footfall.query.operators import Filters
from footfall.query.overview import Overview
from footfall.query.pages import Pages
from footfall.query.ranges import ALL_TIME_NAMES, TimeRange, resolve

DEFAULT_LIMIT = 10
MAX_LIMIT = 50
MAX_CURSOR = 10**9

Cursor = Annotated[
    str,
    Query(description="Which page of the list, from 1."),
    WithJsonSchema({"type": "integer", "minimum": 1, "default": 1}),
]
Limit = Annotated[
    str,
    Query(description=f"How many rows; over {MAX_LIMIT} it is {MAX_LIMIT}."),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}),
]


class Paging(NamedTuple):
    """A page of a list."""

    limit: int
    offset: int


def read_filters_parameter(filters: FiltersParameter = []) -> Filters:  # noqa: B006
    """Which rows count. Raises BadRequest."""
    return read_filters(filters)


def read_paging(cursor: Cursor = "", limit: Limit = "") -> Paging:
    """Which part of the list. Raises BadRequest."""
    rows = whole_number(limit, "limit", DEFAULT_LIMIT, MAX_LIMIT)
    return Paging(rows, (whole_number(cursor, "cursor", 1, MAX_CURSOR) - 1) * rows)


Filtered = Annotated[Filters, Depends(read_filters_parameter)]
Paged = Annotated[Paging, Depends(read_paging)]


def build(context: ReadContext) -> APIRouter:
    """The routes. Credentials first, then the project, then the parameters (contract §16.5)."""
    router = APIRouter(
        prefix="/insights/{project_id}",
        tags=["Insights"],
        route_class=guarded_route(context.limiter, issues_object),
        responses=ERRORS,
    )

    async def readable(request: Request, project_id: str) -> Project:
        return context.catalog.readable_project(await context.principal(request), project_id)

    Readable = Annotated[Project, Depends(readable)]  # noqa: N806

    async def ranged(
        project: Readable, start: StartDate = "", end: EndDate = "", range_: RangeParameter = ""
    ) -> TimeRange:
        first_ms = await context.ask(project, FirstEvent()) if range_ in ALL_TIME_NAMES else None
        return resolve(
            project.zone, context.now_ms(), name=range_, start=start, end=end, first_event=lambda: first_ms
        )

    Ranged = Annotated[TimeRange, Depends(ranged)]  # noqa: N806

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
