"""DuckDB rows back to structs."""

import json
from typing import Any

from footfall.model.event import Profile, Session
from footfall.store.schema import OPEN_SESSIONS, PROFILES, SESSIONS, Column, Kind, Table


def _read(column: Column) -> str:
    if column.kind in (Kind.TIME, Kind.TIME_OR_NONE):
        return f"epoch_ms({column.name})"
    if column.kind is Kind.ID:
        return f"{column.name}::VARCHAR"
    if column.kind is Kind.MAP:
        return f"{column.name}::JSON"
    return column.name


def session_columns(table: Table) -> str:
    """The select list that `session` reads."""
    return ", ".join(map(_read, table.columns))


def session(row: tuple[Any, ...], *, is_open: bool) -> Session:
    """A row of `sessions` or `open_sessions`."""
    table = OPEN_SESSIONS if is_open else SESSIONS
    values = dict(zip(table.names, row, strict=True))
    values["groups"] = tuple(values["groups"])
    values["start_properties"] = _texts(values["start_properties"])
    return Session(**values, is_open=is_open, is_stored=not is_open)


def profile_columns() -> str:
    """The select list that `profile` reads."""
    return ", ".join(map(_read, PROFILES.columns))


def profile(row: tuple[Any, ...]) -> Profile:
    """A row of `profiles`."""
    values = dict(zip(PROFILES.names, row, strict=True))
    values["groups"] = tuple(values["groups"])
    values["properties"] = _texts(values["properties"])
    return Profile(**values)


def _texts(properties: str) -> dict[str, str]:
    return {key: str(value) for key, value in json.loads(properties).items()}
