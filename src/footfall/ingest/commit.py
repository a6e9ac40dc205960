"""Group commit: requests hand in records and wait; one thread makes whole groups durable.

While one group is synced to disk the next one gathers, so at n connections a sync serves up to n requests.
A group is handed to the thread when the event loop has seen to all requests that were there, not with its
first record: groups of 64 rather than ten cost a third of the time.
"""

import asyncio
import threading
from collections.abc import Callable, Generator

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


class Durable:
    """A group of records on their way to disk. Await it, as often as you like, until they are there.

    Raises Overloaded when the disk refuses; then none of them is stored. Each waiter has a future of its own,
    so that one who is cancelled takes nobody along.
    """

    __slots__ = ("_is_settled", "_refusal", "_waiters", "encoded", "loop", "size")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.encoded: list[bytes] = []
        self.size = 0
        self.loop = loop
        self._waiters: list[asyncio.Future[None]] = []
        self._is_settled = False
        self._refusal = ""

    def __await__(self) -> Generator[object, None, None]:
        if not self._is_settled:
            waiter = self.loop.create_future()
            self._waiters.append(waiter)
            yield from waiter
        if self._refusal:
            raise Overloaded(self._refusal, retry_after=5)

    def settle(self, refusal: str = "") -> None:
        """Let all who wait go on. Called in the event loop."""
        self._is_settled, self._refusal = True, refusal
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)


class GroupCommit:
    """Appends records to the journal in groups. Used from one event loop."""

    def __init__(self, journal: Journal, committed: Callable[[], None]) -> None:
        self._journal = journal
        self._committed = committed
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._stopping = False
        self._group: Durable | None = None
        self._refusal = ""
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def add(self, *records: Record) -> Durable:
        """Hand in records; what is returned can be awaited until they are on disk.

        Raises Overloaded when the store is too far behind, or the server is stopping.
        """
        if self._refusal:
            raise Overloaded(self._refusal, retry_after=5)
        loop = asyncio.get_running_loop()
        if not records:
            nothing = Durable(loop)
            nothing.settle()
            return nothing
        encoded = [encode_record(record) for record in records]
        # Looked up and filled under the lock: a group that the thread has taken must not grow any more.
        with self._lock:
            group = self._group
            if group is None:
                group = self._group = Durable(loop)
                loop.call_soon(self._ready.set)
            elif len(group.encoded) >= MAX_GROUP or group.size >= MAX_GROUP_BYTES:
                # The gathering group is full and its thread behind: better refuse than grow without end.
                raise Overloaded("the disk can't keep up", retry_after=1)
            group.encoded += encoded
            group.size += sum(map(len, encoded))
        return group

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

    def _commit(self, group: Durable) -> None:
        failure: Exception | None = None
        # The group lives on as long as somebody may ask for it; what it held need not.
        encoded, group.encoded = group.encoded, []
        try:
            self._journal.append(payload_of(encoded), len(encoded))
        except Exception as error:
            # Whatever it was: the thread must outlive it, and those who wait must hear of it.
            failure = error
        refusal = f"the journal can't be written: {failure}" if failure else ""
        group.loop.call_soon_threadsafe(group.settle, refusal)
        if failure is None:
            self._committed()
        else:
            log.error("journal.refused", reason=repr(failure), records=len(encoded))
