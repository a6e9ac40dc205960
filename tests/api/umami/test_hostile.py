"""Whatever is sent to any operation of Umami's API, the answer is no server error; of what reaches one, both engines."""

import json
from random import Random
from typing import Any
from urllib.parse import quote

import pytest

from support.facts import did, paid, viewed
from support.hostile import TEXTS, bodies, queries
from support.statistics import Statistics, Website

ROUNDS = 2
RANGE = {"startDate": "2024-03-01T00:00:00.000Z", "endDate": "2024-03-09T23:59:59.999Z", "unit": "day"}
STEPS = [{"type": "url", "value": "/"}, {"type": "event", "value": "buy"}]
TESTED = [STEPS[0], {**STEPS[1], "filters": [{"property": "plan", "operator": "c", "value": "pro"}]}]
FIELD = {"name": "url", "type": "string", "label": "URL"}
FILTER = {"name": "country", "type": "string", "operator": "neq", "value": "DE"}
GOAL = {"type": "event-data", "value": "buy", "goal": 1, "operator": "sum", "property": "price"}

QUERY = {
    "startAt": 1709251200000,
    "endAt": 1710028799999,
    "timezone": "Europe/Berlin",
    "unit": "day",
    "type": "path",
    "limit": 10,
    "offset": 0,
    "page": 1,
    "pageSize": 5,
    "compare": "prev",
    "match": "any",
    "fields": '["path","utmSource"]',
    "steps": json.dumps(STEPS),
    "window": 60,
    "model": "first-click",
    "step": "buy",
    "value": "/*",
    "currency": "EUR",
    "metric": "lcp",
    "propertyName": "plan",
    "event": "buy",
    "excludeBounce": "true",
    "eventType": 1,
    "path": "neq./x",
    "referrer": "dnc.x",
    "language": "re.e",
}
OWN = {
    "journeys": {"steps": 5},
    "utm/metrics": {"type": "utm_source"},
    "revenue/metrics": {"type": "channel"},
    "reports": {"type": "goal"},
}
"""What is good elsewhere and not here, or the other way round, by the end of the path."""

REPORTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "utm": ({}, {}),
    "insights": ({"fields": [FIELD], "filters": [FILTER]}, {"fields": ["path", "event"]}),
    "breakdown": ({"fields": [FIELD], "filters": []}, {"fields": ["query"]}),
    "goals": ({"goals": [GOAL, {"type": "url", "value": "/", "goal": "1"}]}, {"type": "path", "value": "/*"}),
    "goal": ({"goals": [GOAL]}, {"type": "event", "value": "buy"}),
    "performance": ({}, {"metric": "cls"}),
    "revenue": ({"currency": "EUR"}, {"currency": "EUR", "compare": "yoy"}),
    "journey": ({"steps": 5, "startStep": "/", "endStep": ""}, {"steps": 3, "eventType": 1}),
    "retention": ({}, {}),
    "funnel": ({"window": 60, "steps": STEPS}, {"window": 60, "steps": TESTED}),
    "attribution": (
        {"model": "lastClick", "steps": STEPS, "currency": "EUR"},
        {"model": "first-click", "type": "path", "step": "/", "currency": "EUR"},
    ),
}


IDS = ("\x00", "x" * 5000, "ü💡", "%", "-1", "1' OR '1'='1", "[]", "..", "9" * 40)


@pytest.fixture(scope="module")
def shop(statistics: Statistics) -> Website:
    """A visit with a bit of everything."""
    website = statistics.website("hostile")
    facts = website.facts()
    search = {"__search": "utm_source=%ff&utm_=1", "__query.utm_source": "mail", "we'ird key": "1"}
    bought = did("buy", {"plan": "pro", "price": "19.99", "revenue": "5", "currency": "EUR"})
    facts.visit("ann", "2024-03-04 10:00", viewed("/", "T", search), 60, bought, paid(100), country="DE")
    facts.event("__performance", "2024-03-04 10:00", path="/", device_id="ann", properties={"lcp": "nonsense"})
    facts.person("ann", "2024-03-04", properties={"plan": "pro"}, is_external=False)
    return website.write(facts)


def operations(shop: Website, method: str) -> list[tuple[str, list[str]]]:
    """Paths and the names of what their queries take."""
    paths = shop.get("/umami/documentation/json")["paths"]
    return [
        (path, [each["name"] for each in found[method].get("parameters", ()) if each["in"] == "query"])
        for path, found in paths.items()
        if method in found
    ]


def filled(path: str, value: str) -> str:
    """The path with its website, and this in place of all other ids."""
    names = ("website_id", "session_id", "event_id", "report_id", "segment_id", "share_id", "slug", "team_id")
    return path.format(
        **dict.fromkeys((*names, "user_id", "link_id", "key_id"), value) | {"website_id": "hostile"}
    )


def check(shop: Website, method: str, path: str, body: Any = None, query: dict[str, Any] | None = None) -> None:
    answer = shop.send(method, path, json=body, params=query)
    assert answer.status_code < 500, (method, path, body, query)
    assert answer.headers["content-type"] == "application/json", (method, path)


@pytest.fixture(scope="module")
def embedded(shop: Website) -> Website:
    """The same on one engine, for what is refused before any engine sees it, or is bound."""
    if shop.statistics.store.dialect != "duckdb":
        pytest.skip("asked of one engine")
    return shop


def test_no_query_is_a_server_error(embedded: Website) -> None:
    asked = operations(embedded, "get")
    assert len(asked) > 60
    for path, names in asked:
        if not names or path == "/reports":
            continue
        good = {**QUERY, **next((more for end, more in OWN.items() if path.endswith(end)), {})}
        for query in queries(path, names, good, ROUNDS):
            check(embedded, "GET", filled(path, "ann"), query=query)


def test_no_id_is_a_server_error(embedded: Website) -> None:
    random = Random(1)
    for method in ("get", "post", "delete"):
        for path, _ in operations(embedded, method):
            for text in random.sample(IDS, 2) if "{" in path else ():
                place = quote(text, safe="")
                where = path if method == "get" and random.random() < 0.5 else path.replace("{website_id}", place)
                check(embedded, method.upper(), filled(where, place), {} if method == "post" else None, QUERY)


@pytest.mark.parametrize("report", REPORTS)
def test_no_report_is_a_server_error(shop: Website, report: str) -> None:
    first, second = REPORTS[report]
    kind = {"insights": "breakdown", "goals": "goal"}.get(report, report)
    filters = {"path": "neq./x", "country": ["DE"], "match": "any", "excludeBounce": "true", "eventType": 1}
    parameters = {**RANGE, "timezone": "Europe/Berlin", **second}
    for body in (
        {"websiteId": "hostile", "dateRange": RANGE, "timezone": "Europe/Berlin", **first},
        {"websiteId": "hostile", "type": kind, "filters": filters, "parameters": parameters},
    ):
        for spoiled in bodies(report, body, 3 * ROUNDS):
            check(shop, "POST", f"/reports/{report}", spoiled)


def test_no_other_body_is_a_server_error(embedded: Website) -> None:
    segment = {"type": "cohort", "name": "x", "parameters": {"filters": [FILTER], "dateRange": {"value": "30day"}}}
    good = {
        "websites": {"name": "x", "domain": "x.example", "teamId": None, "shareId": None},
        "websites/hostile": {"name": "x", "domain": "x.example"},
        "websites/hostile/segments": segment,
        "websites/hostile/shares": {"name": "x", "parameters": {}},
        "websites/hostile/funnels": {"name": "x", "parameters": {"window": 60, "steps": TESTED}},
        "websites/hostile/goals": {"name": "x", "parameters": {"type": "path", "value": "/"}},
        "websites/hostile/transfer": {"userId": "", "teamId": ""},
        "reports": {
            "websiteId": "hostile",
            "type": "utm",
            "name": "x",
            "description": "",
            "parameters": {"a": [1]},
        },
        "links": {"name": "x", "url": "https://x.example/", "slug": "x"},
        "pixels": {"name": "x", "slug": "y"},
        "teams": {"name": "x"},
        "teams/join": {"accessCode": "x"},
        "auth/login": {"username": "x", "password": "y"},
        "me/api-keys": {"name": "x", "expiresAt": "2030-01-01T00:00:00Z"},
    }
    for path, body in good.items():
        for spoiled in bodies(path, body, 4 * ROUNDS if path != "auth/login" else 0):
            check(embedded, "POST", f"/{path}", spoiled)


def test_saved_filters_that_cant_be_used_are_refused_when_they_are(shop: Website) -> None:
    segments = shop.statistics.catalog.saved.segments
    for parameters in bodies("saved", {"filters": [FILTER], "dateRange": RANGE, "action": {"type": "path"}}, 6):
        for kind in ("segment", "cohort") if isinstance(parameters, dict) else ():
            fields = {"type": kind, "name": "x", "parameters": parameters}
            made = segments.create(shop.project.id, fields)
            check(shop, "GET", "/websites/hostile/stats", query={**QUERY, kind: made.id})


def test_every_filter_takes_every_text(shop: Website) -> None:
    names = ("path", "title", "referrer", "query", "country", "distinctId", "language", "event", "utmTerm")
    operators = ("", "eq.", "neq.", "c.", "dnc.", "re.", "!", "~", "!~")
    few = 2 if shop.statistics.store.dialect == "duckdb" else 6  # the other engine takes its time to plan
    for number, text in enumerate(TEXTS[::few]):
        shifted = operators[number % len(operators) :] + operators[: number % len(operators)]
        filters = {name: operator + text[:5000] for name, operator in zip(names, shifted, strict=True)}
        check(shop, "GET", "/websites/hostile/pageviews", query={**QUERY, **filters})
