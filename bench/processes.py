"""The processes that are measured: each in its own, on the cores it is given, ended by whoever started it."""

import http.client
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_START_SECONDS = 60
_STOP_SECONDS = 60
COMMAND = (sys.executable, "-m", "footfall")


def cores() -> tuple[set[int], set[int]]:
    """One core for what is measured and the rest for who drives it; with one core, both share it."""
    first, *others = sorted(os.sched_getaffinity(0))
    return {first}, set(others) or {first}


class Process:
    """A server in a process of its own, on some cores. Says where it listens in its first line."""

    def __init__(
        self, command: Sequence[str], on: Collection[int] | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        self._command = command
        self._on = set(on) if on else None
        self._settings = dict(settings or {})
        self._popen: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.started_in = 0.0

    def __enter__(self) -> Self:
        started = time.perf_counter()
        place = self._on
        self._popen = subprocess.Popen(
            self._command,
            stdout=subprocess.PIPE,
            env={**os.environ, **self._settings},
            preexec_fn=(lambda: os.sched_setaffinity(0, place)) if place else None,
        )
        self.port = int(self._first_line().rpartition(":")[2])
        self.started_in = time.perf_counter() - started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        popen = self._popen
        assert popen is not None
        popen.send_signal(signal.SIGTERM)
        try:
            popen.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            popen.kill()
            popen.wait()
        assert popen.stdout is not None
        popen.stdout.close()

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._popen is not None
        return self._popen.pid

    def _first_line(self) -> str:
        assert self._popen is not None
        assert self._popen.stdout is not None
        ready, _, _ = select.select([self._popen.stdout], [], [], _START_SECONDS)
        line = self._popen.stdout.readline().decode().strip() if ready else ""
        if not line:
            self._popen.kill()
            raise RuntimeError(f"{' '.join(self._command)} did not start")
        return line

    def cpu_seconds(self) -> float:
        """User and system time so far, with that of processes that it started."""
        return _ticks(self.pid) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> dict[str, float]:
        """Resident memory in MB: all, and what of it belongs to no file."""
        text = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        kilobytes = {name: int(number) for name, number in re.findall(r"^(\w+): +(\d+) kB", text, re.MULTILINE)}
        return {"resident": kilobytes["Rss"] * 1024 / 1e6, "anonymous": kilobytes["Anonymous"] * 1024 / 1e6}


def _ticks(pid: int) -> int:
    """Of a process, of its children that have ended, and of those that live."""
    own = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return sum(map(int, own[11:15])) + sum(_ticks(int(child)) for found in children for child in found)


KEEPING = {"FOOTFALL_ANSWER_MEMORY": "32MB"}
"""The setting with which answers are kept, as they are by default."""


class Footfall(Process):
    """`footfall serve` on a data folder, on a free port of the loopback; keeps no answers unless told to."""

    def __init__(
        self, data: Path, on: Collection[int] | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        command = (*COMMAND, "serve", "--data", str(data), "--port", "0")
        quiet = {
            "FOOTFALL_LOG_LEVEL": "warning",
            "FOOTFALL_RATE_LIMIT_INSIGHTS": "1000000/1s",
            "FOOTFALL_ANSWER_MEMORY": "0MB",
        }
        super().__init__(command, on, {**quiet, **(settings or {})})

    def gauge(self, name: str) -> float:
        """One number of `/metrics`."""
        with Connection(self.port) as connection:
            text = connection.get("/metrics").decode()
        found = re.search(rf"^footfall_{name} (\S+)$", text, re.MULTILINE)
        assert found, name
        return float(found[1])


class Connection:
    """One keep-alive connection to a server here, with the same headers on every request."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = dict(headers or {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._http.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> bytes:
        """The body of a 200."""
        self._http.request("GET", path, headers={**self._headers, **(headers or {})})
        return self._body()

    def get_json(self, path: str) -> Any:
        """The body of a 200, decoded."""
        return json.loads(self.get(path))

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        """The body of a 200."""
        self._http.request("POST", path, body, {**self._headers, **headers})
        return self._body()

    def _body(self) -> bytes:
        response = self._http.getresponse()
        body = response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.status}: {body[:300]!r}")
        return body


class Ran:
    """A command of Footfall run to its end: how long it took, how much of the cores, what it said in JSON."""

    def __init__(self, *arguments: str, settings: Mapping[str, str] | None = None) -> None:
        before, busy = os.times(), _busy()
        started = time.perf_counter()
        done = subprocess.run(
            [*COMMAND, *arguments], stdout=subprocess.PIPE, env={**os.environ, **(settings or {})}, check=True
        )
        self.seconds = time.perf_counter() - started
        after = os.times()
        self.cpu_seconds = (after.children_user - before.children_user) + (
            after.children_system - before.children_system
        )
        self.per_core = [
            round(100 * min(1.0, (now - then) / os.sysconf("SC_CLK_TCK") / self.seconds))
            for then, now in zip(busy, _busy(), strict=True)
        ]
        self.answer: Any = json.loads(done.stdout) if done.stdout else None


def _busy() -> list[int]:
    """Ticks that each core has been busy since the machine started, whoever kept it so."""
    lines = Path("/proc/stat").read_text().splitlines()
    ticks = [line.split()[1:] for line in lines if re.match(r"cpu\d", line)]
    return [sum(int(tick) for place, tick in enumerate(of_core[:8]) if place not in (3, 4)) for of_core in ticks]
