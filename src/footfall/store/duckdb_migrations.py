"""The DuckDB file's schema, as numbered steps that each run once."""

from collections.abc import Callable

import duckdb

from footfall.model.errors import SetupError
from footfall.store.schema import ENGINE_TYPES, TABLES, Table


def _create(table: Table) -> str:
    types = ENGINE_TYPES["duckdb"]
    columns = ", ".join(f"{column.name} {types[column.kind]}" for column in table.columns)
    return f"CREATE TABLE {table.name} ({columns})"


def _first(connection: duckdb.DuckDBPyConnection) -> None:
    for table in TABLES:
        connection.execute(_create(table))
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
