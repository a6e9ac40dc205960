"""The Insights lists: events, sessions, and what events there are (openpanel contract §8.6)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from footfall.api.openpanel.dependencies import Paging, paged, readable
from footfall.api.openpanel.export_events import ANY_EVENT, ranged, read_names
from footfall.api.openpanel.parameters import FiltersParameter, plain_text, read_filters
from footfall.api.openpanel.reading import ReadContext
from footfall.api.openpanel.routers import insights_router
from footfall.api.openpanel.rows import EventRow, SessionRow, row
from footfall.api.openpanel.shown import shown
from footfall.api.openpanel.texts import read_pairs
from footfall.exporters.event_lines import lines
from footfall.model.errors import BadRequest
from footfall.model.project import Project
from footfall.query.event_names import EventNames
from footfall.query.event_properties import EventProperties, PropertyValues
from footfall.query.event_selection import PersonOf, Selection
from footfall.query.events import Events
from footfall.query.fields import EVENT_FIELDS, PROPERTY_PREFIX, FieldKind, canonical, event_field
from footfall.query.operators import MAX_NAME_CHARS, Filter, Filters, Operator
from footfall.query.ranges import TimeRange, between
from footfall.query.sessions import Sessions
from footfall.store.schema import SESSIONS

DEFAULT_LIMIT = 20
MAX_LIMIT = 100

COLUMNS = ("path", "country", "city", "device", "browser", "os", "referrer", "referrerName", "referrerType")
"""Parameters that are filters: the column is this."""

_PARAMETERS = [
    {"name": name, "in": "query", "description": f"`{canonical(name)}` is this.", "schema": {"type": "string"}}
    for name in COLUMNS
]
_PROPERTIES = {
    "name": "properties",
    "in": "query",
    "description": 'Properties are these: `{"plan":"pro"}`, or `properties[plan]=pro`.',
    "schema": {"type": "string", "contentMediaType": "application/json"},
}

EventNamesParameter = Annotated[
    list[str],
    Query(alias="eventNames", description="Event names: repeated, with commas, or a JSON array."),
]
EventName = Annotated[str, Query(alias="eventName", description="An event's name.")]
PropertyKey = Annotated[
    str, Query(alias="propertyKey", description="A property, also as `properties.<key>`, or a column of events.")
]
ProfileId = Annotated[
    str, Query(alias="profileId", description="Of this profile, and anonymous on the devices it was seen on.")
]


class EventProperty(BaseModel):
    """A property that events of a name have."""

    property_key: str
    event_name: str


class PropertiesBody(BaseModel):
    """What events can be filtered by."""

    columns: list[str] = Field(description="Columns that all events have.")
    properties: list[EventProperty]


class ValuesBody(BaseModel):
    """The values of a property, most frequent first."""

    event: str
    property: str
    values: list[str]


def read_conditions(request: Request, filters: FiltersParameter = []) -> Filters:  # noqa: ARG001, B006
    """The filters, and the parameters that are some. Raises BadRequest."""
    parameters = request.query_params
    asked = {canonical(name): plain_text(parameters.get(name, "")) for name in COLUMNS}
    pairs = read_pairs(parameters.multi_items(), "properties")
    asked |= {f"{PROPERTY_PREFIX}{key}": value for key, value in pairs.items()}
    equal = tuple(Filter(name, Operator.IS, (value,)) for name, value in asked.items() if value)
    return Filters((*read_filters(parameters.multi_items()).items, *equal))


def asked_names(event_names: EventNamesParameter = []) -> tuple[str, ...]:  # noqa: B006
    """The event names, none for any. Raises BadRequest."""
    return read_names(event_names, "eventNames")


Conditions = Annotated[Filters, Depends(read_conditions)]
Names = Annotated[tuple[str, ...], Depends(asked_names)]
Paged = Annotated[Paging, Depends(paged(DEFAULT_LIMIT, MAX_LIMIT))]


def build(context: ReadContext) -> APIRouter:
    """The routes. Credentials first, then the project, then the parameters (contract §16.5)."""
    router = insights_router(context)
    project_of = readable(context)
    Readable = Annotated[Project, Depends(project_of)]  # noqa: N806
    Shown = Annotated[Project, Depends(readable(context, shared=True))]  # noqa: N806
    Ranged = Annotated[TimeRange, Depends(ranged(context, project_of))]  # noqa: N806

    @router.get(
        "/events",
        response_model=list[EventRow],  # type: ignore[valid-type]
        openapi_extra={"parameters": [*_PARAMETERS, _PROPERTIES]},
    )
    async def events(
        project: Readable,
        span: Ranged,
        conditions: Conditions,
        paging: Paged,
        names: Names,
        profile_id: ProfileId = "",
    ) -> Response:
        """Events, newest first."""
        who = plain_text(profile_id)
        person = await context.ask(project, PersonOf(who)) if who else ()
        selection = Selection(span, conditions, names, person)
        found = await context.ask(project, Events(selection, paging.limit, paging.offset))
        return Response(f"[{','.join(lines(found.events))}]".encode(), media_type="application/json")

    @router.get("/events/names")
    async def event_names(project: Shown) -> list[str]:
        """The event names of most events."""
        return [each.name for each in await context.ask(project, EventNames())]

    @router.get("/events/properties")
    async def event_properties(project: Readable, event_name: EventName = "") -> PropertiesBody:
        """What events, or those of one name, can be filtered by. Of properties, those that were sent lately."""
        found = await context.ask(project, EventProperties(between(project.zone), _name(event_name)))
        properties = [EventProperty(property_key=each.key, event_name=each.name) for each in found]
        columns = sorted(name for name, field in EVENT_FIELDS.items() if field.kind is not FieldKind.PROPERTY)
        return PropertiesBody(columns=[name for name in columns if "." not in name], properties=properties)

    @router.get("/events/property_values")
    async def property_values(
        project: Readable, event_name: EventName = "", property_key: PropertyKey = ""
    ) -> ValuesBody:
        """The values that a property of the events of one name had lately, most frequent first."""
        name, key = plain_text(event_name), plain_text(property_key)
        for text, field in ((name, "eventName"), (key, "propertyKey")):
            if not text or len(text) > MAX_NAME_CHARS:
                raise BadRequest(f"{field} is required, {MAX_NAME_CHARS} characters at most", field, "required")
        asked = event_field(canonical(key))
        if asked is None:
            raise BadRequest("propertyKey is a property or a column of events", "propertyKey", "invalid_field")
        values = await context.ask(project, PropertyValues(between(project.zone), _name(name), asked))
        return ValuesBody(event=name, property=key, values=[shown(asked.kind, value) for value in values])

    @router.get(
        "/sessions",
        response_model=list[SessionRow],  # type: ignore[valid-type]
        openapi_extra={"parameters": [*_PARAMETERS, _PROPERTIES]},
    )
    async def sessions(
        project: Readable,
        span: Ranged,
        conditions: Conditions,
        paging: Paged,
        names: Names,
        profile_id: ProfileId = "",
    ) -> list[dict[str, Any]]:
        """Sessions, newest first; open ones too. With `eventNames` those that have such an event."""
        if names:
            conditions = Filters((*conditions.items, Filter("name", Operator.IS, names)))
        question = Sessions(span, conditions, plain_text(profile_id), paging.limit, paging.offset)
        return [row(SESSIONS, each) for each in await context.ask(project, question)]

    return router


def _name(text: str) -> str:
    """The event's name; '' for any."""
    name = plain_text(text)
    return "" if name == ANY_EVENT else name
