"""How the interpreter runs a process that holds many rows for a moment and must answer at once."""

import atexit
import gc
import logging
import os
import resource
import sys
from contextlib import suppress
from typing import NoReturn

from footfall.ingest.garbage import look_rarely

_SWITCH_SECONDS = 0.0005
"""How long the drain may keep the interpreter from a waiting request; Python's own default is ten times it."""


def tune() -> None:
    """Set the interpreter up, and let the process have as many files and connections as it may."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    look_rarely()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with suppress(OSError, ValueError):  # where "unlimited" is more than the kernel gives
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def settle() -> None:
    """Leave what the start made out of every later search for garbage.

    They are a quarter of a million; one search through them all stopped the process for a quarter of a second.
    """
    gc.freeze()
    # What is frozen at the end is never let go of, and DuckDB's bindings tell of it in fifty lines.
    atexit.register(gc.unfreeze)


def leave() -> NoReturn:
    """End a process that has closed everything, without taking its modules apart.

    That takes half a second, for which a restart would have to wait.
    """
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)
