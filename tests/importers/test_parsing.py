"""Files that a process of its own reads: what it finds, and what is said when it dies."""

import json
import multiprocessing
from pathlib import Path

import pytest

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
