"""Reports that count: utm, insights and breakdown, goals and goal, performance.

Source: umami contract §5.6, §5.10, §5.11, §5.14.
"""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from footfall.api.umami.dates import instant_text
from footfall.api.umami.reporting import Asked, FirstBody, Form, Parameters, Report, UnitName
from footfall.api.umami.stats_filters import FIELDS, segment_conditions
from footfall.api.umami.taking import Number, Taken, Text, one_of, problem
from footfall.query.conditions import Conditions
from footfall.query.goals import Goal, GoalCounts, GoalKind, GoalVisitors
from footfall.query.operators import MAX_FILTERS
from footfall.query.ranges import TimeRange
from footfall.query.utm import UtmParameters, UtmViews
from footfall.query.view_groups import GroupOrder, ViewGroup, ViewGroups
from footfall.query.view_traffic import Unit
from footfall.query.view_traits import Trait
from footfall.query.web_vitals import LISTS, Percentiles, Vital, VitalsChart, VitalsList, VitalsSummary

MAX_FIELDS = 20
MAX_GOALS = 100

# utm


async def first_utm(asked: Asked, body: FirstBody) -> object:
    """Page views by parameter and value."""
    return await asked.ask(UtmParameters(asked.span(body.date_range)))


async def second_utm(asked: Asked, body: Parameters) -> object:
    """The most frequent values of each of the five parameters."""
    return await utm(asked, asked.span(body, since_reset=True))


async def utm(asked: Asked, span: TimeRange) -> dict[Trait, list[dict[str, Any]]]:
    """By parameter, most views first."""
    found = await asked.ask(UtmViews(span, asked.conditions))
    return {name: [{"utm": value, "views": views} for value, views in values] for name, values in found.items()}


# insights, breakdown


def _field(value: str) -> str:
    if value not in _FIELDS:
        raise problem("Invalid field", "Invalid input: unknown field")
    return value


FieldName = Annotated[Text, AfterValidator(_field)]
# Neither generation looks for where a visit began or ended here (contract §5.10).
_FIELDS: dict[str, Trait] = {**FIELDS, "entry": Trait.PATH, "exit": Trait.PATH}


class FieldBody(Taken):
    """A field of the insights; `name` is what counts."""

    name: FieldName
    type: Text
    label: Text


class FilterBody(Taken):
    """A filter of the insights. Filters of names that are not known are not looked at."""

    name: Text
    type: Text
    operator: Annotated[Text, one_of("eq", "neq", "c", "dnc")]
    value: Text


class InsightsBody(FirstBody):
    """Page views by fields."""

    fields: Annotated[list[FieldBody], Field(min_length=1, max_length=MAX_FIELDS)]
    filters: Annotated[list[FilterBody], Field(default_factory=list, max_length=MAX_FILTERS)]


FieldNames = Annotated[list[FieldName], Field(min_length=1, max_length=MAX_FIELDS)]


class BreakdownParameters(Parameters):
    """Page views by fields."""

    fields: FieldNames


async def insights(asked: Asked, body: InsightsBody) -> object:
    """Most views first. Of filters of the same name the last counts."""
    filters = {each.name: each for each in body.filters if each.name in _FIELDS}
    saved = [
        {"name": _FIELDS[each.name], "operator": each.operator, "value": [each.value]} for each in filters.values()
    ]
    conditions = Conditions(segment_conditions({"filters": saved}, "filters"))
    names = [field.name for field in body.fields]
    traits = tuple(_FIELDS[name] for name in names)
    span = asked.span(body.date_range, since_reset=True)
    return _groups(names, await asked.ask(ViewGroups(span, traits, conditions, GroupOrder.VIEWS)))


async def second_breakdown(asked: Asked, body: BreakdownParameters) -> object:
    """Most visitors first."""
    return await breakdown(asked, asked.span(body, since_reset=True), body.fields)


async def breakdown(asked: Asked, span: TimeRange, names: list[str]) -> list[dict[str, Any]]:
    """Page views by these fields, most visitors first."""
    traits = tuple(_FIELDS[name] for name in names)
    return _groups(names, await asked.ask(ViewGroups(span, traits, asked.conditions, GroupOrder.VISITORS)))


def _groups(names: list[str], groups: list[ViewGroup]) -> list[dict[str, Any]]:
    return [
        {
            "views": group.numbers.pageviews,
            "visitors": group.numbers.visitors,
            "visits": group.numbers.visits,
            "bounces": group.numbers.bounces,
            "totaltime": group.numbers.totaltime,
            **dict(zip(names, group.values, strict=True)),
        }
        for group in groups
    ]


# goals, goal


_OPERATORS = (GoalKind.COUNT, GoalKind.SUM, GoalKind.AVERAGE)


def _goal_type(value: str) -> str:
    if "url" not in value and "event" not in value:
        raise problem("Invalid")
    return value


def _operator(value: str) -> str:
    if not any(each in value for each in _OPERATORS):
        raise problem("Invalid")
    return value


class GoalBody(Taken):
    """One of the goals. `event-data` needs an operator and a property."""

    type: Annotated[Text, AfterValidator(_goal_type)]
    value: Text
    goal: Number
    operator: Annotated[Text, AfterValidator(_operator)] | None = None
    property: Text | None = None

    @model_validator(mode="after")
    def _has_property(self) -> Self:
        if self.type == "event-data" and not (self.operator and self.property):
            raise problem("Invalid")
        return self


GOAL_TYPES = ("url", "event", "event-data")
"""In the order of the answer; a goal of another type is taken and not answered (contract §5.11)."""


class GoalsBody(FirstBody):
    """What is to be reached, and how often."""

    goals: Annotated[list[GoalBody], Field(min_length=1, max_length=MAX_GOALS)]


class GoalFields(Taken):
    """What is to be reached: a path, where the type is `path`, or an event."""

    type: Text
    value: Text


class GoalParameters(Parameters, GoalFields):
    """The same in generation B."""


def _counted(goal: GoalBody) -> Goal:
    """What is counted of a goal whose type is one of GOAL_TYPES."""
    if goal.type == "event-data":
        kind = next((each for each in _OPERATORS if each == goal.operator), GoalKind.COUNT)
        return Goal(kind, goal.value, goal.property or "")
    return Goal(GoalKind.PATH if goal.type == "url" else GoalKind.EVENT, goal.value)


async def goals(asked: Asked, body: GoalsBody) -> object:
    """Each goal as it came with how often it was reached."""
    wanted = [goal for type_ in GOAL_TYPES for goal in body.goals if goal.type == type_]
    counted = tuple(_counted(goal) for goal in wanted)
    results = await asked.ask(GoalCounts(asked.span(body.date_range), counted)) if wanted else []
    return [
        {**goal.model_dump(exclude_unset=True, by_alias=True), "goal": plain(goal.goal), "result": plain(result)}
        for goal, result in zip(wanted, results, strict=True)
    ]


async def second_goal(asked: Asked, body: GoalParameters) -> object:
    """How many visitors reached it, of how many."""
    return await goal(asked, asked.span(body, since_reset=True), body)


async def goal(asked: Asked, span: TimeRange, wanted: GoalFields) -> dict[str, int]:
    """Visitors who reached it, and all who did anything."""
    kind = GoalKind.PATH if wanted.type == "path" else GoalKind.EVENT
    num, total = await asked.ask(GoalVisitors(span, Goal(kind, wanted.value), asked.conditions))
    return {"num": num, "total": total}


def plain(number: float) -> int | float:
    """Whole numbers without a point."""
    return int(number) if float(number).is_integer() else number


# performance


VitalName = Annotated[str, one_of(*Vital)]


class PerformanceParameters(Parameters):
    """How fast pages were."""

    unit: UnitName | None = None
    metric: VitalName = Vital.LCP


_VITAL_LISTS = dict(zip(("pages", "pageTitles", "devices", "browsers"), LISTS, strict=True))


async def performance(asked: Asked, body: PerformanceParameters) -> object:
    """Chart and lists of one metric, and a summary of all."""
    span, vital = asked.span(body, body.zone, since_reset=True), Vital(body.metric)
    return {
        "chart": await vitals_chart(asked, span, vital, Unit(body.unit or Unit.DAY)),
        "summary": await vitals(asked, span),
        **{key: await vitals_by(asked, span, vital, by) for key, by in _VITAL_LISTS.items()},
    }


async def vitals(asked: Asked, span: TimeRange) -> dict[str, Any]:
    """Each of the five, and how many page loads were measured."""
    found, loads = await asked.ask(VitalsSummary(span, asked.conditions))
    return {vital: _shares(values) for vital, values in found.items()} | {"count": loads}


async def vitals_chart(asked: Asked, span: TimeRange, vital: Vital, unit: Unit) -> list[dict[str, Any]]:
    """One of the five by bucket."""
    found = await asked.ask(VitalsChart(span, vital, unit, asked.conditions))
    return [{"t": instant_text(start_ms), **_shares(values)} for start_ms, values in found]


async def vitals_by(
    asked: Asked, span: TimeRange, vital: Vital, by: Trait, limit: int = 500
) -> list[dict[str, Any]]:
    """One of the five by page, title, device or browser, the slowest first."""
    found = await asked.ask(VitalsList(span, by, vital, asked.conditions, limit))
    return [{"name": each.name, **_shares(each.percentiles), "count": each.count} for each in found]


def _shares(found: Percentiles) -> dict[str, Any]:
    return {"p50": plain(found.p50), "p75": plain(found.p75), "p95": plain(found.p95)}


REPORTS = (
    Report(("utm",), Form(FirstBody, first_utm), Form(Parameters, second_utm)),
    Report(("insights", "breakdown"), Form(InsightsBody, insights), Form(BreakdownParameters, second_breakdown)),
    Report(("goals", "goal"), Form(GoalsBody, goals), Form(GoalParameters, second_goal)),
    Report(("performance",), None, Form(PerformanceParameters, performance)),
)
