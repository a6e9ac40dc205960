"""Whose hands build the batches: this process's, or under load those of a helper.

Python runs one thread of a process at a time, so what the drain builds, requests wait for. A quiet server has no
use for a second process, which takes memory; a busy one starts it, hands the open sessions over, and ends it when
it is quiet again. Nothing but speed depends on it: from what the store has, batches can be built here at any time
(docs/decisions/023-a-busy-drain-has-a-helper.md).
"""

import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import structlog

from footfall.ingest.batching import Batching, Builder, BuilderLost, Built, Quarantine
from footfall.ingest.event_ids import EventIds
from footfall.ingest.journal import Group
from footfall.ingest.sessions import OpenSessions
from footfall.store.base import Batch, Store
from footfall.store.ready import Ready

if TYPE_CHECKING:
    from footfall.ingest.helper import Helper

log = structlog.get_logger(__name__)

T = TypeVar("T")

_LOOK_SECONDS = 2.0
_BUSY = 500
"""Records a second from which on a helper is worth its start, which takes a second of a core."""
_QUIET = 100
_QUIET_SECONDS = 60.0
_NOT_AGAIN_SECONDS = 600.0
"""After a helper was lost there is none for so long: whatever it was may happen again."""


class Hands:
    """Builds batches. Like the `Builder` that it has at the time; one thread at a time may use it."""

    def __init__(self, store: Store, node: int, timeout_ms: int) -> None:
        self._store = store
        self._node = node
        self._timeout_ms = timeout_ms
        self._may_have_help = False
        self._looked_at = time.monotonic()
        self._busy_at = self._helped_from = float("-inf")
        self._records = 0
        self._helper: Helper | None = None
        self.load()

    def load(self) -> None:
        """Begin with what the store has, here. `sessions` are the open ones, until a helper has them."""
        self.end_help()
        self.sessions = OpenSessions(self._store.open_sessions(), self._timeout_ms)
        self._builder: Builder = Batching(self._store, self.sessions, EventIds(self._node))

    @property
    def is_helped(self) -> bool:
        """Whether a helper has the sessions."""
        return self._builder is self._helper

    @property
    def open_sessions(self) -> int:
        """How many sessions may still grow."""
        return self._builder.open_sessions

    def build(self, groups: Sequence[Group], quarantine: Quarantine) -> Built:
        """See `Builder`."""
        return self._done(lambda builder: builder.build(groups, quarantine))

    def close_idle(self, now_ms: int, grace_ms: int, position: int) -> Batch | Ready | None:
        """See `Builder`."""
        return self._done(lambda builder: builder.close_idle(now_ms, grace_ms, position))

    def _done(self, work: Callable[[Builder], T]) -> T:
        try:
            return work(self._builder)
        except BuilderLost as error:
            self._lose(error)
            return work(self._builder)

    # -- help

    def allow_help(self) -> None:
        """From now on a helper may be called, if there is a core for it."""
        self._may_have_help = self._store.takes_ready and _cores() > 1
        # What the last process left in the journal says nothing of what comes in now.
        self._looked_at, self._records = time.monotonic(), 0

    def note(self, records: int) -> None:
        """So many records were drained since the last call, which are not of an import: get help, or let go of it.

        An import's records come from a process that has a core of its own already.
        """
        try:
            self._hand_over()
        except BuilderLost as error:
            self._lose(error)
        self._records += records
        now = time.monotonic()
        seconds = now - self._looked_at
        if seconds < _LOOK_SECONDS:
            return
        rate = self._records / seconds
        self._looked_at, self._records = now, 0
        if rate >= _QUIET:
            self._busy_at = now
        if self._helper is None:
            if rate >= _BUSY and now >= self._helped_from and self._may_have_help:
                self._call_helper()
        elif now - self._busy_at > _QUIET_SECONDS:
            log.info("drain.helper_ended")
            self.load()

    def end_help(self) -> None:
        """End the helper, if there is one. `load` must come before anything is built again."""
        if self._helper is not None:
            self._helper.end()
            self._helper = None

    def _call_helper(self) -> None:
        # Few servers need one, and what it takes here to have one is 10 MB.
        from footfall.ingest.helper import Helper

        try:
            self._helper = Helper(self._store, self._node, self._timeout_ms)
        except OSError as error:
            self._without_help(error)
        else:
            log.info("drain.helper_started")

    def _hand_over(self) -> None:
        """Let the helper go on from here, as soon as it can."""
        helper = self._helper
        if helper is not None and not self.is_helped and helper.has_begun():
            helper.take(self.sessions.all())
            self._builder = helper
            self.sessions = OpenSessions([], self._timeout_ms)

    def _lose(self, error: BuilderLost) -> None:
        self._without_help(error)
        self.load()

    def _without_help(self, error: Exception) -> None:
        log.warning("drain.helper_lost", reason=str(error))
        self._helped_from = time.monotonic() + _NOT_AGAIN_SECONDS


def _cores() -> int:
    """How many this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
