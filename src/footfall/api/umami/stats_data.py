"""Data that events and visitors carry: `/api/websites/{id}/event-data…`, `…/session-data…` (umami §4.3)."""

from typing import Any

from fastapi import APIRouter, Request
from msgspec.structs import asdict

from footfall.api.taken import takes
from footfall.api.umami.errors import invalid
from footfall.api.umami.paging import PageQuery, page_of
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.stats_reading import Asked, StatsQuery, asked_of, ever_of
from footfall.api.umami.stats_rows import custom_name, data_rows
from footfall.api.umami.taking import Text
from footfall.catalog.validation import UUID_TEXT
from footfall.model.event import Event
from footfall.model.times import iso_ms
from footfall.query.data_values import DataCount, DataTotals, DataValues, Part
from footfall.query.event_rows import EventRows

MAX_PROPERTIES = 500
MAX_VALUES = 100
MAX_DATA_PAGE = 100  # events; each may carry 256 properties


class DataPageQuery(StatsQuery, PageQuery):
    """A page of events that carry data."""


class DataQuery(StatsQuery):
    """Data of all events or of those of one name (`event`, or `eventName`), of all keys or of one."""

    event: Text | None = None
    event_name: Text | None = None
    property_name: Text | None = None

    @property
    def name(self) -> str:
        """The event's name, '' for any."""
        return self.event_name or self.event or ""

    def key(self, *, required: bool = False) -> str:
        """The key, '' for any. Raises Invalid without one that is required."""
        if required and not self.property_name:
            raise invalid("propertyName", "Required")
        return self.property_name or ""


def build(context: UmamiContext) -> APIRouter:
    """The routes."""
    router = APIRouter(
        prefix="/websites/{website_id}", tags=["Event data"], route_class=umami_route(context), responses=ERRORS
    )
    _add_counts(router, context)
    _add_values(router, context)
    _add_session_data(router, context)
    _add_events(router, context)
    return router


def _add_counts(router: APIRouter, context: UmamiContext) -> None:
    @router.get("/event-data/events", openapi_extra=takes(query=DataQuery))
    async def events(request: Request, website_id: str) -> list[dict[str, Any]]:
        """Keys by event and type; of one event with their values."""
        query = context.query(request, DataQuery)
        asked = await _asked(context, request, website_id, query)
        parts = (Part.NAME, Part.KEY, Part.TYPE, *((Part.VALUE,) if query.name else ()))
        found = await _ask(context, asked, parts, name=query.name)
        return [
            {**_named(each), "dataType": each.type, **_valued(each, query.name), "total": each.number}
            for each in found
        ]

    @router.get("/event-data/fields", openapi_extra=takes(query=DataQuery))
    async def fields(request: Request, website_id: str) -> list[dict[str, Any]]:
        """Values by key and type."""
        query = context.query(request, DataQuery)
        asked = await _asked(context, request, website_id, query)
        found = await _ask(context, asked, (Part.KEY, Part.TYPE, Part.VALUE), name=query.name, limit=MAX_VALUES)
        return [
            {"propertyName": each.key, "dataType": each.type, "value": each.value, "total": each.number}
            for each in found
        ]

    @router.get("/event-data/properties", openapi_extra=takes(query=DataQuery))
    async def properties(request: Request, website_id: str) -> list[dict[str, Any]]:
        """Keys by event."""
        query = context.query(request, DataQuery)
        asked = await _asked(context, request, website_id, query)
        found = await _ask(context, asked, (Part.NAME, Part.KEY), name=query.name, key=query.key())
        return [{**_named(each), "total": each.number} for each in found]

    @router.get("/event-data/stats", openapi_extra=takes(query=DataQuery))
    async def stats(request: Request, website_id: str) -> dict[str, int]:
        """How many events carry data, under how many keys, and how many values that is."""
        query = context.query(request, DataQuery)
        asked = await _asked(context, request, website_id, query)
        return asdict(await context.ask(asked.project, DataTotals(asked.span, asked.conditions)))


def _add_values(router: APIRouter, context: UmamiContext) -> None:
    @router.get("/event-data/values", openapi_extra=takes(query=DataQuery))
    async def values(request: Request, website_id: str) -> list[dict[str, Any]]:
        """The values of one key."""
        query = context.query(request, DataQuery)
        key = query.key(required=True)
        asked = await _asked(context, request, website_id, query)
        found = await _ask(context, asked, (Part.VALUE,), name=query.name, key=key, limit=MAX_VALUES)
        return [{"value": each.value, "total": each.number} for each in found]


def _add_session_data(router: APIRouter, context: UmamiContext) -> None:
    @router.get("/session-data/properties", openapi_extra=takes(query=DataQuery))
    async def properties(request: Request, website_id: str) -> list[dict[str, Any]]:
        """Keys by the visitors who have them."""
        query = context.query(request, DataQuery)
        asked = await _asked(context, request, website_id, query)
        found = await _ask(context, asked, (Part.KEY,), key=query.key(), of_visitors=True)
        return [{"propertyName": each.key, "total": each.number} for each in found]

    @router.get("/session-data/values", openapi_extra=takes(query=DataQuery))
    async def values(request: Request, website_id: str) -> list[dict[str, Any]]:
        """The values of one key by the visitors who have them."""
        query = context.query(request, DataQuery)
        key = query.key(required=True)
        asked = await _asked(context, request, website_id, query)
        found = await _ask(context, asked, (Part.VALUE,), key=key, of_visitors=True, limit=MAX_VALUES)
        return [{"value": each.value, "total": each.number} for each in found]


def _add_events(router: APIRouter, context: UmamiContext) -> None:
    @router.get("/event-data", openapi_extra=takes(query=DataPageQuery))
    async def listed(request: Request, website_id: str) -> dict[str, Any]:
        """The events that carry data, newest first, each with what it carries."""
        query = context.query(request, DataPageQuery)
        asked = await asked_of(context, request, website_id, query, in_person=True)
        page = page_of(query, context.generation, MAX_DATA_PAGE)
        question = EventRows(
            range=asked.span,
            conditions=asked.conditions,
            search=page.search,
            with_data=True,
            limit=page.size,
            offset=page.offset,
        )
        events, number = await context.ask(asked.project, question)
        return page.body([_event(event, str(asked.project.uuid)) for event in events], number)

    @router.get("/event-data/{event_id}")
    async def one(request: Request, website_id: str, event_id: str) -> list[dict[str, Any]]:
        """What one event carries, by key; of an event that there isn't nothing."""
        asked = await ever_of(context, request, website_id)
        if not UUID_TEXT.fullmatch(event_id.lower()):
            return []
        events, _ = await context.ask(asked.project, EventRows(range=asked.span, id=event_id.lower()))
        return [row for event in events for row in _data(event, str(asked.project.uuid))]


async def _asked(context: UmamiContext, request: Request, website_id: str, query: DataQuery) -> Asked:
    return await asked_of(context, request, website_id, query, without=("event", "eventName"))


async def _ask(
    context: UmamiContext,
    asked: Asked,
    parts: tuple[Part, ...],
    *,
    name: str = "",
    key: str = "",
    of_visitors: bool = False,
    limit: int = MAX_PROPERTIES,
) -> list[DataCount]:
    question = DataValues(
        range=asked.span,
        parts=parts,
        conditions=asked.conditions,
        name=name,
        key=key,
        of_visitors=of_visitors,
        limit=limit,
    )
    return await context.ask(asked.project, question)


def _named(each: DataCount) -> dict[str, str | None]:
    return {"eventName": custom_name(each.name), "propertyName": each.key}


def _valued(each: DataCount, name: str) -> dict[str, str]:
    return {"propertyValue": each.value} if name else {}


def _event(event: Event, website_id: str) -> dict[str, Any]:
    return {
        "websiteId": website_id,
        "eventId": event.id,
        "eventName": custom_name(event.name),
        "createdAt": iso_ms(event.created_at),
        "eventProperties": _data(event, website_id),
    }


def _data(event: Event, website_id: str) -> list[dict[str, Any]]:
    whose = {"websiteId": website_id, "websiteEventId": event.id, "eventName": custom_name(event.name)}
    return [{**whose, **row, "createdAt": iso_ms(event.created_at)} for row in data_rows(event.properties)]
