"""Properties that are read as times or numbers: both engines take the same texts for the same values."""

import pytest

from footfall.query.filters import on_events
from footfall.query.reader import Reader
from footfall.query.sql import column, read
from support.facts import did
from support.stores import Site, only

TIMES = {
    "2024-02-29": "2024-02-29T00:00:00Z",
    "2024-02-29T10:20": "2024-02-29T10:20:00Z",
    "2024-02-29 10:20:30+02:00": "2024-02-29T08:20:30Z",
    "2024-02-29T10:20:30.9999Z": "2024-02-29T10:20:30.999Z",
    "2024-02-29T10:20:30.999999-0530": "2024-02-29T15:50:30.999Z",
    "1950-01-01T00:00:00.123956Z": "1950-01-01T00:00:00.123Z",
    "9999-12-31": "9999-12-31T00:00:00Z",
}
"""What a text means; of parts of a millisecond nothing is counted, as JavaScript does."""

NO_TIMES = (
    "2024-02-30", "2024-13-01", "2024-00-10", "2024-10-00", "0000-00-00", "2024-2-9", "20240229", "1709164800",
    "2024-02-29T23:59:60Z", "2024-02-29T23:60:00Z", "2024-02-29T25:00:00Z", "2024-02-29T10", "29/02/2024", "now",
)  # fmt: skip


def those(site: Site, *asked: object, type: str) -> set[str]:
    """The texts that pass a filter."""
    reader = Reader(site.store, site.project)
    where = on_events(reader, only("told", *asked, type=type), site.span(start="2024-03-01", end="2024-03-10"))  # type: ignore[arg-type]
    return {name for (name,) in reader.rows(read("events", [column("name")], where))}


@pytest.fixture
def told(site: Site) -> Site:
    """An event for each text, which is its name too."""
    site.write(
        site.facts().visit("ann", "2024-03-04 10:00", *(did(text, {"told": text}) for text in (*TIMES, *NO_TIMES)))
    )
    return site


def test_a_text_is_the_instant_that_it_names(told: Site) -> None:
    for text, instant in TIMES.items():
        same = {other for other, meant in TIMES.items() if meant == instant}
        assert those(told, "is", instant, type="datetime") == same, text


def test_what_names_no_instant_is_none(told: Site) -> None:
    assert those(told, "gte", "0001-01-01", type="datetime") == set(TIMES)
