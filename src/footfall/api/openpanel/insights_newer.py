"""The newer Insights endpoints on visits and pages: overview, pages/*, traffic/* (openpanel contract §8.6).

Without a range they are about the last 30 days and today, in the project's time zone.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import WithJsonSchema

from footfall.api.openpanel.dependencies import Paging, filtered, paged, ranged, readable
from footfall.api.openpanel.insights_bodies import PageRow, PrefixedShareRow, ShareRow
from footfall.api.openpanel.insights_newer_bodies import EntryExitRow, OverviewBody, PerformanceBody
from footfall.api.openpanel.parameters import SORT_ORDER, SortOrder, choose, one_word, plain_text, whole_number
from footfall.api.openpanel.reading import ReadContext
from footfall.api.openpanel.routers import insights_router
from footfall.model.project import Project
from footfall.query.breakdown import PREFIXES, Breakdown, Dimension
from footfall.query.buckets import Interval, daily
from footfall.query.entry_exit import End, EntryExit
from footfall.query.operators import Filters
from footfall.query.overview import Overview
from footfall.query.page_performance import PagePerformance, PageSort
from footfall.query.pages import Pages
from footfall.query.ranges import RangeName, TimeRange

MAX_ROWS = 1000
PERFORMANCE_ROWS = 50
MAX_PERFORMANCE_ROWS = 500


INTERVALS = (Interval.HOUR, Interval.DAY, Interval.WEEK, Interval.MONTH)
REFERRERS = (
    Dimension.REFERRER_NAME,
    Dimension.REFERRER,
    Dimension.REFERRER_TYPE,
    Dimension.UTM_SOURCE,
    Dimension.UTM_MEDIUM,
    Dimension.UTM_CAMPAIGN,
    Dimension.UTM_TERM,
    Dimension.UTM_CONTENT,
)
GEO = (Dimension.COUNTRY, Dimension.REGION, Dimension.CITY)
DEVICES = (
    Dimension.DEVICE,
    Dimension.BROWSER,
    Dimension.BROWSER_VERSION,
    Dimension.OS,
    Dimension.OS_VERSION,
    Dimension.BRAND,
    Dimension.MODEL,
)
"""What `breakdown` takes; the first is the default."""

Filtered = Annotated[Filters, Depends(filtered)]
Paged = Annotated[Paging, Depends(paged(MAX_ROWS, MAX_ROWS))]
IntervalParameter = Annotated[
    str,
    Query(alias="interval", description="How long a bucket is; weeks start on Monday."),
    WithJsonSchema(one_word(INTERVALS, Interval.DAY)),
]
Mode = Annotated[
    str,
    Query(description="Pages on which sessions began, or ended."),
    WithJsonSchema(one_word(End, End.ENTRY)),
]
Search = Annotated[str, Query(description="A part of the page's address or title, in any case.")]
SortBy = Annotated[str, Query(alias="sortBy"), WithJsonSchema(one_word(PageSort, PageSort.SESSIONS))]
PerformanceLimit = Annotated[
    str,
    Query(description=f"How many pages; over {MAX_PERFORMANCE_ROWS} it is {MAX_PERFORMANCE_ROWS}."),
    WithJsonSchema(
        {"type": "integer", "minimum": 1, "maximum": MAX_PERFORMANCE_ROWS, "default": PERFORMANCE_ROWS}
    ),
]


def build(context: ReadContext) -> APIRouter:
    """The routes. Credentials first, then the project, then the parameters (contract §16.5)."""
    router = insights_router(context)
    project_of = readable(context, shared=True)
    Readable = Annotated[Project, Depends(project_of)]  # noqa: N806
    Ranged = Annotated[TimeRange, Depends(ranged(context, project_of, RangeName.DAYS_30))]  # noqa: N806

    @router.get("/overview")
    async def overview(
        project: Readable, span: Ranged, filters: Filtered, interval: IntervalParameter = ""
    ) -> OverviewBody:
        """The headline numbers, in all and per hour, day, week or month."""
        chosen = choose(INTERVALS, interval, "interval", daily(span))
        return OverviewBody.of(await context.ask(project, Overview(span, filters, chosen)), span)

    @router.get("/pages/top")
    async def top_pages(project: Readable, span: Ranged, filters: Filtered, paging: Paged) -> list[PageRow]:
        """The pages that most sessions viewed."""
        return [PageRow.of(page) for page in await context.ask(project, Pages(span, filters, *paging))]

    @router.get("/pages/entry_exit")
    async def entry_exit(
        project: Readable, span: Ranged, filters: Filtered, paging: Paged, mode: Mode = ""
    ) -> list[EntryExitRow]:
        """The pages on which most sessions began, or ended."""
        end = choose(End, mode, "mode", End.ENTRY)
        shares = await context.ask(project, EntryExit(span, end, filters, *paging))
        return [EntryExitRow.of(share) for share in shares]

    @router.get("/pages/performance")
    async def performance(
        project: Readable,
        span: Ranged,
        filters: Filtered,
        search: Search = "",
        sort_by: SortBy = "",
        sort_order: SORT_ORDER = "",
        limit: PerformanceLimit = "",
    ) -> PerformanceBody:
        """Pages in any order, with what stands out on them."""
        question = PagePerformance(
            span,
            search=plain_text(search),
            sort=choose(PageSort, sort_by, "sortBy", PageSort.SESSIONS),
            is_ascending=choose(SortOrder, sort_order, "sortOrder", SortOrder.DESCENDING) is SortOrder.ASCENDING,
            filters=filters,
            limit=whole_number(limit, "limit", PERFORMANCE_ROWS, MAX_PERFORMANCE_ROWS),
        )
        return PerformanceBody.of(await context.ask(project, question))

    def add_traffic(name: str, dimensions: tuple[Dimension, ...], what: str) -> None:
        default = dimensions[0]
        By = Annotated[  # noqa: N806
            str, Query(description="What to group by."), WithJsonSchema(one_word(dimensions, default))
        ]

        async def traffic(
            project: Readable, span: Ranged, filters: Filtered, paging: Paged, breakdown: By = ""
        ) -> list[ShareRow]:
            dimension = choose(dimensions, breakdown, "breakdown", default)
            row = PrefixedShareRow if dimension in PREFIXES else ShareRow
            shares = await context.ask(project, Breakdown(span, dimension, filters, *paging))
            return [row.of(dimension, share) for share in shares]

        router.add_api_route(
            f"/traffic/{name}",
            traffic,
            response_model=list[PrefixedShareRow | ShareRow],
            name=f"traffic_{name}",
            description=f"Sessions by {what}, most first.",
        )

    add_traffic("referrers", REFERRERS, "where they came from")
    add_traffic("geo", GEO, "place")
    add_traffic("devices", DEVICES, "device, browser or system")
    return router
