"""Saved funnels and goals of a website: `/api/websites/{id}/funnels…` and `…/goals…` (umami contract §5.16).

They are saved reports (`reports_saved.py`) of the types `funnel` and `goal`, whose parameters are what the report
takes, so that both places show the same.
"""

from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Request
from msgspec import Struct
from pydantic import Field

from footfall.api.taken import takes
from footfall.api.umami.bodies import Ok, dump
from footfall.api.umami.paging import PageQuery, page_of
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.reporting import Asked, asked_for
from footfall.api.umami.reports_behaviour import FunnelFields, funnel
from footfall.api.umami.reports_counting import GoalFields, goal
from footfall.api.umami.reports_saved import SavedReportBody
from footfall.api.umami.stats_reading import StatsQuery
from footfall.api.umami.taking import Taken, Text
from footfall.model.saved import SavedReport
from footfall.query.ranges import TimeRange

P = TypeVar("P", bound=Taken)


class SaveBody(Taken, Generic[P]):
    """What is to be kept."""

    name: Annotated[Text, Field(min_length=1, max_length=200)]
    description: Annotated[Text, Field(max_length=500)] = ""
    parameters: P


class Kind(Struct, frozen=True):
    """One kind of saved report: what it is called, the word in its paths, and what its parameters are."""

    name: str
    path: str
    takes: type[Taken]


FUNNELS = Kind("funnel", "funnels", FunnelFields)
GOALS = Kind("goal", "goals", GoalFields)


def build(context: UmamiContext) -> APIRouter:
    """The routes; those of `…/stats` without an id must come before them."""
    router = APIRouter(
        prefix="/websites/{website_id}", tags=["Reports"], route_class=umami_route(context), responses=ERRORS
    )
    for kind in (FUNNELS, GOALS):
        _add(router, context, kind)
    _add_stats(router, context)
    return router


def _add(router: APIRouter, context: UmamiContext, kind: Kind) -> None:
    shelf, body = context.catalog.saved.umami_reports, SaveBody[kind.takes]  # type: ignore[name-defined]
    path, one = f"/{kind.path}", f"/{kind.path}/{{report_id}}"

    @router.get(path, name=f"list_{kind.path}", openapi_extra=takes(query=PageQuery))
    async def listed(request: Request, website_id: str) -> dict[str, Any]:
        """Those of the website, oldest first."""
        query = context.query(request, PageQuery)
        project = await context.readable_website(request, website_id)
        reports = await context.run(shelf.all, {"project_id": project.id, "type": kind.name})
        items = dump(SavedReportBody.of(each, project) for each in reports)
        return page_of(query, context.generation).of(items, lambda item: (item["name"], item["description"]))

    @router.post(path, name=f"create_{kind.name}", openapi_extra=takes(body), response_model_exclude_unset=True)
    async def create(request: Request, website_id: str) -> SavedReportBody:
        """Keep one."""
        fields = _fields(await context.body(request, body), kind)
        project = await context.changeable_website(request, website_id)
        fields["user_id"] = (await context.user(request)).id
        return SavedReportBody.of(await context.run(shelf.create, project.id, fields), project)

    @router.get(one, name=f"get_{kind.name}", response_model_exclude_unset=True)
    async def get(request: Request, website_id: str, report_id: str) -> SavedReportBody:
        """One of them."""
        project = await context.readable_website(request, website_id)
        return SavedReportBody.of(await _kept(context, kind, project.id, report_id), project)

    @router.post(one, name=f"change_{kind.name}", openapi_extra=takes(body), response_model_exclude_unset=True)
    async def change(request: Request, website_id: str, report_id: str) -> SavedReportBody:
        """Put another in its place."""
        fields = _fields(await context.body(request, body), kind)
        project = await context.changeable_website(request, website_id)
        report = await _kept(context, kind, project.id, report_id)
        return SavedReportBody.of(await context.run(shelf.change, report.id, fields), project)

    @router.delete(one, name=f"delete_{kind.name}")
    async def delete(request: Request, website_id: str, report_id: str) -> Ok:
        """Delete one."""
        project = await context.changeable_website(request, website_id)
        report = await _kept(context, kind, project.id, report_id)
        await context.run(shelf.delete, report.id)
        return Ok(ok=True)


def _add_stats(router: APIRouter, context: UmamiContext) -> None:
    @router.get("/funnels/{report_id}/stats", openapi_extra=takes(query=StatsQuery))
    async def funnel_(request: Request, website_id: str, report_id: str) -> list[dict[str, Any]]:
        """How many visitors got how far in a saved funnel."""
        asked, span, report = await _asked(context, request, website_id, FUNNELS, report_id)
        return await funnel(asked, span, context.taken(FunnelFields, report.parameters))

    @router.get("/goals/{report_id}/stats", openapi_extra=takes(query=StatsQuery))
    async def goal_(request: Request, website_id: str, report_id: str) -> dict[str, int]:
        """How many visitors reached a saved goal, of how many."""
        asked, span, report = await _asked(context, request, website_id, GOALS, report_id)
        return await goal(asked, span, context.taken(GoalFields, report.parameters))


async def _asked(
    context: UmamiContext, request: Request, website_id: str, kind: Kind, report_id: str
) -> tuple[Asked, TimeRange, SavedReport]:
    asked, span = await asked_for(context, request, website_id, context.query(request, StatsQuery))
    return asked, span, await _kept(context, kind, asked.project.id, report_id)


async def _kept(context: UmamiContext, kind: Kind, project_id: str, report_id: str) -> SavedReport:
    """One of the project's. Raises NotFound."""
    owner = {"project_id": project_id, "type": kind.name}
    return await context.run(context.catalog.saved.umami_reports.get, report_id, owner)


def _fields(wanted: SaveBody[Any], kind: Kind) -> dict[str, Any]:
    parameters = wanted.parameters.model_dump(by_alias=True, exclude_unset=True)
    return {"type": kind.name, "name": wanted.name, "description": wanted.description, "parameters": parameters}
