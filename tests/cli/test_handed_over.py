"""`footfall serve` on a socket that systemd listens on: `sd_listen_fds(3)`."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Event

import httpx
import pytest

from support.process import PLAIN, Client, Footfall


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """What systemd would listen on."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as made:
        yield made


_HAND_OVER = """
import os, sys
given, said, *command = sys.argv[1:]
os.dup2(int(given), 3)
os.environ |= {"LISTEN_PID": said or str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(command[0], command)
"""


@contextmanager
def handed(data: Path, given: int, said: str = "") -> Iterator[subprocess.Popen[str]]:
    """A server that is handed this descriptor, and the process id that it is said to be for: its own by default."""
    serve = [sys.executable, "-m", "footfall", "serve", "--data", str(data), "--port", "0"]
    process = subprocess.Popen(
        [sys.executable, "-c", _HAND_OVER, str(given), said, *serve],
        pass_fds=[given],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def says(process: subprocess.Popen[str]) -> str:
    """The address that it prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip().rpartition(" ")[2]


def track(address: str, site: Client) -> int:
    """The status of one hit."""
    body = {"type": "track", "payload": {"name": "signup"}}
    return httpx.post(f"{address}/track", json=body, headers=site.headers, timeout=30, **PLAIN).status_code


def test_whoever_connects_during_a_restart_waits_for_it(tmp_path: Path, listener: socket.socket) -> None:
    site = Footfall(tmp_path / "data").project("Site")
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with handed(tmp_path / "data", listener.fileno()) as process:
        assert says(process) == address
        assert track(address, site) == 200
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(track, address, site)
        with pytest.raises(TimeoutError):
            waiting.result(0.2)
        with handed(tmp_path / "data", listener.fileno()) as process:
            assert waiting.result(30) == 200


def test_who_connects_as_the_server_stops_is_answered_by_it_or_by_the_next_one(
    tmp_path: Path, listener: socket.socket
) -> None:
    site = Footfall(tmp_path / "data").project("Site")
    body = json.dumps({"type": "track", "payload": {"name": "signup"}})
    has_ended = Event()

    def visit() -> Counter[int]:
        found: Counter[int] = Counter()
        while not has_ended.is_set():
            visitor = HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=30)
            visitor.connect()
            time.sleep(0.005)  # as far away as a visitor is
            visitor.request("POST", "/track", body, site.headers | {"content-type": "application/json"})
            found[visitor.getresponse().status] += 1
            visitor.close()
        return found

    with ThreadPoolExecutor(4) as threads:
        with handed(tmp_path / "data", listener.fileno()) as process:
            says(process)
            visits = [threads.submit(visit) for _ in range(4)]
            time.sleep(0.5)
        with handed(tmp_path / "data", listener.fileno()) as process:
            says(process)
            has_ended.set()
            found = sum((visit.result(30) for visit in visits), Counter[int]())
    assert found.keys() == {200}


def test_a_socket_for_another_process_is_left_alone(tmp_path: Path, listener: socket.socket) -> None:
    with handed(tmp_path / "data", listener.fileno(), str(os.getpid())) as process:
        port = int(says(process).rpartition(":")[2])
    assert port not in (0, listener.getsockname()[1])


def test_what_is_no_listening_socket_is_told_in_a_sentence(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file, handed(tmp_path / "data", file.fileno()) as process:
        assert process.stderr is not None
        assert process.stderr.read() == "footfall: descriptor 3, which systemd hands over, is no socket\n"
    with socket.socket() as deaf, handed(tmp_path / "data", deaf.fileno()) as process:
        assert process.stderr is not None
        assert (
            process.stderr.read() == "footfall: descriptor 3, which systemd hands over, does not listen on TCP\n"
        )
