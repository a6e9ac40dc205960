"""The load: recorded requests over n connections of the loopback for some seconds, each waiting for its answer.

`wrk` sends them where it is installed (Debian's package `wrk`). Elsewhere a client of our own does, in a
process of its own; it takes about three times as much time for a request, which the servers don't feel as
long as it has a core to itself.
"""

import json
import os
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from bench.recording import Recorded, filled, save

_LUA = Path(__file__).with_name("load.lua")
_BUFFER = 65_536


class Load(Struct, frozen=True):
    """What came of it. Times in ms, from sending to the whole answer."""

    connections: int
    seconds: float
    answered: int
    refused: int
    p50: float
    p99: float
    longest: float

    @property
    def per_second(self) -> float:
        """Requests that were answered 200, a second."""
        return self.answered / self.seconds


class Generator:
    """Sends a recording. `numbers` in the bodies go on from call to call, so nothing is ever sent twice."""

    def __init__(self, recorded: Sequence[Recorded], on: set[int], *, own: bool = False) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="footfall-load-")
        self._file = Path(self._folder.name) / "requests"
        self._on = on
        self._first = 0
        self._wrk = None if own else shutil.which("wrk")
        save(recorded, self._file)

    @property
    def name(self) -> str:
        """Which program sends."""
        return "wrk" if self._wrk else "our own client, which costs the load's core more than wrk"

    def send(self, port: int, connections: int, seconds: float) -> Load:
        """Keep so many requests under way for so long."""
        command = (
            [self._wrk, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}", "--timeout", "10s"]
            + ["-s", str(_LUA), f"http://127.0.0.1:{port}", "--", str(self._file), str(self._first)]
            if self._wrk
            else [sys.executable, "-m", "bench.load", str(port), str(connections), str(seconds)]
            + [str(self._file), str(self._first)]
        )
        on = self._on
        done = subprocess.run(
            command, stdout=subprocess.PIPE, check=True, preexec_fn=lambda: os.sched_setaffinity(0, on)
        )
        load = msgspec.convert({**json.loads(done.stdout.splitlines()[-1]), "connections": connections}, Load)
        self._first += load.answered + load.refused + 2 * connections
        return load

    def close(self) -> None:
        """Remove the recording."""
        self._folder.cleanup()


# -- our own client


def _read(path: Path, first: int) -> Iterator[bytes]:
    recorded = [Recorded(*text.split(b"\x01")) for text in path.read_bytes().split(b"\x00")]
    return filled(recorded, first)


def _drive(port: int, connections: int, seconds: float, requests: Iterator[bytes]) -> Load:
    selector = selectors.EpollSelector()
    for _ in range(connections):
        one = socket.create_connection(("127.0.0.1", port))
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(one, selectors.EVENT_READ, [b"", 0.0])
    clock = time.perf_counter
    times: list[float] = []
    refused = 0
    started = clock()
    end = started + seconds
    for key in list(selector.get_map().values()):
        key.data[1] = clock()
        _socket(key).sendall(next(requests))
    while clock() < end:
        for key, _ in selector.select(0.1):
            state = key.data
            state[0] += _socket(key).recv(_BUFFER)
            if not _is_whole(state[0]):
                continue
            now = clock()
            if state[0][9:12] == b"200":
                times.append(now - state[1])
            else:
                refused += 1
            state[0], state[1] = b"", now
            _socket(key).sendall(next(requests))
    took = clock() - started
    for key in list(selector.get_map().values()):
        _socket(key).close()
    times.sort()
    return Load(
        connections=connections,
        seconds=took,
        answered=len(times),
        refused=refused,
        p50=_at(times, 0.5),
        p99=_at(times, 0.99),
        longest=_at(times, 1),
    )


def _socket(key: selectors.SelectorKey) -> socket.socket:
    assert isinstance(key.fileobj, socket.socket)
    return key.fileobj


def _is_whole(answer: bytes) -> bool:
    head, mark, body = answer.partition(b"\r\n\r\n")
    if not mark:
        return False
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
    return len(body) >= int(length or 0)


def _at(times: Sequence[float], share: float) -> float:
    return round(times[min(len(times) - 1, int(len(times) * share))] * 1000, 2) if times else 0.0


def main() -> None:
    """One load, as the arguments say; prints it as JSON."""
    port, connections, seconds, path, first = sys.argv[1:]
    load = _drive(int(port), int(connections), float(seconds), _read(Path(path), int(first)))
    print(msgspec.json.encode(load).decode())


if __name__ == "__main__":
    main()
