"""Rate limits: a fixed window per key, counted in this process (openpanel contract §1.5)."""

import threading
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

_SWEEP_AT = 10_000


class Verdict(Struct, frozen=True):
    """What one request found: `remaining` after this request. The window closes in `reset` whole seconds,
    which is at `reset_at_ms`."""

    allowed: bool
    limit: int
    remaining: int
    reset: int
    reset_at_ms: int


class Limiter(Protocol):
    """Counts requests by key."""

    def hit(self, key: str) -> Verdict:
        """Count one request, and say whether it may go on."""


class WindowLimiter:
    """So many requests in so many seconds; a key's window opens with its first request."""

    def __init__(self, amount: int, seconds: int, now_ms: Callable[[], int]) -> None:
        self._amount = amount
        self._window_ms = seconds * 1000
        self._now_ms = now_ms
        self._counts: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def hit(self, key: str) -> Verdict:
        """Count one request, and say whether it may go on."""
        now = self._now_ms()
        with self._lock:
            opened, count = self._counts.get(key, (now, 0))
            if not opened <= now < opened + self._window_ms:
                opened, count = now, 0
            self._counts[key] = opened, count + 1
            if len(self._counts) > _SWEEP_AT:
                self._sweep(now)
        closes = opened + self._window_ms
        remaining = max(self._amount - count - 1, 0)
        return Verdict(count < self._amount, self._amount, remaining, -(-(closes - now) // 1000), closes)

    def _sweep(self, now: int) -> None:
        """Forget closed windows; if a flood of keys keeps them open, all of them."""
        self._counts = {key: at for key, at in self._counts.items() if now < at[0] + self._window_ms}
        if len(self._counts) > _SWEEP_AT:
            self._counts.clear()
