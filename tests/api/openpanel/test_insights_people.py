"""People and groups over HTTP, key by key, with ids of any characters (openpanel contract §8.6, §15 #504)."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from footfall.api.openpanel import insights_groups, insights_profiles
from support.facts import ORIGIN, Facts, did, viewed
from support.insights import Insights, serve_insights
from support.stores import open_store

ODD_IDS = (
    "a/b",
    "50%",
    "100%25",
    "ann@shop.example",
    "zoë ☃",
    "x?y#z&w=a+b",
    "12345",
    "../../etc",
    "ends/sessions",
    "metrics",
    "\"quoted' \\",
)


@pytest.fixture(scope="module", params=["duckdb", "clickhouse"])
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    folder = tmp_path_factory.mktemp("people")
    store = open_store(request.param, folder)
    with serve_insights(store, folder, insights_profiles.build, insights_groups.build) as api:
        api.write(shop())
        api.write(Facts("other").person("eve", "2024-03-01").group("theirs", "2024-03-01", type="team", name="T"))
        meaning = {"name": "signup", "conversion": True, "description": "", "color": "", "icon": ""}
        api.catalog.saved.event_meta.create("shop", meaning)
        yield api
    store.close()


def shop() -> Facts:
    facts = Facts("shop")
    facts.person(
        "ann", "2024-03-01 10:00", "2024-03-11 10:00", first_name="Ann", last_name="Lee", email="ann@shop.example",
        avatar="https://a.example/a.png", properties={"country": "DE", "address.city": "Ulm"}, groups=("acme",),
    )  # fmt: skip
    facts.visit(
        "tab", "2024-03-11 10:00", viewed("/", "Home", {"plan": "pro"}), 90, did("signup"), user="ann",
        country="DE", device="mobile", browser="Safari", marks=True, utm_source="mail", groups=("acme",),
    )  # fmt: skip
    facts.event("job_done", "2024-03-12 10:00")  # by a program
    facts.group("acme", "2024-03-01 10:00", type="company", name="Acme", properties={"size": "12"})
    for id in ODD_IDS:
        facts.person(id, "2024-02-01", groups=(id,))
        facts.group(id, "2024-02-01", type="odd", name="Odd")
    return facts


ANN = {
    "id": "ann",
    "project_id": "shop",
    "is_external": True,
    "first_name": "Ann",
    "last_name": "Lee",
    "email": "ann@shop.example",
    "avatar": "https://a.example/a.png",
    "properties": {"country": "DE", "address.city": "Ulm"},
    "groups": ["acme"],
    "created_at": "2024-03-01T10:00:00.000Z",
    "last_seen_at": "2024-03-11T10:00:00.000Z",
}
ACME = {
    "id": "acme",
    "project_id": "shop",
    "type": "company",
    "name": "Acme",
    "properties": {"size": "12"},
    "created_at": "2024-03-01T10:00:00.000Z",
}


def test_the_list(api: Insights) -> None:
    assert api.get("profiles", limit=1) == [ANN]
    assert len(api.get("profiles")) == 1 + len(ODD_IDS)
    assert api.get("profiles", limit=1, cursor=2)[0]["id"] in ODD_IDS
    assert api.get("profiles", sortOrder="asc", limit=100)[-1] == ANN
    filters = json.dumps([{"name": "properties.address.city", "operator": "is", "value": ["Ulm"]}])
    for query in (
        {"name": "ann l"}, {"email": "SHOP"}, {"country": "Germany"}, {"performedEvent": "signup"},
        {"minSessions": 1}, {"filters": filters},
    ):  # fmt: skip
        assert [row["id"] for row in api.get("profiles", **query)] == ["ann"], query
    assert "ann" not in [row["id"] for row in api.get("profiles", inactiveDays=5)]
    assert api.get("profiles", inactiveDays=0, minSessions=0, city="", limit=1) == [ANN]
    for name in ("city", "device", "browser"):
        assert api.get("profiles", **{name: "Nowhere"}) == []


def test_one(api: Insights) -> None:
    body = api.get("profiles/ann")
    assert set(body) == {"profile", "recentEvents"}
    assert body["profile"] == ANN
    signup, view = body["recentEvents"]
    assert (signup["name"], signup["created_at"]) == ("signup", "2024-03-11T10:01:30.000Z")
    del view["id"], view["session_id"]
    assert view == {
        "name": "screen_view", "project_id": "shop", "device_id": "tab", "profile_id": "ann",
        "created_at": "2024-03-11T10:00:00.000Z", "path": "/", "origin": ORIGIN, "duration": 0,
        "properties": {"plan": "pro", "__title": "Home"}, "groups": ["acme"],
        "country": "Germany", "region": "", "city": "", "longitude": None, "latitude": None,
        "device": "Mobile", "browser": "Safari", "browser_version": "", "os": "", "os_version": "",
        "brand": "", "model": "", "referrer": "", "referrer_name": "", "referrer_type": "",
        "revenue": 0, "currency": "", "sdk_name": "", "sdk_version": "", "imported_at": None,
    }  # fmt: skip
    assert [event["name"] for event in api.get("profiles/ann", eventLimit=1)["recentEvents"]] == ["signup"]


def test_sessions(api: Insights) -> None:
    (session,) = api.get("profiles/ann/sessions")
    assert session.pop("id").startswith("session-")
    assert session == {
        "project_id": "shop", "device_id": "tab", "profile_id": "ann",
        "created_at": "2024-03-11T10:00:00.000Z", "ended_at": "2024-03-11T10:01:30.000Z", "duration": 90_000,
        "is_bounce": True, "screen_view_count": 1, "event_count": 1, "revenue": 0,
        "entry_origin": ORIGIN, "entry_path": "/", "exit_origin": ORIGIN, "exit_path": "/",
        "country": "Germany", "region": "", "city": "", "longitude": None, "latitude": None,
        "device": "Mobile", "browser": "Safari", "browser_version": "", "os": "", "os_version": "",
        "brand": "", "model": "", "referrer": "", "referrer_name": "", "referrer_type": "",
        "utm_source": "mail", "utm_medium": "", "utm_campaign": "", "utm_term": "", "utm_content": "",
        "groups": ["acme"],
    }  # fmt: skip
    assert api.get("profiles/ann/sessions", limit=1, cursor=2) == []


def test_metrics(api: Insights) -> None:
    assert api.get("profiles/ann/metrics") == {
        "profileId": "ann",
        "firstSeen": "2024-03-11T10:00:00.000Z",
        "lastSeen": "2024-03-11T10:01:30.000Z",
        "sessions": 1,
        "screenViews": 1,
        "totalEvents": 2,
        "conversionEvents": 1,
        "uniqueDaysActive": 1,
        "avgSessionDurationMin": 1.5,
        "p90SessionDurationMin": 1.5,
        "avgEventsPerSession": 2.0,
        "avgTimeBetweenSessionsSec": 0.0,
        "bounceRate": 100.0,
        "revenue": 0,
    }


def test_metrics_of_somebody_without_sessions(api: Insights) -> None:
    found = api.get("profiles/12345/metrics")
    assert {str(found[key]) for key in found if key.startswith(("avg", "p90", "bounce"))} == {"0.0"}


@pytest.mark.parametrize("path", ["profiles/", "profiles/%00", "profiles//sessions", "profiles//metrics"])
def test_events_of_nobody_make_no_person(api: Insights, path: str) -> None:
    answer = api.respond(f"shop/{path}")
    assert (answer.status_code, answer.json()["message"]) == (404, "Profile not found")


@pytest.mark.parametrize("id", ODD_IDS)
def test_an_id_may_hold_any_characters_and_be_encoded_once_or_twice(api: Insights, id: str) -> None:
    once = quote(id, safe="")
    assert api.get(f"profiles/{once}")["profile"]["id"] == id
    assert api.get(f"profiles/{quote(once, safe='')}/metrics")["profileId"] == id
    assert api.get(f"profiles/{once}/sessions") == []
    group = api.get(f"groups/{once}")
    assert (group["group"]["id"], group["member_count"]) == (id, 1)


def test_an_id_that_is_not_encoded(api: Insights) -> None:
    assert api.get("profiles/a/b")["profile"]["id"] == "a/b"
    assert api.get("profiles/a/b/metrics")["profileId"] == "a/b"
    assert api.get("groups/a/b")["group"]["id"] == "a/b"


@pytest.mark.parametrize("beneath", ["", "/sessions", "/metrics"])
def test_nobody(api: Insights, beneath: str) -> None:
    for path, id in (("zed", "zed"), ("a%2Fc", "a/c"), ("eve", "eve"), ("%00", "\0"), ("%FF", "\ufffd"), ("", "")):
        refused = api.respond(f"shop/profiles/{path}{beneath}")
        assert refused.status_code == 404
        assert refused.json() == {
            "status": 404, "error": "Profile not found", "message": "Profile not found", "profileId": id,
        }  # fmt: skip


def test_groups(api: Insights) -> None:
    assert api.get("groups/types") == {"types": ["company", "odd"]}
    assert api.get("groups", limit=1) == [ACME]
    assert api.get("groups", type="company") == [ACME]
    assert api.get("groups", search="ACM") == [ACME]
    assert len(api.get("groups", type="odd", limit=100)) == len(ODD_IDS)
    assert api.get("groups", type="odd", search="acme") == []
    assert api.get("groups/acme") == {"group": ACME, "member_count": 1, "members": [ANN]}
    assert api.get("groups/acme", memberLimit=1)["members"] == [ANN]


def test_no_such_group(api: Insights) -> None:
    for id in ("nothing", "theirs"):
        refused = api.respond(f"shop/groups/{id}")
        assert refused.status_code == 404
        assert refused.json() == {
            "status": 404, "error": "Group not found", "message": "Group not found", "groupId": id,
        }  # fmt: skip


@pytest.mark.parametrize("name", ["name", "email", "country", "city", "device", "browser", "performedEvent"])
def test_texts_are_only_texts(api: Insights, name: str) -> None:
    for text in ("' OR 1=1 --", "%", "_", "$v0", "\0", "x" * 5000, "日本"):
        assert api.respond("shop/profiles", **{name: text}).status_code == 200
        assert api.respond("shop/groups", search=text).status_code == 200
