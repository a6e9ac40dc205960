"""A real `footfall serve` in a process of its own, for tests that kill it or drive it with real clients.

with Footfall(folder) as footfall:
    shop = footfall.project("Shop")
    footfall.start()
"""

import http.client
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Any, NamedTuple

import httpx
from typer.testing import CliRunner

from footfall.cli.main import app
from support.forks import Forked

_START_SECONDS = 60.0
COMMAND = (sys.executable, "-m", "footfall")
PLAIN = {"trust_env": False, "verify": False}
"""Options of HTTP clients: no proxy, and no certificates, which take a hundred times longer to read than to connect."""


class Client(NamedTuple):
    """Credentials of one client of a project."""

    project: str
    id: str
    secret: str

    @property
    def headers(self) -> dict[str, str]:
        """What proves it."""
        return {"openpanel-client-id": self.id, "openpanel-client-secret": self.secret}


class Finished(NamedTuple):
    """How a command ended."""

    code: int
    output: str
    errors: str

    @property
    def told(self) -> Any:
        """The JSON that it printed; it must have ended well."""
        assert self.code == 0, self.errors
        return json.loads(self.output)


class Footfall:
    """One data folder and the server on it. Kills only what it started.

    `anew`: processes begin with an interpreter of their own, else they are forked from one that is warm.
    """

    def __init__(self, data: Path, settings: Mapping[str, str] | None = None, *, anew: bool = False) -> None:
        self.data = data
        self._anew = anew
        self.settings = {f"FOOTFALL_{name.upper()}": value for name, value in (settings or {}).items()}
        self.port = 0
        self.log = data.with_name(data.name + ".log")
        self._process: subprocess.Popen[str] | Forked | None = None

    # -- commands beside it

    def run(self, *arguments: str, timeout: float = 60.0) -> Finished:
        """Run a command of Footfall to its end."""
        with TemporaryFile("w+") as output, TemporaryFile("w+") as errors:
            process = self._begin(arguments, output, errors)
            try:
                code = process.wait(timeout)
            finally:
                process.kill()
            output.seek(0)
            errors.seek(0)
            return Finished(code, output.read(), errors.read())

    def project(self, name: str, *options: str) -> Client:
        """Make a project; its write client."""
        made = self._json("project", "create", name, *options, "--json")
        return Client(made["id"], made["client"]["id"], made["client"]["secret"])

    def client(self, project: str, mode: str) -> Client:
        """Make one more client of a project."""
        made = self._json("client", "create", project, "--mode", mode, "--json")
        return Client(project, made["id"], made["secret"])

    def _json(self, *arguments: str) -> Any:
        """What a command answers. In this process: Python takes a second to start, and tests of the command exist."""
        done = CliRunner().invoke(app, [*arguments, "--data", str(self.data)], env=self.settings)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    # -- the server

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Of the running server."""
        assert self._process is not None
        return self._process.pid

    def launch(self) -> None:
        """Start the server and don't wait; it keeps the port that it got first."""
        assert self._process is None, "it is running"
        with self.log.open("a") as log:
            self._process = self._begin(("serve", "--port", str(self.port)), subprocess.PIPE, log)

    def start(self) -> str:
        """Start the server and wait until it says where it listens."""
        self.launch()
        return self.wait()

    def wait(self) -> str:
        """Wait until the server says where it listens."""
        assert self._process is not None
        line = _line_within(self._process, _START_SECONDS)
        assert line.startswith("Footfall listens on "), f"{line!r}; its log: {self.log.read_text()[-2000:]}"
        self.port = int(line.rsplit(":", 1)[1])
        return self.url

    def said_until(self, text: str) -> str:
        """What it prints next, up to the line with that text."""
        assert self._process is not None
        said = ""
        while text not in said:
            line = _line_within(self._process, _START_SECONDS)
            assert line, f"it ended after {said!r}"
            said += line
        return said

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(10)
            _close(process)

    def stop(self, number: int = signal.SIGTERM, timeout: float = 60.0) -> tuple[int, float]:
        """Ask it to stop; its exit code and how many seconds it took."""
        process, self._process = self._process, None
        assert process is not None, "it is not running"
        began = time.monotonic()
        process.send_signal(number)
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
            _close(process)
        return code, time.monotonic() - began

    def http(self, client: Client | None = None) -> httpx.Client:
        """An HTTP client of the running server."""
        return httpx.Client(base_url=self.url, headers=client.headers if client else None, timeout=30, **PLAIN)

    def asks(self, target: str, client: Client | None = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of `GET target`, which is sent byte for byte, as `curl -g` does."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", target, headers={**(client.headers if client else {}), **headers})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, json.loads(body)

    def __enter__(self) -> "Footfall":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _begin(
        self, arguments: Sequence[str], output: IO[str] | int, errors: IO[str]
    ) -> subprocess.Popen[str] | Forked:
        said = [*arguments, "--data", str(self.data)]
        if not self._anew:
            return Forked(said, self._environment(), output, errors)
        return subprocess.Popen(
            [*COMMAND, *said], stdout=output, stderr=errors, text=True, env=self._environment()
        )

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("FOOTFALL_")}
        return inherited | self.settings


def _line_within(process: subprocess.Popen[str] | Forked, seconds: float) -> str:
    """The next line of its output; '' when it ends before."""
    assert process.stdout is not None
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=lambda: lines.put(process.stdout.readline()), daemon=True).start()  # type: ignore[union-attr]
    return lines.get(timeout=seconds)


def _close(process: subprocess.Popen[str] | Forked) -> None:
    if process.stdout is not None:
        process.stdout.close()
