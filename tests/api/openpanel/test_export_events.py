"""GET /export/events, page by page (openpanel contract §9.1; seeds 001 and 003)."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from footfall.catalog.projects import ProjectChange
from support.exports import Exports, serve_exports
from support.facts import Facts, did, paid, viewed
from support.stores import open_store

# The seeds' examples, as printed.
SEED = "projectId=shop&event=screen_view&start=2024-04-15&end=2024-04-18&page=1&limit=100&includes=profile,meta"
OLD_SEED = "project_id=shop&event=screen_view&start=2024-04-15&end=2024-04-18"
OLD_SEED_FULL = (
    "project_id=shop&event=screen_view&start=2024-04-15&end=2024-04-18&page=1&limit=50&includes=profile,meta"
)

EVENT_KEYS = {
    *("id", "name", "deviceId", "profileId", "projectId", "sessionId", "properties", "createdAt", "country"),
    *("city", "region", "longitude", "latitude", "os", "osVersion", "browser", "browserVersion", "device"),
    *("brand", "model", "duration", "path", "origin", "referrer", "referrerName", "referrerType"),
    *("importedAt", "sdkName", "sdkVersion", "revenue", "currency", "groups"),
}


@pytest.fixture(scope="module", params=["duckdb", "clickhouse"])
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exports]:
    folder = tmp_path_factory.mktemp("exports")
    store = open_store(request.param, folder)
    with serve_exports(store, folder) as api:
        api.write(shop())
        other = Facts("other")
        other.visit("eve", "2024-04-16 10:00", "/theirs")
        api.write(other)
        api.catalog.saved.event_meta.create(
            "shop",
            {
                "name": "screen_view",
                "description": "Page view tracking",
                "conversion": False,
                "color": "",
                "icon": "",
            },
        )
        yield api
    store.close()


def shop() -> Facts:
    facts = Facts("shop")
    facts.person(
        "user_789", "2024-04-01 08:00", "2024-04-16 09:00", email="user@example.com", first_name="John",
        last_name="Doe", properties={"plan": "pro", "address.city": "Köln"}, groups=("acme",),
    )  # fmt: skip
    facts.visit(
        "mac", "2024-04-15 10:30:00",
        viewed("/dashboard", "Dashboard", {"url": "https://example.com/dashboard"}), 90,
        did("button_click", {"label": 'say "hi", 世界', "cart.total": "12"}, groups=("acme", "b, c")), 30,
        viewed("/reports"), 10, paid(4900),
        user="user_789", origin="https://example.com", country="US", region="New York", city="New York",
        longitude=-73.98, latitude=40.75, os="macOS", os_version="14.4", browser="Chrome", browser_version="124.0",
        device="desktop", brand="Apple", model="Macintosh", sdk_name="web", sdk_version="1.0.0",
        referrer="https://www.google.com", referrer_name="Google", referrer_type="search",
    )  # fmt: skip
    # The same device, before anybody signed in; and somebody else who signed in on it.
    facts.visit("mac", "2024-04-14 08:00", "/anonymous")
    facts.visit("mac", "2024-04-14 09:00", "/neighbour", user="neighbour")
    facts.visit("phone", "2024-04-18 23:59:59", "/last", device="smarttv", country="DE")
    facts.visit("phone", "2024-04-19 00:00:00", "/after")
    facts.event("server_job", "2024-04-16 12:00", properties={"note": "no device"})
    return facts


def test_an_event_key_by_key(api: Exports) -> None:
    (event,) = api.get(f"{SEED}&filters=" + quote('[{"name":"path","operator":"is","value":["/dashboard"]}]'))[
        "data"
    ]
    assert set(event) == EVENT_KEYS | {"profile", "meta"}
    assert event.pop("id").count("-") == 4
    assert event.pop("sessionId").startswith("session-")
    meta, profile = event.pop("meta"), event.pop("profile")
    assert event == {
        "name": "screen_view",
        "deviceId": "mac",
        "profileId": "user_789",
        "projectId": "shop",
        "properties": {"__title": "Dashboard", "url": "https://example.com/dashboard"},
        "createdAt": "2024-04-15T10:30:00.000Z",
        "country": "United States",
        "city": "New York",
        "region": "New York",
        "longitude": -73.98,
        "latitude": 40.75,
        "os": "macOS",
        "osVersion": "14.4",
        "browser": "Chrome",
        "browserVersion": "124.0",
        "device": "Desktop",
        "brand": "Apple",
        "model": "Macintosh",
        "duration": 120_000,  # until /reports
        "path": "/dashboard",
        "origin": "https://example.com",
        "referrer": "https://www.google.com",
        "referrerName": "Google",
        "referrerType": "search",
        "importedAt": None,
        "sdkName": "web",
        "sdkVersion": "1.0.0",
        "revenue": 0,
        "currency": "",
        "groups": [],
    }
    assert profile == {
        "id": "user_789",
        "email": "user@example.com",
        "avatar": "",
        "firstName": "John",
        "lastName": "Doe",
        "createdAt": "2024-04-01T08:00:00.000Z",
        "lastSeenAt": "2024-04-16T09:00:00.000Z",
        "isExternal": True,
        "projectId": "shop",
        "properties": {"plan": "pro", "address": {"city": "Köln"}},
        "groups": ["acme"],
    }
    assert set(meta) == {
        *("id", "name", "description", "conversion", "color", "icon", "projectId", "createdAt", "updatedAt")
    }
    assert (meta["name"], meta["description"], meta["conversion"]) == ("screen_view", "Page view tracking", False)


def test_the_seeds_examples(api: Exports) -> None:
    for query, limit in ((SEED, 100), (OLD_SEED, 50), (OLD_SEED_FULL, 50)):
        body = api.get(query)
        assert body["meta"] == {"count": 3, "totalCount": 3, "pages": 1, "current": 1}, (query, limit)
        assert [event["path"] for event in body["data"]] == ["/last", "/reports", "/dashboard"]


def test_everything_newest_first(api: Exports) -> None:
    body = api.get()
    assert body["meta"] == {"count": 9, "totalCount": 9, "pages": 1, "current": 1}
    times = [event["createdAt"] for event in body["data"]]
    assert times == sorted(times, reverse=True)
    assert all(set(event) == EVENT_KEYS for event in body["data"])


@pytest.mark.parametrize(
    "spelling",
    [
        "event=button_click&event=revenue",
        "event=button_click,revenue",
        "event=" + quote('["button_click","revenue"]'),
        "event=" + quote('["revenue"]') + "&event=" + quote('"button_click"'),
        "projectId=shop&event=button_click, revenue",
    ],
)
def test_event_names_in_every_spelling(api: Exports, spelling: str) -> None:
    assert [event["name"] for event in api.get(spelling)["data"]] == ["revenue", "button_click"]


def test_an_event_may_be_called_like_a_number(api: Exports) -> None:
    assert api.get("event=404")["meta"]["totalCount"] == 0
    assert api.get("event=" + quote("[404]"))["meta"]["totalCount"] == 0
    assert api.get("event=*")["meta"]["totalCount"] == api.get("event=")["meta"]["totalCount"] == 9


@pytest.mark.parametrize(
    "spelling",
    ["includes=profile,meta", "includes=profile&includes=meta", "includes=" + quote('["profile","meta"]')],
)
def test_includes_in_every_spelling(api: Exports, spelling: str) -> None:
    event = api.get(f"event=screen_view&limit=1&{spelling}")["data"][0]
    assert set(event) == EVENT_KEYS | {"profile", "meta"}


def test_naming_a_field_takes_nothing_away(api: Exports) -> None:
    assert set(api.get("limit=1&includes=properties,nonsense")["data"][0]) == EVENT_KEYS


def test_meta_is_there_only_where_something_is_said(api: Exports) -> None:
    events = api.get("includes=meta")["data"]
    assert {event["name"] for event in events if "meta" in event} == {"screen_view"}


def test_an_anonymous_visitor_has_a_profile_of_an_id(api: Exports) -> None:
    event = api.get("includes=profile&limit=1")["data"][0]
    profile = event["profile"]
    assert profile.pop("createdAt") == profile.pop("lastSeenAt")
    assert profile == {
        "id": "phone",
        "email": "",
        "avatar": "",
        "firstName": "",
        "lastName": "",
        "isExternal": False,
        "projectId": "shop",
        "properties": {},
        "groups": [],
    }


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("start=2024-04-18", ["/after", "/last"]),
        ("end=2024-04-14", ["/neighbour", "/anonymous"]),
        ("start=2024-04-18&end=2024-04-18", ["/last"]),
        ("startDate=2024-04-18&endDate=2024-04-18", ["/last"]),
        ("start=2024-04-15T10:30:00.000Z&end=2024-04-15T10:30:00.000Z", ["/dashboard"]),
        ("start=2024-04-15T12:30:00%2B02:00&end=2024-04-15T12:30:00%2B02:00", ["/dashboard"]),
        ("range=last24h", []),
        ("range=all_time&end=2024-04-14", ["/neighbour", "/anonymous"]),
    ],
)
def test_ranges(api: Exports, query: str, paths: list[str]) -> None:
    assert api.paths(f"{query}&event=screen_view") == paths


def test_days_are_those_of_the_projects_zone(api: Exports) -> None:
    api.catalog.update_project("shop", ProjectChange(timezone="Europe/Berlin"))
    try:
        assert api.paths("start=2024-04-19") == ["/after", "/last"]  # in Berlin it is two hours later
    finally:
        api.catalog.update_project("shop", ProjectChange(timezone="UTC"))


def test_a_profiles_own_events_and_the_anonymous_ones_of_its_devices(api: Exports) -> None:
    body = api.get("profileId=user_789")
    assert body["meta"]["totalCount"] == len(body["data"]) == 5
    assert {event["path"] for event in body["data"]} == {"/dashboard", "/reports", "/anonymous"}
    assert api.paths("profileId=phone") == ["/after", "/last"]
    assert api.paths("profileId=nobody") == []
    assert api.paths("profileId=42") == []


def test_filters(api: Exports) -> None:
    query = json.dumps([{"name": "properties.cart.total", "operator": "gt", "value": [10]}])
    (event,) = api.get({"filters": query})["data"]
    assert event["properties"] == {"label": 'say "hi", 世界', "cart.total": "12"}
    assert event["groups"] == ["acme", "b, c"]
    assert (
        api.get({"filters": '[{"name":"country","operator":"is","value":["Germany"]}]'})["meta"]["totalCount"] == 1
    )
    bracketed = "filters[0][name]=country&filters[0][operator]=is&filters[0][value][]=Germany"
    assert api.get(bracketed)["meta"]["totalCount"] == 1


@pytest.mark.parametrize(
    ("name", "operator", "value", "total"),
    [
        ("profile.firstName", "is", "John", 4),
        ("profile.first_name", "is", "John", 4),
        ("profile.lastName", "startsWith", "D", 4),
        ("profile.isExternal", "is", "true", 4),
        ("profile.createdAt", "lt", "2024-04-02", 4),
        ("profile.lastSeenAt", "gt", "2024-04-16T08:00:00Z", 4),
        ("profile.lastSeenAt", "gt", "2024-04-17", 0),
    ],
)
def test_a_person_is_asked_for_in_the_words_of_the_answer(
    api: Exports, name: str, operator: str, value: str, total: int
) -> None:
    """Two views, a click and a payment are John's."""
    query = json.dumps([{"name": name, "operator": operator, "value": [value]}])
    assert api.get({"filters": query})["meta"]["totalCount"] == total


def test_dates_in_properties_of_any_century_and_offset(api: Exports) -> None:
    api.catalog.create_project("Guests", id="guests")
    facts = Facts("guests")
    for born in ("1950-01-01", "1965-06-30T12:00:00-05:30", "2110-01-01", "Jan 5 2024", "2024-02-30"):
        facts.event("birthday", "2024-06-01 12:00", properties={"born": born})
    api.write(facts)
    for operator, value, type_, years in (
        ("is", "1965-06-30", "date", ["1965"]),
        ("lt", "1960-01-01", "date", ["1950"]),
        ("gt", "1960-01-01", "date", ["1965", "2110"]),
        ("is", "1965-06-30T17:30:00Z", "datetime", ["1965"]),
        ("lt", "1965-06-30T17:30:00Z", "datetime", ["1950"]),
    ):
        wanted = {"name": "born", "operator": operator, "value": [value], "type": type_}
        answer = api.respond({"projectId": "guests", "filters": json.dumps([wanted])}, client="root").json()
        assert sorted(event["properties"]["born"][:4] for event in answer["data"]) == years, wanted


def test_what_is_no_number_in_a_property_counts_as_none(api: Exports) -> None:
    api.catalog.create_project("Odd numbers", id="odd")
    facts = Facts("odd")
    for total in ("NaN", "Infinity", "-inf", "1_000", "1e3", "12"):
        facts.event("order", "2024-06-01 12:00", properties={"total": total})
    api.write(facts)

    def totals(**wanted: object) -> list[str]:
        query = {"projectId": "odd", "filters": json.dumps([{"name": "total", **wanted}])}
        found = api.respond(query, client="root").json()["data"]
        return sorted(event["properties"]["total"] for event in found)

    assert totals(operator="gt", value=[5]) == ["12", "1e3"]
    assert totals(operator="gt", value=[5], type="number") == ["12", "1e3"]
    assert totals(operator="lt", value=[5], type="number") == []
    assert totals(operator="lt", value=[5]) == ["-inf", "1_000", "Infinity", "NaN"]  # 0 each
    for value in ("1_000", "٣"):
        wanted = json.dumps([{"name": "total", "operator": "gt", "value": [value]}])
        assert api.respond({"filters": wanted}).status_code == 400, value


def test_an_event_without_a_device(api: Exports) -> None:
    (event,) = api.get("event=server_job&includes=profile")["data"]
    assert (event["deviceId"], event["profileId"], event["sessionId"], event["country"]) == ("", "", "", "")
    assert event["profile"]["id"] == ""


def test_revenue_in_minor_units(api: Exports) -> None:
    (event,) = api.get("event=revenue")["data"]
    assert (event["revenue"], event["currency"]) == (4900, "EUR")


def test_devices_are_cased_as_in_insights(api: Exports) -> None:
    assert api.get("start=2024-04-18&end=2024-04-18")["data"][0]["device"] == "SmartTV"


@pytest.mark.parametrize("limit", [1, 2, 4, 100])
def test_what_is_on_the_pages_does_not_depend_on_their_length(api: Exports, limit: int) -> None:
    whole = [event["id"] for event in api.get()["data"]]
    found = []
    for page in range(1, -(-9 // limit) + 1):
        body = api.get({"limit": limit, "page": page})
        assert body["meta"] == {
            "count": len(body["data"]),
            "totalCount": 9,
            "pages": -(-9 // limit),
            "current": page,
        }
        found += [event["id"] for event in body["data"]]
    assert found == whole


def test_the_same_page_again_has_what_came_since(tmp_path: Path) -> None:
    """What is remembered of one page to find the next one is forgotten when anything is written."""
    store = open_store("duckdb", tmp_path)
    with serve_exports(store, tmp_path) as api:
        for number in range(1, 4):
            facts = Facts("shop")
            facts.event(f"event {number}", f"2024-03-0{number} 10:00")
            api.write(facts)
            for _ in range(2):
                body = api.get("limit=2&start=2024-03-01&end=2024-03-31")
                assert body["meta"]["totalCount"] == number
                assert [event["name"] for event in body["data"]] == [
                    f"event {each}" for each in range(number, max(number - 2, 0), -1)
                ]
            assert api.get("limit=1&page=2&start=2024-03-01&end=2024-03-31")["meta"]["pages"] == number
    store.close()


def test_a_page_behind_the_last_is_empty(api: Exports) -> None:
    assert api.get("page=7") == {"meta": {"count": 0, "totalCount": 9, "pages": 1, "current": 7}, "data": []}


def test_over_the_cap_is_the_cap(api: Exports) -> None:
    assert api.get("limit=5000")["meta"]["count"] == 9


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("limit=0", ["limit"]),
        ("limit=ten", ["limit"]),
        ("page=0", ["page"]),
        ("page=-1", ["page"]),
        ("start=yesterday", ["start"]),
        ("end=1713139200", ["end"]),
        ("start=2024-04-18&end=2024-04-15", ["start"]),
        ("filters=nonsense", ["filters"]),
        ("filters=" + quote('[{"name":"path","operator":"regex","value":["("]}]'), ["filters"]),
    ],
)
def test_what_can_not_be_is_refused_with_its_place(api: Exports, query: str, path: list[str]) -> None:
    response = api.respond(query)
    body = response.json()
    assert (response.status_code, body["error"], body["message"]) == (
        400,
        "Bad Request",
        "Invalid query parameters",
    )
    assert body["details"][0]["path"] == path


@pytest.mark.parametrize(
    "query",
    [
        "event=%00",
        "profileId=%00",
        "event=" + quote("['"),
        "filters=" + quote("[[[["),
        "event=%F0%9F%A6%8A",
        "includes=[",
        "page=99999999999999999999",
        "profileId=" + "9" * 400,
    ],
)
def test_odd_input_is_no_server_error(api: Exports, query: str) -> None:
    assert api.respond(query).status_code in (200, 400)


def test_a_foreign_project_is_refused(api: Exports) -> None:
    response = api.respond("projectId=other")
    assert response.status_code == 403
    assert response.json() == {
        "status": 403,
        "error": "Forbidden",
        "message": "You do not have access to this project",
    }
    assert api.respond("project_id=nowhere").status_code == 403
    assert api.respond("projectId=nowhere", client="root").status_code == 404
    assert api.respond("projectId=other", client="root").json()["data"][0]["path"] == "/theirs"


def test_without_a_project_it_is_the_clients_own(api: Exports) -> None:
    assert api.get("limit=1")["data"][0]["projectId"] == "shop"
    response = api.respond(client="root")
    assert (response.status_code, response.json()["details"][0]["message"]) == (
        400,
        "project_id or projectId is required",
    )


def test_a_write_client_may_not(api: Exports) -> None:
    response = api.respond(client="write")
    assert response.status_code == 401
    assert response.json()["error"] == "Unauthorized"


def test_the_answer_says_how_many_requests_are_left(api: Exports) -> None:
    assert api.respond("limit=1").headers["x-ratelimit-limit"] == "100"
