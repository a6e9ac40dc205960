"""The DuckDB file's schema, as numbered steps that each run once.

An anonymous visitor's profile id is his device id; it is stored as '' and put back by the views `events` and
`sessions`, which saves 8 bytes an event and costs a question nothing. `events` also adds the marks.

A session's `visitor_before` is when its visitor's session before began; duckdb_links.py fills it in. `clusters`
has the spans of time whose rows are in order (duckdb_clusters.py).

`project_hash` is there to find a project's rows: where they are in order it is stored as runs of one number, which
are looked at once each, and a text is looked at row by row (docs/decisions/022-projects-are-found-by-a-number.md).
"""

from collections.abc import Callable, Mapping

import duckdb

from footfall.model.errors import SetupError
from footfall.store.marks import Spelling, marks
from footfall.store.schema import DWELLS, ENGINE_TYPES, EVENTS, OPEN_SESSIONS, SESSIONS, TABLES, Kind, Table

EVENTS_BETWEEN = "events_between"
"""The view `events` as a function of two times: what is from the first on and before the second."""

_BEHIND_A_VIEW = (EVENTS, SESSIONS)
_SPELLING = Spelling(
    # DuckDB's epoch_ms takes four times as long as this way to the number that a time is.
    later="make_timestamp(epoch_us({0}::TIMESTAMP) + {1} * 1000)::TIMESTAMP_MS",
    next_id="({0}::UHUGEINT + 1)::UUID",
    no_time="NULL::TIMESTAMP_MS",
    bounce="{{'__bounce': CASE WHEN {0} THEN 'true' ELSE 'false' END}}::VARIANT",
)

# Who a session is of, as 64 bits: counting distinct ones takes half the time of counting texts. MD5 and not
# DuckDB's own hash, which another version may compute otherwise.
_WITH_VISITOR = (SESSIONS, OPEN_SESSIONS)
_VISITOR = "md5_number_lower(profile_id)"

_HASHED = (EVENTS, SESSIONS, DWELLS)
"""The tables with a `project_hash`."""
HASHES = 65_536
"""16 bits, because rows that are not in order yet take all of them; two projects may share one."""
PROJECT_HASH = f"(md5_number_lower(project_id) % {HASHES})::USMALLINT"


def stored_name(table: Table) -> str:
    """The table that holds the rows, where `table.name` is a view of it."""
    return f"{table.name}_data" if table in _BEHIND_A_VIEW else table.name


def stored_values(table: Table, casts: Mapping[Kind, str], *, project_hash: str = PROJECT_HASH) -> str:
    """What an incoming row is stored as: one expression per stored column, in their order."""
    values = [casts.get(column.kind, "{0}").format(column.name) for column in table.columns]
    if table in _BEHIND_A_VIEW:
        is_anonymous = "CASE WHEN profile_id = device_id THEN '' ELSE profile_id END"
        values[table.names.index("profile_id")] = is_anonymous
    if table in _WITH_VISITOR:
        values.append(_VISITOR)
    if table is SESSIONS:
        values.append("NULL")  # visitor_before
    if table in _HASHED:
        values.append(project_hash)
    return ", ".join(values)


def _create(table: Table) -> str:
    types = ENGINE_TYPES["duckdb"]
    columns = [f"{column.name} {types[column.kind]}" for column in table.columns]
    if table in _WITH_VISITOR:
        columns.append("visitor UBIGINT")
    return f"CREATE TABLE {stored_name(table)} ({', '.join(columns)})"


def _create_view(table: Table) -> str:
    selects = [_stored(table), *marks(_SPELLING)] if table is EVENTS else [_stored(table)]
    return f"CREATE OR REPLACE VIEW {table.name} AS {' UNION ALL '.join(selects)}"


def shown(table: Table, name: str) -> str:
    """What a stored column is, as its table's view shows it."""
    if name == "profile_id" and table in _BEHIND_A_VIEW:
        return "CASE WHEN profile_id = '' THEN device_id ELSE profile_id END"
    return name


def _stored(table: Table) -> str:
    if table is EVENTS:
        columns = ", ".join(f"{shown(table, name)} AS {name}" for name in EVENTS.names)
        return f"SELECT {columns} FROM {stored_name(table)}"
    return f"SELECT * REPLACE ({shown(table, 'profile_id')} AS profile_id) FROM {stored_name(table)}"


def _create_events_between() -> str:
    stored = f"{_stored(EVENTS)} WHERE created_at >= since AND created_at < until"
    selects = (stored, *marks(_SPELLING, "since", "until"))
    return f"CREATE OR REPLACE MACRO {EVENTS_BETWEEN}(since, until) AS TABLE {' UNION ALL '.join(selects)}"


def _first(connection: duckdb.DuckDBPyConnection) -> None:
    for table in TABLES:
        connection.execute(_create(table))
    for table in reversed(_BEHIND_A_VIEW):
        connection.execute(_create_view(table))
    connection.execute("CREATE TABLE journal_position (position BIGINT)")
    connection.execute("INSERT INTO journal_position VALUES (0)")


def _second(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(_create_view(EVENTS))
    connection.execute(_create_events_between())


def _third(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"ALTER TABLE {stored_name(SESSIONS)} ADD COLUMN visitor_before TIMESTAMP_MS")
    connection.execute(_create_view(SESSIONS))
    connection.execute("CREATE TABLE linked (project_id VARCHAR, since_ms BIGINT, until_ms BIGINT)")


def _fourth(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE TABLE clusters (since_ms BIGINT, until_ms BIGINT, is_large BOOLEAN)")


def _fifth(connection: duckdb.DuckDBPyConnection) -> None:
    for table in _HASHED:
        connection.execute(f"ALTER TABLE {stored_name(table)} ADD COLUMN project_hash USMALLINT")
        # Not `ALTER … USING`, which DuckDB 2.0 can't replay from its log: it has no functions yet then.
        connection.execute(f"UPDATE {stored_name(table)} SET project_hash = {PROJECT_HASH}")
    for table in reversed(_BEHIND_A_VIEW):
        connection.execute(_create_view(table))
    connection.execute(_create_events_between())


STEPS: tuple[Callable[[duckdb.DuckDBPyConnection], None], ...] = (_first, _second, _third, _fourth, _fifth)


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring the file to the newest schema. Raises SetupError if it was made by a newer Footfall."""
    connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER)")
    found = connection.execute("SELECT max(version) FROM schema_version").fetchone()
    version = found[0] or 0 if found else 0
    if version > len(STEPS):
        raise SetupError("the data folder was written by a newer Footfall; upgrade, or choose another --data")
    for number, step in enumerate(STEPS[version:], start=version + 1):
        connection.execute("BEGIN TRANSACTION")
        step(connection)
        connection.execute("INSERT INTO schema_version VALUES (?)", [number])
        connection.execute("COMMIT")
    if 0 < version < len(STEPS):
        connection.execute("CHECKPOINT")  # else the next start may have to read it all from the log
