"""`GET /insights/{project_id}/reports/{report_id}/data`: a saved report, answered (openpanel contract §8.6).

What a report is about stands in `series`; what only some kinds of chart need, in `options`:

funnel, conversion   windowHours (24), groupBy (session_id); a conversion has two events
retention            criteria (on_or_after); its first event begins a cohort, its second brings people back
sankey               mode (after), steps (5), exclude, include; its events are the start and the end
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Literal

import anyio
import msgspec
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from footfall.api.openpanel.behaviour_bodies import CohortRow, FlowBody, FunnelBody
from footfall.api.openpanel.chart_bodies import chart_body
from footfall.api.openpanel.charts import chart_of
from footfall.api.openpanel.dependencies import readable
from footfall.api.openpanel.insights_behaviour import GROUPINGS, INTERVALS, MAX_WINDOW_HOURS, WINDOW_HOURS
from footfall.api.openpanel.nested import text_of
from footfall.api.openpanel.parameters import choose, plain_text
from footfall.api.openpanel.reading import ReadContext
from footfall.api.openpanel.routers import insights_router
from footfall.api.openpanel.steps import AskedStep, hours_ms, number_between, steps_of
from footfall.api.spans import span_of
from footfall.model.errors import BadRequest
from footfall.model.project import Project
from footfall.model.saved import Report
from footfall.query.buckets import Interval
from footfall.query.conversion import Conversion, ConversionSeries
from footfall.query.flow import Flow, Mode
from footfall.query.funnel import Funnel, Grouping
from footfall.query.ranges import RangeName, TimeRange
from footfall.query.retention import Cohorts, Criterion

Answered = Callable[["Asking"], Awaitable[Any]]

_OWN_KINDS = ("journeys", "attribution", "goals", "revenue", "campaigns", "vitals")
"""The `kind`s, among the options, of reports that the dashboard saves and other routes answer."""


class ReportData(BaseModel):
    """A report and its answer: of the kind that `/export/charts`, `/funnel`, `/retention/cohort` or
    `/user_flow` give; of a conversion, series of totals, conversions and rates.
    """

    id: str
    name: str
    chartType: str  # noqa: N815
    range: str
    interval: Literal["minute", "hour", "day", "week", "month"]
    startDate: str  # noqa: N815
    endDate: str  # noqa: N815
    data: Any


class Asking(msgspec.Struct, frozen=True):
    """A report, its range, and whom to ask."""

    context: ReadContext
    project: Project
    report: Report
    span: TimeRange

    def option(self, name: str, default: str = "") -> str:
        """An option as text. Raises BadRequest."""
        value = self.report.options.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        return text_of(value, f"options.{name}") or default

    def names(self, name: str) -> tuple[str, ...]:
        """An option that is a list of event names. Raises BadRequest."""
        values = self.report.options.get(name) or []
        if not isinstance(values, list):
            raise BadRequest("Expected array", f"options.{name}", "invalid_type")
        return tuple(plain_text(text_of(value, f"options.{name}")) for value in values)

    def steps(self, least: int, most: int) -> list[AskedStep]:
        """The events as steps. Raises BadRequest."""
        steps = steps_of([self._filtered(item) for item in self.report.series], "series", least)
        if len(steps) > most:
            raise BadRequest(f"a {self.report.chart_type} has {most} events at most", "series", "too_big")
        return steps

    def _filtered(self, item: Any) -> Any:
        """An event with the filters of the whole report."""
        own = item.get("filters") or [] if isinstance(item, dict) else None
        if not isinstance(own, list) or not self.report.filters:
            return item
        return {**item, "filters": [*own, *self.report.filters]}

    @property
    def interval(self) -> Interval:
        """What a bucket is."""
        return Interval(self.report.interval)

    @property
    def window_ms(self) -> int:
        """From the first step to the last. Raises BadRequest."""
        return hours_ms(self.option("windowHours"), "options.windowHours", WINDOW_HOURS, MAX_WINDOW_HOURS)

    @property
    def grouping(self) -> Grouping:
        """Whose events make one way. Raises BadRequest."""
        return choose(GROUPINGS, self.option("groupBy"), "options.groupBy", Grouping.SESSION)


def build(context: ReadContext) -> APIRouter:
    """The route. Credentials first, then the project, then the report."""
    router = insights_router(context)
    Readable = Annotated[Project, Depends(readable(context))]  # noqa: N806

    @router.get("/reports/{report_id}/data", response_model=ReportData)
    async def report_data(project: Readable, report_id: str) -> Response:
        """A saved report and what it says now."""
        owner = {"project_id": project.id}
        report = await anyio.to_thread.run_sync(context.catalog.saved.reports.get, report_id, owner)
        span = await _span(context, project, report)
        answer = await _answer(Asking(context, project, report, span))
        body = {
            "id": report.id,
            "name": report.name,
            "chartType": report.chart_type,
            "range": report.range,
            "interval": report.interval,
            "startDate": span.first_day.isoformat(),
            "endDate": span.last_day.isoformat(),
            "data": answer,
        }
        return Response(msgspec.json.encode(body), media_type="application/json")

    return router


async def refusal(context: ReadContext, project: Project, report: Report) -> BadRequest | None:
    """What asking for the report would be refused with. It is asked of a project without events: that is quick."""
    if report.options.get("kind") in _OWN_KINDS:
        return None
    try:
        span = await _span(context, project, report)
        await _answer(Asking(context, msgspec.structs.replace(project, id=""), report, span))
    except BadRequest as error:
        return error
    return None


async def _answer(asking: Asking) -> Any:
    return await _ANSWERS.get(asking.report.chart_type, _chart)(asking)


async def _span(context: ReadContext, project: Project, report: Report) -> TimeRange:
    """The range of a report, now. Raises BadRequest."""
    start, end = report.start_date or "", report.end_date or ""
    return await span_of(context, project, report.range, start, end, RangeName.DAYS_30)


async def _chart(asking: Asking) -> Any:
    """Series per time bucket; how it looks is the reader's affair."""
    report = asking.report
    fields: Mapping[str, object] = {
        "series": report.series,
        "breakdowns": report.breakdowns,
        "filters": report.filters,
        "formula": report.formula,
        "interval": report.interval,
        "previous": report.previous,
        "metric": report.metric,
        "limit": report.options.get("limit"),
        "offset": report.options.get("offset"),
    }
    asked = chart_of(fields, asking.span)
    return chart_body(asked, await asking.context.ask(asking.project, asked.question))


async def _funnel(asking: Asking) -> Any:
    asked = asking.steps(1, 10)
    question = Funnel(asking.span, tuple(each.step for each in asked), asking.window_ms, asking.grouping)
    return FunnelBody.of(asked, await asking.context.ask(asking.project, question)).model_dump(by_alias=True)


async def _retention(asking: Asking) -> Any:
    asked = asking.steps(0, 2)
    question = Cohorts(
        range=asking.span,
        now_ms=min(asking.context.now_ms(), asking.span.end_ms),
        interval=asking.interval if asking.interval in INTERVALS else Interval.DAY,
        first=tuple(each.step.name for each in asked[:1]),
        second=tuple(each.step.name for each in asked[1:]),
        criterion=choose(Criterion, asking.option("criteria"), "options.criteria", Criterion.ON_OR_AFTER),
    )
    answer = await asking.context.ask(asking.project, question)
    return [row.model_dump(by_alias=True) for row in CohortRow.all_of(answer)]


async def _conversion(asking: Asking) -> Any:
    first, second = asking.steps(2, 2)
    breakdowns = [text_of(each.get("name"), "breakdowns.0.name") for each in asking.report.breakdowns[:1]]
    question = Conversion(
        range=asking.span,
        first=first.step,
        second=second.step,
        window_ms=asking.window_ms,
        by=asking.grouping,
        interval=asking.interval,
        breakdown="".join(breakdowns),
    )
    return [_conversion_row(series) for series in await asking.context.ask(asking.project, question)]


def _conversion_row(series: ConversionSeries) -> dict[str, Any]:
    def told(found: Any) -> dict[str, Any]:
        return {"total": found.total, "conversions": found.conversions, "rate": found.rate}

    return {
        "id": "conversion" if series.value is None else series.value,
        "breakdowns": [] if series.value is None else [series.value],
        **told(series.sum),
        "data": [{"date": bucket.label, **told(found)} for bucket, found in series.points],
    }


async def _sankey(asking: Asking) -> Any:
    mode = choose(Mode, asking.option("mode"), "options.mode", Mode.AFTER)
    asked = asking.steps(2 if mode is Mode.BETWEEN else 1, 2)
    question = Flow(
        range=asking.span,
        start=asked[0].step.name,
        end=asked[1].step.name if len(asked) > 1 else "",
        mode=mode,
        steps=number_between(asking.option("steps"), "options.steps", 5, 2, 10),
        exclude=asking.names("exclude"),
        include=asking.names("include"),
    )
    return FlowBody.of(question, await asking.context.ask(asking.project, question)).model_dump(by_alias=True)


_ANSWERS: dict[str, Answered] = {
    "funnel": _funnel,
    "retention": _retention,
    "conversion": _conversion,
    "sankey": _sankey,
}
