"""The duplicate filter: the same request twice within a tenth of a second counts once (contract §3.6)."""

import time
from collections.abc import Awaitable, Callable, Hashable
from itertools import islice
from typing import Any

WINDOW_SECONDS = 0.1
_MAX_KEYS = 50_000


class Duplicates:
    """Remembers answers for a moment. A repeat gets the first one's answer, and waits for its disk too."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[Hashable, tuple[float, Any, Awaitable[None]]] = {}

    def find(self, key: Hashable) -> tuple[Any, Awaitable[None]] | None:
        """The answer to the same request if it came within the window."""
        found = self._seen.get(key)
        if found is None or self._clock() - found[0] >= WINDOW_SECONDS:
            return None
        return found[1], found[2]

    def remember(self, key: Hashable, answer: Any, durable: Awaitable[None]) -> None:
        """Keep an answer for the window."""
        now = self._clock()
        if len(self._seen) >= _MAX_KEYS:
            self._seen.clear()
        self._seen.pop(key, None)
        self._seen[key] = (now, answer, durable)
        # Insertion order is time order, so the stale ones stand in front.
        for stale in list(islice(self._seen, 2)):
            if now - self._seen[stale][0] >= WINDOW_SECONDS:
                del self._seen[stale]
