"""Who keeps a connection for nothing, or sends what has no end, is hung up on; who is slow is not."""

import asyncio
import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from footfall.server import protocol
from footfall.server.protocol import Protocol
from support.process import Footfall

LOOK, PATIENCE = 0.1, 6
SOON, LONG = LOOK * PATIENCE * 5, LOOK * PATIENCE * 3
GOOD = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
ANSWER = b"x" * 20_000_000


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Reads the body, and at `/large` answers with what fits into no socket, at `/slow` after a while."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    if scope["path"] == "/slow":
        await asyncio.sleep(LONG)
    trailers = b",".join(name for name, _ in scope["headers"])
    body = ANSWER if scope["path"] == "/large" else trailers
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(protocol, "_LOOK_SECONDS", LOOK)
        patched.setattr(protocol, "_PATIENCE", PATIENCE)
        config = uvicorn.Config(application, http=Protocol, lifespan="off", log_config=None, timeout_keep_alive=60)
        server = uvicorn.Server(config)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
            thread.start()
            yield listener.getsockname()[1]
            server.should_exit = True
            thread.join(10)


def opened(port: int, sent: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(sent)
    return connection


def hung_up_after(connection: socket.socket) -> float:
    """Seconds until the server hangs up, whatever it says before."""
    began = time.monotonic()
    with suppress(ConnectionResetError):
        while connection.recv(65_536):
            pass
    connection.close()
    return time.monotonic() - began


def is_hung_up_on(connection: socket.socket, piece: bytes, pause: float) -> bool:
    """Whether the server hangs up while it is sent the same again and again."""
    for _ in range(200):
        try:
            connection.sendall(piece)
        except ConnectionError:
            return True
        time.sleep(pause)
    return False


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nhost: x\r\n", POST, POST + b"{", CHUNKED])
def test_who_begins_a_request_and_does_not_go_on_is_hung_up_on(port: int, sent: bytes) -> None:
    assert hung_up_after(opened(port, sent)) < SOON


def test_a_head_that_drips_in_is_as_good_as_none(port: int) -> None:
    with opened(port, b"GET / HTTP/1.1\r\n") as connection:
        assert is_hung_up_on(connection, b"a: b\r\n", LOOK / 4)


def test_a_body_may_take_its_time_and_so_may_an_answer(port: int) -> None:
    with opened(port, POST) as connection:
        for _ in range(20):
            connection.sendall(b" " * 5_000)
            time.sleep(LONG / 20)
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    with opened(port, GOOD.replace(b"/", b"/slow", 1)) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 200")


def test_who_reads_nothing_of_an_answer_is_hung_up_on_and_who_reads_slowly_is_not(port: int) -> None:
    sent = GOOD.replace(b"/", b"/large", 1)
    with opened(port, sent) as idle, opened(port, sent) as slow:
        got = 0
        while got < len(ANSWER):
            part = slow.recv(200_000)
            assert part, f"hung up after {got} bytes"
            got += len(part)
            time.sleep(LONG / 60)
        time.sleep(LONG)  # what is on its way to a socket hides the end from it
        read = 0
        with suppress(ConnectionResetError):
            while part := idle.recv(1_000_000):
                read += len(part)
        assert read < len(ANSWER)


@pytest.mark.parametrize(
    ("first", "more"),
    [
        (b"GET / HTTP/1.1\r\nhost: x\r\nx: ", b"a" * 60_000),
        (b"GET /", b"a" * 60_000),
        (b"GET / HTTP/1.1\r\n", b"a: b\r\n" * 10_000),
    ],
)
def test_a_head_without_end_is_431(port: int, first: bytes, more: bytes) -> None:
    with opened(port, first) as connection:
        for _ in range(2):
            connection.sendall(more)
            time.sleep(0.05)
        assert connection.recv(1000).startswith(b"HTTP/1.1 431 ")
        assert is_hung_up_on(connection, more, 0.01)


@pytest.mark.parametrize("more", [b"a: b\r\n" * 10_000, b"a: " + b"b" * 60_000])
def test_trailers_without_end_are_hung_up_on(port: int, more: bytes) -> None:
    with opened(port, CHUNKED + b"1\r\n \r\n0\r\n") as connection:
        assert is_hung_up_on(connection, more, 0.01)


def test_a_long_head_is_taken_and_a_trailer_is_no_header(port: int) -> None:
    long = b"GET /?" + b"a" * 30_000 + b" HTTP/1.1\r\nhost: x\r\nx: " + b"b" * 30_000 + b"\r\n\r\n"
    with opened(port, long) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    with opened(port, CHUNKED + b"1\r\n \r\n0\r\nx-forwarded-for: 1.2.3.4\r\n\r\n") as connection:
        assert connection.recv(1000).endswith(b"\r\n\r\nhost,transfer-encoding")


def test_events_are_stored_however_many_connections_are_open(tmp_path: Path) -> None:
    """They are files as well: without one left the store could open none of its own."""
    with Footfall(tmp_path / "data") as footfall, ExitStack() as many:
        site = footfall.project("Shop")
        reader = footfall.client(site.project, "read")
        footfall.start()
        resource.prlimit(footfall.pid, resource.RLIMIT_NOFILE, (256, 256))
        visitor, owner = (many.enter_context(footfall.http(client)) for client in (site, reader))
        for http in (visitor, owner):
            assert http.get("/healthz/ready").status_code == 200
        for _ in range(300):
            many.enter_context(opened(footfall.port))
        assert hung_up_after(opened(footfall.port)) < 5
        hit = {"type": "track", "payload": {"name": "hello"}}
        assert visitor.post("/track", json=hit).status_code == 200
        until = time.monotonic() + 10
        while owner.get("/export/events").json()["meta"]["totalCount"] == 0:
            assert time.monotonic() < until
            time.sleep(0.1)
