"""Whole columns of imported events into the DuckDB file: their sessions and dwells are made in SQL.

The statements say for all sessions at once what ingest/history.py and ingest/sessions.py say for one whose rows
all come in one batch; a property test holds the two to the same rows. They read few columns and find places of
rows, such as that of a session's first row or its last page; Arrow then looks up what stands there.
A row's key orders rows by time, then by their place in the journal.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb
from arro3.core import Array, DataType, RecordBatch, Table

from footfall.model.event import (
    ASIDES,
    BROUGHT_END,
    BROUGHT_START,
    NO_MARKS,
    SCREEN_VIEW,
    SESSION_END,
    SESSION_START,
)
from footfall.store.base import Bulk
from footfall.store.duckdb_migrations import PROJECT_HASH, stored_name, stored_values
from footfall.store.schema import DWELLS, EVENTS, SESSIONS, Kind

_PLACE_BITS = 20
"""A key is a time in ms, which takes 42 bits until 2109, and the row's place in the batch."""
MAX_ROWS = 1 << _PLACE_BITS

_PLACE = f"& {MAX_ROWS - 1}"
_TIME = f">> {_PLACE_BITS}"
_MS = DataType.timestamp("ms")
_MAX_REVENUE = 2**63 - 1
_SOURCE = ("referrer", "referrer_name", "referrer_type")
_NARROW = (
    *("place", "session", "created_at", "name", "device_id", "profile_id", "path", "origin", "revenue", "groups"),
    *("referrer", "referrer_name"),
)
_HASH = "project_hash"

# An aside is of no session here: it is nothing that happened in one.
_ROWS = f"""
CREATE OR REPLACE TEMP TABLE bulk_rows AS SELECT
  created_at << {_PLACE_BITS} | place AS key, origin, path, revenue, groups,
  CASE WHEN name IN {ASIDES} THEN 0 ELSE bulk_incoming.session END AS session,
  profile_id <> '' AND profile_id <> device_id AS is_known, referrer <> '' OR referrer_name <> '' AS has_source,
  name = '{SESSION_START}' AS is_start, name = '{SESSION_END}' AS is_end, NOT (is_start OR is_end) AS counts,
  name = '{SCREEN_VIEW}' AND path = '' AS is_pathless, name = '{SCREEN_VIEW}' AND NOT is_pathless AS is_view
FROM bulk_incoming
"""

# A session that has nothing but marks is what its first mark says.
_SESSIONS = f"""
CREATE OR REPLACE TEMP TABLE bulk_sessions AS SELECT
  session, min(key) AS start, coalesce(min(key) FILTER (counts), start) AS first,
  coalesce(max(key) FILTER (counts), start) AS last,
  coalesce(min(key) FILTER (counts AND path <> ''), first) AS entry,
  coalesce(max(key) FILTER (counts AND path <> ''), first) AS exit,
  coalesce(max(key) FILTER (counts AND is_known), first) AS person,
  count(*) FILTER (counts) AS rows,
  -- A first view counts as one, whether or not it has a path.
  count(*) FILTER (is_view) + coalesce(arg_min(is_pathless, key) FILTER (counts), false)::BIGINT AS views,
  coalesce(sum(revenue) FILTER (counts), arg_min(revenue, key)) AS revenue,
  coalesce(arg_min(has_source, key) FILTER (counts), false) AS has_source,
  bool_or(is_start)::BIGINT * {BROUGHT_START} + bool_or(is_end)::BIGINT * {BROUGHT_END}
    + (rows = 0)::BIGINT * {NO_MARKS} AS marks,
  coalesce(arg_min(groups, key) FILTER (counts), arg_min(groups, key)) AS first_groups,
  count(*) FILTER (counts AND groups <> '[]') AS grouped
FROM bulk_rows WHERE session > 0 GROUP BY session
"""

# Every group once, in the order in which they come.
_GROUPS = """
CREATE OR REPLACE TEMP TABLE bulk_groups AS
SELECT session, to_json(list(name ORDER BY first))::VARCHAR AS groups FROM (
  SELECT session, name, min({'key': key, 'spot': spot}) AS first FROM (
    SELECT session, key, unnest(names) AS name, generate_subscripts(names, 1) AS spot FROM (
      SELECT session, key, from_json(groups, '["VARCHAR"]') AS names
      FROM bulk_rows WHERE session > 0 AND counts AND groups <> '[]'
    )
  ) GROUP BY session, name
) GROUP BY session
"""

_FIRST_VIEWS = """
CREATE OR REPLACE TEMP TABLE bulk_first_views AS
SELECT min(key) AS key FROM bulk_rows WHERE session > 0 AND is_view GROUP BY session, origin, path
"""

# For each event, in order of time: whether its view is the session's first of that page, and which event tells
# its source.
_ADDED = f"""
SELECT bulk_rows.key {_PLACE} AS place, bulk_first_views.key IS NOT NULL AS first_view,
  CASE WHEN counts AND bulk_sessions.has_source THEN first ELSE bulk_rows.key END {_PLACE} AS source
FROM bulk_rows LEFT JOIN bulk_sessions USING (session) LEFT JOIN bulk_first_views USING (key)
ORDER BY bulk_rows.key
"""

_DWELLS = f"""
SELECT key {_PLACE} AS place, (lead(key) OVER following {_TIME}) - (key {_TIME}) AS duration
FROM bulk_rows WHERE session > 0 AND is_view
WINDOW following AS (PARTITION BY session ORDER BY key) QUALIFY duration IS NOT NULL
"""

_OF_SESSIONS = f"""
SELECT start {_PLACE} AS start, first {_PLACE} AS first, entry {_PLACE} AS entry, exit {_PLACE} AS exit,
  person {_PLACE} AS person, make_timestamp_ms(last {_TIME}) AS ended_at, views < 2 AS is_bounce,
  views AS screen_view_count, rows - views AS event_count, least(revenue, {_MAX_REVENUE})::BIGINT AS revenue,
  (last {_TIME}) - (first {_TIME}) AS duration, marks,
  CASE WHEN grouped = 0 OR (grouped = 1 AND first_groups <> '[]') THEN first_groups ELSE groups END AS groups
FROM bulk_sessions LEFT JOIN bulk_groups USING (session) ORDER BY first
"""

_UTM_VALUES = ", ".join(
    f"coalesce(start_properties->>'$.\"__query.utm_{name}\"', '') AS utm_{name}"
    for name in ("source", "medium", "campaign", "term", "content")
)
# An id as EventIds makes it.
_START_ID = "(first_start_id::UUID::UHUGEINT + (4 * place_in_group)::UHUGEINT)::UUID AS start_id"
_FROM = {
    EVENTS.name: "bulk_incoming",
    SESSIONS.name: f"(SELECT *, {_START_ID}, {_UTM_VALUES} FROM bulk_incoming)",
    DWELLS.name: "bulk_incoming",
}

_TABLES = ("rows", "sessions", "groups", "first_views")


def insert_bulk(connection: duckdb.DuckDBPyConnection, bulk: Sequence[Bulk], casts: Mapping[Kind, str]) -> None:
    """Store these events, their sessions and their dwells, within the transaction that is open.

    At most MAX_ROWS rows.
    """
    rows = _incoming(bulk, _hashes(connection, {part.columns.project_id for part in bulk}))
    if rows is None:
        return
    connection.register("bulk_incoming", rows.select(list(_NARROW)))
    for statement in (_ROWS, _SESSIONS, _GROUPS, _FIRST_VIEWS):
        connection.execute(statement)
    for table, sql, make in _STORED:
        added = _whole(Table.from_arrow(connection.sql(sql)))
        if added is not None:
            connection.register("bulk_incoming", make(rows, added))
            values = stored_values(table, casts, project_hash=_HASH)
            connection.execute(f"INSERT INTO {stored_name(table)} SELECT {values} FROM {_FROM[table.name]}")
    for name in _TABLES:
        connection.execute(f"DROP TABLE bulk_{name}")
    connection.unregister("bulk_incoming")


# -- the rows that come


def _hashes(connection: duckdb.DuckDBPyConnection, project_ids: Iterable[str]) -> dict[str, int]:
    """The hash of each project, worked out once and not for every row."""
    ids = list(project_ids)
    sql = f"SELECT project_id, {PROJECT_HASH} FROM (SELECT unnest(?::VARCHAR[]) AS project_id)"
    return dict(connection.execute(sql, [ids]).fetchall())


def _incoming(bulk: Sequence[Bulk], hashes: Mapping[str, int]) -> RecordBatch | None:
    """The rows, with their place in the batch and their session's number, 0 for none."""
    sessions: dict[tuple[str, str], int] = {}
    batches, place = [], 0
    for part in bulk:
        columns = part.columns
        project_id, size = columns.project_id, len(columns)
        numbers = [
            sessions.setdefault((project_id, name), len(sessions) + 1) if name else 0
            for name in columns.values("session_id")
        ]
        found: dict[str, Any] = columns.arrow() | {
            "session": _numbers(numbers).take(Array.from_buffer(columns.numbers("session_id"))),
            "place_in_group": _numbers(range(size)),
            "project_id": _same(project_id, size),
            _HASH: _same(hashes[project_id], size),
            "first_start_id": _same(part.first_start_id, size),
        }
        batch = RecordBatch.from_pydict(found)
        batch = batch if part.kept is None else batch.take(_numbers(part.kept))
        batches.append(batch.append_column("place", _numbers(range(place, place + batch.num_rows))))
        place += batch.num_rows
    return _whole(Table.from_batches(batches))


def _numbers(numbers: Iterable[int]) -> Array:
    return Array.from_buffer(array("q", numbers))


def _same(value: str | int, rows: int) -> Array:
    kind = DataType.utf8() if isinstance(value, str) else DataType.uint16()
    return Array([value], type=kind).take(Array.from_buffer(array("H", bytes(2 * rows))))


def _whole(table: Table) -> RecordBatch | None:
    """A table's rows in one piece; None if there are none."""
    return table.combine_chunks().to_batches()[0] if table.num_rows else None


# -- the rows that are stored, from those that came and what the statements found


def _events(rows: RecordBatch, added: RecordBatch) -> RecordBatch:
    source = rows.select(list(_SOURCE)).take(added.column("source"))
    found = _columns(rows.take(added.column("place"))) | _columns(source)
    for name in ("created_at", "imported_at"):
        found[name] = found[name].cast(_MS)
    return RecordBatch.from_pydict(found | {"first_view": added.column("first_view")})


def _sessions(rows: RecordBatch, added: RecordBatch) -> RecordBatch:
    first = _columns(rows.take(added.column("first")))
    found = {name: column for name, column in first.items() if name in SESSIONS.names}
    found |= {"id": first["session_id"], _HASH: first[_HASH]}
    found["created_at"] = first["created_at"].cast(_MS)
    for name in ("title", "sdk_name", "sdk_version", "properties"):
        found[f"start_{name}"] = first[name]
    found |= _columns(rows.select(["first_start_id", "place_in_group"]).take(added.column("start")))
    found |= _columns(rows.select(["profile_id"]).take(added.column("person")))
    for end in ("entry", "exit"):
        page = rows.select(["origin", "path"]).take(added.column(end))
        found |= {f"{end}_{name}": column for name, column in _columns(page).items()}
    return RecordBatch.from_pydict(found | _columns(added))


def _dwells(rows: RecordBatch, added: RecordBatch) -> RecordBatch:
    seen = rows.select(["id", "project_id", _HASH, "created_at", "session_id", "origin", "path"])
    view = _columns(seen.take(added.column("place")))
    return RecordBatch.from_pydict(
        {
            "view_id": view["id"],
            "project_id": view["project_id"],
            _HASH: view[_HASH],
            "viewed_at": view["created_at"].cast(_MS),
            "session_id": view["session_id"],
            "origin": view["origin"],
            "path": view["path"],
            "duration": added.column("duration"),
        }
    )


def _columns(batch: RecordBatch) -> dict[str, Any]:
    return dict(zip(batch.column_names, batch.columns, strict=True))


_STORED = ((EVENTS, _ADDED, _events), (SESSIONS, _OF_SESSIONS, _sessions), (DWELLS, _DWELLS, _dwells))
