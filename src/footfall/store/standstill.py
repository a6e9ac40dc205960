"""The files of a data folder stand still while a backup copies them.

Whoever changes the store's file shares a lock of its folder meanwhile (flock(2)); a backup has it alone. A process
that ends, however it does, lets go of the lock. DuckDB's own lock of the file would not do: it is gone as soon as
the process that has it closes any descriptor of that file.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from footfall.model.errors import SetupError

log = structlog.get_logger(__name__)


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Files of the folder may be changed inside; waits for a backup that is under way."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # A file system without such locks refuses them to backups too.
        with suppress(OSError):
            _share(descriptor)
        yield
    finally:
        os.close(descriptor)


def _share(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        log.info("store.waits", reason="a backup copies its file")
        fcntl.flock(descriptor, fcntl.LOCK_SH)


@contextmanager
def standing_still(folder: Path) -> Iterator[None]:
    """Nobody changes the store's file inside; waits for who does. Raises SetupError where that can't be had."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise SetupError(f"{folder} can't be read: {error.strerror or error}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            raise SetupError(
                f"the file system of {folder} has no locks, so copy the folder while no server runs"
            ) from error
        yield
    finally:
        os.close(descriptor)
