"""What reports share: the two forms that a body can have, and what a report is given to answer with.

Form A, of Umami 2: `{websiteId, dateRange: {startDate, endDate, …}, timezone?, …the report's own fields}`.
Form B, of Umami 3: `{websiteId, type, filters: {…}, parameters: {startDate, endDate, …the report's own fields}}`.
Source: umami contract §0.2, §5.0, §5.15.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Request
from msgspec import Struct
from pydantic import AfterValidator, ConfigDict, ValidationInfo

from footfall.api.umami.dates import JsDate
from footfall.api.umami.errors import invalid
from footfall.api.umami.reading import UmamiContext
from footfall.api.umami.stats_reading import FilterQuery, StatsQuery, asked_of, filtered
from footfall.api.umami.taking import Number, Taken, Text, Timezone, WebsiteRef, one_of, problem
from footfall.model.project import Project
from footfall.query.conditions import NO_CONDITIONS, Conditions
from footfall.query.ranges import TimeRange
from footfall.query.reader import Question
from footfall.query.view_traffic import Unit

Answer = TypeVar("Answer")
P = TypeVar("P", bound="Parameters")

UTC = ZoneInfo("UTC")
FIRST_TYPES = ("funnel", "insights", "retention", "utm", "goals", "journey", "revenue", "attribution")
SECOND_TYPES = (
    *("attribution", "breakdown", "funnel", "goal", "journey", "performance", "retention", "revenue", "utm"),
)
UnitName = Annotated[str, one_of(*Unit)]


def _not_before(value: int, info: ValidationInfo) -> int:
    if value < info.data.get("start_date", value):
        raise problem("endDate is before startDate")
    return value


End = Annotated[JsDate, AfterValidator(_not_before)]


class DateRange(Taken):
    """The range of form A, both ends inclusive, in ms. `num`, `offset` and `value` are of the user interface."""

    start_date: JsDate
    end_date: End
    unit: Text | None = None
    num: Number | None = None
    offset: Number | None = None
    value: Text | None = None


class FirstBody(Taken):
    """Base of bodies of form A. `timezone` is taken where a report names it, and else not looked at."""

    website_id: WebsiteRef
    date_range: DateRange


class Parameters(Taken):
    """Base of `parameters` of form B: the range, both ends inclusive, in ms."""

    start_date: JsDate
    end_date: End
    timezone: Timezone | None = None

    @property
    def zone(self) -> ZoneInfo:
        """Whose days count."""
        return ZoneInfo(self.timezone) if self.timezone else UTC


class ReportFilters(FilterQuery):
    """The filters of form B: traits by name, each `operator.value` or a list of values, beside FilterQuery's."""

    model_config = ConfigDict(extra="allow")

    @property
    def conditions(self) -> Conditions:
        """Those that need nothing saved. Raises Invalid."""
        pairs = [
            (name, ",".join(_scalars(value, name)) if isinstance(value, list) else str(value))
            for name, value in (self.model_extra or {}).items()
            if isinstance(value, str | int | float | list)
        ]
        return filtered(pairs, self, "v3")


def _scalars(values: list[Any], name: str) -> list[str]:
    if not all(isinstance(each, str | int | float) for each in values):
        raise invalid(name, "Invalid")
    return [str(each) for each in values]


class SecondBody(Taken, Generic[P]):
    """A body of form B. `type` need not be that of the path, which alone counts (contract §5.15)."""

    website_id: WebsiteRef
    type: Annotated[str, one_of(*SECOND_TYPES)]
    filters: ReportFilters
    parameters: P


class Asked(Struct, frozen=True):
    """What is settled: that who asks may see the website, and which events count by the filters of form B."""

    context: UmamiContext
    project: Project
    conditions: Conditions = NO_CONDITIONS

    def span(self, dates: DateRange | Parameters, zone: ZoneInfo = UTC, *, since_reset: bool = False) -> TimeRange:
        """The range with both its ends; `since_reset`: not from before the website was reset."""
        start_ms, end_ms = dates.start_date, dates.end_date + 1
        reset_at = self.project.reset_at
        if since_reset and reset_at is not None:
            start_ms = min(max(start_ms, int(reset_at.timestamp() * 1000)), end_ms)
        return TimeRange(start_ms, end_ms, zone)

    async def ask(self, question: Question[Answer]) -> Answer:
        """The answer. Raises BadRequest, Overloaded."""
        return await self.context.ask(self.project, question)


async def asked_for(
    context: UmamiContext, request: Request, website_id: str, query: StatsQuery
) -> tuple[Asked, TimeRange]:
    """The same and the range, of a resource of a website. Raises Invalid, Unauthorized, NotFound."""
    found = await asked_of(context, request, website_id, query)
    return Asked(context, found.project, found.conditions), found.span


class Form(Struct, frozen=True):
    """One form of a report: what it takes, and how it is answered with JSON.

    A: `takes` is a FirstBody, and the answer gets it whole. B: it is Parameters, and the answer gets these.
    """

    takes: type[Any]
    answer: Callable[[Asked, Any], Awaitable[object]]


class Report(Struct, frozen=True):
    """A report and the last words of its paths; one that only a generation has lacks the other's form."""

    names: tuple[str, ...]
    first: Form | None = None
    second: Form | None = None
