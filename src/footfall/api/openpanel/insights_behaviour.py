"""The newer Insights endpoints on behaviour: funnel, retention, engagement, active users, user flow.

Source: openpanel contract §8.6, §12.2. Without a range they are about the last 30 days, retention and
engagement about all time, cohorts about the last twelve weeks and this one.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import WithJsonSchema

from footfall.api.openpanel.behaviour_bodies import (
    ActiveUsersBody,
    CohortRow,
    EngagementBody,
    FlowBody,
    FunnelBody,
    WeekRow,
)
from footfall.api.openpanel.dependencies import ranged, readable
from footfall.api.openpanel.nested import listed
from footfall.api.openpanel.parameters import RANGE, EndDate, StartDate, choose, one_word, plain_text
from footfall.api.openpanel.reading import ReadContext
from footfall.api.openpanel.routers import insights_router
from footfall.api.openpanel.steps import HOUR_MS, number_between, steps_of
from footfall.api.openpanel.texts import read_list
from footfall.model.errors import BadRequest
from footfall.model.project import Project
from footfall.query.active_users import ActiveUsers
from footfall.query.buckets import Interval
from footfall.query.engagement import Engagement
from footfall.query.flow import Flow, Mode
from footfall.query.funnel import Funnel, Grouping
from footfall.query.ranges import DAY, RANGE_NAMES, RangeName, TimeRange, local, to_ms
from footfall.query.retention import Cohorts, Criterion, WeeklyRetention

WINDOW_HOURS = 24
MAX_WINDOW_HOURS = 720
COHORT_WEEKS = 12
INTERVALS = (Interval.WEEK, Interval.DAY, Interval.MONTH)
GROUPINGS = (Grouping.SESSION, Grouping.PROFILE)


def whole(default: int, least: int, most: int) -> WithJsonSchema:
    """The JSON schema of a number in bounds."""
    return WithJsonSchema({"type": "integer", "minimum": least, "maximum": most, "default": default})


Names = "Repeated, separated by commas, or a JSON array."
Steps = Annotated[
    list[str],
    Query(description=f"The events in their order, 2 to 10. {Names}", examples=[["screen_view", "sign_up"]]),
]
WindowHours = Annotated[
    str,
    Query(alias="windowHours", description="How long after the first step the last one may be."),
    whole(WINDOW_HOURS, 1, MAX_WINDOW_HOURS),
]
GroupBy = Annotated[
    str,
    Query(alias="groupBy", description="Whose events make one way through the funnel."),
    WithJsonSchema(one_word(GROUPINGS, Grouping.SESSION)),
]
Days = Annotated[
    str, Query(description="How many days count for each day; 1, 7 and 30 are DAU, WAU and MAU."), whole(7, 1, 90)
]
OptionalRange = Annotated[str, RANGE, WithJsonSchema({"type": "string", "enum": list(RANGE_NAMES)})]
CohortInterval = Annotated[
    str,
    Query(alias="interval", description="What a cohort and a column are."),
    WithJsonSchema(one_word(INTERVALS, Interval.WEEK)),
]
FirstEvent = Annotated[
    list[str], Query(alias="firstEvent", description=f"What begins a cohort; none: any activity. {Names}")
]
SecondEvent = Annotated[
    list[str], Query(alias="secondEvent", description=f"What brings people back; none: any activity. {Names}")
]
CriterionParameter = Annotated[
    str,
    Query(alias="criteria", description="Back in just that interval, or in that or a later one."),
    WithJsonSchema(one_word(Criterion, Criterion.ON_OR_AFTER)),
]
StartEvent = Annotated[
    str,
    Query(alias="startEvent", description="The event that the flow is about. Required."),
    WithJsonSchema({"type": "string", "minLength": 1}),
]
EndEvent = Annotated[str, Query(alias="endEvent", description="Where it ends; required by `between`.")]
ModeParameter = Annotated[
    str, Query(alias="mode", description="Which part of a session."), WithJsonSchema(one_word(Mode, Mode.AFTER))
]
FlowSteps = Annotated[str, Query(alias="steps", description="How many steps at most."), whole(5, 2, 10)]
Exclude = Annotated[list[str], Query(description=f"Events to leave out. {Names}")]
Include = Annotated[list[str], Query(description=f"Only these events, besides start and end. {Names}")]


def build(context: ReadContext) -> APIRouter:
    """The routes. Credentials first, then the project, then the parameters (contract §16.5)."""
    router = insights_router(context)
    project_of = readable(context)
    range_of = ranged(context, project_of, RangeName.DAYS_30)
    Readable = Annotated[Project, Depends(project_of)]  # noqa: N806
    Ranged = Annotated[TimeRange, Depends(range_of)]  # noqa: N806

    async def all_time(
        project: Readable, start: StartDate = "", end: EndDate = "", range_: OptionalRange = ""
    ) -> TimeRange:
        return await range_of(project, start, end, range_ or RangeName.ALL_TIME)

    async def weeks(
        project: Readable, start: StartDate = "", end: EndDate = "", range_: OptionalRange = ""
    ) -> TimeRange:
        if start or end or range_:
            return await range_of(project, start, end, range_)
        today = local(context.now_ms(), project.zone).date()
        monday = today - today.weekday() * DAY
        return TimeRange(
            to_ms(monday - COHORT_WEEKS * 7 * DAY, project.zone), to_ms(today + DAY, project.zone), project.zone
        )

    AllTime = Annotated[TimeRange, Depends(all_time)]  # noqa: N806
    Weeks = Annotated[TimeRange, Depends(weeks)]  # noqa: N806

    @router.get("/funnel")
    async def funnel(
        request: Request,
        project: Readable,
        span: Ranged,
        steps: Steps = [],  # noqa: ARG001, B006
        window_hours: WindowHours = "",
        group_by: GroupBy = "",
    ) -> FunnelBody:
        """How many sessions, or profiles, did these events one after the other."""
        asked = steps_of(listed(request.query_params.multi_items(), "steps"), "steps", 2)
        hours = number_between(window_hours, "windowHours", WINDOW_HOURS, 1, MAX_WINDOW_HOURS)
        by = choose(GROUPINGS, group_by, "groupBy", Grouping.SESSION)
        question = Funnel(span, tuple(each.step for each in asked), hours * HOUR_MS, by)
        return FunnelBody.of(asked, await context.ask(project, question))

    @router.get("/retention")
    async def retention(project: Readable, span: AllTime) -> list[WeekRow]:
        """Known people by week, and how many of them were back in the next one."""
        return [WeekRow.of(week) for week in await context.ask(project, WeeklyRetention(span))]

    @router.get("/retention/cohort")
    async def cohorts(
        project: Readable,
        span: Weeks,
        interval: CohortInterval = "",
        first: FirstEvent = [],  # noqa: B006
        second: SecondEvent = [],  # noqa: B006
        criteria: CriterionParameter = "",
    ) -> list[CohortRow]:
        """Known people by when they began, and how many were back after so many intervals."""
        question = Cohorts(
            range=span,
            now_ms=min(context.now_ms(), span.end_ms),
            interval=choose(INTERVALS, interval, "interval", Interval.WEEK),
            first=tuple(read_list(first, "firstEvent")),
            second=tuple(read_list(second, "secondEvent")),
            criterion=choose(Criterion, criteria, "criteria", Criterion.ON_OR_AFTER),
        )
        return CohortRow.all_of(await context.ask(project, question))

    @router.get("/engagement")
    async def engagement(project: Readable) -> EngagementBody:
        """How long ago known people were last active."""
        span = await range_of(project, "", "", RangeName.ALL_TIME)
        return EngagementBody.of(await context.ask(project, Engagement(span)))

    @router.get("/active_users")
    async def active_users(project: Readable, span: Ranged, days: Days = "") -> ActiveUsersBody:
        """Who was active on a day or in the days before it, for each day of the range."""
        question = ActiveUsers(span, number_between(days, "days", 7, 1, 90))
        return ActiveUsersBody.of(question, await context.ask(project, question))

    @router.get("/user_flow")
    async def user_flow(
        project: Readable,
        span: Ranged,
        start: StartEvent = "",
        end: EndEvent = "",
        mode: ModeParameter = "",
        steps: FlowSteps = "",
        exclude: Exclude = [],  # noqa: B006
        include: Include = [],  # noqa: B006
    ) -> FlowBody:
        """What sessions did after an event, before it, or between it and another."""
        question = Flow(
            range=span,
            start=plain_text(start),
            end=plain_text(end),
            mode=choose(Mode, mode, "mode", Mode.AFTER),
            steps=number_between(steps, "steps", 5, 2, 10),
            exclude=tuple(read_list(exclude, "exclude")),
            include=tuple(read_list(include, "include")),
        )
        if not question.start:
            raise BadRequest("Required", "startEvent", "invalid_type")
        if question.mode is Mode.BETWEEN and not question.end:
            raise BadRequest("Required by the mode `between`", "endEvent", "invalid_type")
        return FlowBody.of(question, await context.ask(project, question))

    return router
