"""Processes that work for this one, and end with it."""

import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

_CONTEXT = multiprocessing.get_context("spawn")


def pipe(*, duplex: bool = True) -> tuple[Connection, Connection]:
    """The two ends of a connection; of one that is not duplex, the first receives."""
    return _CONTEXT.Pipe(duplex)


def start(name: str, work: Callable[..., None], *args: Any) -> BaseProcess:
    """A process that has been started, and has the connections among its arguments to itself."""
    child = _CONTEXT.Process(target=work, args=args, name=name, daemon=True)
    _start_quietly(child)
    for each in args:
        if isinstance(each, Connection):
            each.close()
    return child


def _start_quietly(child: BaseProcess) -> None:
    """Start a process that Ctrl-C, which is for all of a terminal's, does not reach: this one tells of it."""
    # It inherits the mask; the tracker, if it had to be started with it, would take the mask off again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        child.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
