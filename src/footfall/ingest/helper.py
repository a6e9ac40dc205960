"""A helper: a process that builds batches for a busy drain.

The drain asks it for a batch, answers what it wants to know of the store, and writes what comes back, which is
ready but for the writing (store/ready.py). All the helper has are the open sessions, which the store has too; so
it may be ended, or lost, at any time (docs/decisions/023-a-busy-drain-has-a-helper.md).
"""

from collections.abc import Sequence

from footfall.ingest import children
from footfall.ingest.batching import BuilderLost, Built, Quarantine
from footfall.ingest.helper_messages import (
    Ask,
    Began,
    Build,
    CloseIdle,
    Done,
    Failed,
    FromHelper,
    Sessions,
    ToHelper,
    Told,
    decode_from_helper,
    encode,
)
from footfall.ingest.helper_work import work
from footfall.ingest.journal import Group
from footfall.model.event import Session
from footfall.store.base import Batch, Past
from footfall.store.ready import Ready

_PATIENCE_SECONDS = 60.0
"""A helper that says nothing for so long is lost."""

_SESSIONS_AT_ONCE = 2_000
"""So many are encoded without letting another thread of this process go on."""


class Helper:
    """A `Builder` in a process of its own, which ends with this one. Each method but `end` raises BuilderLost."""

    def __init__(self, store: Past, node: int, timeout_ms: int) -> None:
        self._store = store
        self._connection, other = children.pipe()
        self._process = children.start("footfall-drain", work, other, node, timeout_ms)
        self.open_sessions = 0

    def has_begun(self) -> bool:
        """Whether it has started, so that it can take the sessions; call it until it has."""
        return self._connection.poll() and isinstance(self._hear(), Began)

    def take(self, sessions: Sequence[Session]) -> None:
        """Go on from here: these are open."""
        for start in range(0, len(sessions), _SESSIONS_AT_ONCE):
            self._say(Sessions(list(sessions[start : start + _SESSIONS_AT_ONCE])))
        self.open_sessions = len(sessions)

    def build(self, groups: Sequence[Group], quarantine: Quarantine) -> Built:
        """See `Builder`."""
        done = self._do(Build(list(groups)))
        for what in done.set_aside:
            quarantine(what.seq, what.place, what.reason, what.payload)
        return Built(done.ready or Batch(position=groups[0].seq), done.imports, done.erase)

    def close_idle(self, now_ms: int, grace_ms: int, position: int) -> Ready | None:
        """See `Builder`."""
        return self._do(CloseIdle(now_ms, grace_ms, position)).ready

    def end(self) -> None:
        """End the process, which has nothing to lose."""
        self._connection.close()
        self._process.kill()
        self._process.join()

    def _do(self, message: ToHelper) -> Done:
        """Have something done, and answer what is asked meanwhile. Raises Overloaded, as the store does."""
        self._say(message)
        while True:
            heard = self._hear()
            if isinstance(heard, Done):
                self.open_sessions = heard.open_sessions
                return heard
            if not isinstance(heard, Ask):
                raise BuilderLost(heard.reason if isinstance(heard, Failed) else repr(heard))
            answer = getattr(self._store, heard.question)(*heard.arguments)
            self._say(Told(encode(answer)))

    # Whatever goes wrong between the two, and be it a text that can't be told, need not happen to a builder here.

    def _say(self, message: ToHelper) -> None:
        try:
            self._connection.send_bytes(encode(message))
        except Exception as error:
            raise BuilderLost(repr(error)) from error

    def _hear(self) -> FromHelper:
        try:
            has_spoken = self._connection.poll(_PATIENCE_SECONDS)
            heard = decode_from_helper(self._connection.recv_bytes()) if has_spoken else None
        except Exception as error:
            raise BuilderLost(repr(error)) from error
        if heard is None:
            raise BuilderLost(f"it said nothing for {_PATIENCE_SECONDS:.0f} s")
        return heard
