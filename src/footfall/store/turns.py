"""Whose turn it is to read: few questions at once, in the order in which they came.

A question takes all cores that it gets, so of eight that a page asks at once all would be answered late. Each has
the store for itself for a moment, in which most are answered, and a page gets first what it asked for first.
Beside one that goes on for longer the next begins, so that nobody waits for somebody else's long report.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """At most so many questions at once, of which one began less than `alone_seconds` ago."""

    def __init__(self, most: int = 3, alone_seconds: float = 0.5) -> None:
        self._most = most
        self._alone_seconds = alone_seconds
        self._waiting: deque[object] = deque()
        self._began: list[float] = []
        self._changed = threading.Condition()
        self._here = threading.local()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a turn and have it. What a question asks while it is answered belongs to its turn."""
        if getattr(self._here, "has_turn", False):
            yield
            return
        began = self._begin()
        try:
            with self.beside():
                yield
        finally:
            with self._changed:
                self._began.remove(began)
                self._changed.notify_all()

    @contextmanager
    def beside(self) -> Iterator[None]:
        """What this thread asks meanwhile waits for no turn, and nobody waits for it: an export does not hurry."""
        had_turn, self._here.has_turn = getattr(self._here, "has_turn", False), True
        try:
            yield
        finally:
            self._here.has_turn = had_turn

    def _begin(self) -> float:
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            while self._waiting[0] is not ticket:
                self._changed.wait()
            while (pause := self._until_free()) != 0:
                self._changed.wait(pause)
            self._waiting.popleft()
            began = time.monotonic()
            self._began.append(began)
            self._changed.notify_all()
            return began

    def _until_free(self) -> float | None:
        """Seconds until the next may begin if nothing else happens; None: not before another has ended."""
        if len(self._began) >= self._most:
            return None
        return max(self._began[-1] + self._alone_seconds - time.monotonic(), 0) if self._began else 0
