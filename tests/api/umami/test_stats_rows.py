"""Umami's events, sessions and realtime, by hand, on both engines."""

from typing import Any

import pytest

from footfall.catalog.projects import NewProject
from footfall.model.project import ProjectKind
from support.facts import did, ms, viewed
from support.statistics import Statistics, Website

DAY = ("2024-03-04", "2024-03-04T23:59:59.999")


@pytest.fixture(scope="module")
def shop(statistics: Statistics) -> Website:
    """Ann views two pages, buys, and comes back on Sunday; Bob views one page a second after Ann began."""
    website = statistics.website("rows")
    facts = website.facts()
    home = viewed("/", "Home", {"__search": "a=1", "__screen": "1920x1080", "__language": "en-GB", "__tag": "t"})
    ann = {"country": "DE", "city": "Berlin", "browser": "Chrome", "user": "a-1"}
    facts.visit("ann", "2024-03-04 10:00", home, 90, "/buy", 60, did("Buy", {"plan": "pro"}), **ann)
    facts.visit("bob", "2024-03-04 10:00:01", "/", country="GB", referrer="https://www.example.com/a?b=1")
    facts.visit("ann", "2024-03-10 23:30", did("Buy"), **ann)
    facts.person(
        "a-1",
        "2024-03-04",
        "2024-03-10",
        properties={"plan": "pro", "age": "42", "__strings": "\nzip\n", "zip": "1"},
    )
    return website.write(facts)


def test_events_newest_first(shop: Website) -> None:
    found = shop.get("events", *DAY)
    rows = found.pop("data")
    assert found == {"count": 4, "page": 1, "pageSize": 20}
    assert [(row["sessionId"], row["urlPath"], row["eventType"], row["eventName"]) for row in rows] == [
        ("ann", "/buy", 2, "Buy"),
        ("ann", "/buy", 1, None),
        ("bob", "/", 1, None),
        ("ann", "/", 1, None),
    ]
    assert [row["hasData"] for row in rows] == [True, False, False, False]
    bob, ann = rows[2], rows[3]
    assert (bob["referrerDomain"], bob["referrerPath"], bob["referrerQuery"]) == ("example.com", "/a", "b=1")
    assert {name: value for name, value in ann.items() if name not in ("id", "visitId")} == {
        "websiteId": str(shop.project.uuid),
        "sessionId": "ann",
        "createdAt": "2024-03-04T10:00:00.000Z",
        "hostname": "shop.example",
        "urlPath": "/",
        "urlQuery": "a=1",
        "referrerPath": None,
        "referrerQuery": None,
        "referrerDomain": None,
        "country": "DE",
        "city": "Berlin",
        "device": None,
        "os": None,
        "browser": "Chrome",
        "pageTitle": "Home",
        "eventType": 1,
        "eventName": None,
        "tag": "t",
        "hasData": False,
    }


@pytest.mark.parametrize(("kind", "type_"), [(ProjectKind.LINK, 3), (ProjectKind.PIXEL, 4)])
def test_clicks_and_loads_have_types_of_their_own(statistics: Statistics, kind: ProjectKind, type_: int) -> None:
    url = "https://shop.example/" if kind is ProjectKind.LINK else None
    new = NewProject(name="Ad", kind=kind)
    found = Website(statistics, statistics.catalog.links.create(new, f"ad-{kind}", url)[1])
    found.write(found.facts().visit("ann", "2024-03-04 10:00", "/q/ad"))
    row = found.get("events", *DAY)["data"][0]
    assert (row["eventType"], row["eventName"], row["websiteId"]) == (type_, None, str(found.project.uuid))
    assert found.get("sessions/ann/activity", *DAY)[0]["eventType"] == type_
    assert found.get("stats", *DAY, eventType=type_)["pageviews"] == 1


def test_pages_of_events(shop: Website) -> None:
    found = shop.get("events", *DAY, page=2, pageSize=3)
    assert ([row["sessionId"] for row in found["data"]], found["count"]) == (["ann"], 4)
    found = shop.get("events", *DAY, search="BUY")
    assert ([row["eventType"] for row in found["data"]], found["count"], found["search"]) == ([2, 1], 2, "BUY")
    assert shop.get("events", *DAY, eventType=2)["count"] == 1
    assert shop.get("events", *DAY, country="GB")["count"] == 1
    assert shop.get("events", *DAY, page=9)["data"] == []
    last = shop.get("events", *DAY, page=10**12)
    assert (last["data"], last["page"], last["count"]) == ([], 10**9, 4)
    assert shop.v2.get("events", *DAY)["pageSize"] == 10


def test_custom_events_by_name_and_bucket(shop: Website) -> None:
    week = ("2024-03-04", "2024-03-10T23:59:59.999")
    assert shop.get("events/series", *week, unit="day", timezone="Europe/Berlin") == [
        {"x": "Buy", "t": "2024-03-03T23:00:00Z", "y": 1},
        {"x": "Buy", "t": "2024-03-10T23:00:00Z", "y": 1},
    ]


def test_what_custom_events_come_to(shop: Website) -> None:
    nothing = {"events": 0, "visitors": 0, "visits": 0, "uniqueEvents": 0}
    one = {"events": 1, "visitors": 1, "visits": 1, "uniqueEvents": 1}
    assert shop.get("events/stats", *DAY) == {"data": {**one, "comparison": nothing}}


def test_sessions_by_their_last_event(shop: Website) -> None:
    found = shop.get("sessions", *DAY)
    rows = found.pop("data")
    assert found == {"count": 2, "page": 1, "pageSize": 20}
    ann, bob = rows
    assert ann == {
        "id": "ann",
        "websiteId": str(shop.project.uuid),
        "hostname": "shop.example",
        "browser": "Chrome",
        "os": None,
        "device": None,
        "screen": None,
        "language": None,
        "country": "DE",
        "region": None,
        "city": "Berlin",
        "distinctId": "a-1",
        "firstAt": "2024-03-04T10:00:00.000Z",
        "lastAt": "2024-03-04T10:02:30.000Z",
        "visits": 1,
        "views": 2,
        "events": 1,
        "totaltime": 150,
        "createdAt": "2024-03-04T10:02:30.000Z",
    }
    assert (bob["id"], bob["views"], bob["distinctId"]) == ("bob", 1, None)


def test_pages_of_sessions(shop: Website) -> None:
    def ids(**query: Any) -> list[str]:
        return [row["id"] for row in shop.get("sessions", *DAY, **query)["data"]]

    assert ids(search="berl") == ["ann"]
    assert ids(search="A-1") == ["ann"]
    assert ids(pageSize=1, page=2) == ["bob"]
    assert ids(country="GB") == ["bob"]
    assert ids(search="nobody") == []
    assert shop.get("sessions", *DAY, pageSize=1)["count"] == 2


def test_what_sessions_come_to(shop: Website) -> None:
    assert shop.get("sessions/stats", *DAY) == {
        "pageviews": {"value": 4},
        "visitors": {"value": 2},
        "visits": {"value": 2},
        "countries": {"value": 2},
        "events": {"value": 1},
    }


def test_the_hours_of_a_week(shop: Website) -> None:
    span = ("2024-03-04", "2024-03-10T23:59:59.999")
    week = shop.get("sessions/weekly", *span)
    assert [len(day) for day in week] == [24] * 7
    assert (week[1][10], week[0][23], sum(map(sum, week))) == (2, 1, 3)
    week = shop.get("sessions/weekly", *span, timezone="Europe/Berlin")
    assert (week[1][11], week[1][0], sum(map(sum, week))) == (2, 1, 3)


def test_one_session(shop: Website) -> None:
    ann = shop.get("sessions/ann")
    assert (ann["visits"], ann["views"], ann["events"], ann["totaltime"]) == (2, 2, 2, 150)
    assert (ann["firstAt"], ann["lastAt"]) == ("2024-03-04T10:00:00.000Z", "2024-03-10T23:30:00.000Z")
    assert shop.refused("sessions/nobody")[0] == 404


def test_what_a_session_did(shop: Website) -> None:
    rows = shop.get("sessions/ann/activity", *DAY)
    assert [row["eventName"] for row in rows] == ["Buy", None, None]
    assert shop.get("sessions/nobody/activity", *DAY) == []


def test_what_is_known_of_a_session(shop: Website) -> None:
    rows = shop.get("sessions/ann/properties")
    assert [(row["dataKey"], row["dataType"], row["stringValue"], row["numberValue"]) for row in rows] == [
        ("age", 2, "42", 42),
        ("plan", 1, "pro", None),
        ("zip", 1, "1", None),
    ]
    assert (rows[0]["sessionId"], rows[0]["createdAt"]) == ("ann", "2024-03-10T00:00:00.000Z")
    assert shop.get("sessions/bob/properties") == []


def test_the_last_half_hour(statistics: Statistics) -> None:
    website = statistics.website("live")
    facts = website.facts().visit("old", "2024-03-15 12:04:50", "/old", is_open=True)
    google = {"referrer": "https://google.com/", "country": "DE", "is_open": True}
    facts.visit("ann", "2024-03-15 12:10", "/", 60, "/", 5, did("Buy"), **google)
    facts.visit("bob", "2024-03-15 12:10:30", "/", country="GB", is_open=True)
    found = website.write(facts).get("/realtime/live")
    activity = found.pop("events")
    assert found == {
        "countries": {"DE": 1, "GB": 1},
        "urls": {"/": 3},
        "referrers": {"google.com": 2},
        "series": {
            "views": [{"x": "2024-03-15T12:10:00Z", "y": 2}, {"x": "2024-03-15T12:11:00Z", "y": 1}],
            "visitors": [{"x": "2024-03-15T12:10:00Z", "y": 2}, {"x": "2024-03-15T12:11:00Z", "y": 1}],
        },
        "totals": {"views": 3, "visitors": 3, "events": 1, "countries": 2},
        "timestamp": ms("2024-03-15 12:34:56"),
    }
    assert [(row["__type"], row["sessionId"]) for row in activity] == [
        ("event", "ann"),
        ("pageview", "ann"),
        ("pageview", "bob"),
        ("session", "bob"),
        ("pageview", "ann"),
        ("session", "ann"),
    ]
    assert activity[0]["eventName"] == "Buy"
    assert website.get("/realtime/live", country="GB")["totals"]["views"] == 1


@pytest.fixture(scope="module")
def data(statistics: Statistics) -> Website:
    """Ann buys twice, Bob signs up; both have said who they are."""
    website = statistics.website("data")
    facts = website.facts()
    buy = {
        "price": "19.99",
        "when": "2024-03-04T10:15:30.000Z",
        "__strings": "\nzip\n",
        "zip": "01067",
        "__tag": "t",
    }
    facts.visit("ann", "2024-03-04 10:00", "/", did("Buy", buy), did("Buy", {"price": "5"}), user="a-1")
    facts.visit("bob", "2024-03-04 11:00", did("Sign up", {"ok": "true", "tags": "[1,2]"}))
    facts.person("a-1", "2024-03-04", properties={"plan": "pro"})
    facts.person("bob", "2024-03-04", properties={"plan": "free", "age": "42"}, is_external=False)
    facts.person("cid", "2024-03-04", properties={"plan": "pro"})
    return website.write(facts)


def test_event_data_by_event_key_and_type(data: Website) -> None:
    def rows(**query: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in data.get("event-data/events", *DAY, **query)]

    assert rows() == [
        ("Buy", "price", 2, 2),
        ("Buy", "when", 4, 1),
        ("Buy", "zip", 1, 1),
        ("Sign up", "ok", 3, 1),
        ("Sign up", "tags", 5, 1),
    ]
    assert rows(event="Sign up") == [("Sign up", "ok", 3, "true", 1), ("Sign up", "tags", 5, "[1,2]", 1)]
    assert list(data.get("event-data/events", *DAY)[0]) == ["eventName", "propertyName", "dataType", "total"]


def test_event_data_by_key_and_value(data: Website) -> None:
    assert data.get("event-data/fields", *DAY, event="Buy") == [
        {"propertyName": "price", "dataType": 2, "value": "19.99", "total": 1},
        {"propertyName": "price", "dataType": 2, "value": "5", "total": 1},
        {"propertyName": "when", "dataType": 4, "value": "2024-03-04T10:00:00Z", "total": 1},
        {"propertyName": "zip", "dataType": 1, "value": "01067", "total": 1},
    ]
    assert data.get("event-data/properties", *DAY, propertyName="price") == [
        {"eventName": "Buy", "propertyName": "price", "total": 2}
    ]
    for name in ("event", "eventName"):
        found = data.get("event-data/values", *DAY, **{name: "Buy"}, propertyName="price")
        assert found == [{"value": "19.99", "total": 1}, {"value": "5", "total": 1}]
    assert data.get("event-data/stats", *DAY) == {"events": 3, "properties": 5, "records": 6}
    assert data.refused("event-data/values", *DAY)[0] == 400


def test_the_data_of_each_event(data: Website) -> None:
    found = data.get("event-data", *DAY, search="Buy")
    assert (found["count"], [row["eventName"] for row in found["data"]]) == (2, ["Buy", "Buy"])
    first = found["data"][1]
    assert [row["dataKey"] for row in first["eventProperties"]] == ["price", "when", "zip"]
    rows = data.get(f"event-data/{first['eventId']}")
    assert [(row["dataType"], row["numberValue"], row["dateValue"]) for row in rows] == [
        (2, 19.99, None),
        (4, None, "2024-03-04T10:15:30.000Z"),
        (1, None, None),
    ]
    assert data.get("event-data/nonsense") == []


def test_long_data_is_cut_and_a_page_of_it_is_short(statistics: Statistics) -> None:
    website = statistics.website("talkative")
    note = did("Note", {"text": "x" * 10_000})
    website.write(website.facts().visit("ann", "2024-03-04 10:00", note))
    found = website.get("event-data", *DAY, pageSize=1000)
    assert (found["pageSize"], found["data"][0]["eventProperties"][0]["stringValue"]) == (100, "x" * 500)
    assert website.get("events", *DAY, pageSize=1000)["pageSize"] == 1000


def test_the_data_of_a_page_view_is_of_no_event(statistics: Statistics) -> None:
    website = statistics.website("viewed")
    website.write(website.facts().visit("ann", "2024-03-04 10:00", viewed("/", properties={"plan": "pro"})))
    row = website.get("event-data", *DAY)["data"][0]
    assert (row["eventName"], row["eventProperties"][0]["eventName"]) == (None, None)
    assert website.get(f"event-data/{row['eventId']}")[0]["eventName"] is None
    for path in ("events", "properties"):
        assert website.get(f"event-data/{path}", *DAY)[0]["eventName"] is None


def test_what_visitors_have_told(data: Website) -> None:
    assert data.get("session-data/properties", *DAY) == [
        {"propertyName": "plan", "total": 2},
        {"propertyName": "age", "total": 1},
    ]
    assert data.get("session-data/values", *DAY, propertyName="plan") == [
        {"value": "free", "total": 1},
        {"value": "pro", "total": 1},
    ]
    assert data.get("session-data/properties", "2024-03-09", "2024-03-10") == []


@pytest.mark.parametrize(
    ("span", "times", "hours", "buckets"),
    [
        (
            # Berlin has no hour from two to three: 01:59:59.999, 03:00 and 23:59
            ("2026-03-28 23:00", "2026-03-29 21:59:59.999"),
            ("2026-03-29 00:59:59.999", "2026-03-29 01:00", "2026-03-29 21:59"),
            {1: 1, 3: 1, 23: 1},
            ["29T00:00", "29T01:00", "29T21:00"],
        ),
        (
            # and here it has two of them: 02:30 twice, and 23:59
            ("2026-10-24 22:00", "2026-10-25 22:59:59.999"),
            ("2026-10-25 00:30", "2026-10-25 01:30", "2026-10-25 22:59"),
            {2: 1, 23: 1},
            ["25T00:00", "25T01:00", "25T22:00"],
        ),
    ],
)
def test_the_days_on_which_the_clock_changes(
    statistics: Statistics,
    span: tuple[str, str],
    times: tuple[str, ...],
    hours: dict[int, int],
    buckets: list[str],
) -> None:
    website = statistics.website(f"clock-{span[0][:10]}")
    facts = website.facts()
    for at in times:
        facts.visit("ann", at, did("Buy"))
    website.write(facts)
    sunday, *others = website.get("sessions/weekly", *span, timezone="Europe/Berlin")
    assert {hour: number for hour, number in enumerate(sunday) if number} == hours
    assert not any(map(any, others))
    found = website.get("events/series", *span, timezone="Europe/Berlin", unit="hour")
    assert [(row["t"][8:16], row["y"]) for row in found] == [(bucket, 1) for bucket in buckets]
    (day,) = website.get("events/series", *span, timezone="Europe/Berlin", unit="day")
    assert (day["t"], day["y"]) == (f"{span[0].replace(' ', 'T')}:00Z", 3)
