"""Operators against kinds of fields, on events and on sessions, by hand (openpanel contract §7.3)."""

from typing import Any

import pytest

from footfall.model.errors import BadRequest
from footfall.query.breakdown import Breakdown, Dimension
from footfall.query.fields import FieldKind, canonical, event_field, session_field
from footfall.query.filters import on_events, on_sessions
from footfall.query.operators import Operator, parse_filters
from footfall.query.reader import Reader
from footfall.query.sql import column, read, read_sessions
from support.facts import did, viewed
from support.stores import Site, only


@pytest.fixture(scope="module")
def people(store: Any) -> Site:
    """Four visits of one view each, whose device is their name; `dan` says nothing about himself."""
    site = Site(store)
    facts = site.facts()
    facts.visit(
        "ann", "2024-03-04 10:00",
        viewed("/a_b", "Ünïcödé 日本", {
            "plan": "pro", "price": "9.5", "cart.total": "100", "tags.0": "new", "tags.1": "sale", "sizes.0": "3",
            "sizes.1": "12", "born": "1965-06-30T12:00:00-05:30",
        }), groups=("acme",), country="DE", city="München", device="desktop", browser="Chrome", browser_version="118.0",
        referrer="https://www.google.com/search", longitude=11.5, utm_source="news",
    )  # fmt: skip
    facts.visit(
        "bob", "2024-03-05 10:00",
        viewed("/a%b", "50% off", {"plan": "PRO", "price": "20", "ok": "yes", "tags.0": "old", "sizes.0": "5", "born": "1950-01-01"}),
        groups=("beta",), country="US", city="New York", device="mobile", browser="Safari", browser_version="17",
        referrer="https://google.com", utm_source="ads",
    )  # fmt: skip
    facts.visit(
        "cid", "2024-03-06 10:00",
        viewed("/axb", "it's", {"plan": "free", "price": "cheap", "since": "2024-02-01", "ok": "0", "born": "Jan 5 2024"}),
        country="GB", city="O'Fallon", device="tablet", browser="Chrome Mobile", browser_version="99.1",
        referrer="https://t.co/x", longitude=-0.1, user="cid@x",
    )  # fmt: skip
    facts.visit("dan", "2024-03-07 10:00", viewed("/", "", {"born": "2110-01-01"}), did("click", {"plan": "pro"}))
    facts.person("cid@x", "2024-02-01", email="cid@x", properties={"plan": "team", "seats": "12"})
    facts.group("acme", "2024-01-01", type="company", name="Acme AG", properties={"size": "12"})
    facts.group("beta", "2024-02-01", type="team", name="βeta")
    site.write(facts)
    return site


SPAN = {"start": "2024-03-01", "end": "2024-03-10"}
PARTS = ("contains", "doesNotContain", "startsWith", "endsWith", "regex")

EVENTS: list[tuple[str, str, tuple[object, ...], str]] = [
    # texts, letter by letter
    ("path", "is", ("/a_b",), "ann"),
    ("path", "is", ("/a_b", "/axb"), "ann cid"),
    ("path", "is", ("/A_B",), ""),
    ("path", "isNot", ("/a_b",), "bob cid dan"),
    ("path", "isNot", ("/a_b", "/axb"), "bob dan"),
    ("path", "contains", ("a_b",), "ann"),
    ("path", "contains", ("%",), "bob"),
    ("path", "contains", ("_b", "x"), "ann cid"),
    ("path", "doesNotContain", ("_b", "x"), "bob dan"),
    ("path", "startsWith", ("/a",), "ann bob cid"),
    ("path", "startsWith", ("/a_", "/a%"), "ann bob"),
    ("path", "endsWith", ("b",), "ann bob cid"),
    ("path", "endsWith", ("_b",), "ann"),
    ("path", "regex", ("^/a.b$",), "ann bob cid"),
    ("path", "regex", ("/x/",), "cid"),
    ("path", "regex", ("_", "%"), "ann bob"),
    ("path", "gt", ("/a_b",), "cid"),
    ("city", "is", ("  München ",), "ann"),
    ("city", "is", ("O'Fallon",), "cid"),
    ("city", "isNull", (), "dan"),
    ("city", "isNotNull", (), "ann bob cid"),
    ("city", "is", ("",), "dan"),
    ("properties.__title", "contains", ("日本",), "ann"),
    ("title", "regex", ("^Ü",), "ann"),
    ("browser", "is", ("Chrome",), "ann"),
    ("browserVersion", "is", ("118.0",), "ann"),
    ("browser_version", "is", (17,), "bob"),
    # properties
    ("properties.plan", "is", ("pro",), "ann"),
    ("plan", "is", ("pro", "free"), "ann cid"),
    ("plan", "isNot", ("pro",), "bob cid dan"),
    ("plan", "contains", ("r",), "ann cid"),
    ("plan", "doesNotContain", ("r",), "bob dan"),
    ("plan", "isNull", (), "dan"),
    ("plan", "isNotNull", (), "ann bob cid"),
    ("plan", "regex", ("(?i)^pro$",), "ann bob"),
    ("properties.cart.total", "is", (100,), "ann"),
    ("properties.cart", "isNull", (), "ann bob cid dan"),
    ("price", "gt", (9,), "ann bob"),
    ("price", "gte", ("9.5",), "ann bob"),
    ("price", "lt", (9.5,), "cid dan"),
    ("price", "lte", (9.5,), "ann cid dan"),
    ("price", "gt", (1000, 15), "bob"),
    # countries by code and name, devices in any case
    ("country", "is", ("DE",), "ann"),
    ("country", "is", ("germany", "us"), "ann bob"),
    ("country", "isNot", ("Germany",), "bob cid dan"),
    ("country", "isNot", ("Atlantis",), "ann bob cid dan"),
    ("country", "contains", ("united",), "bob cid"),
    ("country", "startsWith", ("united k",), "cid"),
    ("country", "endsWith", ("ANY",), "ann"),
    ("country", "doesNotContain", ("united",), "ann dan"),
    ("country", "isNull", (), "dan"),
    ("country", "regex", ("^[DG]",), "ann cid"),
    ("device", "is", ("Mobile", "TABLET"), "bob cid"),
    ("device", "isNot", ("Mobile",), "ann cid dan"),
    ("device", "contains", ("Table",), "cid"),
    # referrers by URL and host
    ("referrer", "is", ("https://www.google.com/search",), "ann"),
    ("referrer", "is", ("google.com",), "ann bob"),
    ("referrer", "is", ("www.google.com", "t.co"), "ann bob cid"),
    ("referrer", "isNot", ("google.com",), "cid dan"),
    ("referrer", "contains", ("google",), "ann bob"),
    # numbers that may be missing
    ("longitude", "gt", (0,), "ann"),
    ("longitude", "lt", (0,), "cid"),
    ("longitude", "isNull", (), "bob dan"),
    ("longitude", "isNotNull", (), "ann cid"),
    ("longitude", "isNot", (11.5,), "bob cid dan"),
    ("revenue", "is", (0,), "ann bob cid dan"),
    ("created_at", "gt", ("0001-01-01",), "ann bob cid dan"),
    ("created_at", "gt", ("9999-12-31",), ""),
    # times, people, session columns of an event
    ("createdAt", "gte", ("2024-03-06",), "cid dan"),
    ("created_at", "lt", ("2024-03-05T10:00:00Z",), "ann"),
    ("has_profile", "is", ("true",), "cid"),
    ("has_profile", "is", (True,), "cid"),
    ("has_profile", "is", ("false",), "ann bob dan"),
    ("has_profile", "isNot", ("true",), "ann bob dan"),
    ("profileId", "is", ("cid@x",), "cid"),
    ("entry_path", "is", ("/axb",), "cid"),
    ("screen_view_count", "lt", (2,), "ann bob cid dan"),
    # the person behind it
    ("profile.id", "is", ("cid@x",), "cid"),
    ("profile.email", "endsWith", ("@x",), "cid"),
    ("profile.email", "isNot", ("cid@x",), "ann bob dan"),
    ("profile.email", "isNull", (), "ann bob dan"),
    ("profile.email", "isNotNull", (), "cid"),
    ("profile.email", "is", ("",), "ann bob dan"),  # what a breakdown shows of who has no profile
    ("profile.email", "isNot", ("",), "cid"),
    ("profile.properties.plan", "is", ("team",), "cid"),
    ("profile.properties.plan", "doesNotContain", ("team",), "ann bob dan"),
    ("profile.is_external", "is", ("true",), "cid"),
    ("profile.nonsense", "isNull", (), "ann bob cid dan"),
    # every operator against every kind of column
    ("device", "startsWith", ("Desk", "TAB"), "ann cid"),
    ("device", "endsWith", ("TOP",), "ann"),
    ("device", "doesNotContain", ("t",), "bob dan"),
    ("device", "regex", ("^[dm]",), "ann bob"),
    ("device", "isNull", (), "dan"),
    ("device", "isNotNull", (), "ann bob cid"),
    ("device", "gte", ("mobile",), "bob cid"),
    ("device", "lt", ("mobile",), "ann dan"),
    ("country", "gt", ("GB",), "bob"),
    ("country", "lte", ("DE",), "ann dan"),
    ("country", "isNotNull", (), "ann bob cid"),
    ("referrer", "startsWith", ("https://www.",), "ann"),
    ("referrer", "endsWith", (".com", "/x"), "bob cid"),
    ("referrer", "doesNotContain", ("google",), "cid dan"),
    ("referrer", "regex", ("google[.]com$",), "bob"),
    ("referrer", "isNull", (), "dan"),
    ("referrer", "isNotNull", (), "ann bob cid"),
    ("referrer", "lt", ("https://h",), "bob dan"),
    ("longitude", "is", (11.5,), "ann"),
    ("longitude", "is", (-0.1,), "cid"),
    ("longitude", "gte", (-0.1,), "ann cid"),
    ("longitude", "gte", (-1,), "ann cid"),
    ("longitude", "lte", (11.5,), "ann cid"),
    ("longitude", "contains", ("11",), "ann"),
    ("longitude", "doesNotContain", ("11",), "bob cid dan"),
    ("longitude", "startsWith", ("-0",), "cid"),
    ("longitude", "endsWith", (".5",), "ann"),
    ("longitude", "regex", ("^-",), "cid"),
    ("revenue", "isNot", (0,), ""),
    ("revenue", "gt", (0,), ""),
    ("revenue", "gte", (0,), "ann bob cid dan"),
    ("revenue", "lt", (1,), "ann bob cid dan"),
    ("revenue", "lte", (-1,), ""),
    ("revenue", "contains", ("0",), "ann bob cid dan"),
    ("revenue", "doesNotContain", ("0",), ""),
    ("revenue", "startsWith", ("1",), ""),
    ("revenue", "endsWith", ("0",), "ann bob cid dan"),
    ("revenue", "regex", ("^0$",), "ann bob cid dan"),
    ("revenue", "isNull", (), ""),
    ("revenue", "isNotNull", (), "ann bob cid dan"),
    ("created_at", "isNot", ("2024-03-04T10:00:00Z",), "bob cid dan"),
    ("created_at", "lte", ("2024-03-05T10:00:00Z",), "ann bob"),
    ("created_at", "isNull", (), ""),
    ("created_at", "isNotNull", (), "ann bob cid dan"),
    ("imported_at", "isNull", (), "ann bob cid dan"),
    ("imported_at", "is", ("2024-03-05",), ""),
    ("imported_at", "isNot", ("2024-03-05",), "ann bob cid dan"),
    ("id", "is", ("nobody",), ""),
    ("id", "isNot", ("nobody",), "ann bob cid dan"),
    ("id", "startsWith", ("0000",), "ann bob cid dan"),
    ("id", "regex", ("^z",), ""),
    ("id", "isNull", (), ""),
    ("plan", "startsWith", ("p",), "ann"),
    ("plan", "endsWith", ("o", "e"), "ann cid"),
    ("plan", "gt", (0,), ""),
    ("plan", "lte", (0,), "ann bob cid dan"),
    ("profile.email", "startsWith", ("c",), "cid"),
    ("profile.email", "is", ("cid@x", "x"), "cid"),
    ("profile.properties.plan", "regex", ("^t",), "cid"),
    ("profile.properties.plan", "isNot", ("team",), "ann bob dan"),
    ("profile.properties.plan", "gt", (0,), ""),
    ("has_profile", "contains", ("true",), "cid"),
    ("has_profile", "isNull", (), "ann bob dan"),
    ("has_profile", "isNotNull", (), "cid"),
    ("path", "isNull", (), ""),
    ("path", "isNotNull", (), "ann bob cid dan"),
    ("path", "lt", ("/a_b",), "bob dan"),
    ("path", "gte", ("/a_b",), "ann cid"),
    ("path", "lte", ("/a_b",), "ann bob dan"),
    ("device", "gt", ("mobile",), "cid"),
    ("device", "lte", ("mobile",), "ann bob dan"),
    ("country", "lt", ("GB",), "ann dan"),
    ("country", "gte", ("GB",), "bob cid"),
    ("referrer", "gt", ("https://h",), "ann cid"),
    ("referrer", "gte", ("https://t.co/x",), "ann cid"),
    ("referrer", "lte", ("https://t.co/x",), "bob cid dan"),
    ("created_at", "is", ("2024-03-04T10:00:00Z",), "ann"),
    ("created_at", "gte", ("2024-03-06T10:00:00.001Z",), "dan"),
    ("id", "contains", ("-",), "ann bob cid dan"),
    ("id", "doesNotContain", ("-",), ""),
    ("id", "endsWith", ("-",), ""),
    ("id", "isNotNull", (), "ann bob cid dan"),
    ("id", "gt", ("0",), "ann bob cid dan"),
    ("id", "gte", ("1",), ""),
    ("id", "lt", ("0",), ""),
    ("id", "lte", ("1",), "ann bob cid dan"),
    ("has_profile", "doesNotContain", ("true",), "ann bob dan"),
    ("has_profile", "startsWith", ("true",), "cid"),
    ("has_profile", "endsWith", ("false",), "ann bob dan"),
    ("has_profile", "regex", ("true",), "cid"),
    # properties that are numbers
    ("plan", "lt", (1,), "ann bob cid dan"),
    ("plan", "gte", (1,), ""),
    ("price", "is", (9.5,), "ann"),
    ("price", "is", ("20", "cheap"), "bob cid"),
    ("price", "isNot", (20,), "ann cid dan"),
    ("price", "contains", ("0",), "bob"),
    ("price", "doesNotContain", ("0",), "ann cid dan"),
    ("price", "startsWith", ("2",), "bob"),
    ("price", "endsWith", (".5",), "ann"),
    ("price", "regex", ("^[0-9]+$",), "bob"),
    ("price", "isNull", (), "dan"),
    ("price", "isNotNull", (), "ann bob cid"),
    # the values of many keys: one that passes is enough
    ("properties.tags.*", "is", ("new",), "ann"),
    ("properties.tags[*]", "is", ("sale", "old"), "ann bob"),
    ("properties.tags.*", "isNot", ("new",), "ann bob"),
    ("properties.tags.*", "contains", ("a",), "ann"),
    ("properties.tags.*", "doesNotContain", ("e",), "bob"),
    ("properties.tags.*", "startsWith", ("o",), "bob"),
    ("properties.tags.*", "endsWith", ("w",), "ann"),
    ("properties.tags.*", "regex", ("^(old|sale)$",), "ann bob"),
    ("properties.tags.*", "isNull", (), "cid dan"),
    ("properties.tags.*", "isNotNull", (), "ann bob"),
    ("properties.sizes.*", "gt", (10,), "ann"),
    ("properties.sizes.*", "lt", (5,), "ann"),
    ("properties.sizes.*", "gte", (5,), "ann bob"),
    ("properties.sizes.*", "lte", (3,), "ann"),
    # the person's columns and properties: whoever has none has no value
    ("profile.email", "contains", ("@",), "cid"),
    ("profile.email", "doesNotContain", ("@",), "ann bob dan"),
    ("profile.email", "regex", ("^c",), "cid"),
    ("profile.email", "gt", ("cid",), "cid"),
    ("profile.email", "lt", ("d",), "cid"),
    ("profile.email", "gte", ("d",), ""),
    ("profile.email", "lte", ("cid@x",), "cid"),
    ("profile.created_at", "lt", ("2024-03-01",), "cid"),
    ("profile.created_at", "gte", ("2024-02-02",), ""),
    ("profile.is_external", "isNot", (True,), "ann bob dan"),
    ("profile.properties.plan", "contains", ("ea",), "cid"),
    ("profile.properties.plan", "startsWith", ("te",), "cid"),
    ("profile.properties.plan", "endsWith", ("m",), "cid"),
    ("profile.properties.plan", "isNull", (), "ann bob dan"),
    ("profile.properties.plan", "isNotNull", (), "cid"),
    ("profile.properties.seats", "gt", (9,), "cid"),
    ("profile.properties.seats", "lt", (9,), ""),
    ("profile.properties.seats", "gte", (12,), "cid"),
    ("profile.properties.seats", "lte", (12,), "cid"),
    # the groups': any of them, and for the opposites none
    ("group.name", "is", ("Acme AG",), "ann"),
    ("group.name", "isNot", ("Acme AG",), "bob cid dan"),
    ("group.name", "contains", ("cm",), "ann"),
    ("group.name", "doesNotContain", ("cm",), "bob cid dan"),
    ("group.name", "startsWith", ("Ac",), "ann"),
    ("group.name", "endsWith", ("ta",), "bob"),
    ("group.name", "regex", ("^[A-Z]",), "ann"),
    ("group.name", "isNull", (), "cid dan"),
    ("group.name", "isNotNull", (), "ann bob"),
    ("group.name", "gt", ("B",), "bob"),
    ("group.name", "lt", ("B",), "ann"),
    ("group.name", "gte", ("Acme AG",), "ann bob"),
    ("group.name", "lte", ("Acme AG",), "ann"),
    ("group.properties.size", "is", (12,), "ann"),
    ("group.properties.size", "isNot", (12,), "bob cid dan"),
    ("group.properties.size", "contains", ("1",), "ann"),
    ("group.properties.size", "doesNotContain", ("1",), "bob cid dan"),
    ("group.properties.size", "startsWith", ("1",), "ann"),
    ("group.properties.size", "endsWith", ("2",), "ann"),
    ("group.properties.size", "regex", ("^1",), "ann"),
    ("group.properties.size", "isNull", (), "bob cid dan"),
    ("group.properties.size", "isNotNull", (), "ann"),
    ("group.properties.size", "gt", (9,), "ann"),
    ("group.properties.size", "lt", (9,), "bob"),
    ("group.properties.size", "gte", (12,), "ann"),
    ("group.properties.size", "lte", (12,), "ann bob"),
    # no values say nothing
    ("path", "is", (), "ann bob cid dan"),
    ("path", "isNot", (), "ann bob cid dan"),
]


@pytest.mark.parametrize(("name", "operator", "values", "expected"), EVENTS)
def test_on_events(people: Site, name: str, operator: str, values: tuple[object, ...], expected: str) -> None:
    assert events(people, only(name, operator, *values)) == expected.split()


def events(people: Site, filters: Any) -> list[str]:
    reader = Reader(people.store, people.project)
    where = on_events(reader, filters, people.span(**SPAN))
    rows = reader.rows(read("events", [column("device_id"), column("name")], where))
    return sorted(device for device, name in rows if name == "screen_view")


@pytest.mark.parametrize(
    ("name", "operator", "value", "type_", "expected"),
    [
        ("price", "is", "20.0", "number", "bob"),
        ("price", "lt", "10", "number", "ann"),  # what is no number never matches
        ("price", "isNot", "20", "number", "ann cid dan"),
        ("browser_version", "gt", "20", "number", "ann cid"),
        ("ok", "is", "true", "boolean", "bob"),
        ("ok", "is", False, "boolean", "ann cid dan"),
        ("since", "gte", "2024-01-01", "date", "cid"),
        ("since", "gte", "2024-02-01T00:00:01", "datetime", ""),
        ("since", "is", "2024-02-01T15:00:00", "date", "cid"),
        ("born", "is", "1965-06-30", "date", "ann"),
        ("born", "is", "1965-06-30T06:00:00Z", "date", "ann"),
        ("born", "lt", "1960-01-01", "date", "bob"),
        ("born", "gt", "1960-01-01", "date", "ann dan"),
        ("born", "gte", "2110-01-01", "datetime", "dan"),
        ("born", "is", "1965-06-30T17:30:00Z", "datetime", "ann"),
        ("born", "lt", "1965-06-30T18:00:00", "datetime", "ann bob"),
        ("born", "gt", "0001-01-01", "date", "ann bob dan"),  # what is no ISO 8601 date never matches
        ("created_at", "is", "2024-03-04", "date", "ann"),
        ("plan", "is", "pro", "string", "ann"),
    ],
)
def test_with_a_type(people: Site, name: str, operator: str, value: object, type_: str, expected: str) -> None:
    assert events(people, only(name, operator, value, type=type_)) == expected.split()


SESSIONS: list[tuple[str, str, tuple[object, ...], str]] = [
    ("country", "is", ("Germany",), "ann"),
    ("origin", "contains", ("shop",), "ann bob cid dan"),
    ("utm_source", "is", ("news", "ads"), "ann bob"),
    ("utm_source", "isNull", (), "cid dan"),
    ("entry_path", "startsWith", ("/a",), "ann bob cid"),
    ("is_bounce", "is", ("true",), "ann bob cid dan"),
    ("is_bounce", "isNot", (True,), ""),
    ("duration", "gt", (0,), "dan"),
    ("duration", "is", (10000,), "dan"),
    ("duration", "isNot", (10000,), "ann bob cid"),
    ("duration", "lt", (10000,), "ann bob cid"),
    ("duration", "gte", (10000,), "dan"),
    ("duration", "lte", (10000,), "ann bob cid dan"),
    ("duration", "isNull", (), ""),
    ("is_bounce", "isNull", (), ""),
    ("is_bounce", "isNotNull", (), "ann bob cid dan"),
    ("price", "gt", (9,), "ann bob"),
    ("price", "isNull", (), "dan"),
    ("group.type", "is", ("team",), "bob"),
    ("group.properties.size", "isNull", (), "bob cid dan"),
    ("properties.tags.*", "endsWith", ("e",), "ann"),
    ("event_count", "gte", (1,), "dan"),
    ("event_count", "contains", ("1",), "dan"),
    ("session_id", "is", ("",), ""),
    ("has_profile", "is", ("true",), "cid"),
    ("path", "is", ("/axb",), "cid"),
    ("path", "isNot", ("/",), "ann bob cid"),
    ("plan", "is", ("pro",), "ann dan"),
    ("name", "is", ("click",), "dan"),
    ("title", "contains", ("%",), "bob"),
    ("profile.email", "contains", ("cid",), "cid"),
    ("profile.email", "isNull", (), "ann bob dan"),
    ("sdk_name", "isNull", (), "ann bob cid dan"),
]


@pytest.mark.parametrize(("name", "operator", "values", "expected"), SESSIONS)
def test_on_sessions(people: Site, name: str, operator: str, values: tuple[object, ...], expected: str) -> None:
    assert sessions(people, only(name, operator, *values)) == expected.split()


def sessions(people: Site, filters: Any, **how: bool) -> list[str]:
    reader = Reader(people.store, people.project)
    where = on_sessions(reader, filters, people.span(**SPAN), **how)
    return sorted(row[0] for row in reader.rows(read_sessions([column("device_id")], where)))


def test_all_filters_must_hold(people: Site) -> None:
    both = [
        {"name": "browser", "operator": "startsWith", "value": ["Chrome"]},
        {"name": "plan", "operator": "is", "value": ["pro"]},
    ]
    assert sessions(people, parse_filters(both)) == ["ann"]
    assert events(people, parse_filters(both)) == ["ann"]


def test_one_event_must_pass_all_that_only_events_have(people: Site) -> None:
    one = {"name": "name", "operator": "is", "value": ["click"]}
    assert sessions(people, parse_filters([one, {"name": "plan", "operator": "is", "value": ["pro"]}])) == ["dan"]
    assert sessions(people, parse_filters([one, {"name": "path", "operator": "is", "value": ["/a_b"]}])) == []


def test_an_event_after_the_range_still_tells_of_its_session(site: Site) -> None:
    site.write(site.facts().visit("ann", "2024-03-04 23:59:30", "/", 60, "/late"))
    span = site.span(start="2024-03-04", end="2024-03-04")
    assert [row.sessions for row in site.ask(Breakdown(span, Dimension.OS, only("path", "is", "/late")))] == [1]


@pytest.mark.parametrize(
    "raw",
    [
        7,
        [7],
        [{}],
        [{"name": "", "operator": "is", "value": ["x"]}],
        [{"name": "x" * 600, "operator": "is", "value": ["x"]}],
        [{"name": "os", "operator": "IS", "value": ["x"]}],
        [{"name": "os", "operator": ["is"], "value": ["x"]}],
        [{"name": "os", "operator": "inCohort", "value": ["x"]}],
        [{"name": "os", "operator": "is", "value": [["x"]]}],
        [{"name": "os", "operator": "is", "value": ["x"] * 501}],
        [{"name": "os", "operator": "is", "value": ["x" * 5000]}],
        [{"name": "os", "operator": "is", "value": ["x"], "type": "money"}],
        [{"name": "os", "operator": "is", "value": ["x"]}] * 51,
    ],
)
def test_what_is_no_filter(raw: object) -> None:
    with pytest.raises(BadRequest) as raised:
        parse_filters(raw)
    assert raised.value.field.startswith("filters")


REFUSED: list[tuple[str, str, str, dict[str, str]]] = [
    ("duration", "gt", "long", {}),
    ("price", "gt", "inf", {}),
    ("created_at", "gt", "soon", {}),
    *(("created_at", operator, "2024", {}) for operator in PARTS),
    *(("is_bounce", operator, "t", {}) for operator in (*PARTS, "gt", "lt", "gte", "lte")),
    ("price", "is", "x", {"type": "number"}),
    ("price", "gt", "true", {"type": "boolean"}),
    ("price", "is", "x", {"type": "date"}),
    ("path", "regex", "(", {}),
    ("path", "regex", "/\\/", {}),
    ("path", "regex", "a{2000}", {}),
    ("path", "regex", r"(a)\1", {}),
    ("plan", "regex", "[", {}),
]


@pytest.mark.parametrize(("name", "operator", "value", "more"), REFUSED)
def test_a_value_that_cant_be_compared(people: Site, name: str, operator: str, value: str, more: Any) -> None:
    with pytest.raises(BadRequest):
        people.ask(Breakdown(people.span(**SPAN), Dimension.OS, only(name, operator, value, **more)))


def test_a_pattern_that_would_keep_pythons_re_busy_forever(site: Site) -> None:
    site.write(site.facts().visit("ann", "2024-03-04 10:00", "/" + "a" * 5000))
    span = site.span(**SPAN)
    assert site.ask(Breakdown(span, Dimension.OS, only("path", "regex", "^/(a+)+$")))[0].sessions == 1
    assert site.ask(Breakdown(span, Dimension.OS, only("path", "regex", "^/(a+)+b$"))) == []


ALIKE = (
    *("path", "longitude", "revenue", "created_at", "id", "country", "device", "referrer", "plan", "price"),
    *("is_bounce", "profile.email", "group.name", "group.properties.size"),
    "properties.tags.* properties.sizes.*",
    "profile.properties.plan profile.properties.seats",
)
"""Fields of every kind, text and number where a user's own may be either; of has_profile only some operators."""


@pytest.mark.parametrize("names", ALIKE)
def test_no_operator_is_forgotten(names: str) -> None:
    """The tables above are whole: each operator stands there with each kind of field, answered or refused."""
    tried = {operator for name, operator, *_ in (*EVENTS, *SESSIONS, *REFUSED) if name in names.split()}
    assert tried == {operator.value for operator in Operator}


def test_no_kind_of_field_is_forgotten() -> None:
    names = [canonical(name) for names in ALIKE for name in names.split()]
    known = {field.kind for name in names if (field := event_field(name) or session_field(name))}
    assert known == set(FieldKind) - {FieldKind.HAS_PROFILE}
