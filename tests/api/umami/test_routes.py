"""Every route of the description, asked by people who may not: nobody learns or changes what is another's."""

import json
import re
from typing import Any

import pytest

from support.umami import NOBODY, Person, Umami

PUBLIC = {"/auth/login", "/auth/logout", "/heartbeat", "/config", "/share/{slug}"}
OWN_LISTS = re.compile(r"/(me(/[a-z-]+)?|auth/verify|teams|websites|links|pixels|reports)")
# Taken from a share link's visitor: rows about one person, and what is kept about the website.
NOT_SHARED = re.compile(
    r"/websites/{website_id}/(events|sessions|sessions/{session_id}.*|event-data|event-data/{event_id}"
    r"|revenue/sessions|shares)|/realtime/{website_id}"
)

RANGE = {"startDate": "2024-03-01T00:00:00.000Z", "endDate": "2024-03-09T23:59:59.999Z"}
STEPS = [{"type": "url", "value": "/"}, {"type": "event", "value": "buy"}]
QUERY: dict[str, Any] = {
    "startAt": 0,
    "endAt": 1,
    "type": "path",
    "fields": '["path"]',
    "steps": json.dumps(STEPS),
    "window": 60,
    "model": "first-click",
    "step": "buy",
    "value": "/",
    "currency": "EUR",
    "propertyName": "plan",
    **RANGE,
}
OWN: dict[str, dict[str, Any]] = {
    "/journeys": {"steps": 5},
    "/utm/metrics": {"type": "utm_source"},
    "/revenue/metrics": {"type": "channel"},
    "/reports": {"type": "goal"},
    "/segments": {"type": "segment"},
}
REPORTS: dict[str, dict[str, Any]] = {
    "utm": {},
    "insights": {"fields": [{"name": "url", "type": "string", "label": "URL"}]},
    "goals": {"goals": [{"type": "url", "value": "/", "goal": 1}]},
    "revenue": {"currency": "EUR", "timezone": "UTC"},
    "journey": {"steps": 5},
    "retention": {"timezone": "UTC"},
    "funnel": {"window": 60, "steps": STEPS},
    "attribution": {"model": "lastClick", "steps": STEPS},
}


@pytest.fixture(scope="module")
def of_bob(umami: Umami) -> dict[str, str]:
    """Something of everything, all of it bob's."""
    bob = umami.bob
    site = bob.post("websites", name="Foreign", domain="")["id"]
    segment = {"type": "segment", "name": "s", "parameters": {}}
    goal = {"name": "g", "parameters": {"type": "path", "value": "/"}}
    link = bob.post("links", name="l", url="https://x.example/")["id"]
    return {
        "website_id": site,
        "segment_id": bob.post(f"websites/{site}/segments", segment)["id"],
        "share_id": bob.post(f"websites/{site}/shares", name="x")["id"],
        "report_id": bob.post(f"websites/{site}/goals", goal)["id"],
        "session_id": "ann",
        "event_id": NOBODY,
        "slug": "no-such-slug",
        "link_id": link,
        "team_id": bob.post("teams", name="t")[0]["id"],
        "user_id": bob.id,
        "key_id": bob.post("me/api-keys", name="k")["id"],
    }


def routes(umami: Umami, of_bob: dict[str, str]) -> list[tuple[str, str, str]]:
    """Method, path and the path with what is bob's."""
    paths: dict[str, Any] = umami.nobody.get("umami/documentation/json")["paths"]
    found = [(method, path, path.format(**of_bob)) for path, methods in paths.items() for method in methods]
    assert len(found) > 100
    return found


def asked(person: Person, method: str, path: str, website_id: str) -> int:
    """The status of a request with which nothing else is wrong, unless it changes something."""
    report = path.removeprefix("/reports/")
    body: Any = {} if method == "post" else None
    if method == "post" and report in REPORTS:
        body = {"websiteId": website_id, "dateRange": RANGE, **REPORTS[report]}
    own = next((more for end, more in OWN.items() if path.endswith(end)), {})
    query = {**QUERY, "websiteId": website_id, **own} if method == "get" else {}
    return person.ask(method.upper(), path.removeprefix("/"), body, **query).status_code


def test_nobody_gets_past_any_door(umami: Umami, of_bob: dict[str, str]) -> None:
    site = of_bob["website_id"]
    for method, path, filled in routes(umami, of_bob):
        if path in PUBLIC:
            continue
        is_change = method == "post" and path.removeprefix("/reports/") not in REPORTS
        assert asked(umami.nobody, method, filled, site) in ((400, 401) if is_change else (401,)), (method, path)


@pytest.mark.parametrize("name", ["cleo", "vic"])
def test_a_stranger_gets_nothing_that_is_bob_s(umami: Umami, of_bob: dict[str, str], name: str) -> None:
    stranger: Person = getattr(umami, name)
    for method, path, filled in routes(umami, of_bob):
        if path in PUBLIC or OWN_LISTS.fullmatch(path):
            continue
        status = asked(stranger, method, filled, of_bob["website_id"])
        is_asking = (method == "get" and "{website_id}" in path) or path.removeprefix("/reports/") in REPORTS
        assert status in ((401,) if is_asking else (400, 401, 404)), (method, path, status)
    assert stranger.ask("GET", "reports", websiteId=of_bob["website_id"]).status_code == 401
    assert umami.bob.get(f"websites/{of_bob['website_id']}")["name"] == "Foreign"
    assert umami.bob.get(f"teams/{of_bob['team_id']}")["name"] == "t"
    assert of_bob["key_id"] in {key["id"] for key in umami.bob.get("me/api-keys")}


def test_a_share_link_reads_the_numbers_of_its_website(umami: Umami, of_bob: dict[str, str]) -> None:
    site = of_bob["website_id"]
    visitor = umami.shared(umami.bob.post(f"websites/{site}/shares", name="mine")["slug"])
    for method, path, filled in routes(umami, of_bob):
        if path in PUBLIC or path == "/me":
            continue
        status = asked(visitor, method, filled, site)
        is_report = path.removeprefix("/reports/") in REPORTS
        is_view = method == "get" and path.startswith("/websites/{website_id}") and not NOT_SHARED.fullmatch(path)
        if is_report or is_view:
            is_found = "/funnels/{report_id}" not in path  # it is a goal
            assert status == (200 if is_found else 404), (method, path, status)
        elif method == "get" and path not in ("/reports", "/reports/{report_id}"):
            assert status in (401, 404), (method, path, status)
        elif method != "get":
            assert status in (400, 401), (method, path, status)


def test_a_share_link_of_another_website_reads_nothing(umami: Umami, of_bob: dict[str, str]) -> None:
    other = umami.bob.post("websites", name="Other", domain="")["id"]
    visitor = umami.shared(umami.bob.post(f"websites/{other}/shares", name="other")["slug"])
    for method, path, filled in routes(umami, of_bob):
        if path not in PUBLIC and path != "/me":
            status = asked(visitor, method, filled, of_bob["website_id"])
            assert status in (400, 401) if method == "post" else status == 401, (method, path, status)
