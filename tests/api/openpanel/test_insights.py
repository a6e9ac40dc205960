"""The Insights API's answers, by hand (openpanel contract §8)."""

import json
from collections.abc import Iterator

import pytest

from support.facts import Facts, did, paid, viewed
from support.insights import Insights, serve_insights
from support.stores import open_store

WEEK = {"startDate": "2024-03-11", "endDate": "2024-03-13"}


@pytest.fixture(scope="module", params=["duckdb", "clickhouse"])
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    folder = tmp_path_factory.mktemp("insights")
    store = open_store(request.param, folder)
    with serve_insights(store, folder) as api:
        api.write(shop())
        yield api
    store.close()


def shop() -> Facts:
    facts = Facts("shop")
    germany = {"country": "DE", "region": "Bavaria", "city": "Munich"}
    chrome = {
        "browser": "Chrome",
        "browser_version": "118.0",
        "os": "macOS",
        "os_version": "14.4",
        "device": "desktop",
    }
    phone = {
        "browser": "Safari",
        "browser_version": "17.4",
        "os": "iOS",
        "os_version": "17.4",
        "device": "mobile",
    }
    google = {
        "referrer": "https://www.google.com/search",
        "referrer_name": "Google",
        "referrer_type": "search",
    }
    facts.visit(
        "ann", "2024-03-11 10:00",
        viewed("/", "Home"), 60, viewed("/pricing", "Pricing"), 30, did("signup"), paid(4900),
        marks=True, utm_source="google", utm_medium="cpc", utm_campaign="spring", utm_term="shoes",
        utm_content="blue", brand="Apple", model="MacBook", **germany, **chrome, **google,
    )  # fmt: skip
    facts.visit(
        "bob",
        "2024-03-12 10:00",
        viewed("/", "Welcome"),
        country="US",
        region="California",
        marks=True,
        **phone,
    )
    facts.visit("cid", "2024-03-13 10:00", "/pricing", 45, "/", 15, "/", **germany, **phone, **google)
    facts.visit("dan", "2024-03-13 11:00", "/docs", is_open=True)
    return facts


def test_metrics(api: Insights) -> None:
    body = api.get("metrics", **WEEK)
    assert body["metrics"] == {
        "bounce_rate": 50.0,
        "unique_visitors": 4,
        "total_sessions": 4,
        "avg_session_duration": 80.0,  # ann 100, cid 60
        "total_screen_views": 7,
        "views_per_session": 1.75,
        "total_revenue": 4900,
    }
    assert body["series"][1] == {
        "date": "2024-03-12T00:00:00.000Z",
        "bounce_rate": 100.0,
        "unique_visitors": 1,
        "total_sessions": 1,
        "avg_session_duration": 0.0,
        "total_screen_views": 1,
        "views_per_session": 1.0,
        "total_revenue": 0,
    }


def test_seven_days_are_eight_rows(api: Insights) -> None:
    dates = [row["date"][:10] for row in api.get("metrics")["series"]]
    assert dates == [f"2024-03-{day:02}" for day in range(8, 16)]
    assert len(api.get("metrics", range="30d")["series"]) == 31
    assert len(api.get("metrics", range="today")["series"]) == 24
    assert len(api.get("metrics", range="12m")["series"]) == 13


def test_pages(api: Insights) -> None:
    assert api.get("pages", **WEEK) == [
        {
            "title": "Welcome",
            "origin": "https://shop.example",
            "path": "/",
            "sessions": 3,
            "bounce_rate": 50.0,
            "avg_duration": 18.75,  # ann 60, cid 15, two last views 0
            "pageviews": 4,
            "revenue": 0,
        },
        {
            "title": "Pricing",
            "origin": "https://shop.example",
            "path": "/pricing",
            "sessions": 2,
            "bounce_rate": 0.0,
            "avg_duration": 22.5,
            "pageviews": 2,
            "revenue": 4900,
        },
        {
            "title": "",
            "origin": "https://shop.example",
            "path": "/docs",
            "sessions": 1,
            "bounce_rate": 100.0,
            "avg_duration": 0.0,
            "pageviews": 1,
            "revenue": 0,
        },
    ]


@pytest.mark.parametrize(
    ("dimension", "rows"),
    [
        ("referrer", [(None, 2), ("google.com", 2)]),
        ("referrer_name", [(None, 2), ("Google", 2)]),
        ("referrer_type", [(None, 2), ("search", 2)]),
        ("utm_source", [(None, 3), ("google", 1)]),
        ("utm_medium", [(None, 3), ("cpc", 1)]),
        ("utm_campaign", [(None, 3), ("spring", 1)]),
        ("utm_term", [(None, 3), ("shoes", 1)]),
        ("utm_content", [(None, 3), ("blue", 1)]),
        ("country", [("Germany", 2), (None, 1), ("United States", 1)]),
        ("region", [("Germany", "Bavaria", 2), (None, None, 1), ("United States", "California", 1)]),
        ("city", [("Germany", "Munich", 2), (None, None, 1), ("United States", None, 1)]),
        ("device", [("Mobile", 2), (None, 1), ("Desktop", 1)]),
        ("browser", [("Safari", 2), (None, 1), ("Chrome", 1)]),
        ("browser_version", [("Safari", "17.4", 2), (None, None, 1), ("Chrome", "118.0", 1)]),
        ("os", [("iOS", 2), (None, 1), ("macOS", 1)]),
        ("os_version", [("iOS", "17.4", 2), (None, None, 1), ("macOS", "14.4", 1)]),
        ("brand", [(None, 3), ("Apple", 1)]),
        ("model", [(None, 3), ("MacBook", 1)]),
    ],
)
def test_breakdowns(api: Insights, dimension: str, rows: list[tuple[object, ...]]) -> None:
    found = api.get(dimension, **WEEK)
    keys = ("prefix", "name", "sessions") if len(rows[0]) == 3 else ("name", "sessions")
    assert [tuple(row[key] for key in keys) for row in found] == rows
    assert all(("prefix" in row) == (len(keys) == 3) for row in found)


def test_a_breakdown_row(api: Insights) -> None:
    assert api.get("browser", **WEEK)[0] == {
        "name": "Safari",
        "sessions": 2,
        "bounce_rate": 50.0,
        "avg_session_duration": 60.0,
        "pageviews": 4,
        "revenue": 0,
    }
    assert api.get("browser", **WEEK)[1]["avg_session_duration"] is None


def test_live_counts_the_last_five_minutes(api: Insights) -> None:
    assert api.get("live") == {"visitors": 0}


def test_lists_come_in_pages(api: Insights) -> None:
    everything = [row["name"] for row in api.get("browser", **WEEK)]
    paged = [api.get("browser", limit=1, cursor=page, **WEEK)[0]["name"] for page in (1, 2, 3)]
    assert paged == everything
    assert api.get("browser", limit=1, cursor=4, **WEEK) == []
    assert api.get("browser", cursor=10**30, **WEEK) == []
    assert len(api.get("pages", limit=5000, **WEEK)) == 3
    assert [row["path"] for row in api.get("pages", limit=1, cursor=2, **WEEK)] == ["/pricing"]


def test_filters_are_json(api: Insights) -> None:
    def sessions(*filters: object) -> int:
        found = api.get("metrics", filters=json.dumps(filters), **WEEK)
        return int(found["metrics"]["total_sessions"])

    assert sessions() == 4
    assert sessions({"name": "country", "operator": "is", "value": ["germany"]}) == 2
    assert sessions({"name": "device", "operator": "is", "value": ["Mobile"]}) == 2
    assert sessions({"name": "referrer", "operator": "is", "value": ["google.com"]}) == 2
    assert sessions({"name": "path", "operator": "is", "value": ["/"]}) == 3
    assert sessions({"name": "country", "operator": "is", "value": []}) == 4
    both = [
        {"name": "country", "operator": "is", "value": "DE"},
        {"name": "os", "operator": "is", "value": ["iOS"]},
    ]
    assert sessions(*both) == 1
    repeated = api.get("metrics", filters=[json.dumps([each]) for each in both], **WEEK)
    assert repeated["metrics"]["total_sessions"] == 1


def test_filters_may_be_spelled_with_brackets(api: Insights) -> None:
    german = {"filters[0][name]": "country", "filters[0][operator]": "is", "filters[0][value][]": ["DE", "FR"]}
    on_ios = {"filters[1][name]": "os", "filters[1][operator]": "is", "filters[1][value]": "iOS"}
    for query, sessions in ((german, 2), (german | on_ios, 1)):
        assert api.get("metrics", **query, **WEEK)["metrics"]["total_sessions"] == sessions
    mixed = api.get("metrics", **german, filters='[{"name":"os","operator":"is","value":["iOS"]}]', **WEEK)
    assert mixed["metrics"]["total_sessions"] == 1
    refused = api.respond("shop/metrics", **{"filters[0][name]": "os", "filters[0][operator]": "like"})
    assert refused.json()["details"]["issues"][0]["path"] == ["filters", 0, "operator"]


def test_a_path_filter_on_a_breakdown_takes_sessions_that_were_there(api: Insights) -> None:
    filters = json.dumps([{"name": "path", "operator": "is", "value": ["/pricing"]}])
    found = api.get("country", filters=filters, **WEEK)
    assert [(row["name"], row["sessions"], row["pageviews"]) for row in found] == [("Germany", 2, 5)]


def test_all_time_begins_with_the_first_event(api: Insights) -> None:
    assert api.get("metrics", range="all_time")["series"][0]["date"] == "2024-03-11T00:00:00.000Z"


def test_a_project_answers_to_its_uuid_too(api: Insights) -> None:
    uuid = api.catalog.get_project("shop").uuid
    assert api.respond(f"{uuid}/metrics", **WEEK).json()["metrics"]["total_sessions"] == 4
