"""A time limit on every question: one watcher thread that interrupts what runs too long."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Interruptible(Protocol):
    """Anything with an `interrupt` that another thread may call."""

    def interrupt(self) -> None:
        """Stop the running statement."""


class Deadlines:
    """Interrupts whatever is still inside `of` after `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running: dict[int, tuple[float, Interruptible]] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="deadlines", daemon=True)
        self._watcher.start()

    @contextmanager
    def of(self, target: Interruptible) -> Iterator[None]:
        """Bound what runs inside by the time limit."""
        key = threading.get_ident()
        with self._lock:
            self._running[key] = (time.monotonic() + self._seconds, target)
        try:
            yield
        finally:
            with self._lock:
                del self._running[key]

    def close(self) -> None:
        """End the watcher, and interrupt whatever is still inside."""
        self._closed.set()
        with self._lock:
            for _, target in self._running.values():
                target.interrupt()

    def _watch(self) -> None:
        pause = min(0.25, self._seconds / 4)
        while not self._closed.wait(pause):
            now = time.monotonic()
            with self._lock:
                for deadline, target in self._running.values():
                    if now > deadline:
                        target.interrupt()
