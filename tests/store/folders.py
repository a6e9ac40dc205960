"""A data folder of either engine, that opens as a store, closes, and can be made to fail."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from footfall.store.base import Batch, Row, Store
from footfall.store.clickhouse import ClickHouseStore
from footfall.store.duckdb import DuckDBStore
from support.asking import asked


class Killed(BaseException):
    """Stands for the end of the process: no handler catches it."""


class Trap:
    """A connection that raises at its n-th statement, before or after running it."""

    def __init__(self, connection: Any, at: int, error: BaseException, *, late: bool) -> None:
        self._connection, self._left, self._error, self._late = connection, at, error, late
        self.sprung = False

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._connection, name)
        if name not in ("execute", "insert", "command"):
            return value

        def run(*arguments: Any, **named: Any) -> Any:
            self._left -= 1
            if self._left != -1:
                return value(*arguments, **named)
            self.sprung = True
            if self._late:
                value(*arguments, **named)
            raise self._error

        return run


class Folder:
    """A data folder of one engine, with the store that is open in it."""

    NODE = 1

    def __init__(self, engine: str, path: Path) -> None:
        self.engine = engine
        self.path = path
        self._open: list[Store] = []
        self.store = self.open()

    def open(self, **limits: Any) -> Store:
        """Open the store in this folder."""
        store: Store
        if self.engine == "duckdb":
            store = DuckDBStore(self.path / "footfall.duckdb", **limits)
        else:
            store = ClickHouseStore(
                f"chdb://{self.path}/db", node=self.NODE, pending=self.path / "clickhouse.pending", **limits
            )
        self._open.append(store)
        self.store = store
        return store

    def merge(self) -> None:
        """What ClickHouse does in its own time: parts become one, deleted and replaced rows go."""
        store: Any = self.store
        store.maintain()
        if self.engine == "clickhouse":
            for (table,) in store._writer.query(
                "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'"
            ).result_rows:
                store._writer.command(f"OPTIMIZE TABLE {table} FINAL")

    def close(self) -> None:
        """Close whatever is open."""
        while self._open:
            self._open.pop().close()

    def reopen(self, **limits: Any) -> Store:
        """What a new process does."""
        self.close()
        return self.open(**limits)

    def crash_at(self, step: int, batch: Batch, *, late: bool) -> bool:
        """Write, and die at a step of it; then start anew. False if the write has no such step."""
        with self.failing(step, Killed(), late=late) as trap, suppress(Killed):
            self.store.write(batch)
        self.reopen()
        return trap.sprung

    def die_at(self, step: int, batch: Batch, *, late: bool) -> bool:
        """The same, but what ClickHouse's server is goes on while its client dies, which is also faster."""
        if self.engine == "duckdb":
            return self.crash_at(step, batch, late=late)
        with self.failing(step, Killed(), late=late) as trap, suppress(Killed):
            self.store.write(batch)
        dead = self._open.pop()
        self.open()
        dead.close()
        return trap.sprung

    def failing(self, step: int, error: BaseException, *, late: bool) -> "_Failing":
        """The store's writer raises `error` at its n-th statement."""
        return _Failing(self.store, step, error, late=late)

    def rows(self, sql: str, **params: object) -> list[Row]:
        """Ask in SQL that both engines understand."""
        return asked(self.store, sql, **params)

    def count(self, table: str) -> int:
        """Rows in a table."""
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])


class _Failing:
    def __init__(self, store: Any, step: int, error: BaseException, *, late: bool) -> None:
        self._is_duckdb = isinstance(store, DuckDBStore)
        self._store = store
        self._writer = store._file._mine() if self._is_duckdb else store._writer
        self._trap = Trap(self._writer, step, error, late=late)

    def __enter__(self) -> Trap:
        if self._is_duckdb:
            self._store._file._mine = lambda: self._trap
        else:
            self._store._writer = self._trap
        return self._trap

    def __exit__(self, *_: object) -> None:
        if self._is_duckdb:
            del self._store._file._mine
        else:
            self._store._writer = self._writer
