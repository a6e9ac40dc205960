"""The Analytics Platform API v2 as one application with its own OpenAPI page (platform-v2 contract)."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request, Response
from pydantic import BaseModel
from pydantic import Field as BodyField
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from footfall import __version__
from footfall.api.adopting import adopt
from footfall.api.methods import allow_header
from footfall.api.platform.reading import ERRORS, RANGES, PlatformContext, platform_route
from footfall.model.project import Project
from footfall.model.times import iso, utc
from footfall.query.views import (
    ActivePages,
    SeenSince,
    SiteSessions,
    SiteViews,
    TopEvents,
    TopReferrers,
    TopValues,
    ViewField,
)

PATH = "v2"
"""The first word after `/api/` of every path."""

ACTIVE_DAYS = timedelta(days=30)
RangeParameter = Annotated[str, Query(alias="range", description=f"One of {', '.join(RANGES)}.")]


class Site(BaseModel):
    """A site."""

    siteId: str  # noqa: N815 - the contract's name
    name: str
    domain: str
    isActive: bool = BodyField(description="Had an event, or was made, in the last 30 days.")  # noqa: N815
    createdAt: str  # noqa: N815


class Sites(BaseModel):
    """The sites of a key's user."""

    sites: list[Site]


class PageViews(BaseModel):
    """A page and its views."""

    pathname: str
    views: int


class ReferrerViews(BaseModel):
    """A referring host and the views of the sessions that it sent."""

    referrer: str
    count: int


class BrowserViews(BaseModel):
    """A browser and its views."""

    browser: str
    count: int


class CountryViews(BaseModel):
    """A country, ISO 3166-1 alpha-2, and its views."""

    country: str
    count: int


class Stats(BaseModel):
    """The numbers of a site."""

    visitors: int
    pageviews: int
    bounceRate: int = BodyField(description="Whole percent.")  # noqa: N815
    avgDuration: int = BodyField(description="Whole seconds.")  # noqa: N815
    topPages: list[PageViews]  # noqa: N815
    topReferrers: list[ReferrerViews]  # noqa: N815
    browsers: list[BrowserViews]
    countries: list[CountryViews]


class ActivePage(BaseModel):
    """A page and who is on it."""

    path: str
    visitors: int


class Realtime(BaseModel):
    """Who was there in the last five minutes."""

    activeVisitors: int  # noqa: N815
    activePages: list[ActivePage]  # noqa: N815


class EventCount(BaseModel):
    """An event and how often it happened."""

    name: str
    count: int


class Events(BaseModel):
    """The custom events of a site."""

    events: list[EventCount]


class DayCount(BaseModel):
    """A local day and its views."""

    date: str
    count: int


class PageviewDetail(BaseModel):
    """Views, their visitors, and views per day."""

    total: int
    unique: int
    chart: list[DayCount]


def build(context: PlatformContext) -> FastAPI:
    """The application, to stand under `/api`."""
    app = FastAPI(
        title="Analytics Platform API",
        version="2",
        description=f"The Analytics Platform API v2, answered by Footfall {__version__}.",
        openapi_url=f"/{PATH}/documentation/json",
        redirect_slashes=False,  # it would name a host that the request made up, and lose TLS behind a proxy
        docs_url=None,
        redoc_url=None,
    )
    router = APIRouter(prefix=f"/{PATH}", route_class=platform_route(context), responses=ERRORS)
    _add_sites(router, context)
    _add_stats(router, context)
    _add_lists(router, context)
    adopt(app, router)

    async def unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        message = "Not found" if error.status_code == 404 else str(error.detail)
        headers = allow_header(request) if error.status_code == 405 else None
        return JSONResponse({"error": message}, error.status_code, headers)

    app.add_exception_handler(HTTPException, unknown)
    return app


def _add_sites(router: APIRouter, context: PlatformContext) -> None:
    async def site_of(project: Project, since: datetime) -> Site:
        is_new = project.created_at >= since
        seen = is_new or await context.ask(project, SeenSince(round(since.timestamp() * 1000)))
        return Site(
            siteId=project.id,
            name=project.name,
            domain=project.domain,
            isActive=seen,
            createdAt=iso(project.created_at),
        )

    @router.get("/sites")
    async def sites(request: Request) -> Sites:
        """The sites that the key's user may read, oldest first."""
        since = utc(context.now_ms()) - ACTIVE_DAYS
        return Sites(sites=[await site_of(project, since) for project in context.sites(request.state.user)])


def _add_stats(router: APIRouter, context: PlatformContext) -> None:
    @router.get("/sites/{site_id}/stats")
    async def stats(request: Request, site_id: str, range_: RangeParameter = RANGES[0]) -> Stats:
        """Visitors, page views, bounces and durations, and the ten most of each list."""
        project = context.site(request, site_id)
        span = context.span(project, range_)
        sessions = await context.ask(project, SiteSessions(span))
        views = await context.ask(project, SiteViews(span))
        top = {field: await context.ask(project, TopValues(span, field)) for field in ViewField}
        referrers = await context.ask(project, TopReferrers(span, project.host))
        return Stats(
            visitors=sessions.visitors,
            pageviews=views.views,
            bounceRate=_rounded(100 * sessions.bounces, sessions.sessions),
            avgDuration=_rounded(sessions.duration_ms, 1000 * sessions.timed),
            topPages=[PageViews(pathname=each.name, views=each.count) for each in top[ViewField.PATH]],
            topReferrers=[ReferrerViews(referrer=each.name, count=each.count) for each in referrers],
            browsers=[BrowserViews(browser=each.name, count=each.count) for each in top[ViewField.BROWSER]],
            countries=[CountryViews(country=each.name, count=each.count) for each in top[ViewField.COUNTRY]],
        )

    @router.get("/sites/{site_id}/realtime")
    async def realtime(request: Request, site_id: str) -> Realtime:
        """Who was there in the last five minutes, each on the last page that it saw in them."""
        project = context.site(request, site_id)
        found = await context.ask(project, ActivePages(context.now_ms()))
        pages = [ActivePage(path=each.name, visitors=each.count) for each in found.pages]
        return Realtime(activeVisitors=found.visitors, activePages=pages)


def _add_lists(router: APIRouter, context: PlatformContext) -> None:
    @router.get("/sites/{site_id}/events")
    async def events(request: Request, site_id: str, range_: RangeParameter = RANGES[0]) -> Events:
        """The custom events that happened most."""
        project = context.site(request, site_id)
        found = await context.ask(project, TopEvents(context.span(project, range_)))
        return Events(events=[EventCount(name=each.name, count=each.count) for each in found])

    @router.get("/sites/{site_id}/pageviews")
    async def pageviews(
        request: Request,
        site_id: str,
        range_: RangeParameter = RANGES[0],
        pathname: Annotated[str | None, Query(description="Only views of this very path.")] = None,
    ) -> PageviewDetail:
        """Page views in all and per day, of one page if a path is given."""
        project = context.site(request, site_id)
        found = await context.ask(project, SiteViews(context.span(project, range_), pathname))
        chart = [DayCount(date=day.isoformat(), count=views) for day, views in found.days]
        return PageviewDetail(total=found.views, unique=found.unique, chart=chart)


def _rounded(part: int, whole: int) -> int:
    """The quotient to the nearest whole number, halves up; 0 of nothing."""
    return (2 * part + whole) // (2 * whole) if whole else 0
