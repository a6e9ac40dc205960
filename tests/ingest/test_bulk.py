"""An import's way into the journal: which of its groups come together."""

from pathlib import Path

import pytest

from footfall.ingest.bulk import BulkImport
from footfall.ingest.journal import Journal


def bulk_into(journal: Journal, drained: int = 0) -> BulkImport:
    return BulkImport(journal, "one", drained=lambda: drained, wake=lambda: None, at_once=20)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.sqlite3")


def test_the_first_group_comes_at_once_and_the_others_together(journal: Journal) -> None:
    bulk = bulk_into(journal)
    there = []
    for payload in (b"1", b"2", b"3", b"4"):
        bulk.append_encoded(payload, 10)
        there.append(journal.last())
    bulk.flush()
    assert there == [1, 1, 3, 3]
    assert [(group.payload, group.import_id) for group in journal.read(0, 100)] == [
        (payload, "one") for payload in (b"1", b"2", b"3", b"4")
    ]
    assert bulk.appended == 40


def test_the_end_of_an_import_appends_what_was_held_back(journal: Journal) -> None:
    bulk = bulk_into(journal, drained=2)
    for payload in (b"1", b"2"):
        bulk.append_encoded(payload, 10)
    journal.count_import("one", added=15, known=5, dropped=0)
    assert (bulk.finish().added, journal.last()) == (15, 2)


def test_groups_that_come_together_are_all_there_or_none(journal: Journal) -> None:
    with pytest.raises(OverflowError):
        journal.append_all([(b"1", 1), (b"2", 2**80)])
    assert journal.last() == 0
    journal.append(b"3", 1)
    assert journal.last() == 1
