"""Manage: dashboards and the reports on them (openpanel contract §10.2, §12.1)."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from msgspec import structs
from pydantic import Field, computed_field

from footfall.api.openpanel.insights_reports import refusal
from footfall.api.openpanel.manage_bodies import ORGANIZATION
from footfall.api.openpanel.managing import (
    Answer,
    Body,
    Data,
    ManageContext,
    Moment,
    Success,
    body_of,
    in_thread,
)
from footfall.api.taken import takes
from footfall.catalog import validation
from footfall.model.project import Project
from footfall.model.saved import Dashboard, Report

ChartType = Literal[
    "linear", "bar", "area", "histogram", "pie", "metric", "map", "funnel", "retention", "conversion", "sankey"
]
Things = Annotated[list[dict[str, Any]], Field(max_length=50)]
Formula = Annotated[str, Field(max_length=1000)]
Day = Annotated[str | None, Field(max_length=40, description="ISO 8601; both dates override the range.")]


class DashboardBody(Body):
    """A dashboard's name."""

    name: str


class DashboardAnswer(Answer):
    """A set of reports."""

    id: str
    name: str
    organization_id: str = ORGANIZATION
    project_id: str
    created_at: Moment
    updated_at: Moment


class ReportChangeBody(Body):
    """What to change of a report. `events` is another word for `series`."""

    name: str = ""
    chart_type: ChartType = "linear"
    interval: Literal["minute", "hour", "day", "week", "month"] = "day"
    range: Annotated[str, Field(min_length=1, max_length=32)] = "30d"
    start_date: Day = None
    end_date: Day = None
    metric: Literal["sum", "average", "min", "max", "count"] = "sum"
    previous: bool = False
    formula: Formula = ""
    series: Things = Field(default_factory=list)
    events: Things = Field(default_factory=list)
    breakdowns: Things = Field(default_factory=list)
    filters: Things = Field(default_factory=list)
    options: Annotated[dict[str, Any], Field(description="What only some kinds of chart need.")] = Field(
        default_factory=dict
    )


class NewReportBody(ReportChangeBody):
    """A question to be kept, in the words of `/export/charts`."""

    name: str


class ReportAnswer(Answer):
    """A saved question; `GET /insights/{projectId}/reports/{reportId}/data` answers it."""

    id: str
    name: str
    project_id: str
    dashboard_id: str
    chart_type: ChartType
    interval: str
    range: str
    start_date: str | None
    end_date: str | None
    metric: str
    previous: bool
    formula: str
    series: list[dict[str, Any]]
    breakdowns: list[dict[str, Any]]
    filters: list[dict[str, Any]]
    options: dict[str, Any]
    created_at: Moment
    updated_at: Moment

    @computed_field
    def events(self) -> list[dict[str, Any]]:
        """The series, by their older name."""
        return self.series


_FRESH = ReportChangeBody().model_dump(exclude={"name", "events"})


def build_dashboards(context: ManageContext) -> APIRouter:
    """The routes under `/manage/projects/{project_id}/dashboards`."""
    router = context.router("/projects/{project_id}/dashboards")
    shelf = context.catalog.saved.dashboards
    Found = Annotated[Project, Depends(context.project)]  # noqa: N806
    Given = Annotated[DashboardBody, Depends(body_of(context, DashboardBody))]  # noqa: N806

    @router.get("")
    async def dashboards(found: Found) -> Data[list[DashboardAnswer]]:
        """The project's dashboards, oldest first."""
        return Data(
            data=[DashboardAnswer.of(each) for each in await in_thread(shelf.all, {"project_id": found.id})]
        )

    @router.post("", openapi_extra=takes(DashboardBody))
    async def create_dashboard(found: Found, body: Given) -> Data[DashboardAnswer]:
        """Make a dashboard."""
        fields = {"name": validation.name(body.name)}
        return Data(data=DashboardAnswer.of(await in_thread(shelf.create, found.id, fields)))

    @router.get("/{dashboard_id}")
    async def dashboard(found: Found, dashboard_id: str) -> Data[DashboardAnswer]:
        """One dashboard."""
        return Data(data=DashboardAnswer.of(await in_thread(shelf.get, dashboard_id, {"project_id": found.id})))

    @router.patch("/{dashboard_id}", openapi_extra=takes(DashboardBody))
    async def change_dashboard(found: Found, dashboard_id: str, body: Given) -> Data[DashboardAnswer]:
        """Rename a dashboard."""
        fields = {"name": validation.name(body.name)}
        return Data(
            data=DashboardAnswer.of(await in_thread(shelf.change, dashboard_id, fields, {"project_id": found.id}))
        )

    @router.delete("/{dashboard_id}")
    async def delete_dashboard(found: Found, dashboard_id: str) -> Success:
        """Delete a dashboard and its reports."""
        await in_thread(shelf.delete, dashboard_id, {"project_id": found.id})
        return Success()

    return router


def build_reports(context: ManageContext) -> APIRouter:
    """The routes under `/manage/projects/{project_id}/dashboards/{dashboard_id}/reports`."""
    router = context.router("/projects/{project_id}/dashboards/{dashboard_id}/reports")
    saved = context.catalog.saved
    shelf = saved.reports
    Found = Annotated[Project, Depends(context.project)]  # noqa: N806

    async def owner(found: Found, dashboard_id: str) -> Dashboard:
        return await in_thread(saved.dashboards.get, dashboard_id, {"project_id": found.id})

    Owner = Annotated[Dashboard, Depends(owner)]  # noqa: N806
    New = Annotated[NewReportBody, Depends(body_of(context, NewReportBody))]  # noqa: N806
    Change = Annotated[ReportChangeBody, Depends(body_of(context, ReportChangeBody))]  # noqa: N806

    async def check(project: Project, report: Report, before: Report | None = None) -> None:
        """Raises BadRequest if it can't be answered; one that couldn't before may still be renamed and moved."""
        wrong = await refusal(context.read, project, report)
        if wrong and not (before and await refusal(context.read, project, before)):
            raise wrong

    @router.get("")
    async def reports(owner: Owner) -> Data[list[ReportAnswer]]:
        """The dashboard's reports, oldest first."""
        found = await in_thread(shelf.all, _of(owner))
        return Data(data=[ReportAnswer.of(each) for each in found])

    @router.post("", openapi_extra=takes(NewReportBody))
    async def create_report(found: Found, owner: Owner, new: New) -> Data[ReportAnswer]:
        """Keep a question, if it can be answered."""
        fields = {**_FRESH, **_report(new), "dashboard_id": owner.id}
        now = datetime.now(UTC)
        await check(found, Report(id="", project_id=found.id, created_at=now, updated_at=now, **fields))
        return Data(data=ReportAnswer.of(await in_thread(shelf.create, owner.project_id, fields)))

    @router.get("/{report_id}")
    async def report(owner: Owner, report_id: str) -> Data[ReportAnswer]:
        """One report."""
        return Data(data=ReportAnswer.of(await in_thread(shelf.get, report_id, _of(owner))))

    @router.patch("/{report_id}", openapi_extra=takes(ReportChangeBody))
    async def change_report(found: Found, owner: Owner, report_id: str, body: Change) -> Data[ReportAnswer]:
        """Change a report; what is missing stays."""
        fields = _report(body)
        old = await in_thread(shelf.get, report_id, _of(owner))
        await check(found, structs.replace(old, **fields), old)
        changed = await in_thread(shelf.change, report_id, fields, _of(owner))
        return Data(data=ReportAnswer.of(changed))

    @router.delete("/{report_id}")
    async def delete_report(owner: Owner, report_id: str) -> Success:
        """Delete a report."""
        await in_thread(shelf.delete, report_id, _of(owner))
        return Success()

    return router


def _of(dashboard: Dashboard) -> dict[str, str]:
    return {"project_id": dashboard.project_id, "dashboard_id": dashboard.id}


def _report(body: ReportChangeBody) -> dict[str, Any]:
    """The fields that were sent, checked. Raises BadRequest."""
    given = body.given()
    if "name" in given:
        given["name"] = validation.name(given["name"])
    if "events" in given:
        events = given.pop("events")
        given.setdefault("series", events)
    for field in ("start_date", "end_date", "range", "formula"):
        if given.get(field):
            given[field] = validation.text(given[field], field)
    return given
