"""Texts that are read as times or numbers, and the reverse: both engines take one for the same as the other."""

import pytest

from footfall.query.conversion import Conversion
from footfall.query.event_properties import PropertyValues
from footfall.query.fields import event_field
from footfall.query.filters import on_events
from footfall.query.funnel import Step
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


SPAN = {"start": "2024-03-01", "end": "2024-03-10"}


def those(site: Site, *asked: object, type: str) -> set[str]:
    """The texts that pass a filter."""
    reader = Reader(site.store, site.project)
    where = on_events(reader, only("told", *asked, type=type), site.span(**SPAN))  # type: ignore[arg-type]
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


@pytest.fixture
def placed(site: Site) -> Site:
    """Ann on a whole degree, Bob beside one, Cid nowhere."""
    facts = site.facts()
    for who, longitude in {"ann": -132.0, "bob": 13.4, "cid": None}.items():
        tags = {"tags.0": "a/b", "tags.1": "ü"} if who == "ann" else {}
        facts.visit(who, "2024-03-04 10:00", did("a", tags, longitude=longitude), did("b"))
    site.write(facts)
    return site


@pytest.mark.parametrize(
    ("operator", "text", "expected"),
    [
        ("endsWith", "0", set()),
        ("endsWith", "2", {"ann"}),
        ("regex", "^-132$", {"ann"}),
        ("contains", ".4", {"bob"}),
    ],
)
def test_whole_degrees_have_no_point(placed: Site, operator: str, text: str, expected: set[str]) -> None:
    reader = Reader(placed.store, placed.project)
    where = on_events(reader, only("longitude", operator, text), placed.span(**SPAN))
    assert {who for (who,) in reader.rows(read("events", [column("device_id")], where))} == expected


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("longitude", {"-132", "13.4", ""}),
        ("created_at", {"2024-03-04T10:00:00.000Z"}),
        ("properties.tags.*", {'["a/b","ü"]', "[]"}),
    ],
)
def test_values_are_told_alike(placed: Site, name: str, told: set[str]) -> None:
    span, field = placed.span(**SPAN), event_field(name)
    assert field is not None
    series = placed.ask(Conversion(span, Step("a"), Step("b"), 3_600_000, breakdown=name))
    assert {one.value for one in series} == told
    values = placed.ask(PropertyValues(span, "a", field))
    assert set(values) == ({"a/b", "ü"} if "*" in name else told - {""})
