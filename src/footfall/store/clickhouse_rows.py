"""Rows to ClickHouse's columns and back.

Times leave and come as milliseconds; what an engine's 64 bits or years can't hold is found here,
before a batch touches the store.
"""

from array import array
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from footfall.model.event import Profile, Session
from footfall.store.schema import ENGINE_TYPES, EVENTS, GROUPS, OPEN_SESSIONS, PROFILES, Column, Kind, Table

TYPES = ENGINE_TYPES["clickhouse"]

FIRST_MS, LAST_MS = -2_208_988_800_000, 10_413_791_999_999
"""What DateTime64 holds: the years 1900 to 2299."""


class Columns(Struct, frozen=True):
    """Rows turned sideways: names and types of the columns, and one list of values for each."""

    names: list[str]
    types: list[str]
    values: list[Sequence[Any]]

    def slices(self, rows: int) -> list["Columns"]:
        """The same in pieces of at most so many rows."""
        return [
            Columns(self.names, self.types, [column[start : start + rows] for column in self.values])
            for start in range(0, len(self.values[0]), rows)
        ]

    def plus(self, **constants: int) -> "Columns":
        """The same with further columns that hold one number in every row."""
        rows = len(self.values[0])
        return Columns(
            [*self.names, *constants],
            [*self.types, *(EXTRA_TYPES[name] for name in constants)],
            [*self.values, *([value] * rows for value in constants.values())],
        )


EXTRA_TYPES = {"version": "UInt64", "is_deleted": "UInt8", "node": "Int64", "position": "Int64"}
"""The columns that only this engine has."""


def stored_name(table: Table) -> str:
    """The table that holds the rows, where `table.name` is a view of it."""
    return f"{table.name}_data" if table in (EVENTS, OPEN_SESSIONS, PROFILES, GROUPS) else table.name


def clamp_ms(ms: int) -> int:
    """The nearest instant that DateTime64 can hold."""
    return min(max(ms, FIRST_MS), LAST_MS)


def _times(values: Sequence[Any]) -> Sequence[Any]:
    return [None if value is None else clamp_ms(value) for value in values]


_MAKERS: dict[Kind, Callable[[Sequence[Any]], Sequence[Any]]] = {
    Kind.ID: lambda values: [UUID(value).int for value in values],
    Kind.TIME: _times,
    Kind.TIME_OR_NONE: _times,
    # Raises OverflowError for what 64 bits can't hold.
    Kind.INT: lambda values: array("q", values).tolist(),
    Kind.TEXTS: lambda values: [list(value) for value in values],
}


def columns(table: Table, rows: Sequence[object]) -> Columns:
    """These row structs as columns. Raises ValueError or OverflowError for what can't be stored."""
    return Columns(
        list(table.names),
        [TYPES[column.kind] for column in table.columns],
        [
            _MAKERS.get(column.kind, list)(values)
            for column, values in zip(table.columns, table.columns_of(rows), strict=True)
        ],
    )


def _read(column: Column) -> str:
    if column.kind in (Kind.TIME, Kind.TIME_OR_NONE):
        return f"toUnixTimestamp64Milli({column.name})"
    if column.kind is Kind.ID:
        return f"toString({column.name})"
    return column.name


def select_list(table: Table) -> str:
    """The select list that `session` and `profile` read."""
    return ", ".join(map(_read, table.columns))


def session(table: Table, row: tuple[Any, ...], *, is_open: bool) -> Session:
    """A row of `sessions` or `open_sessions`."""
    values = dict(zip(table.names, row, strict=True))
    values["groups"] = tuple(values["groups"])
    return Session(**values, is_open=is_open, is_stored=not is_open)


def profile(row: tuple[Any, ...]) -> Profile:
    """A row of `profiles`."""
    values = dict(zip(PROFILES.names, row, strict=True))
    values["groups"] = tuple(values["groups"])
    return Profile(**values)
