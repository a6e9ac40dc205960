"""Files that processes of their own read: what they find, and what is said when one dies."""

import gzip
import json
import multiprocessing
import os
import signal
from pathlib import Path
from uuid import uuid4

import pytest
from msgspec import structs

from footfall.importers import parsing
from footfall.importers.parsing import HELPERS, OWN_PROCESS_BYTES, Job, parse
from footfall.importers.tally import Tally
from footfall.ingest.records import decode_group
from footfall.model.errors import FootfallError
from footfall.store.columns import EventColumns
from importers.log_lines import GOOGLEBOT, line

LINES = 60_000


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A file that is large enough."""
    file = tmp_path / "events.ndjson"
    row = {"name": "hello", "created_at": 1_715_940_303_250, "properties": {"text": "x" * 200}}
    file.write_text(f"{json.dumps(row)}\n" * LINES)
    assert file.stat().st_size > OWN_PROCESS_BYTES
    return Job("events", (str(file),), "shop")


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A log of three groups, with lines that are equal and that are left out, as large as it takes for helpers."""
    monkeypatch.setattr(parsing, "HELPED_BYTES", OWN_PROCESS_BYTES)
    shown = line() + line("GET http://example.com/a HTTP/1.1") + line("GET /b HTTP/1.1", ip="203.0.113.8")
    other = line(agent=GOOGLEBOT) + line(status=404) + line("POST /c HTTP/1.1") + line("GET /d.css HTTP/1.1")
    file = tmp_path / "access.log"
    with file.open("wb") as out:
        for number in range(LINES // 3):
            out.write(shown)
            if number % 1_000 == 7:
                out.write(b"not a log line\n\n" + other)
    assert file.stat().st_size > 2 * OWN_PROCESS_BYTES
    return Job("access-log", (str(file),), "shop", "salt", "https://example.com")


def test_it_reads_all(job: Job) -> None:
    assert sum(parsed.records for parsed in parse(job)) == LINES


def test_if_it_dies_nobody_takes_the_file_for_read(job: Job) -> None:
    groups = parse(job)
    next(groups)
    for child in multiprocessing.active_children():
        child.kill()
    with pytest.raises(FootfallError, match="run it again"):
        list(groups)


def test_helpers_find_in_a_log_what_one_process_finds(log: Job) -> None:
    alone, tally = _read(log, 0)
    assert len(set(alone)) == len(alone) == LINES
    assert tally.lines == LINES + 5 * LINES // 3_000
    assert sum(tally.left_out.values()) == tally.lines - LINES
    assert tally.examples[1] == "Line 3030 is in no format we read."
    assert _read(log, HELPERS) == (alone, tally)


@pytest.mark.parametrize("name", ["footfall-parse", "footfall-lines"])
def test_a_log_is_not_taken_for_read_if_any_of_those_who_read_it_die(log: Job, name: str) -> None:
    groups = parse(log, HELPERS)
    next(groups)
    killed = [child for child in multiprocessing.active_children() if child.name == name]
    assert killed
    for child in killed:
        child.kill()
    with pytest.raises(FootfallError, match="run it again"):
        list(groups)
    assert not multiprocessing.active_children()


def test_a_packed_log_is_as_large_as_what_is_in_it(log: Job, tmp_path: Path) -> None:
    packed = tmp_path / "access.log.gz"
    packed.write_bytes(gzip.compress(b"".join(line(f"GET /{uuid4()} HTTP/1.1") for _ in range(LINES // 2))))
    assert packed.stat().st_size < OWN_PROCESS_BYTES
    groups = parse(structs.replace(log, files=(str(packed),)), HELPERS)
    found = next(groups).records
    assert len(multiprocessing.active_children()) == 1 + HELPERS
    assert found + sum(parsed.records for parsed in groups) == LINES // 2


def test_nobody_is_left_when_the_reading_is_given_up(log: Job) -> None:
    groups = parse(log, HELPERS)
    next(groups)
    assert len(multiprocessing.active_children()) == 1 + HELPERS
    groups.close()  # type: ignore[attr-defined]
    assert not multiprocessing.active_children()


def test_what_a_terminal_sends_to_all_is_for_who_reads_the_groups(job: Job) -> None:
    groups = parse(structs.replace(job, files=job.files * 2))
    _interrupt_children()
    found = next(groups).records
    _interrupt_children()
    assert found + sum(parsed.records for parsed in groups) == 2 * LINES


def _read(log: Job, helpers: int) -> tuple[list[str], Tally]:
    """The ids of all events, and what became of the lines."""
    ids: list[str] = []
    for parsed in parse(log, helpers):
        if parsed.records:
            (columns,) = decode_group(parsed.payload)
            assert isinstance(columns, EventColumns)
            ids += columns.ids
    return ids, parsed.tally


def _interrupt_children() -> None:
    for child in multiprocessing.active_children():
        assert child.pid is not None
        os.kill(child.pid, signal.SIGINT)
