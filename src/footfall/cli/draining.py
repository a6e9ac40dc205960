"""The journal, and whoever drains it: this process when it can have the store, else a server."""

import time
from collections.abc import Callable

from footfall.ingest.journal import Journal
from footfall.model.errors import SetupError
from footfall.server.runtime import Runtime, open_journal
from footfall.server.settings import Settings

_NO_SERVER_AFTER_SECONDS = 5.0
_LOOK_SECONDS = 0.05


class Draining:
    """What a command appends to `journal` reaches the store, beside a running server or without one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._runtime: Runtime | None = None
        self.journal: Journal = open_journal(settings.data_path)
        self._seen: object = None
        self._since = time.monotonic()
        self._take_store()

    def __enter__(self) -> "Draining":
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._runtime is not None:
            self._runtime.close()
        self.journal.close()

    def position(self) -> int:
        """Up to where the journal is drained."""
        # A server trims what it has drained, so beside one everything still there is undrained.
        return self._runtime.drain.position if self._runtime is not None else 0

    def wake(self) -> None:
        """There is something new in the journal."""
        if self._runtime is not None:
            self._runtime.drain.wake()

    def look(self, state: object) -> bool:
        """Whether the drain has moved on, by a `state` that changes with it; call this while waiting.

        If nothing moves for a while, whoever had the store is gone, and it is taken over.
        """
        if state != self._seen:
            self._seen, self._since = state, time.monotonic()
            return True
        if self._runtime is None and time.monotonic() - self._since > _NO_SERVER_AFTER_SECONDS:
            self._since = time.monotonic()
            self._take_store()
        return False

    def wait_until(self, is_done: Callable[[], bool]) -> None:
        """Wait for the drain; as long as it takes."""
        while not is_done():
            self.wake()
            self.look(self.journal.backlog(self.position()))
            time.sleep(_LOOK_SECONDS)

    def _take_store(self) -> None:
        try:
            self._runtime = Runtime(self._settings)
        except SetupError as error:
            if "in use" not in error.message:
                raise
            return
        self._runtime.start()
