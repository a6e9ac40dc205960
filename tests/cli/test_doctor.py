"""`footfall doctor` says what is wrong, and what to do."""

import json
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Thread

import httpx
import pytest

from support.process import PLAIN, Footfall


def states(footfall: Footfall) -> dict[str, tuple[str, str]]:
    done = footfall.run("doctor", "--json")
    return {one["check"]: (one["state"], one["text"]) for one in json.loads(done.output)}


def test_a_new_folder_is_fine_and_wants_a_project(footfall: Footfall) -> None:
    found = states(footfall)
    assert {state for state, _ in found.values()} <= {"ok", "note"}
    assert "footfall project create" in found["catalog"][1]
    assert found["folder"] == (
        "note",
        f"{footfall.data.resolve()} was not there and is made; --data names another one",
    )
    assert states(footfall)["folder"][0] == "ok"


def test_beside_a_running_server_it_asks_the_server(footfall: Footfall) -> None:
    footfall.project("Site")
    footfall.start()
    done = footfall.run("doctor")
    assert done.code == 0
    assert "1 projects" in done.output
    footfall.settings["FOOTFALL_PORT"] = str(footfall.port)
    assert states(footfall)["store"] == ("ok", "a server has it open and is ready")


def test_what_answers_in_the_servers_place_is_no_server(footfall: Footfall) -> None:
    footfall.project("Site")
    footfall.start()
    with socket.create_server(("127.0.0.1", 0)) as other:
        Thread(target=lambda: other.accept()[0].sendall(b"220 mail.example ESMTP\r\n\r\n"), daemon=True).start()
        footfall.settings["FOOTFALL_PORT"] = str(other.getsockname()[1])
        state, text = states(footfall)["store"]
    assert (state, "no server answers" in text) == ("note", True)


def test_a_geo_database_that_is_not_there_is_a_problem(footfall: Footfall) -> None:
    footfall.settings["FOOTFALL_GEO_CITY"] = "/no/such.mmdb"
    done = footfall.run("doctor")
    assert done.code == 1
    assert "PROBLEM geo: geo_city names /no/such.mmdb, which is not a file" in done.output


def test_a_geo_database_that_is_none_is_a_problem(footfall: Footfall, tmp_path: Path) -> None:
    file = tmp_path / "cities.mmdb"
    file.write_text("no database")
    footfall.settings["FOOTFALL_GEO_CITY"] = str(file)
    state, text = states(footfall)["geo"]
    assert (state, "the geo database can't be read" in text) == ("problem", True)


@pytest.mark.parametrize("limit", ["0%", "1KB", "99999999TB"])
def test_a_memory_limit_that_the_store_can_not_work_with_is_a_problem(footfall: Footfall, limit: str) -> None:
    footfall.settings["FOOTFALL_MEMORY_LIMIT"] = limit
    done = footfall.run("doctor")
    assert done.code == 1
    assert "PROBLEM store: the event store can't work with a memory_limit of" in done.output
    assert "Traceback" not in done.errors


def test_a_damaged_journal_is_a_problem_in_one_sentence(footfall: Footfall) -> None:
    footfall.project("Site")
    footfall.start()
    footfall.stop()
    file = footfall.data / "journal.sqlite3"
    with closing(sqlite3.connect(file)) as journal:
        ((page,),) = journal.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'groups'")
        ((size,),) = journal.execute("PRAGMA page_size")
    content = bytearray(file.read_bytes())
    content[(page - 1) * size : page * size] = b"\xff" * size
    file.write_bytes(content)
    done = footfall.run("doctor")
    assert (done.code, done.errors) == (1, "")
    assert "PROBLEM journal: the journal can't be read: database disk image is malformed" in done.output
    assert "store: 0 events" in done.output


@pytest.mark.parametrize("damaged", ["events.duckdb", "events.duckdb.wal"])
def test_a_damaged_store_is_a_problem_in_one_sentence(footfall: Footfall, damaged: str) -> None:
    site = footfall.project("Site")
    footfall.start()
    view = {"type": "track", "payload": {"name": "screen_view", "properties": {"__path": "/"}}}
    headers = {**site.headers, "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Firefox/121.0"}
    httpx.post(f"http://127.0.0.1:{footfall.port}/track", json=view, headers=headers, **PLAIN)
    if damaged == "events.duckdb":
        footfall.stop()
    else:
        footfall.kill()  # one that stops leaves no log behind
    file = footfall.data / damaged
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 3].ljust(len(content), b"\0"))
    done = footfall.run("doctor")
    assert done.code == 1
    assert "PROBLEM store: " in done.output
    done = footfall.run("serve", "--port", "0", timeout=10)
    assert (done.code, done.errors.count("\n")) == (1, 1), done.errors


def test_a_folder_that_is_a_file_is_a_problem(footfall: Footfall) -> None:
    footfall.data.write_text("not a folder")
    done = footfall.run("doctor")
    assert done.code == 1
    assert "PROBLEM" in done.output
    assert "Traceback" not in done.errors
