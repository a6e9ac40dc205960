"""The duplicate filter: the same request twice within a tenth of a second counts once (contract §3.6)."""

import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

WINDOW_SECONDS = 0.1
_MAX_KEYS = 25_000

_Seen = dict[Hashable, tuple[float, Any, Awaitable[None]]]


class Duplicates:
    """Remembers answers for a moment. A repeat gets the first one's answer, and waits for its disk too."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # Two windows that take turns: a whole one is forgotten at once, which costs nothing per request.
        self._now: _Seen = {}
        self._before: _Seen = {}
        self._turned_at = clock()

    def find(self, key: Hashable) -> tuple[Any, Awaitable[None]] | None:
        """The answer to the same request if it came within the window."""
        found = self._now.get(key) or self._before.get(key)
        if found is None or self._clock() - found[0] >= WINDOW_SECONDS:
            return None
        return found[1], found[2]

    def remember(self, key: Hashable, answer: Any, durable: Awaitable[None]) -> None:
        """Keep an answer for the window."""
        now = self._clock()
        if now - self._turned_at >= WINDOW_SECONDS or len(self._now) >= _MAX_KEYS:
            self._before, self._now, self._turned_at = self._now, {}, now
        self._now[key] = (now, answer, durable)
