"""The ClickHouse database's schema, as numbered steps.

There is no transaction around a step, and several nodes may start at once: every statement can be
repeated. The tables keep the columns of schema.py under the same names as the DuckDB file, so that one
SQL text reads both; where a table keeps several versions of a row (`…_data`), a view of the plain name
shows the newest, and the view `events` adds the marks to what is stored.
"""

from collections.abc import Callable, Sequence

from clickhouse_connect.driver.client import Client

from footfall.model.errors import SetupError
from footfall.store.clickhouse_rows import EXTRA_TYPES, TYPES, stored_name
from footfall.store.marks import Spelling, marks
from footfall.store.schema import (
    DROPS,
    DWELLS,
    EVENTS,
    GROUPS,
    OPEN_SESSIONS,
    PROFILES,
    SESSIONS,
    Kind,
    Table,
)

# A 2xx means on disk, so an insert is synced; and an insert repeated by its token is dropped.
_SETTINGS = "fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 10000"

UNFINISHED = "unfinished_filling"
"""A table that is there while the database gets the rows of another store (clickhouse_filling.py)."""

_SPELLING = Spelling(
    later="addMilliseconds({0}, {1})",
    # The halves of a UUID stand the other way round in a number.
    next_id="reinterpret(reinterpret({0}, 'UInt128') + bitShiftLeft(toUInt128(1), 64), 'UUID')",
    no_time="CAST(NULL AS Nullable(DateTime64(3, 'UTC')))",
    bounce="map('__bounce', if({0}, 'true', 'false'))",
    open_sessions=f"{stored_name(OPEN_SESSIONS)} AS s FINAL",
)

_CODECS = {Kind.TIME: "CODEC(DoubleDelta, ZSTD(1))", Kind.BOOL: ""}


def _create(table: Table, rest: str, *extra: str, name: str = "") -> str:
    columns = [
        f"{column.name} {TYPES[column.kind]} {_CODECS.get(column.kind, 'CODEC(ZSTD(1))')}"
        for column in table.columns
    ]
    # One value per batch: deltas are zero.
    columns += [
        f"{line} {EXTRA_TYPES[line]} CODEC(Delta, ZSTD(1))" if line in EXTRA_TYPES else line for line in extra
    ]
    return f"CREATE TABLE IF NOT EXISTS {name or table.name} ({', '.join(columns)}) {rest}"


def _appended(table: Table, time: str, order: str, *indexes: str, name: str = "") -> str:
    """A table whose rows stand as they were written, but for rare deletes, as questions read them."""
    rest = (
        f"ENGINE = MergeTree PARTITION BY toYYYYMM({time}) ORDER BY (project_id, toDate({time}), {order}) "
        f"SETTINGS {_SETTINGS}, enable_block_number_column = 1, enable_block_offset_column = 1"
    )
    return _create(table, rest, "version", *indexes, name=name)


def _replaced(table: Table, *extra: str) -> list[str]:
    """A table of states: the row with the highest version counts. And the view that shows it."""
    rest = (
        "ENGINE = ReplacingMergeTree(version, is_deleted) ORDER BY (project_id, id) "
        f"SETTINGS {_SETTINGS}, allow_experimental_replacing_merge_with_cleanup = 1"
    )
    data = f"{table.name}_data"
    return [
        _create(table, rest, "version", "is_deleted", *extra, name=data),
        f"CREATE VIEW IF NOT EXISTS {table.name} AS SELECT {', '.join(table.names)} FROM {data} FINAL",
    ]


def events_with_marks(names: Sequence[str] = EVENTS.names) -> str:
    """The select that the view `events` is, of these columns."""
    stored = f"SELECT {', '.join(names)} FROM {stored_name(EVENTS)}"
    return " UNION ALL ".join([stored, *marks(_SPELLING, names=names)])


def _text_index(column: str) -> str:
    return f"INDEX {column}_known {column} TYPE bloom_filter GRANULARITY 1"


def _first(client: Client) -> None:
    statements = [
        _appended(
            EVENTS,
            "created_at",
            "name, created_at",
            *map(_text_index, ("id", "session_id", "profile_id")),
            name=stored_name(EVENTS),
        ),
        _appended(
            SESSIONS,
            "created_at",
            "created_at",
            *map(_text_index, ("id", "device_id", "profile_id")),
            "INDEX ended ended_at TYPE minmax GRANULARITY 1",
        ),
        _appended(DWELLS, "viewed_at", "path, viewed_at", _text_index("session_id")),
        *_replaced(OPEN_SESSIONS, "node"),
        *_replaced(PROFILES),
        *_replaced(GROUPS),
        _create(
            DROPS,
            f"ENGINE = SummingMergeTree(count) ORDER BY (project_id, day, reason) SETTINGS {_SETTINGS}",
        ),
        f"CREATE VIEW IF NOT EXISTS {EVENTS.name} AS {events_with_marks()}",
        "CREATE TABLE IF NOT EXISTS journal_position (node Int64, position Int64, version UInt64) "
        f"ENGINE = ReplacingMergeTree(version) ORDER BY node SETTINGS {_SETTINGS}",
    ]
    for statement in statements:
        client.command(statement)


STEPS: tuple[Callable[[Client], None], ...] = (_first,)


def migrate(client: Client) -> None:
    """Bring the database to the newest schema. Raises SetupError if it was made by a newer Footfall."""
    client.command("CREATE TABLE IF NOT EXISTS schema_version (version Int32) ENGINE = MergeTree ORDER BY version")
    version = client.query("SELECT max(version) FROM schema_version").result_rows[0][0]
    if version > len(STEPS):
        raise SetupError("the ClickHouse database was written by a newer Footfall; upgrade this node")
    for number, step in enumerate(STEPS[version:], start=version + 1):
        step(client)
        client.command("INSERT INTO schema_version VALUES ({number:Int32})", parameters={"number": number})


def is_unfinished(client: Client) -> bool:
    """Whether the database was to get the rows of another store, and may not have them all."""
    return bool(client.query(f"EXISTS TABLE {UNFINISHED}").result_rows[0][0])
