"""The Insights endpoints on people: `profiles` and what is beneath it (openpanel contract §8.6)."""

from typing import Annotated, Any, Self

import anyio
from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field, WithJsonSchema

from footfall.api.openpanel.dependencies import Paging, filtered, paged, readable
from footfall.api.openpanel.parameters import SORT_ORDER, SortOrder, choose, plain_text, whole_number
from footfall.api.openpanel.reading import ERRORS, ErrorBody, ReadContext, Responses
from footfall.api.openpanel.routers import insights_router
from footfall.api.openpanel.rows import EventRow, ProfileRow, SessionRow, event_row, row
from footfall.api.openpanel.verbatim import meant_by
from footfall.model.project import Project
from footfall.model.times import iso_ms
from footfall.query.operators import Filters
from footfall.query.profile import OnePerson, SessionsOfPerson
from footfall.query.profile_metrics import MetricsOfPerson, PersonNumbers
from footfall.query.profiles import ProfileList
from footfall.store.schema import PROFILES, SESSIONS

DEFAULT_ROWS = 20
MAX_ROWS = 100
MAX_DAYS = 36_500
MAX_SESSIONS = 10**9

Filtered = Annotated[Filters, Depends(filtered)]
Paged = Annotated[Paging, Depends(paged(DEFAULT_ROWS, MAX_ROWS))]
Part = Annotated[str, Query(description="A part of it, in any case.")]
Exactly = Annotated[str, Query(description="The last one known.")]
Country = Annotated[str, Query(description="The last one known, by code or English name.")]
InactiveDays = Annotated[
    str,
    Query(alias="inactiveDays", description="Not seen for so many days."),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MAX_DAYS}),
]
MinSessions = Annotated[
    str,
    Query(alias="minSessions", description="With so many sessions or more."),
    WithJsonSchema({"type": "integer", "minimum": 0}),
]
PerformedEvent = Annotated[str, Query(alias="performedEvent", description="Who has done an event of this name.")]
EventLimit = Annotated[
    str,
    Query(alias="eventLimit", description=f"How many recent events; over {MAX_ROWS} it is {MAX_ROWS}."),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_ROWS, "default": DEFAULT_ROWS}),
]


class NoProfileBody(ErrorBody):
    """There is nobody of that id."""

    profileId: str  # noqa: N815


class ProfileBody(BaseModel):
    """One person and the newest events."""

    profile: ProfileRow  # type: ignore[valid-type]
    recentEvents: list[EventRow]  # type: ignore[valid-type] # noqa: N815


class ProfileMetricsBody(BaseModel):
    """One person in numbers, of all time."""

    profileId: str  # noqa: N815
    firstSeen: str = Field(description="ISO 8601, UTC.")  # noqa: N815
    lastSeen: str = Field(description="ISO 8601, UTC.")  # noqa: N815
    sessions: int
    screenViews: int  # noqa: N815
    totalEvents: int = Field(description="Without session_start and session_end.")  # noqa: N815
    conversionEvents: int = Field(description="Of names that are marked as conversions.")  # noqa: N815
    uniqueDaysActive: int = Field(description="Days of the project's time zone.")  # noqa: N815
    avgSessionDurationMin: float = Field(description="Over sessions that have a duration.")  # noqa: N815
    p90SessionDurationMin: float = Field(description="Nine in ten of these are no longer.")  # noqa: N815
    avgEventsPerSession: float  # noqa: N815
    avgTimeBetweenSessionsSec: float = Field(description="From start to start.")  # noqa: N815
    bounceRate: float = Field(description="Percent of sessions with fewer than two page views.")  # noqa: N815
    revenue: int = Field(description="In minor units of the currency.")

    @classmethod
    def of(cls, numbers: PersonNumbers) -> Self:
        """From the answer."""
        return cls.model_construct(
            profileId=numbers.profile_id,
            firstSeen=iso_ms(numbers.first_seen_ms),
            lastSeen=iso_ms(numbers.last_seen_ms),
            sessions=numbers.sessions,
            screenViews=numbers.screen_views,
            totalEvents=numbers.total_events,
            conversionEvents=numbers.conversion_events,
            uniqueDaysActive=numbers.unique_days_active,
            avgSessionDurationMin=numbers.avg_session_minutes,
            p90SessionDurationMin=numbers.p90_session_minutes,
            avgEventsPerSession=numbers.avg_events_per_session,
            avgTimeBetweenSessionsSec=numbers.avg_seconds_between_sessions,
            bounceRate=numbers.bounce_rate,
            revenue=numbers.revenue,
        )


ABOUT_ONE: Responses = {
    **ERRORS,
    404: {"model": NoProfileBody | ErrorBody, "description": "There is no such project or profile."},
}


def read_number(text: str, field: str, most: int) -> int:
    """A whole number, 0 without one. Raises BadRequest."""
    return 0 if text.strip() == "0" else whole_number(text, field, 0, most)


def nobody(profile_id: str) -> Response:
    """The 404 of a profile: the contract's two keys and those of every error."""
    message = "Profile not found"
    body = {"status": 404, "error": message, "message": message, "profileId": profile_id}
    return JSONResponse(body, status_code=404)


def build(context: ReadContext) -> list[APIRouter]:
    """The routes: the list, and those about one person, whose id may hold any characters."""
    return [_many(context), _one(context)]


def _many(context: ReadContext) -> APIRouter:
    router = insights_router(context)
    Readable = Annotated[Project, Depends(readable(context))]  # noqa: N806

    @router.get("/profiles", response_model=list[ProfileRow])  # type: ignore[valid-type]
    async def profiles(
        project: Readable,
        filters: Filtered,
        paging: Paged,
        name: Part = "",
        email: Part = "",
        country: Country = "",
        city: Exactly = "",
        device: Exactly = "",
        browser: Exactly = "",
        inactive_days: InactiveDays = "",
        min_sessions: MinSessions = "",
        performed_event: PerformedEvent = "",
        sort_order: SORT_ORDER = "",
    ) -> list[dict[str, Any]]:
        """The people whom the project knows, those seen last first."""
        question = ProfileList(
            now_ms=context.now_ms(),
            name=plain_text(name),
            email=plain_text(email),
            country=plain_text(country),
            city=plain_text(city),
            device=plain_text(device),
            browser=plain_text(browser),
            inactive_days=read_number(inactive_days, "inactiveDays", MAX_DAYS),
            min_sessions=read_number(min_sessions, "minSessions", MAX_SESSIONS),
            performed_event=plain_text(performed_event),
            filters=filters,
            is_ascending=choose(SortOrder, sort_order, "sortOrder", SortOrder.DESCENDING) is SortOrder.ASCENDING,
            limit=paging.limit,
            offset=paging.offset,
        )
        return [row(PROFILES, each) for each in await context.ask(project, question)]

    return router


def _one(context: ReadContext) -> APIRouter:
    router = insights_router(context, "/profiles", ABOUT_ONE, is_verbatim=True)
    Readable = Annotated[Project, Depends(readable(context))]  # noqa: N806

    @router.get("/{profile_id:path}/sessions", response_model=list[SessionRow])  # type: ignore[valid-type]
    async def sessions(project: Readable, profile_id: str, paging: Paged) -> Any:
        """A person's sessions, newest first."""
        found = await context.ask(project, SessionsOfPerson(meant_by(profile_id), *paging))
        return nobody(profile_id) if found is None else [row(SESSIONS, each) for each in found]

    @router.get("/{profile_id:path}/metrics", response_model=ProfileMetricsBody)
    async def metrics(project: Readable, profile_id: str) -> Any:
        """A person in numbers, of all time."""
        conversions = await anyio.to_thread.run_sync(context.catalog.saved.conversions, project.id)
        question = MetricsOfPerson(meant_by(profile_id), project.zone, tuple(sorted(conversions)))
        found = await context.ask(project, question)
        return nobody(profile_id) if found is None else ProfileMetricsBody.of(found)

    @router.get("/{profile_id:path}", response_model=ProfileBody)
    async def profile(project: Readable, profile_id: str, event_limit: EventLimit = "") -> Any:
        """A person, and what the person did last."""
        limit = whole_number(event_limit, "eventLimit", DEFAULT_ROWS, MAX_ROWS)
        question = OnePerson(meant_by(profile_id), project.id, context.now_ms(), limit)
        found = await context.ask(project, question)
        if found is None:
            return nobody(profile_id)
        events = [event_row(event, duration) for event, duration in found.events]
        return {"profile": row(PROFILES, found.profile), "recentEvents": events}

    return router
