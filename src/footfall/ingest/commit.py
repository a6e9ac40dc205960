"""Group commit: requests hand in records and wait; one thread makes whole groups durable.

While one group is synced to disk the next one gathers, so at n connections a sync serves up to n requests.
"""

import asyncio
import threading
from collections.abc import Callable

import structlog

from footfall.ingest.journal import Journal, payload_of
from footfall.ingest.records import Record, encode_record
from footfall.model.errors import Overloaded

log = structlog.get_logger(__name__)

MAX_GROUP = 10_000
"""Records per group at the most; far below what event ids have room for."""

MAX_GROUP_BYTES = 64 * 1024 * 1024
"""Bytes per group at the most, so that a crowd of huge bodies meets a refusal and not the end of memory."""

MAX_BACKLOG = 1_000_000
"""Records that may wait for the store before new ones are refused with 503."""


class _Waiting:
    """The group that gathers: encoded records, and one future that all their requests await."""

    __slots__ = ("encoded", "future", "loop", "size")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.encoded: list[bytes] = []
        self.size = 0
        self.loop = loop
        self.future: asyncio.Future[None] = loop.create_future()


class GroupCommit:
    """Appends records to the journal in groups. Used from one event loop."""

    def __init__(self, journal: Journal, committed: Callable[[], None]) -> None:
        self._journal = journal
        self._committed = committed
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._stopping = False
        self._group: _Waiting | None = None
        self._refusal = ""
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def add(self, *records: Record) -> "asyncio.Future[None]":
        """Hand in records; the returned future is done when they are on disk.

        Raises Overloaded when the store is too far behind, or the server is stopping. The future fails
        with Overloaded when the disk refuses; then nothing is stored.
        """
        if self._refusal:
            raise Overloaded(self._refusal, retry_after=5)
        if not records:
            return _done()
        encoded = [encode_record(record) for record in records]
        # Looked up and filled under the lock: a group that the thread has taken must not grow any more.
        with self._lock:
            group = self._group
            if group is None:
                group = self._group = _Waiting(asyncio.get_running_loop())
                self._ready.set()
            elif len(group.encoded) >= MAX_GROUP or group.size >= MAX_GROUP_BYTES:
                # The gathering group is full and its thread behind: better refuse than grow without end.
                raise Overloaded("the disk can't keep up", retry_after=1)
            group.encoded += encoded
            group.size += sum(map(len, encoded))
        return group.future

    def refuse(self, reason: str) -> None:
        """Refuse everything from now on for this reason; '' takes records again."""
        self._refusal = reason

    def close(self) -> None:
        """Make the last group durable and end the thread."""
        self._refusal = "the server is stopping"
        self._stopping = True
        self._ready.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._ready.wait()
            self._ready.clear()
            with self._lock:
                group, self._group = self._group, None
            if group is not None:
                self._commit(group)
            if self._stopping and self._group is None:
                return

    def _commit(self, group: _Waiting) -> None:
        failure: Exception | None = None
        try:
            self._journal.append(payload_of(group.encoded), len(group.encoded))
        except Exception as error:
            # Whatever it was: the thread must outlive it, and those who wait must hear of it.
            failure = error
        refusal = Overloaded(f"the journal can't be written: {failure}", retry_after=5) if failure else None
        group.loop.call_soon_threadsafe(_settle, group.future, refusal)
        if failure is None:
            self._committed()
        else:
            log.error("journal.refused", reason=repr(failure), records=len(group.encoded))


def _done() -> "asyncio.Future[None]":
    future = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future


def _settle(future: "asyncio.Future[None]", failure: Overloaded | None) -> None:
    if future.done():
        return
    if failure is None:
        future.set_result(None)
    else:
        future.set_exception(failure)
        # Whoever gave up waiting has been told otherwise; don't warn about an exception nobody took.
        future.exception()
