"""Saved reports: `/api/reports` and `/api/reports/{reportId}`, and the currencies (umami contract §5.1 to §5.5).

A report is kept as it was posted; nothing else reads its parameters. Those of generation 2 have a `dateRange`, and
are told as text in lists and in the answer to a change. Other reports, and those of a type that only generation 3
has, are answered as that does, and so is a list that is narrowed by `type`.
"""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request
from msgspec.structs import replace
from pydantic import Field

from footfall.api.taken import takes
from footfall.api.umami.bodies import Body, Moment, Ok, dump
from footfall.api.umami.dates import JsDate
from footfall.api.umami.errors import Generation
from footfall.api.umami.lists import own_websites
from footfall.api.umami.paging import PageQuery, page_of
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.reporting import FIRST_TYPES, SECOND_TYPES, UTC, End
from footfall.api.umami.taking import Taken, Text, Uuid, WebsiteRef, one_of
from footfall.model.errors import NotFound
from footfall.model.project import Project, User
from footfall.model.saved import SavedReport
from footfall.query.ranges import TimeRange
from footfall.query.revenue import NamedCurrencies

ReportType = Annotated[str, one_of(*dict.fromkeys((*FIRST_TYPES, *SECOND_TYPES)))]


_FIRST_ONLY = tuple(each for each in FIRST_TYPES if each not in SECOND_TYPES)
_SECOND_ONLY = tuple(each for each in SECOND_TYPES if each not in FIRST_TYPES)


class ReportsQuery(PageQuery):
    """A page of reports: of a website, of a team's websites, or of the own websites; `type` narrows it."""

    website_id: WebsiteRef | None = None
    team_id: Uuid | None = None
    type: ReportType | None = None


class SaveBody(Taken):
    """A report to be kept."""

    website_id: WebsiteRef
    type: ReportType
    name: Annotated[Text, Field(max_length=200)]
    description: Annotated[Text, Field(max_length=500)] = ""
    parameters: dict[str, Any]

    @property
    def generation(self) -> Generation:
        """Who keeps such reports."""
        if self.type in _FIRST_ONLY or (self.type not in _SECOND_ONLY and "dateRange" in self.parameters):
            return "v2"
        return "v3"

    @property
    def fields(self) -> dict[str, Any]:
        """What is stored."""
        return {
            "type": self.type,
            "name": self.name,
            "description": self.description,
            "parameters": self.parameters,
        }


class CurrenciesQuery(Taken):
    """A website and a range, both ends inclusive, in any spelling that a date has in JavaScript."""

    website_id: WebsiteRef
    start_date: JsDate
    end_date: End


class CurrencyBody(Body):
    """A currency that events name."""

    currency: str


class SavedReportBody(Body):
    """A report; its parameters are text in the answers of generation 2 that say so."""

    id: str
    user_id: str
    website_id: str
    type: str
    name: str
    description: str
    parameters: dict[str, Any] | str
    created_at: Moment
    updated_at: Moment
    website: dict[str, str] | None = None

    @classmethod
    def of(cls, report: SavedReport, project: Project, *, as_text: bool = False, **more: Any) -> "SavedReportBody":
        """From the report and its project."""
        parameters = msgspec.json.encode(report.parameters).decode() if as_text else report.parameters
        return cls(
            id=report.id,
            user_id=report.user_id,
            website_id=str(project.uuid),
            type=report.type,
            name=report.name,
            description=report.description,
            parameters=parameters,
            created_at=report.created_at,
            updated_at=report.updated_at,
            **more,
        )


def build(context: UmamiContext) -> APIRouter:
    """The routes; those of the reports by name must come before them."""
    router = APIRouter(tags=["Reports"], route_class=umami_route(context), responses=ERRORS)
    _add_lists(router, context)
    _add_one(router, context)
    return router


def _add_lists(router: APIRouter, context: UmamiContext) -> None:
    @router.get("/reports", openapi_extra=takes(query=ReportsQuery))
    async def listed(request: Request) -> dict[str, Any]:
        """The saved reports of a website, of a team's websites or of the own ones, oldest first."""
        query = _query(context, request)
        return await _page(context, request, query, await _whose(context, request, query))

    @router.get("/websites/{website_id}/reports", openapi_extra=takes(query=ReportsQuery))
    async def of_website(request: Request, website_id: str) -> dict[str, Any]:
        """The saved reports of a website, oldest first."""
        query = _query(context, request)
        return await _page(context, request, query, [await context.readable_website(request, website_id)])

    @router.post("/reports", openapi_extra=takes(SaveBody), response_model_exclude_unset=True)
    async def create(request: Request) -> SavedReportBody:
        """Keep a report."""
        wanted = await _taken(context, request)
        project = await context.changeable_website(request, wanted.website_id)
        fields = {**wanted.fields, "user_id": (await context.user(request)).id}
        report = await context.run(context.catalog.saved.umami_reports.create, project.id, fields)
        return SavedReportBody.of(report, project, as_text=wanted.generation == "v2")

    @router.get("/reports/revenue", openapi_extra=takes(query=CurrenciesQuery))
    async def currencies(request: Request) -> list[CurrencyBody]:
        """The currencies that events in a range name."""
        request.state.generation = "v2"
        query = context.query(request, CurrenciesQuery)
        project = await context.readable_website(request, query.website_id)
        span = TimeRange(query.start_date, query.end_date + 1, UTC)
        return [CurrencyBody(currency=name) for name in await context.ask(project, NamedCurrencies(span))]


def _add_one(router: APIRouter, context: UmamiContext) -> None:
    shelf = context.catalog.saved.umami_reports

    @router.get("/reports/{report_id}", response_model_exclude_unset=True)
    async def one(request: Request, report_id: str) -> SavedReportBody:
        """A saved report, for its author and whoever may view the website."""
        request.state.generation = "v2"
        caller = await context.caller(request)
        report, project = await _report(context, report_id)
        is_author = caller.user is not None and caller.user.id == report.user_id
        context.allow(is_author or context.access(caller).may_view(project))
        return SavedReportBody.of(report, project)

    @router.post("/reports/{report_id}", openapi_extra=takes(SaveBody), response_model_exclude_unset=True)
    async def change(request: Request, report_id: str) -> SavedReportBody:
        """Put another report in its place, which is then of who did that."""
        wanted = await _taken(context, request)
        user = await context.user(request)
        report, project = await _report(context, report_id)
        _allow_change(context, user, report, project)
        fields = {**wanted.fields, "user_id": user.id}
        target = context.website(wanted.website_id)
        if target.id != project.id:
            context.allow(context.access(user).may_update(target))
            fields["project_id"] = target.id
        changed = await context.run(shelf.change, report.id, fields)
        return SavedReportBody.of(changed, target, as_text=wanted.generation == "v2")

    @router.delete("/reports/{report_id}")
    async def delete(request: Request, report_id: str) -> Ok:
        """Delete a saved report."""
        request.state.generation = "v2"
        user = await context.user(request)
        report, project = await _report(context, report_id)
        _allow_change(context, user, report, project)
        await context.run(shelf.delete, report.id)
        return Ok(ok=True)


async def _taken(context: UmamiContext, request: Request) -> SaveBody:
    """The report to keep; what is wrong with it is said as generation 2 does, unless it is of the other."""
    request.state.generation = "v2"
    value = await context.json(request)
    if isinstance(value, dict) and value.get("type") in _SECOND_ONLY:
        request.state.generation = "v3"
    wanted = context.taken(SaveBody, value)
    request.state.generation = wanted.generation
    return wanted


def _query(context: UmamiContext, request: Request) -> ReportsQuery:
    """The query; one that names a type is of generation 3. Raises Invalid."""
    request.state.generation = "v3" if "type" in request.query_params else "v2"
    return context.query(request, ReportsQuery)


async def _whose(context: UmamiContext, request: Request, query: ReportsQuery) -> Iterable[Project]:
    """The websites whose reports are asked for. Raises Unauthorized, NotFound."""
    found: list[Project] = []
    if query.website_id is not None:
        found.append(await context.readable_website(request, query.website_id))
    if query.team_id is not None:
        user, team = await context.user(request), context.catalog.teams.get(query.team_id)
        context.allow(context.access(user).may_view_team(team))
        found += [project for project in context.catalog.list_projects() if project.team_id == team.id]
    if query.website_id is None and query.team_id is None:
        found += own_websites(context, await context.user(request))
    return found


async def _page(
    context: UmamiContext, request: Request, query: ReportsQuery, projects: Iterable[Project]
) -> dict[str, Any]:
    """A page of these projects' reports; their order is not to choose (contract §5.1)."""
    generation: Generation = request.state.generation
    users = context.catalog.snapshot().users
    by_id = {project.id: project for project in projects}
    texts: dict[str, tuple[str | None, ...]] = {}
    bodies = []
    for report in await context.run(context.catalog.saved.umami_reports.all):
        project = by_id.get(report.project_id)
        if project is None or query.type not in (None, report.type):
            continue
        author = users.get(report.user_id)
        texts[report.id] = (project.name, project.domain, author.username if author else None)
        more = {"website": {"domain": project.domain}} if generation == "v2" else {}
        bodies.append(SavedReportBody.of(report, project, as_text=generation == "v2", **more))
    own = ("name", "description", "type")
    page = replace(page_of(query, generation), order_by="")
    return page.of(dump(bodies), lambda item: (*(item[key] for key in own), *texts[item["id"]]))


async def _report(context: UmamiContext, report_id: str) -> tuple[SavedReport, Project]:
    """The report and its project. Raises NotFound."""
    try:
        report = await context.run(context.catalog.saved.umami_reports.get, report_id)
    except NotFound:
        raise NotFound("Not found") from None
    return report, context.website(report.project_id)


def _allow_change(context: UmamiContext, user: User, report: SavedReport, project: Project) -> None:
    """Its author, and whoever may change the website. Raises Unauthorized."""
    context.allow(report.user_id == user.id or context.access(user).may_update(project))
