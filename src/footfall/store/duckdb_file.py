"""One DuckDB file, open: a cursor for every thread, and a new start when the engine gives the file up.

When a checkpoint fails, because the disk refuses, DuckDB answers nothing any more until the file is closed
and opened. What was committed is safe in its log.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import structlog

from footfall.model.errors import SetupError
from footfall.store.standstill import changing

log = structlog.get_logger(__name__)

_PATIENCE_SECONDS = 3.0
"""How long the end waits for what reads; containers are killed ten seconds after they are told to stop."""

GIVEN_UP = (duckdb.FatalException, duckdb.ConnectionException)
"""What everything raises after the engine gave the file up, or while it can't be opened again."""


@contextmanager
def transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or none of what the cursor does inside."""
    try:
        cursor.execute("BEGIN TRANSACTION")
        yield
        cursor.execute("COMMIT")
    except duckdb.Error:
        with suppress(duckdb.Error):
            cursor.execute("ROLLBACK")
        raise


class DuckDBFile:
    """The cursors of one open file, which is in `folder`."""

    def __init__(self, connect: Callable[[], duckdb.DuckDBPyConnection], folder: Path) -> None:
        self._connect = connect
        self._folder = folder
        # To open and to close the file writes its log into it.
        with changing(folder):
            self._connection = connect()
        self._local = threading.local()
        self._cursors: list[duckdb.DuckDBPyConnection] = []
        self._state = threading.Condition()
        self._using = 0
        self._opened = 1
        self._is_reopening = False
        self._is_closed = False

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """This thread's cursor. Raises one of GIVEN_UP after it has tried to open the file again."""
        with self._state:
            self._state.wait_for(lambda: not self._is_reopening)
            if self._is_closed:
                raise duckdb.ConnectionException("the store is closed")
            self._using += 1
            opened = self._opened
        try:
            try:
                yield self._mine()
            finally:
                with self._state:
                    self._using -= 1
                    self._state.notify_all()
        except GIVEN_UP as error:
            self._reopen(opened, error)
            raise

    def renew(self) -> None:
        """Give this thread a new cursor: its old one is in a transaction that can't be ended."""
        self._local.cursor = None

    def close(self, stop_reading: Callable[[], None]) -> None:
        """Let nobody begin, have what still runs stopped, checkpoint and let go of the file."""
        patient_until = time.monotonic() + _PATIENCE_SECONDS
        with self._state:
            self._is_closed = True
            stop_reading()
            while self._using and time.monotonic() < patient_until:
                self._state.wait(0.1)
                stop_reading()  # what had its cursor and had not begun
        # What can't be stopped ends with the process.
        with suppress(duckdb.ResourceInUseException), changing(self._folder):
            self._let_go()

    def _let_go(self) -> None:
        for cursor in self._cursors:
            with suppress(duckdb.Error):
                cursor.close()
        self._cursors.clear()
        self._connection.close()

    def _mine(self) -> duckdb.DuckDBPyConnection:
        local = self._local
        if getattr(local, "cursor", None) is None or local.opened != self._opened:
            local.cursor, local.opened = self._connection.cursor(), self._opened
            with self._state:
                self._cursors.append(local.cursor)
        cursor: duckdb.DuckDBPyConnection = local.cursor
        return cursor

    def _reopen(self, opened: int, error: Exception) -> None:
        """Close and open, once for all threads that ran into it. What still runs fails or ends first."""
        with self._state:
            if self._is_reopening or opened != self._opened:
                return
            self._is_reopening = True
            self._state.wait_for(lambda: self._using == 0)
        try:
            log.error("store.given_up", reason=str(error))
            with changing(self._folder):
                with suppress(duckdb.Error):
                    self._let_go()
                self._connection = self._connect()
        except (SetupError, duckdb.Error) as again:
            log.error("store.not_opened", reason=str(again))
        finally:
            with self._state:
                self._opened += 1
                self._is_reopening = False
                self._state.notify_all()
