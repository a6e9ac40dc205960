"""The rows of a DuckDB file on their way to ClickHouse: in pieces, as Arrow columns of what that one takes."""

from collections.abc import Iterator

import duckdb
from arro3.core import RecordBatchReader
from arro3.core import Table as ArrowTable

from footfall.store.clickhouse_rows import FIRST_MS, LAST_MS
from footfall.store.duckdb_migrations import shown, stored_name
from footfall.store.schema import TABLES, Column, Kind, Table

_ROWS = 20_480
"""Rows of a piece: so many fit into memory, also where each has much to tell."""

_TEXTS = "{0}::JSON::MAP(VARCHAR, VARCHAR)"
_NEAREST = f"least(greatest({{0}}, make_timestamp_ms({FIRST_MS})), make_timestamp_ms({LAST_MS}))::TIMESTAMP_MS"
# Of nothing and a time, DuckDB takes the time.
_INSTANT = f"CASE WHEN {{0}} IS NOT NULL THEN {_NEAREST} END"

_SENT = {Kind.ID: "{0}::VARCHAR", Kind.TIME: _INSTANT, Kind.TIME_OR_NONE: _INSTANT, Kind.MAP: _TEXTS}

_SUMS = {
    Kind.TEXT: "sum(strlen({0}))",
    Kind.LABEL: "sum(strlen({0}))",
    Kind.TIME: f"sum(epoch_ms({_INSTANT}))",
    Kind.TIME_OR_NONE: f"sum(epoch_ms({_INSTANT}))",
    Kind.INT: "sum({0})",
    Kind.BOOL: "count_if({0})",
    Kind.TEXTS: "sum(len({0}))",
    Kind.MAP: f"sum(cardinality({_TEXTS}))",
}


def row_count(cursor: duckdb.DuckDBPyConnection) -> int:
    """How many rows all tables have."""
    counts = " + ".join(f"(SELECT count(*) FROM {stored_name(table)})" for table in TABLES)
    return int(cursor.execute(f"SELECT {counts}").fetchall()[0][0])


def pieces(cursor: duckdb.DuckDBPyConnection, table: Table, **constants: int) -> Iterator[ArrowTable]:
    """All rows of a table, with further columns that hold one number in every row."""
    columns = [f"{_spelled(_SENT, table, column)} AS {column.name}" for column in table.columns]
    columns += [f"{number}::BIGINT AS {name}" for name, number in constants.items()]
    select = f"SELECT {', '.join(columns)} FROM {stored_name(table)} WHERE rowid BETWEEN"
    [(last,)] = cursor.execute(f"SELECT coalesce(max(rowid), -1) FROM {stored_name(table)}").fetchall()
    for first in range(0, last + 1, _ROWS):
        piece = RecordBatchReader.from_arrow(cursor.sql(f"{select} {first} AND {first + _ROWS - 1}")).read_all()
        if piece.num_rows:
            yield piece


def sums(cursor: duckdb.DuckDBPyConnection, table: Table) -> dict[str, int]:
    """How many rows a table has, as `rows`, and of each column a number that a loss would change."""
    columns = ", ".join(_spelled(_SUMS, table, column) for column in table.columns)
    [found] = cursor.execute(f"SELECT count(*), {columns} FROM {stored_name(table)}").fetchall()
    return {name: int(number or 0) for name, number in zip(("rows", *table.names), found, strict=True)}


def _spelled(spellings: dict[Kind, str], table: Table, column: Column) -> str:
    default = "{0}" if spellings is _SENT else "count({0})"
    return spellings.get(column.kind, default).format(shown(table, column.name))
