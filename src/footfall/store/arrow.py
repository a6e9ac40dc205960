"""Rows to Arrow columns, the fastest way into both engines: about 0.1 µs a value.

What an engine must still cast is text here: UUIDs, lists and maps (as JSON).
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from arro3.core import Array, DataType
from arro3.core import Table as ArrowTable

from footfall.store.schema import Kind, Table

_encode = msgspec.json.Encoder().encode

_TEXT = DataType.utf8()
_INT = DataType.int64()
_MS = DataType.timestamp("ms")


def _text(values: Sequence[Any]) -> Array:
    return Array(values, type=_TEXT)


def _int(values: Sequence[Any]) -> Array:
    return Array(values, type=_INT)


def _time(values: Sequence[Any]) -> Array:
    return Array(values, type=_INT).cast(_MS)


def _float(values: Sequence[Any]) -> Array:
    return Array(values, type=DataType.float32())


def _bool(values: Sequence[Any]) -> Array:
    return Array(values, type=DataType.bool())


def _texts(values: Sequence[Any]) -> Array:
    return Array([_encode(value).decode() if value else "[]" for value in values], type=_TEXT)


def _map(values: Sequence[Any]) -> Array:
    return Array([_encode(value).decode() if value else "{}" for value in values], type=_TEXT)


_MAKERS: dict[Kind, Callable[[Sequence[Any]], Array]] = {
    Kind.ID: _text,
    Kind.TEXT: _text,
    Kind.LABEL: _text,
    Kind.TIME: _time,
    Kind.TIME_OR_NONE: _time,
    Kind.INT: _int,
    Kind.FLOAT_OR_NONE: _float,
    Kind.BOOL: _bool,
    Kind.TEXTS: _texts,
    Kind.MAP: _map,
}


def arrow_table(table: Table, rows: Sequence[object]) -> ArrowTable:
    """One Arrow table of these row structs, columns named and ordered as in `table`."""
    columns = table.columns_of(rows)
    return ArrowTable.from_pydict(
        {column.name: _MAKERS[column.kind](values) for column, values in zip(table.columns, columns, strict=True)}
    )
