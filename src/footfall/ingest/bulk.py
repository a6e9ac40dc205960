"""Bulk intake: many records at once into the journal, from an import request or the command line."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from footfall.ingest.journal import ImportCount, Journal
from footfall.ingest.records import Record, encode
from footfall.model.errors import Overloaded

GROUP = 10_000
"""Records per journal group, well below what event ids have room for."""

_LOOK_SECONDS = 0.05

MAX_AHEAD = 300_000
"""Records that an import lets wait in the journal before it pauses for the drain."""


def append_rows(journal: Journal, records: Iterable[Record], import_id: str | None = None) -> int:
    """Make records durable in groups; returns how many. Raises Overloaded when the disk refuses.

    Cut short, it leaves whole groups; the same records again add nothing, because their ids are known.
    """
    total = 0
    source = iter(records)
    while group := list(islice(source, GROUP)):
        append_group(journal, encode(group), len(group), import_id)
        total += len(group)
    return total


def append_group(journal: Journal, payload: bytes, records: int, import_id: str | None = None) -> None:
    """Make one encoded group durable. Raises Overloaded when the disk refuses."""
    try:
        journal.append(payload, records, import_id)
    except sqlite3.Error as error:
        raise Overloaded(f"the journal can't be written: {error}", retry_after=5) from error


class BulkImport:
    """An import in progress: appends groups no faster than they are drained, and knows what became of them."""

    def __init__(
        self, journal: Journal, import_id: str, *, drained: Callable[[], int], wake: Callable[[], None]
    ) -> None:
        self._journal = journal
        self._id = import_id
        self._drained = drained
        self._wake = wake
        self.appended = 0

    @property
    def count(self) -> ImportCount:
        """New, known and dropped records so far."""
        return self._journal.import_count(self._id)

    @property
    def settled(self) -> int:
        """How many of the appended records have been drained."""
        count = self.count
        return count.added + count.known + count.dropped

    def append(self, records: Sequence[Record]) -> None:
        """Append one group of at most GROUP records."""
        self.append_encoded(encode(records), len(records))

    def append_encoded(self, payload: bytes, records: int) -> None:
        """Append one group that is encoded already; waits while too much is undrained."""
        while self._journal.backlog(self._drained()) > MAX_AHEAD:
            self._wake()
            time.sleep(_LOOK_SECONDS)
        append_group(self._journal, payload, records, self._id)
        self.appended += records
        self._wake()

    def finish(self, tick: Callable[[], None] = lambda: None) -> ImportCount:
        """Wait until everything is in the store, calling `tick` now and then.

        A crash of the drain between storing and counting loses counts, so an empty journal ends the wait too.
        """
        while self.settled < self.appended:
            self._wake()
            tick()
            time.sleep(_LOOK_SECONDS)
            if self._journal.backlog(self._drained()) == 0:
                # What was drained a moment ago may still have to be counted.
                time.sleep(_LOOK_SECONDS * 10)
                break
        return self.count
