"""The newer Insights endpoints on visits and pages, key by key (openpanel contract §8.6)."""

import json
from collections.abc import Iterator

import pytest

from footfall.api.openpanel import insights_groups, insights_newer, insights_profiles
from support.facts import ORIGIN, Facts, did, paid, viewed
from support.insights import Insights, serve_insights
from support.stores import open_store

WEEK = {"startDate": "2024-03-11", "endDate": "2024-03-13"}


@pytest.fixture(scope="module", params=["duckdb", "clickhouse"])
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    folder = tmp_path_factory.mktemp("newer")
    store = open_store(request.param, folder)
    builds = (lambda context: [insights_newer.build(context)], insights_profiles.build, insights_groups.build)
    with serve_insights(store, folder, *builds) as api:
        api.write(shop())
        yield api
    store.close()


def shop() -> Facts:
    facts = Facts("shop")
    facts.visit(
        "ann", "2024-03-11 10:00", viewed("/", "Home"), 90, viewed("/pricing", "Pricing"), 30, did("signup"), paid(4900),
        utm_source="google", referrer_name="Google", country="DE", region="Bavaria", device="desktop", browser="Chrome",
    )  # fmt: skip
    facts.visit("bob", "2024-03-12 10:00", "/", country="US", device="mobile", browser="Safari")
    facts.visit("cid", "2024-03-13 10:00", "/pricing", 45, "/", country="DE", device="mobile", browser="Safari")
    facts.visit("old", "2024-02-14 10:00", "/")  # 30 days before the clock's 15 March
    facts.visit("older", "2024-02-13 10:00", "/")
    return facts


def test_overview(api: Insights) -> None:
    body = api.get("overview", **WEEK)
    assert set(body) == {"summary", "series", "interval", "startDate", "endDate"}
    assert (body["interval"], body["startDate"], body["endDate"]) == ("day", "2024-03-11", "2024-03-13")
    assert body["summary"] == {
        "bounce_rate": 33.33,
        "unique_visitors": 3,
        "total_sessions": 3,
        "avg_session_duration": 87.5,  # ann 130, cid 45
        "total_screen_views": 5,
        "views_per_session": 1.67,
        "total_revenue": 4900,
    }
    assert [row["total_sessions"] for row in body["series"]] == [1, 1, 1]
    assert set(body["series"][0]) == {"date", *body["summary"]}
    assert body["series"][0]["date"] == "2024-03-11T00:00:00.000Z"


@pytest.mark.parametrize(
    ("interval", "rows", "first"),
    [("hour", 72, "2024-03-11"), ("day", 3, "2024-03-11"), ("week", 1, "2024-03-11"), ("month", 1, "2024-03-01")],
)
def test_the_interval_is_what_was_asked_for(api: Insights, interval: str, rows: int, first: str) -> None:
    body = api.get("overview", interval=interval, **WEEK)
    assert (body["interval"], len(body["series"])) == (interval, rows)
    assert body["series"][0]["date"] == f"{first}T00:00:00.000Z"
    assert sum(row["total_sessions"] for row in body["series"]) == 3


def test_a_range_of_too_many_days_is_told_by_month_unless_days_were_asked_for(api: Insights) -> None:
    century = {"startDate": "1990-01-01", "endDate": "2089-12-31"}
    body = api.get("overview", **century)
    assert (body["interval"], len(body["series"])) == ("month", 1_200)
    assert api.respond("shop/overview", interval="day", **century).status_code == 400


def test_without_a_range_it_is_the_last_thirty_days(api: Insights) -> None:
    body = api.get("overview")
    assert (body["startDate"], body["endDate"], len(body["series"])) == ("2024-02-14", "2024-03-15", 31)
    assert body["summary"]["total_sessions"] == 4
    assert sum(row["sessions"] for row in api.get("traffic/geo")) == 4
    assert api.get("pages/top")[0]["pageviews"] == 4
    assert api.get("pages/entry_exit")[0]["sessions"] == 3
    assert api.get("overview", range="7d")["summary"]["total_sessions"] == 3


def test_top_pages(api: Insights) -> None:
    assert api.get("pages/top", **WEEK) == [
        {
            "title": "Home", "origin": ORIGIN, "path": "/", "sessions": 3, "pageviews": 3, "revenue": 0,
            "bounce_rate": 50.0, "avg_duration": 30.0,
        },
        {
            "title": "Pricing", "origin": ORIGIN, "path": "/pricing", "sessions": 2, "pageviews": 2, "revenue": 4900,
            "bounce_rate": 0.0, "avg_duration": 22.5,
        },
    ]  # fmt: skip
    assert [row["path"] for row in api.get("pages/top", limit=1, cursor=2, **WEEK)] == ["/pricing"]


def test_entries_and_exits(api: Insights) -> None:
    entries = [
        {
            "origin": ORIGIN, "path": "/", "sessions": 2, "pageviews": 3, "revenue": 4900, "bounce_rate": 50.0,
            "avg_session_duration": 130.0,
        },
        {
            "origin": ORIGIN, "path": "/pricing", "sessions": 1, "pageviews": 2, "revenue": 0, "bounce_rate": 0.0,
            "avg_session_duration": 45.0,
        },
    ]  # fmt: skip
    assert api.get("pages/entry_exit", **WEEK) == entries
    assert api.get("pages/entry_exit", mode="entry", **WEEK) == entries
    exits = api.get("pages/entry_exit", mode="exit", **WEEK)
    assert [(row["path"], row["sessions"]) for row in exits] == [("/", 2), ("/pricing", 1)]


def test_performance(api: Insights) -> None:
    body = api.get("pages/performance", sortBy="avg_duration", sortOrder="asc", limit=1, **WEEK)
    assert body == {
        "total_pages": 2,
        "shown": 1,
        "pages": [
            {
                "origin": ORIGIN,
                "path": "/pricing",
                "title": "Pricing",
                "sessions": 2,
                "pageviews": 2,
                "revenue": 4900,
                "avg_duration": 0.38,  # minutes: 45 s by 2
                "bounce_rate": 0.0,
                "seo_signals": {"high_bounce": False, "low_engagement": True, "good_landing_page": False},
            }
        ],
    }
    assert [page["path"] for page in api.get("pages/performance", **WEEK)["pages"]] == ["/", "/pricing"]
    assert api.get("pages/performance", search="PRIC", **WEEK)["total_pages"] == 1
    assert api.get("pages/performance", limit=9999, **WEEK)["shown"] == 2


@pytest.mark.parametrize(
    ("route", "rows"),
    [
        ("traffic/referrers", [(None, 2), ("Google", 1)]),
        ("traffic/referrers?breakdown=utm_source", [(None, 2), ("google", 1)]),
        ("traffic/geo", [("Germany", 2), ("United States", 1)]),
        (
            "traffic/geo?breakdown=region",
            [("Germany", None, 1), ("Germany", "Bavaria", 1), ("United States", None, 1)],
        ),
        ("traffic/devices", [("Mobile", 2), ("Desktop", 1)]),
        ("traffic/devices?breakdown=browser", [("Safari", 2), ("Chrome", 1)]),
    ],
)
def test_traffic(api: Insights, route: str, rows: list[tuple[object, ...]]) -> None:
    path, _, query = route.partition("?breakdown=")
    found = api.get(path, **({"breakdown": query} if query else {}), **WEEK)
    keys = ("prefix", "name", "sessions") if len(rows[0]) == 3 else ("name", "sessions")
    assert [tuple(row[key] for key in keys) for row in found] == rows
    assert set(found[0]) == {
        "name", "sessions", "pageviews", "revenue", "bounce_rate", "avg_session_duration", *keys
    }  # fmt: skip


def test_filters_are_taken_everywhere(api: Insights) -> None:
    filters = json.dumps([{"name": "country", "operator": "is", "value": ["US"]}])
    query = {"filters": filters, **WEEK}
    assert api.get("overview", **query)["summary"]["total_sessions"] == 1
    assert [row["path"] for row in api.get("pages/top", **query)] == ["/"]
    assert [row["sessions"] for row in api.get("pages/entry_exit", **query)] == [1]
    assert api.get("pages/performance", **query)["total_pages"] == 1
    assert [row["name"] for row in api.get("traffic/devices", **query)] == ["Mobile"]


@pytest.mark.parametrize(
    ("route", "query", "field"),
    [
        ("overview", {"interval": "minute"}, "interval"),
        ("overview", {"interval": "hour", "range": "12m"}, "interval"),
        ("overview", {"range": "8d"}, "range"),
        ("pages/entry_exit", {"mode": "both"}, "mode"),
        ("pages/performance", {"sortBy": "title"}, "sortBy"),
        ("pages/performance", {"sortOrder": "up"}, "sortOrder"),
        ("pages/performance", {"limit": "0"}, "limit"),
        ("pages/top", {"limit": "x"}, "limit"),
        ("traffic/geo", {"breakdown": "device"}, "breakdown"),
        ("traffic/devices", {"breakdown": "country"}, "breakdown"),
        ("traffic/referrers", {"breakdown": ""}, None),
        ("profiles", {"inactiveDays": "-1"}, "inactiveDays"),
        ("profiles", {"minSessions": "many"}, "minSessions"),
        ("profiles", {"sortOrder": "name"}, "sortOrder"),
        ("profiles/ann", {"eventLimit": "0"}, "eventLimit"),
        ("profiles/ann/sessions", {"limit": "0"}, "limit"),
        ("groups/acme", {"memberLimit": "x"}, "memberLimit"),
    ],
)
def test_a_parameter_that_cant_be_used_is_named(
    api: Insights, route: str, query: dict[str, str], field: str | None
) -> None:
    response = api.respond(f"shop/{route}", **query)
    if field is None:
        assert response.status_code == 200
        return
    assert response.status_code == 400
    assert response.json()["details"]["issues"][0]["path"] == [field]


ROUTES = (
    "overview", "pages/top", "pages/entry_exit", "pages/performance", "traffic/referrers", "traffic/geo",
    "traffic/devices", "profiles", "profiles/ann", "profiles/ann/sessions", "profiles/ann/metrics", "groups",
    "groups/types", "groups/acme", *(f"gsc/{name}" for name in insights_groups.SEARCH_CONSOLE),
)  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_asks_who_you_are_and_keeps_to_your_project(api: Insights, route: str) -> None:
    refused = api.respond(f"shop/{route}", headers={}, limit="x")
    assert (refused.status_code, refused.json()["error"]) == (401, "Unauthorized")
    assert api.respond(f"other/{route}", limit="x").json() == {
        "status": 403,
        "error": "Forbidden",
        "message": "You do not have access to this project",
    }
    assert api.respond(f"nowhere/{route}").json()["message"] == "Project not found"
    assert api.respond(f"shop/{route}").headers["x-ratelimit-limit"] == "100"


@pytest.mark.parametrize("name", insights_groups.SEARCH_CONSOLE)
def test_search_console_is_refused_in_words(api: Insights, name: str) -> None:
    refused = api.respond(f"shop/gsc/{name}", startDate="2024-03-01", query="x", minImpressions="5")
    assert refused.status_code == 501
    body = refused.json()
    assert set(body) == {"status", "error", "message"}
    assert (body["status"], body["error"]) == (501, "Not Implemented")
    assert "Search Console" in body["message"]


def test_the_description_is_complete(api: Insights) -> None:
    paths = api.app.openapi()["paths"]
    for route in ROUTES:
        known = route.replace("/ann", "/{profile_id}").replace("/acme", "/{group_id}")
        operation = paths[f"/insights/{{project_id}}/{known}"]["get"]
        answer = operation["responses"].get("200", operation["responses"].get("501"))
        assert answer["content"]["application/json"]["schema"]
    sort = next(
        p for p in paths["/insights/{project_id}/profiles"]["get"]["parameters"] if p["name"] == "sortOrder"
    )
    assert sort["schema"]["enum"] == ["desc", "asc"]
