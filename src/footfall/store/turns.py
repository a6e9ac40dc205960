"""Whose turn it is to read: few questions at once, in the order in which they came.

A question takes all cores that it gets, so of eight that a page asks at once all would be answered late. Each has
the store for itself for a moment, in which most are answered, and a page gets first what it asked for first.
Beside one that goes on for longer the next begins, so that nobody waits for somebody else's long report.

Nor does a project wait for another's: whose questions have fewer turns comes first, and while one project's take
all there are, one question of others has a turn beside them.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct


class _Turn(Struct, eq=False):
    """Of a project's question; when it began, by the monotonic clock."""

    project_id: str
    began: float = 0.0


class Turns:
    """At most so many questions at once, of which one began less than `alone_seconds` ago."""

    def __init__(self, most: int = 3, alone_seconds: float = 0.5) -> None:
        self._most = most
        self._alone_seconds = alone_seconds
        self._waiting: list[_Turn] = []
        self._running: list[_Turn] = []
        self._changed = threading.Condition()
        self._here = threading.local()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    @contextmanager
    def taken(self, project_id: str = "") -> Iterator[None]:
        """Wait for a turn and have it. What a question asks while it is answered belongs to its turn."""
        if getattr(self._here, "has_turn", False):
            yield
            return
        turn = self._begin(_Turn(project_id))
        try:
            with self.beside():
                yield
        finally:
            with self._changed:
                self._running.remove(turn)
                self._changed.notify_all()

    @contextmanager
    def beside(self) -> Iterator[None]:
        """What this thread asks meanwhile waits for no turn, and nobody waits for it: an export does not hurry."""
        had_turn, self._here.has_turn = getattr(self._here, "has_turn", False), True
        try:
            yield
        finally:
            self._here.has_turn = had_turn

    def _begin(self, turn: _Turn) -> _Turn:
        with self._changed:
            self._waiting.append(turn)
            while (pause := self._until_free(turn)) != 0:
                self._changed.wait(pause)
            self._waiting.remove(turn)
            turn.began = time.monotonic()
            self._running.append(turn)
            self._changed.notify_all()
            return turn

    def _until_free(self, turn: _Turn) -> float | None:
        """Seconds until it may begin if nothing else happens; None: not before another has begun or ended."""
        if turn is not min(self._waiting, key=self._had_by_its_project):
            return None
        if len(self._running) >= self._most + (self._had_by_its_project(turn) == 0):
            return None
        return max(self._running[-1].began + self._alone_seconds - time.monotonic(), 0) if self._running else 0

    def _had_by_its_project(self, turn: _Turn) -> int:
        return sum(each.project_id == turn.project_id for each in self._running)
