"""Rows to Arrow columns, the fastest way into both engines: about 0.1 µs a value.

What an engine must still cast is text here: UUIDs, lists and maps (as JSON).
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from arro3.core import Array, DataType, RecordBatch
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


_CHUNK_ROWS = 1_000
"""Turning rows into columns walks over all of them once per column; what fits the cache takes a third of it."""


def arrow_table(table: Table, rows: Sequence[object]) -> ArrowTable:
    """One Arrow table of these row structs, columns named and ordered as in `table`; at least one row."""
    return ArrowTable.from_batches(
        [_record_batch(table, rows[start : start + _CHUNK_ROWS]) for start in range(0, len(rows), _CHUNK_ROWS)]
    )


def arrow_texts(name: str, texts: Sequence[str]) -> ArrowTable:
    """A table of one column."""
    return ArrowTable.from_pydict({name: _text(texts)})


def _record_batch(table: Table, rows: Sequence[object]) -> RecordBatch:
    columns = zip(table.columns, table.columns_of(rows), strict=True)
    return RecordBatch.from_pydict({column.name: _MAKERS[column.kind](values) for column, values in columns})
