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
        append_groups(journal, [(encode(group), len(group))], import_id)
        total += len(group)
    return total


def append_groups(journal: Journal, groups: Sequence[tuple[bytes, int]], import_id: str | None = None) -> None:
    """Make encoded groups (payload, records) durable at once. Raises Overloaded when the disk refuses."""
    try:
        journal.append_all(groups, import_id)
    except sqlite3.Error as error:
        raise Overloaded(f"the journal can't be written: {error}", retry_after=5) from error


class BulkImport:
    """An import in progress: appends groups no faster than they are drained, and knows what became of them.

    But for the first group, it waits for `at_once` records, so that the drain, which does not wait, finds them
    together. What it holds back is appended by `flush` and `finish`.
    """

    def __init__(
        self,
        journal: Journal,
        import_id: str,
        *,
        drained: Callable[[], int],
        wake: Callable[[], None],
        at_once: int = 1,
    ) -> None:
        self._journal = journal
        self._id = import_id
        self._drained = drained
        self._wake = wake
        self._at_once = at_once
        self._held: list[tuple[bytes, int]] = []
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
        self._held.append((payload, records))
        if not self.appended or sum(size for _, size in self._held) >= self._at_once:
            self.flush()

    def flush(self) -> None:
        """Append what is held back."""
        if not self._held:
            return
        while self._journal.backlog(self._drained()) > MAX_AHEAD:
            self._wake()
            time.sleep(_LOOK_SECONDS)
        append_groups(self._journal, self._held, self._id)
        self.appended += sum(size for _, size in self._held)
        self._held = []
        self._wake()

    def finish(self, tick: Callable[[], None] = lambda: None) -> ImportCount:
        """Wait until everything is in the store, calling `tick` now and then.

        A crash of the drain between storing and counting loses counts, so an empty journal ends the wait too.
        """
        self.flush()
        while self.settled < self.appended:
            self._wake()
            tick()
            time.sleep(_LOOK_SECONDS)
            if self._journal.backlog(self._drained()) == 0 and self.settled < self.appended:
                # What a server drained a moment ago may still have to be counted.
                time.sleep(_LOOK_SECONDS * 10)
                break
        return self.count
