"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable


def until(is_so: Callable[[], bool], seconds: float = 30) -> None:
    """Look again and again; fails after so many seconds."""
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, f"it did not come to that within {seconds:.0f} s"
        time.sleep(0.005)
