"""Files that a process of its own reads: what it finds, and what is said when it dies."""

import json
import multiprocessing
import os
import signal
from pathlib import Path

import pytest
from msgspec import structs

from footfall.importers.parsing import OWN_PROCESS_BYTES, Job, parse
from footfall.model.errors import FootfallError

LINES = 60_000


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A file that is large enough."""
    file = tmp_path / "events.ndjson"
    row = {"name": "hello", "created_at": 1_715_940_303_250, "properties": {"text": "x" * 200}}
    file.write_text(f"{json.dumps(row)}\n" * LINES)
    assert file.stat().st_size > OWN_PROCESS_BYTES
    return Job("events", (str(file),), "shop")


def test_it_reads_all(job: Job) -> None:
    assert sum(parsed.records for parsed in parse(job)) == LINES


def test_if_it_dies_nobody_takes_the_file_for_read(job: Job) -> None:
    groups = parse(job)
    next(groups)
    for child in multiprocessing.active_children():
        child.kill()
    with pytest.raises(FootfallError, match="run it again"):
        list(groups)


def test_what_a_terminal_sends_to_all_is_for_who_reads_the_groups(job: Job) -> None:
    groups = parse(structs.replace(job, files=job.files * 2))
    _interrupt_children()
    found = next(groups).records
    _interrupt_children()
    assert found + sum(parsed.records for parsed in groups) == 2 * LINES


def _interrupt_children() -> None:
    for child in multiprocessing.active_children():
        assert child.pid is not None
        os.kill(child.pid, signal.SIGINT)
