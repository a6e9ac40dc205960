"""Clusters: what the DuckDB file has of a span of time is put in order of project and time, so that a question
reads little but its own project's rows (docs/decisions/017-rows-are-put-in-order.md).

Rows come as they happen, of all projects in turn. While the store is idle, a span of about a row group of events
is put in order once there is one, and four such spans once more as one.
"""

import duckdb
from msgspec import Struct
from msgspec.structs import replace

from footfall.store.duckdb_file import transaction
from footfall.store.duckdb_migrations import stored_name
from footfall.store.schema import DWELLS, EVENTS, SESSIONS, Table

_ROWS = 122_880
"""Events of a small span (a row group of DuckDB), and rows moved in one go, more or less, as the drain waits."""
_SPANS = 4
"""So many small spans become a large one, which stays as it is. So a row is moved twice at most.

While a span is put in order, the file has its events twice; larger spans would save little more reading.
"""

_Keys = dict[str, int | str]
_TABLES = (EVENTS, SESSIONS, DWELLS)
_EVENTS = stored_name(EVENTS)
_SMALL_SPANS = "SELECT since_ms, until_ms FROM clusters WHERE NOT is_large ORDER BY since_ms"
_NEXT = f"""
SELECT coalesce((SELECT max(until_ms) FROM clusters), (SELECT epoch_ms(min(created_at)) FROM {_EVENTS}))
"""
_END = f"""
SELECT epoch_ms(created_at) + 1 FROM {_EVENTS} WHERE created_at >= make_timestamp_ms(?)::TIMESTAMP_MS
ORDER BY created_at LIMIT 1 OFFSET ?
"""
_PROJECTS = f"""
SELECT count(DISTINCT project_id) FROM {_EVENTS}
WHERE created_at >= make_timestamp_ms(?)::TIMESTAMP_MS AND created_at < make_timestamp_ms(?)::TIMESTAMP_MS
"""


class _Span(Struct, frozen=True):
    """A half-open range of event time, ms UTC, with some events."""

    since_ms: int
    until_ms: int
    is_large: bool


class _Work(Struct, frozen=True):
    """What is left of putting a span in order: these tables, of the first one what comes after that key."""

    span: _Span
    tables: tuple[Table, ...]
    project_id: str = ""
    time_ms: int = 0


class Clusters:
    """Puts spans in order, some rows in each `tidy`. Used by one thread at a time.

    How far it is with a span is in memory alone: after a restart the span begins again.
    """

    def __init__(self) -> None:
        self._work: _Work | None = None

    def tidy(self, writer: duckdb.DuckDBPyConnection) -> bool:
        """Move some rows; whether there may be more to be moved."""
        moved = 0
        while moved < _ROWS:
            work = self._work or _begin(writer)
            # Should anything go wrong, the span begins again.
            self._work = None
            if work is None:
                return False
            if not work.tables:
                _note(writer, work.span)
                break
            self._work, rows = _go_on(writer, work)
            moved += rows
            if len(self._work.tables) < len(work.tables):
                # What was there before is deleted as a whole now: its space can be had again.
                writer.execute("CHECKPOINT")
        return True


def _begin(writer: duckdb.DuckDBPyConnection) -> _Work | None:
    """The next span and what to do with it; None while there is none."""
    span = _next_span(writer)
    if span is None:
        return None
    [(projects,)] = writer.execute(_PROJECTS, [span.since_ms, span.until_ms]).fetchall()
    if projects > 1:
        return _Work(span, _TABLES)
    # One project's rows are in order as they came.
    return _Work(replace(span, is_large=True), ())


def _next_span(writer: duckdb.DuckDBPyConnection) -> _Span | None:
    small = writer.execute(_SMALL_SPANS).fetchall()
    if len(small) >= _SPANS:
        return _Span(small[0][0], small[-1][1], is_large=True)
    [(since_ms,)] = writer.execute(_NEXT).fetchall()
    if since_ms is not None:
        for rows, is_large in ((_SPANS * _ROWS, True), (_ROWS, False)):
            end = writer.execute(_END, [since_ms, rows - 1]).fetchone()
            if end is not None:
                return _Span(since_ms, end[0], is_large)
    return None


def _go_on(writer: duckdb.DuckDBPyConnection, work: _Work) -> tuple[_Work, int]:
    """Move the next rows, in a transaction; what is left then, and how many they were."""
    table, *others = work.tables
    time = table.order[1]
    keys: _Keys = {"since": work.span.since_ms, "until": work.span.until_ms}
    keys |= {"project": work.project_id, "time": work.time_ms}
    left = (
        f"{_at(time, '>=', 'since')} AND {_at(time, '<', 'until')} "
        f"AND (project_id > $project OR project_id = $project AND {_at(time, '>', 'time')})"
    )
    last = writer.execute(
        f"SELECT project_id, epoch_ms({time}) FROM {stored_name(table)} WHERE {left} "
        f"ORDER BY project_id, {time} LIMIT 1 OFFSET {_ROWS - 1}",
        keys,
    ).fetchone()
    if last is None:
        return _Work(work.span, tuple(others)), _move(writer, table, left, keys)
    keys |= {"last_project": last[0], "last_time": last[1]}
    upto = f"(project_id < $last_project OR project_id = $last_project AND {_at(time, '<=', 'last_time')})"
    moved = _move(writer, table, f"{left} AND {upto}", keys)
    return replace(work, project_id=last[0], time_ms=last[1]), moved


def _at(time: str, sign: str, parameter: str) -> str:
    return f"{time} {sign} make_timestamp_ms(${parameter})::TIMESTAMP_MS"


def _move(writer: duckdb.DuckDBPyConnection, table: Table, which: str, keys: _Keys) -> int:
    """Write these rows anew, in order, after all others; how many they are."""
    name = stored_name(table)
    with transaction(writer):
        [(last,)] = writer.execute(f"SELECT max(rowid) FROM {name}").fetchall()
        in_order = f"SELECT * FROM {name} WHERE {which} ORDER BY {', '.join(table.order)}"
        writer.execute(f"INSERT INTO {name} {in_order}", keys)
        deleted = f"DELETE FROM {name} WHERE rowid <= $last AND {which}"
        [(moved,)] = writer.execute(deleted, keys | {"last": last}).fetchall()
    return int(moved)


def _note(writer: duckdb.DuckDBPyConnection, span: _Span) -> None:
    """The span is in order, and so are the ones that it is made of."""
    with transaction(writer):
        writer.execute(
            "DELETE FROM clusters WHERE since_ms >= ? AND until_ms <= ?", [span.since_ms, span.until_ms]
        )
        writer.execute("INSERT INTO clusters VALUES (?, ?, ?)", [span.since_ms, span.until_ms, span.is_large])
