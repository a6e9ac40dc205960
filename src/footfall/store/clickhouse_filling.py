"""An empty ClickHouse database that gets the rows of another store, whole, before a server may use it."""

import time

from arro3.core import Table as ArrowTable

from footfall.store import clickhouse_client as clickhouse
from footfall.store.clickhouse_migrations import UNFINISHED, is_unfinished, migrate
from footfall.store.clickhouse_rows import stored_name
from footfall.store.packing import pack_arrow
from footfall.store.schema import EVENTS, TABLES, Kind, Table

_SECONDS = 600.0
_NAMES = (*map(stored_name, TABLES), "journal_position")

_SUMS = {
    Kind.TEXT: "sum(length({0}))",
    Kind.LABEL: "sum(length({0}))",
    # 64 bits are not enough for the sum of many times.
    Kind.TIME: "sum(toInt128(toUnixTimestamp64Milli({0})))",
    Kind.TIME_OR_NONE: "sum(toInt128(toUnixTimestamp64Milli({0})))",
    Kind.INT: "sum(toInt128({0}))",
    Kind.BOOL: "countIf({0})",
    Kind.TEXTS: "sum(length({0}))",
    Kind.MAP: "sum(length({0}))",
}


class Filling:
    """The database at a URL while it is filled. Raises SetupError if it can't be reached or has rows of its own.

    What a filling that broke off has left in it is deleted first.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._began = time.time_ns() // 1_000_000
        self._pieces = 0
        self._client = clickhouse.connect(url, clickhouse.WRITING, _SECONDS)
        try:
            self._begin()
        except BaseException:
            self._client.close()
            raise

    def _begin(self) -> None:
        with clickhouse.setup(self._url):
            migrate(self._client)
            if is_unfinished(self._client):
                for name in _NAMES:
                    self._client.command(f"TRUNCATE TABLE {name}")
            elif self._has_rows():
                raise ValueError("it has events already, and only an empty database is filled")
            self._client.command(
                f"CREATE TABLE IF NOT EXISTS {UNFINISHED} (at Int64) ENGINE = MergeTree ORDER BY at"
            )

    def _has_rows(self) -> bool:
        counts = " + ".join(f"(SELECT count() FROM {name})" for name in _NAMES)
        return bool(self._client.query(f"SELECT {counts}").result_rows[0][0])

    def insert(self, table: Table, rows: ArrowTable) -> None:
        """Store rows, of which columns of this engine may be a part."""
        self._pieces += 1
        with clickhouse.setup(self._url):
            self._client.raw_insert(
                stored_name(table),
                column_names=rows.column_names,
                insert_block=pack_arrow(rows, compression="lz4"),
                fmt="ArrowStream",
                # Rows that are the same as those of a filling that broke off are no repetition of them.
                settings={"insert_deduplication_token": f"filling-{self._began}-{self._pieces}"},
            )

    def sums(self, table: Table) -> dict[str, int]:
        """How many rows a table has, as `rows`, and of each column a number that a loss would change."""
        columns = ", ".join(_SUMS.get(column.kind, "count({0})").format(column.name) for column in table.columns)
        name = stored_name(table) if table is EVENTS else table.name
        with clickhouse.setup(self._url):
            found = self._client.query(f"SELECT count(), {columns} FROM {name}").result_rows[0]
        return {name: int(number or 0) for name, number in zip(("rows", *table.names), found, strict=True)}

    def finish(self, node: int, position: int) -> None:
        """The rows are those of this node's journal up to that position. Servers may use the database now."""
        with clickhouse.setup(self._url):
            self._client.insert(
                "journal_position", [[node, position, self._began]], column_names=["node", "position", "version"]
            )
            self._client.command(f"DROP TABLE {UNFINISHED}")

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()
