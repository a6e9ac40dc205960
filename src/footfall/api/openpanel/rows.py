"""Raw rows as the newer Insights endpoints show them: the store's columns by their names (contract §6, §8.6).

Times are ISO 8601 in UTC with milliseconds, countries are shown by name (D8), devices capitalised (D9).
"""

from typing import Any

from msgspec import Struct
from pydantic import BaseModel, Field, create_model

from footfall.api.openpanel.shown import shown
from footfall.model.event import Event
from footfall.model.times import iso_ms
from footfall.store.schema import EVENTS, GROUPS, PROFILES, SESSIONS, Column, Kind, Table

_TYPES: dict[Kind, Any] = {
    Kind.ID: str,
    Kind.TEXT: str,
    Kind.LABEL: str,
    Kind.TIME: str,
    Kind.TIME_OR_NONE: str | None,
    Kind.INT: int,
    Kind.FLOAT_OR_NONE: float | None,
    Kind.BOOL: bool,
    Kind.TEXTS: list[str],
    Kind.MAP: dict[str, str],
}
_NOT_SHOWN = {
    *("title", "first_view", "marks"),
    *("start_id", "start_title", "start_sdk_name", "start_sdk_version", "start_properties"),
}
"""Ours alone. A title is shown as the property `__title` that it came in."""


def _columns(table: Table) -> list[Column]:
    return [each for each in table.columns if each.name not in _NOT_SHOWN]


def _body(name: str, what: str, table: Table, **more: Any) -> type[BaseModel]:
    fields: dict[str, Any] = {each.name: (_TYPES[each.kind], ...) for each in _columns(table)}
    return create_model(name, __doc__=what, **fields, **more)


EventRow = _body(
    "RecentEvent",
    "One event.",
    EVENTS,
    duration=(int, Field(description="Of a page view, until the session's next one, in ms; else 0.")),
)
SessionRow = _body("ProfileSession", "One session; durations in ms, revenue in minor units.", SESSIONS)
ProfileRow = _body("ProfileRow", "One person; what is known beside the columns stands in `properties`.", PROFILES)
GroupRow = _body("GroupRow", "One group.", GROUPS)


def row(table: Table, record: Struct) -> dict[str, Any]:
    """One record of a table, by its columns."""
    return {each.name: _shown(each, getattr(record, each.name)) for each in _columns(table)}


def event_row(event: Event, duration: int) -> dict[str, Any]:
    """One event and how long it was looked at, in ms."""
    found = {**row(EVENTS, event), "duration": duration}
    if event.title:
        found["properties"] = {**event.properties, "__title": event.title}
    return found


def _shown(column: Column, value: Any) -> Any:
    if column.kind in (Kind.TIME, Kind.TIME_OR_NONE):
        return None if value is None else iso_ms(value)
    return shown(column.name, value) if isinstance(value, str) else value
