"""How a server ends, and what it says when it can't begin."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crash.ledger import Stored
from crash.load import Load
from support.process import Footfall
from support.waiting import until


@pytest.fixture
def footfall(tmp_path: Path) -> Iterator[Footfall]:
    with Footfall(tmp_path / "data") as one:
        yield one


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_under_load_keeps_everything_that_was_acknowledged(footfall: Footfall, number: int) -> None:
    client = footfall.project("Shop")
    footfall.start()
    load = Load(footfall.port, client, seed=7, pause=0.0)

    async def send_and_stop() -> tuple[int, float]:
        sending = asyncio.create_task(load.run(8))
        await asyncio.to_thread(until, lambda: len(load.acknowledged) > 100, 60)
        ended = await asyncio.to_thread(footfall.stop, number)
        load.stopping = True
        await sending
        return ended

    code, seconds = asyncio.run(send_and_stop())
    assert code == 0
    assert seconds < 10
    stored = Stored(footfall.data)
    assert load.acknowledged - stored.numbers.keys() == set()
    assert stored.complaints() == []


def test_a_request_that_never_ends_does_not_hold_up_a_stop(footfall: Footfall) -> None:
    footfall.project("Shop")
    footfall.start()
    with socket.create_connection(("127.0.0.1", footfall.port)) as dawdler:
        dawdler.sendall(b"POST /track HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
        asking = socket.create_connection(("127.0.0.1", footfall.port), timeout=20)
        asking.sendall(b"POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
        with footfall.http() as http:
            http.get("/healthz/live")
        code, seconds = footfall.stop()
        with asking, asking.makefile() as told:
            answer = told.read()
    assert code == 0
    assert seconds < 10
    assert answer.startswith("HTTP/1.1 503 ")
    assert "The server is stopping; try again" in answer
    assert "Traceback" not in footfall.log.read_text()


def test_a_second_ctrl_c_waits_for_nobody_and_closes_all_the_same(footfall: Footfall) -> None:
    footfall.project("Shop")
    footfall.start()
    with socket.create_connection(("127.0.0.1", footfall.port)) as dawdler:
        dawdler.sendall(b"POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
        with footfall.http() as http:
            http.get("/healthz/live")
        os.kill(footfall.pid, signal.SIGINT)
        time.sleep(1)
        code, seconds = footfall.stop(signal.SIGINT)
    assert code == 0
    assert seconds < 3
    assert not (footfall.data / "journal.sqlite3-wal").exists()
    assert "Traceback" not in footfall.log.read_text()


def test_a_stop_ends_with_the_log_and_no_tale_of_what_the_interpreter_left(tmp_path: Path) -> None:
    with Footfall(tmp_path / "data", anew=True) as one:
        one.project("Shop")
        one.start()
        time.sleep(3)  # it goes on warming up
        assert one.stop()[0] == 0
        assert "nanobind" not in one.log.read_text()


def test_a_second_server_on_a_data_folder_says_so_and_leaves_the_first_alone(footfall: Footfall) -> None:
    client = footfall.project("Shop")
    footfall.start()
    second = footfall.run("serve", "--port", "0")
    assert second.code == 1
    assert second.output == ""
    assert second.errors.count("\n") == 1
    assert second.errors.startswith("footfall: ")
    assert "in use by another process" in second.errors
    with footfall.http(client) as http:
        assert http.post("/track", json={"type": "track", "payload": {"name": "hello"}}).status_code == 200


def test_a_port_that_is_taken_is_one_sentence(footfall: Footfall) -> None:
    footfall.project("Shop")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = footfall.run("serve", "--port", str(port))
    assert (refused.code, refused.output) == (1, "")
    assert refused.errors == (
        f"footfall: can't listen on 127.0.0.1 port {port}: Address already in use; choose another --port\n"
    )


def test_a_folder_that_is_a_file_is_one_sentence(footfall: Footfall) -> None:
    footfall.data.write_text("I am a file")
    refused = footfall.run("serve", "--port", "0")
    assert (refused.code, refused.output) == (1, "")
    assert refused.errors.startswith("footfall: the data folder ")
    assert refused.errors.count("\n") == 1
