"""The Insights lists: events, sessions, and what events there are (openpanel contract §8.6)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from footfall.api.openpanel import insights_lists
from support.facts import Facts, did, paid, viewed
from support.insights import Insights, serve_insights
from support.stores import open_store


@pytest.fixture(scope="module", params=["duckdb", "clickhouse"])
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    folder = tmp_path_factory.mktemp("lists")
    store = open_store(request.param, folder)
    with serve_insights(store, folder, lambda context: [insights_lists.build(context)]) as api:
        api.write(shop())
        api.write(Facts("other").visit("eve", "2024-03-10 10:00", did("theirs", {"secret": "1"})))
        yield api
    store.close()


def shop() -> Facts:
    """Three visits: ann's anonymous one, the one in which she signs in on the same device, and bob's open one."""
    facts = Facts("shop")
    facts.person("ann@x", "2024-03-01")
    facts.visit(
        "tab", "2024-03-04 10:00", viewed("/", "Home", {"plan": "free"}), 30, "/pricing", country="DE", device="mobile",
        city="Ulm", browser="Firefox", os="iOS", referrer_name="Google", referrer_type="search",
    )  # fmt: skip
    facts.visit(
        "tab", "2024-03-05 10:00", did("sign_up", {"plan": "pro", "a.b": "ü\"1"}), paid(900), user="ann@x",
        country="DE", device="mobile",
    )  # fmt: skip
    facts.visit(
        "pc", "2024-03-06 10:00", viewed("/docs", "Docs", {"plan": "pro"}), did("sign_up", {"plan": "pro"}),
        is_open=True, country="FR", device="desktop",
    )  # fmt: skip
    facts.event("cron", "2024-02-01 00:00", properties={"plan": "pro", "job": "mail"})
    return facts


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["name"] for event in events]


# -- events


def test_events_are_the_newest_first(api: Insights) -> None:
    found = api.get("events")
    assert names(found) == ["sign_up", "screen_view", "revenue", "sign_up", "screen_view", "screen_view", "cron"]
    newest = [event["created_at"] for event in found][:2]
    assert newest == ["2024-03-06T10:00:10.000Z", "2024-03-06T10:00:00.000Z"]


def test_an_event_says_all_that_is_known_of_it(api: Insights) -> None:
    first = api.get("events")[-2]
    shown = {"name": "screen_view", "path": "/", "country": "Germany", "device": "Mobile", "city": "Ulm",
             "duration": 30_000, "properties": {"__title": "Home", "plan": "free"}}  # fmt: skip
    assert {key: first[key] for key in shown} == shown


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"startDate": "2024-03-05", "endDate": "2024-03-05"}, ["revenue", "sign_up"]),
        ({"startDate": "2024-03-06"}, ["sign_up", "screen_view"]),
        ({"endDate": "2024-02-20"}, ["cron"]),
        ({"eventNames": "revenue,cron", "startDate": "2024-01-01"}, ["revenue", "cron"]),
        ({"eventNames": ["revenue", "sign_up"]}, ["sign_up", "revenue", "sign_up"]),
        ({"eventNames": '["revenue"]'}, ["revenue"]),
        ({"eventNames": "none"}, []),
        ({"path_": "/docs"}, ["sign_up", "screen_view"]),
        ({"country": "DE", "eventNames": "screen_view"}, ["screen_view", "screen_view"]),
        ({"city": "Ulm"}, ["screen_view", "screen_view"]),
        ({"device": "desktop"}, ["sign_up", "screen_view"]),
        ({"referrerName": "Google"}, ["screen_view", "screen_view"]),
        ({"referrerType": "search", "browser": "Firefox", "os": "iOS"}, ["screen_view", "screen_view"]),
        ({"properties": '{"plan":"pro"}'}, ["sign_up", "screen_view", "sign_up", "cron"]),
        ({"properties[plan]": "pro", "path_": "/docs"}, ["sign_up", "screen_view"]),
        ({"properties[a.b]": 'ü"1'}, ["sign_up"]),
        ({"properties[none]": "x"}, []),
        ({"filters": '[{"name":"revenue","operator":"gt","value":[100]}]'}, ["revenue"]),
        ({"profileId": "ann@x"}, ["revenue", "sign_up", "screen_view", "screen_view"]),
        ({"profileId": "pc"}, ["sign_up", "screen_view"]),
        ({"profileId": "nobody"}, []),
        ({"path_": "\0/docs\0"}, ["sign_up", "screen_view"]),
    ],
)
def test_parameters_select_events(api: Insights, query: dict[str, Any], expected: list[str]) -> None:
    assert names(api.get("events", **query)) == expected


def test_events_come_in_pages_of_twenty_that_neither_overlap_nor_miss_any(api: Insights) -> None:
    whole = api.get("events")
    pages = [api.get("events", limit=4, cursor=page) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [4, 3, 0]
    assert [*pages[0], *pages[1]] == whole
    assert api.get("events", limit=1000) == whole, "more than a hundred is a hundred"


# -- what events there are


def test_the_names_of_events_are_those_of_most_first(api: Insights) -> None:
    assert api.get("events/names") == ["screen_view", "sign_up", "cron", "revenue"]


def test_properties_by_event_name(api: Insights) -> None:
    body = api.get("events/properties")
    assert {"name", "path", "country", "device", "referrer_name"} <= set(body["columns"])
    assert body["columns"] == sorted(body["columns"])
    assert [(each["event_name"], each["property_key"]) for each in body["properties"]] == [
        ("cron", "job"),
        ("cron", "plan"),
        ("screen_view", "__title"),
        ("screen_view", "plan"),
        ("sign_up", "a.b"),
        ("sign_up", "plan"),
    ]


def test_properties_of_one_event_name(api: Insights) -> None:
    found = api.get("events/properties", eventName="sign_up")["properties"]
    assert [each["property_key"] for each in found] == ["a.b", "plan"]
    assert api.get("events/properties", eventName="none")["properties"] == []


@pytest.mark.parametrize(
    ("event", "key", "values"),
    [
        ("*", "plan", ["pro", "free"]),
        ("screen_view", "properties.plan", ["free", "pro"]),
        ("sign_up", "a.b", ['ü"1']),
        ("sign_up", "properties.a.*", ['ü"1']),
        ("*", "properties.*", ["pro", "free", "mail"]),
        ("screen_view", "path", ["/", "/docs", "/pricing"]),
        ("*", "country", ["Germany", "France"]),
        ("sign_up", "device", ["Desktop", "Mobile"]),
        (
            "screen_view",
            "created_at",
            [f"2024-03-{at}.000Z" for at in ("04T10:00:00", "04T10:00:30", "06T10:00:00")],
        ),
        ("sign_up", "has_profile", ["false", "true"]),
        ("none", "plan", []),
        ("sign_up", "none", []),
    ],
)
def test_the_values_of_a_property_are_the_most_frequent_first(
    api: Insights, event: str, key: str, values: list[str]
) -> None:
    body = api.get("events/property_values", eventName=event, propertyKey=key)
    assert body == {"event": event, "property": key, "values": values}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "eventName"),
        ({"eventName": "sign_up"}, "propertyKey"),
        ({"eventName": "\0", "propertyKey": "plan"}, "eventName"),
        ({"eventName": "sign_up", "propertyKey": "x" * 10_000}, "propertyKey"),
    ],
)
def test_values_are_of_a_named_property_of_a_named_event(api: Insights, query: dict[str, str], field: str) -> None:
    response = api.respond("shop/events/property_values", **query)
    assert (response.status_code, response.json()["details"]["issues"][0]["path"]) == (400, [field])


# -- sessions


def test_sessions_are_the_newest_first_open_ones_too(api: Insights) -> None:
    found = api.get("sessions")
    assert [(each["device_id"], each["created_at"]) for each in found] == [
        ("pc", "2024-03-06T10:00:00.000Z"),
        ("tab", "2024-03-05T10:00:00.000Z"),
        ("tab", "2024-03-04T10:00:00.000Z"),
    ]
    bobs, second, first = found
    shown = {"entry_path": "/", "exit_path": "/pricing", "duration": 30_000, "screen_view_count": 2,
             "is_bounce": False, "country": "Germany", "device": "Mobile", "revenue": 0}  # fmt: skip
    assert {key: first[key] for key in shown} == shown
    assert (second["profile_id"], second["revenue"], second["event_count"]) == ("ann@x", 900, 2)
    assert (bobs["country"], bobs["is_bounce"]) == ("France", True)


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({"startDate": "2024-03-05", "endDate": "2024-03-05"}, [5]),
        ({"country": "DE"}, [5, 4]),
        ({"device": "desktop"}, [6]),
        ({"referrerName": "Google"}, [4]),
        ({"filters": '[{"name":"country","operator":"isNot","value":["DE"]}]'}, [6]),
        ({"profileId": "ann@x"}, [5, 4]),
        ({"profileId": "nobody"}, []),
        ({"limit": 1, "cursor": 2}, [5]),
        ({"limit": 2, "cursor": 2}, [4]),
        ({"eventNames": "sign_up"}, [6, 5]),
        ({"eventNames": "revenue,screen_view"}, [6, 5, 4]),
        ({"eventNames": '["revenue"]'}, [5]),
        ({"eventNames": "screen_view", "filters": '[{"name":"path","operator":"is","value":["/docs"]}]'}, [6]),
        ({"eventNames": "sign_up", "country": "FR"}, [6]),
        ({"eventNames": "sign_up", "limit": 1, "cursor": 2}, [5]),
        ({"eventNames": "nothing"}, []),
        ({"eventNames": "*"}, [6, 5, 4]),
        ({"filters[0][name]": "country", "filters[0][operator]": "isNot", "filters[0][value]": "DE"}, [6]),
    ],
)
def test_parameters_select_sessions(api: Insights, query: dict[str, Any], days: list[int]) -> None:
    assert [int(each["created_at"][8:10]) for each in api.get("sessions", **query)] == days


# -- what is wrong


@pytest.mark.parametrize("route", ["events", "sessions"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "x"}, "limit"),
        ({"limit": 0}, "limit"),
        ({"cursor": -1}, "cursor"),
        ({"startDate": "never"}, "startDate"),
        ({"startDate": "2024-03-05", "endDate": "2024-03-01"}, "startDate"),
        ({"filters": "["}, "filters"),
        ({"properties": "[1]"}, "properties"),
        ({"properties": json.dumps({str(number): "x" for number in range(501)})}, "properties"),
    ],
)
def test_a_bad_parameter_is_named(api: Insights, route: str, query: dict[str, Any], field: str) -> None:
    response = api.respond(f"shop/{route}", **query)
    assert response.status_code == 400, response.text
    assert response.json()["details"]["issues"][0]["path"][0] == field


def test_a_project_without_events_has_empty_lists(api: Insights) -> None:
    api.catalog.create_project("Empty", id="empty")
    for route in ("events", "sessions", "events/names"):
        assert api.respond(f"empty/{route}", client="root").json() == []
    assert api.respond("empty/events/properties", client="root").json()["properties"] == []
