"""Processes of Footfall that come from one which has imported it already.

Python and the imports of a server take two seconds of a core, and tests start more than a hundred. So a template
imports everything and makes the tables of browsers and bots once, and forks for whoever asks. What is forked runs
`python -m footfall` from the first line on: its own arguments, environment, files and signals.
`tests/cli/test_first_admin.py` and others start anew.
"""

import atexit
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import IO, Any, NoReturn

from footfall.ingest.enrich import bots

_MOST = 1 << 20
_PRELOADED = (
    "footfall.cli.main",
    "footfall.cli.demo",
    "footfall.cli.doctor",
    "footfall.cli.erase",
    "footfall.cli.exports",
    "footfall.cli.imports",
    "footfall.cli.serve",
)


class Forked:
    """One `footfall` of these arguments. Like subprocess.Popen, as far as tests need it."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        output: IO[Any] | int,
        errors: IO[Any] | int,
    ) -> None:
        self.arguments = list(arguments)
        self.returncode: int | None = None
        self.stdout: IO[str] | None = None
        ours = theirs = -1
        if output == subprocess.PIPE:
            ours, theirs = os.pipe()
            self.stdout = os.fdopen(ours)
        files = [theirs if theirs >= 0 else _number(output), _number(errors)]
        self._channel, channel = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        order = {"arguments": self.arguments, "environment": dict(environment), "folder": os.getcwd()}
        with channel:
            socket.send_fds(_template(), [json.dumps(order).encode()], [channel.fileno(), *files])
        if theirs >= 0:
            os.close(theirs)
        self.pid = int(self._channel.recv(_MOST))

    def send_signal(self, number: int) -> None:
        """Send it a signal; nothing happens once it is over. Its id is its own as long as nobody waited for it."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, negative for a signal. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            self._channel.settimeout(timeout)
            try:
                self.returncode = int(self._channel.recv(_MOST))
            except TimeoutError as error:
                raise subprocess.TimeoutExpired(self.arguments, timeout or 0) from error
            self._channel.close()
        return self.returncode


def _number(file: IO[Any] | int) -> int:
    return file if isinstance(file, int) else file.fileno()


@cache
def _template() -> socket.socket:
    """Where the template of this process takes orders; it ends when this process does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        subprocess.Popen(
            [sys.executable, "-P", __file__, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
    return ours


# -- in the template


def serve(orders: socket.socket) -> None:
    """Fork for every order until nobody can give one any more."""
    for name in _PRELOADED:
        __import__(name)
    bots.warm()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        order, files, _, _ = socket.recv_fds(orders, _MOST, 3)
        if not order:
            return
        if os.fork() == 0:
            orders.close()
            _guard(json.loads(order), *files)
        for file in files:
            os.close(file)


def _guard(order: dict[str, Any], channel: int, output: int, errors: int) -> None:
    """Fork the process itself, say its id and how it ended, and keep the id until both are heard."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.close(channel)
        os.dup2(output, 1)
        os.dup2(errors, 2)
        os.close(output)
        os.close(errors)
        _run(order)
    os.close(output)
    os.close(errors)
    with socket.socket(fileno=channel) as told, suppress(OSError):
        told.send(str(pid).encode())
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        code = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        told.send(str(code).encode())
        told.recv(1)
    os._exit(0)


def _run(order: dict[str, Any]) -> NoReturn:
    """`python -m footfall`. It ends as an interpreter does, but does not take all the modules apart."""
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    sys.path[0:0] = [order["folder"]]
    sys.argv = ["footfall", *order["arguments"]]
    code: object = 0
    try:
        runpy.run_module("footfall", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
