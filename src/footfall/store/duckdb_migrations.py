"""The DuckDB file's schema, as numbered steps that each run once.

An anonymous visitor's profile id is his device id; it is stored as '' and put back by the views `events` and
`sessions`, which saves 8 bytes an event and costs a question nothing.
"""

from collections.abc import Callable

import duckdb

from footfall.model.errors import SetupError
from footfall.store.schema import ENGINE_TYPES, EVENTS, SESSIONS, TABLES, Table

_BEHIND_A_VIEW = (EVENTS, SESSIONS)


def stored_name(table: Table) -> str:
    """The table that holds the rows, where `table.name` is a view of it."""
    return f"{table.name}_data" if table in _BEHIND_A_VIEW else table.name


def stored_profile(table: Table) -> str:
    """The expression that an incoming `profile_id` is stored as."""
    return (
        "CASE WHEN profile_id = device_id THEN '' ELSE profile_id END"
        if table in _BEHIND_A_VIEW
        else "profile_id"
    )


def _create(table: Table) -> str:
    types = ENGINE_TYPES["duckdb"]
    columns = ", ".join(f"{column.name} {types[column.kind]}" for column in table.columns)
    return f"CREATE TABLE {stored_name(table)} ({columns})"


def _create_view(table: Table) -> str:
    return (
        f"CREATE VIEW {table.name} AS SELECT * REPLACE "
        "(CASE WHEN profile_id = '' THEN device_id ELSE profile_id END AS profile_id) "
        f"FROM {stored_name(table)}"
    )


def _first(connection: duckdb.DuckDBPyConnection) -> None:
    for table in TABLES:
        connection.execute(_create(table))
    for table in _BEHIND_A_VIEW:
        connection.execute(_create_view(table))
    connection.execute("CREATE TABLE journal_position (position BIGINT)")
    connection.execute("INSERT INTO journal_position VALUES (0)")


STEPS: tuple[Callable[[duckdb.DuckDBPyConnection], None], ...] = (_first,)


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
