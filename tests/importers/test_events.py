"""Imported rows of events: what they may say, what is mended, what is refused, and their ids."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from footfall.importers.events import EventFile, parse_rows
from footfall.importers.source import Source
from footfall.importers.tally import LeftOut
from footfall.ingest.inline import MAX_PROFILE_ID
from footfall.model.errors import BadRequest
from footfall.model.event import Event

NOW = 1_700_000_000_000
ID = "0190a0a0-1111-4222-8333-444455556666"


def row(**columns: object) -> dict[str, object]:
    return {"id": ID, "name": "screen_view", "created_at": "2024-05-17T10:05:03.250Z", **columns}


def parse(*rows: object) -> list[Event]:
    return [each.event for each in parse_rows(json.dumps(rows).encode(), "shop", NOW)]


def one(**columns: object) -> Event:
    (event,) = parse(row(**columns))
    return event


def refusal(rows: object) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        parse_rows(json.dumps(rows).encode(), "shop", NOW)
    return caught.value


def read_file(data: bytes) -> tuple[list[Event], EventFile]:
    file = EventFile("shop", NOW)
    source = Source("-", io.BufferedReader(io.BytesIO(data)))
    return [event for batch in file.read(source) for event in batch.events(range(len(batch)))], file


FULL: dict[str, Any] = {
    "id": ID,
    "project_id": "somebody-else",
    "name": "purchase",
    "created_at": "2024-05-17T10:05:03.250Z",
    "device_id": "dev",
    "profile_id": "user-1",
    "session_id": "ses",
    "path": "/a",
    "origin": "https://example.com",
    "title": "A",
    "referrer": "https://google.com",
    "referrer_name": "Google",
    "referrer_type": "search",
    "revenue": 4_900,
    "currency": "EUR",
    "duration": 12,
    "country": "DE",
    "region": "Berlin",
    "city": "Berlin",
    "longitude": 13.4,
    "latitude": 52.5,
    "os": "macOS",
    "os_version": "15.1",
    "browser": "Chrome",
    "browser_version": "142.0",
    "device": "desktop",
    "brand": "Apple",
    "model": "Macintosh",
    "sdk_name": "web",
    "sdk_version": "1.4.1",
    "groups": ["acme"],
    "imported_at": None,
    "properties": {"plan": "pro", "tags": ["a", "b"]},
}
EXPECTED = Event(
    id=ID,
    project_id="shop",
    name="purchase",
    created_at=1_715_940_303_250,
    device_id="dev",
    profile_id="user-1",
    session_id="ses",
    path="/a",
    origin="https://example.com",
    title="A",
    referrer="https://google.com",
    referrer_name="Google",
    referrer_type="search",
    revenue=4_900,
    currency="EUR",
    country="DE",
    region="Berlin",
    city="Berlin",
    longitude=13.4,
    latitude=52.5,
    os="macOS",
    os_version="15.1",
    browser="Chrome",
    browser_version="142.0",
    device="desktop",
    brand="Apple",
    model="Macintosh",
    sdk_name="web",
    sdk_version="1.4.1",
    groups=("acme",),
    imported_at=NOW,
    properties={"plan": "pro", "tags.0": "a", "tags.1": "b"},
)
CAMEL = {
    "".join(part.capitalize() if at else part for at, part in enumerate(key.split("_"))): value
    for key, value in FULL.items()
}


def test_a_row_of_columns_is_taken_as_it_is_into_the_callers_project() -> None:
    assert parse(FULL) == [EXPECTED]


def test_a_row_of_an_export_is_the_same() -> None:
    assert parse(CAMEL | {"profile": {"id": "user-1"}, "meta": None}) == [EXPECTED]


def test_both_spellings_may_meet_in_one_row_and_in_one_array() -> None:
    mixed = {**FULL, "osVersion": "15.1"}
    del mixed["os_version"]
    assert parse(FULL, CAMEL, mixed) == [EXPECTED] * 3


def test_keys_that_nobody_knows_are_ignored() -> None:
    assert parse({**FULL, "inserted_at": "2024-01-01", "x": {"y": [1]}}) == [EXPECTED]


def test_the_least_that_a_row_needs_is_a_name_and_a_time() -> None:
    (event,) = parse({"name": "signup", "created_at": 1_715_940_303_250})
    assert event == Event(
        id=event.id, project_id="shop", name="signup", created_at=1_715_940_303_250, imported_at=NOW
    )


# Times


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2024-05-17T10:05:03Z", 1_715_940_303_000),
        ("2024-05-17T10:05:03.250Z", 1_715_940_303_250),
        ("2024-05-17T12:05:03.250+02:00", 1_715_940_303_250),
        ("2024-05-17T10:05:03.250", 1_715_940_303_250),
        ("2024-05-17T10:05:03.250123456Z", 1_715_940_303_250),
        ("2024-05-17 10:05:03", 1_715_940_303_000),
        ("2024-05-17 10:05:03.250", 1_715_940_303_250),
        ("2024-05-17", 1_715_904_000_000),
        (1_715_940_303_250, 1_715_940_303_250),
        (1_715_940_303, 1_715_940_303_000),
        (1_715_940_303.25, 1_715_940_303_250),
        ("1715940303250", 1_715_940_303_250),
        ("1715940303", 1_715_940_303_000),
    ],
)
def test_a_time_may_be_written_in_many_ways(written: object, at: int) -> None:
    assert one(created_at=written).created_at == at


@pytest.mark.parametrize(
    "written",
    ["", "yesterday", "2024-13-01", "0000-00-00 00:00:00", -5, True, 1e300, [], {}, "9999-12-31T23:59:59Z"],
)
def test_what_is_no_time_is_refused(written: object) -> None:
    error = refusal([row(), row(created_at=written)])
    assert error.field == "rows[1].created_at"
    assert error.message.startswith("Row 2: created_at must be")


def test_an_imported_row_keeps_the_time_of_its_first_import() -> None:
    assert one(imported_at="2023-01-01 00:00:00").imported_at == 1_672_531_200_000


# Mending


def test_null_is_nothing() -> None:
    event = one(city=None, groups=None, properties=None, longitude=None, revenue=None, id=ID)
    assert (event.city, event.groups, event.properties, event.longitude, event.revenue) == (
        "",
        (),
        {},
        None,
        0,
    )


def test_numbers_are_text_where_text_is_meant() -> None:
    event = one(profile_id=4711, os_version=15.1, browser_version=142.0, device_id=True, groups=[7, "acme"])
    assert (event.profile_id, event.os_version, event.browser_version) == ("4711", "15.1", "142")
    assert (event.device_id, event.groups) == ("true", ("7", "acme"))


def test_text_is_a_number_where_a_number_is_meant() -> None:
    event = one(revenue="4900", longitude="13.4", latitude="-52.5")
    assert (event.revenue, event.longitude, event.latitude) == (4900, 13.4, -52.5)


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("de", "DE"),
        ("DE", "DE"),
        ("Germany", "DE"),
        ("", ""),
        ("\u0000\u0000", ""),
        ("??", ""),
        ("Atlantis", ""),
    ],
)
def test_a_country_is_its_code(written: str, country: str) -> None:
    assert one(country=written).country == country


def test_properties_are_flat_text() -> None:
    event = one(properties={"a": {"b": [1, True]}, "n": None, "e": "", "t": " x ", "j": '{"k":1.5}'})
    assert event.properties == {"a.b.0": "1", "a.b.1": "true", "t": "x", "j.k": "1.5"}


def test_properties_may_be_json_in_text() -> None:
    assert one(properties='{"plan":"pro"}').properties == {"plan": "pro"}


def test_the_title_moves_from_the_properties_to_its_column() -> None:
    event = one(properties={"__title": "Pricing", "plan": "pro"})
    assert (event.title, event.properties) == ("Pricing", {"plan": "pro"})


@pytest.mark.parametrize("title", ["[Draft] Prices", '{"k":1}', "[1,2]"])
def test_a_title_is_text_also_where_it_looks_like_json(title: str) -> None:
    assert one(properties={"__title": title}).title == title


def test_a_row_without_path_has_that_of_its_properties() -> None:
    event = one(
        properties={
            "__path": "https://example.com/a/?utm_source=letter#top",
            "__referrer": "https://www.bing.com/",
        }
    )
    assert (event.path, event.origin) == ("/a/", "https://example.com")
    assert (event.referrer, event.referrer_type) == ("https://www.bing.com", "search")
    assert event.properties == {"__query.utm_source": "letter", "__hash": "#top"}


def test_a_path_of_its_own_wins() -> None:
    event = one(path="/b", origin="https://b.example", properties={"__path": "https://example.com/a"})
    assert (event.path, event.origin, event.properties) == ("/b", "https://b.example", {})


def test_revenue_may_stand_in_the_properties() -> None:
    event = one(name="revenue", properties={"__revenue": 4900, "currency": "eur"})
    assert (event.revenue, event.currency, event.properties) == (4900, "EUR", {"currency": "eur"})


def test_the_currency_of_money_may_stand_in_the_properties() -> None:
    assert one(revenue=4900, properties={"currency": "usd"}).currency == "USD"
    assert one(revenue=4900, currency="EUR", properties={"currency": "usd"}).currency == "EUR"
    assert one(revenue=4900, properties={"currency": "gold"}).currency == ""
    assert one(properties={"currency": "usd"}).currency == ""


def test_texts_over_their_cap_are_cut() -> None:
    event = one(path="/" + "a" * 5_000, city="b" * 5_000, properties={"t": "c" * 20_000})
    assert (len(event.path), len(event.city), len(event.properties["t"])) == (2_048, 255, 10_000)


def test_the_longest_profile_id_that_is_taken_live_can_be_brought_back() -> None:
    assert one(profile_id="x" * MAX_PROFILE_ID).profile_id == "x" * 512


def test_control_characters_and_halves_of_pairs_are_left_out() -> None:
    texts = b'"name":"a\\u0000b","path":"/x\\u001b\\ud800","properties":{"k":"v\\u0007"}'
    (imported,) = parse_rows(b'[{"created_at":1715940303250,' + texts + b"}]", "shop", NOW)
    event = imported.event
    assert (event.name, event.path, event.properties) == ("ab", "/x", {"k": "v"})


def test_halves_of_pairs_are_left_out_of_ids_too() -> None:
    event = one(name="cut \ud83d", device_id="\ud83dd1", groups=["g\udc00"], properties={"k\ud800": "\ud800v"})
    assert (event.name, event.device_id, event.groups) == ("cut", "d1", ("g",))
    assert event.properties == {"k": "v"}


def test_escaped_text_is_text() -> None:
    assert one(city='München "am" See', title="🌱").city == 'München "am" See'


# Refusals


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"created_at": None}, "created_at"),
        ({"name": {"a": 1}}, "name"),
        ({"device_id": "x" * 513}, "device_id"),
        ({"session_id": ["x"]}, "session_id"),
        ({"revenue": -1}, "revenue"),
        ({"revenue": 49.5}, "revenue"),
        ({"revenue": "much"}, "revenue"),
        ({"revenue": 2**63}, "revenue"),
        ({"properties": {"__revenue": "49.5"}}, "properties.__revenue"),
        ({"longitude": 181}, "longitude"),
        ({"latitude": "north"}, "latitude"),
        ({"groups": "acme"}, "groups"),
        ({"properties": [1]}, "properties"),
        ({"properties": "plan=pro"}, "properties"),
        ({"imported_at": "soon"}, "imported_at"),
    ],
)
def test_what_cannot_be_is_refused_by_row_and_field(columns: dict[str, object], field: str) -> None:
    error = refusal([row(), row(), row(**columns)])
    assert error.field == f"rows[2].{field}"
    assert error.message.startswith(f"Row 3: {field} ")


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[", b"[{}", b"\xff", b'"x"', b"[" * 100_000])
def test_a_body_that_is_no_array_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest, match="must be a JSON array") as caught:
        parse_rows(body, "shop", NOW)
    assert caught.value.field == "body"


@pytest.mark.parametrize("element", [1, None, "x", [], [[]]])
def test_a_row_that_is_no_object_is_refused(element: object) -> None:
    error = refusal([row(), element])
    assert (error.message, error.field) == ("Row 2: A row must be a JSON object.", "rows[1]")


def test_no_rows_are_no_rows() -> None:
    assert parse_rows(b" [ ] ", "shop", NOW) == []


# Ids


@pytest.mark.parametrize("written", [ID, ID.upper(), "{" + ID + "}", ID.replace("-", ""), f"urn:uuid:{ID}"])
def test_a_uuid_is_kept_in_canonical_spelling(written: str) -> None:
    assert one(id=written).id == ID


@pytest.mark.parametrize("written", ["", "evt_1", None, 17, ID + "0", ID[:-1] + "g"])
def test_a_row_without_uuid_has_one_made_of_its_content(written: object) -> None:
    first, again, other = one(id=written), one(id=written), one(id=written, path="/other")
    assert first.id == again.id != other.id
    assert (len(first.id), first.id[14]) == (36, "8")


def test_equal_rows_without_id_are_different_events_and_the_same_next_time() -> None:
    rows = [{"name": "a", "created_at": 1_715_940_303_250}] * 3
    ids = [event.id for event in parse(*rows)]
    assert len(set(ids)) == 3
    assert [event.id for event in parse(*rows)] == ids


def test_the_order_of_keys_and_the_space_between_them_do_not_change_an_id() -> None:
    (tight,) = parse_rows(b'[{"name":"a","created_at":1715940303250}]', "shop", NOW)
    (loose,) = parse_rows(b'[ {\n  "created_at": 1715940303250,\n  "name": "a" } ]', "shop", NOW)
    assert tight.event.id == loose.event.id


def test_ids_made_of_content_differ_between_projects() -> None:
    raw = b'[{"name":"a","created_at":1715940303250}]'
    assert parse_rows(raw, "a", NOW)[0].event.id != parse_rows(raw, "b", NOW)[0].event.id


# Files


def ndjson(*rows: object) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in rows)


def test_a_file_has_one_row_on_each_line() -> None:
    events, file = read_file(ndjson(FULL, CAMEL) + b"\r\n\n" + ndjson(FULL).rstrip())
    assert events == [EXPECTED] * 3
    assert (file.tally.lines, file.tally.imported, file.tally.left_out) == (3, 3, {})


def test_rows_that_cannot_be_are_counted_with_the_first_reasons() -> None:
    bad: list[object] = [
        {"name": "a"},
        {"created_at": 1},
        [],
        row(revenue=-1),
        7,
        row(name=" "),
        row(groups=3),
    ]
    events, file = read_file(ndjson(FULL) + b"{oops\n" + ndjson(*bad, FULL))
    assert events == [EXPECTED, EXPECTED]
    assert (file.tally.lines, file.tally.imported) == (10, 2)
    assert file.tally.left_out == {LeftOut.REFUSED: 8}
    assert file.tally.examples == [
        "Line 2: This is not a JSON object.",
        "Line 3: created_at is missing: every event has a time such as 2024-05-17T10:05:03.000Z, "
        "or milliseconds since 1970.",
        "Line 4: name is missing: every event has one, such as screen_view.",
        "Line 5: A row must be a JSON object.",
        "Line 6: revenue must be a whole number of minor units (cents), 0 or more.",
    ]


def test_a_bad_row_does_not_change_the_ids_of_the_others() -> None:
    rows = [{"name": "a", "created_at": 1_715_940_303_250 + n} for n in range(3)]
    good, _ = read_file(ndjson(*rows))
    mixed, _ = read_file(ndjson(rows[0], {"name": "x", "created_at": "never"}, rows[1]) + b"{\n" + ndjson(rows[2]))
    assert [event.id for event in mixed] == [event.id for event in good]


def test_a_row_that_is_too_long_is_refused_and_the_next_is_read() -> None:
    huge = row(properties={"x": "y" * 5_000_000})
    events, file = read_file(ndjson(huge, FULL))
    assert events == [EXPECTED]
    assert file.tally.examples == ["Line 1: A row must be smaller than 4 MB."]


def test_files_are_read_in_batches(tmp_path: Path) -> None:
    (tmp_path / "events").write_bytes(ndjson(*[row(path=f"/{n}") for n in range(25)]))
    with Source(tmp_path / "events") as source:
        assert [len(batch) for batch in EventFile("shop", NOW).read(source, 10)] == [10, 10, 5]
