"""The published Export documents' own requests, byte for byte but for host and credentials, and their answers."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from support.process import Client, Footfall
from support.shapes import INSTANT, NUMBER, WHOLE, maybe, misfits

EVENTS = "/export/events?projectId=abc123&event=screen_view&start=2024-04-15&end=2024-04-18&page=1&limit=100&includes=profile,meta"
CHART = '/export/charts?projectId=abc123&events=[{"name":"screen_view","segment":"user"}]&breakdowns=[{"name":"country"}]&interval=day&range=30d&previous=true'
ADVANCED = [  # of `curl -G --data-urlencode`
    ("projectId", "abc123"),
    ("events", '[{"name":"purchase","segment":"property_sum","property":"properties.total","filters":[{"name":"properties.total","operator":"isNotNull","value":[]}]}]'),
    ("breakdowns", '[{"name":"country"}]'),
    ("interval", "day"),
    ("range", "30d"),
]  # fmt: skip
OLD_EVENTS = "/export/events?project_id=abc&event=screen_view&start=2024-04-15&end=2024-04-18"
OLD_EVENTS_INCLUDING = f"{OLD_EVENTS}&page=1&limit=50&includes=profile,meta"
OLD_CHART = '/export/charts?projectId=abc123&events=[{"name":"screen_view"}]&interval=day&range=last_30_days&chartType=linear&metric=sum'
OLD_FUNNEL = '/export/funnel?projectId=abc123&events=[{"name":"sign_up"},{"name":"purchase"}]&range=last_30_days'

EVENT = {
    **dict.fromkeys(("id", "name", "deviceId", "profileId", "projectId", "sessionId"), str),
    "properties": dict,
    "createdAt": INSTANT,
    **dict.fromkeys(("country", "city", "region", "os", "browser", "device", "path", "origin"), str),
    "duration": WHOLE,
}
PROFILE = {
    **dict.fromkeys(("id", "email", "firstName", "lastName"), str),
    "isExternal": bool,
    "createdAt": INSTANT,
}
META = {"name": str, "description": str, "conversion": bool}
PAGE = {"count": WHOLE, "totalCount": WHOLE, "pages": WHOLE, "current": WHOLE}
CHANGE = {"value": NUMBER, "change": maybe(NUMBER)}
METRICS = {"sum": NUMBER, "average": NUMBER, "min": NUMBER, "max": NUMBER}
SERIES = {
    "id": str,
    "names": [str],
    "event": {"id": str, "name": str},
    "metrics": METRICS,
    "data": [{"date": INSTANT, "count": NUMBER}],
}
COMPARED = {
    **SERIES,
    "metrics": {**METRICS, "previous": {"sum": CHANGE, "average": CHANGE}},
    "data": [{"date": INSTANT, "count": NUMBER, "previous": CHANGE}],
}
STEP = {
    "event": {"name": str, "displayName": str},
    **dict.fromkeys(("count", "percent", "dropoffCount", "dropoffPercent", "previousCount"), NUMBER),
}


class Seed(NamedTuple):
    """A server with the documents' projects, and who reads which."""

    footfall: Footfall
    reader: Client
    old_reader: Client

    def answer(self, target: str, reader: Client | None = None) -> Any:
        """The body of a good answer."""
        status, body = self.footfall.asks(target, reader or self.reader)
        assert status == 200, body
        return body


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seed]:
    folder = tmp_path_factory.mktemp("export-seeds")
    file = folder / "events.ndjson"
    file.write_text("".join(f"{json.dumps(event)}\n" for event in _events()))
    with Footfall(folder / "data") as footfall:
        for project in ("abc123", "abc"):
            footfall.project("Example", "--id", project)
            done = footfall.run("import", "events", str(file), "--project", project)
            assert done.code == 0, done.errors
        seed = Seed(footfall, footfall.client("abc123", "read"), footfall.client("abc", "read"))
        writer, root = footfall.client("abc123", "write"), footfall.client("abc123", "root")
        footfall.start()
        with footfall.http(writer) as client:
            known = {"profileId": "user_789", "email": "user@example.com", "firstName": "John", "lastName": "Doe"}
            assert client.post("/track", json={"type": "identify", "payload": known}).status_code == 200
        with footfall.http(root) as client:
            said = {"name": "screen_view", "description": "Page view tracking", "conversion": False}
            assert client.post("/manage/projects/abc123/event-meta", json=said).status_code == 200
        _wait_for_the_profile(seed)
        yield seed


def _wait_for_the_profile(seed: Seed) -> None:
    for _ in range(50):
        if any(event["profile"]["email"] for event in seed.answer(EVENTS)["data"]):
            return
    raise AssertionError("an acknowledged profile can't be read")


def _events() -> Iterator[dict[str, Any]]:
    """The documents' view, ten days ago two visitors from the US and one from Germany, forty days ago one."""
    page = {"origin": "https://example.com", "path": "/dashboard", "title": "Dashboard"}
    mac = {"os": "macOS", "browser": "Chrome", "device": "desktop"}
    us = {"country": "US", "region": "New York", "city": "New York"}
    yield {"name": "screen_view", "created_at": "2024-04-15T10:30:00Z", "device_id": "mac", "profile_id": "user_789",
           "properties": {"url": "https://example.com/dashboard"}, **page, **mac, **us}  # fmt: skip
    yield {"name": "screen_view", "created_at": "2024-04-18T23:59:59Z", "device_id": "phone", **page}
    yield {"name": "screen_view", "created_at": "2024-04-19T00:00:00Z", "device_id": "phone", **page}
    now = datetime.now(UTC)
    for days, device, names, where in (
        (40, "old", ("screen_view",), us),
        (10, "ann", ("screen_view", "sign_up", "purchase"), us),
        (10, "bob", ("screen_view", "sign_up"), us),
        (10, "cid", ("screen_view",), {"country": "DE"}),
    ):
        for place, name in enumerate(names):
            at = now - timedelta(days=days, seconds=-place)
            total = {"total": "19.5"} if name == "purchase" else {}
            yield {"name": name, "created_at": at.isoformat(), "device_id": device, "properties": total, **where}


def test_events(seed: Seed) -> None:
    body = seed.answer(EVENTS)
    # `meta` of an event only where something is said of its name.
    assert misfits(body, {"meta": PAGE, "data": [{**EVENT, "profile": PROFILE, "meta": META}]}) == []
    assert body["meta"] == {"count": 2, "totalCount": 2, "pages": 1, "current": 1}
    event = body["data"][1]
    printed = {
        "name": "screen_view",
        "profileId": "user_789",
        "projectId": "abc123",
        "createdAt": "2024-04-15T10:30:00.000Z",
        "country": "United States",
        "city": "New York",
        "region": "New York",
        "os": "macOS",
        "browser": "Chrome",
        "device": "Desktop",
        "duration": 0,
        "path": "/dashboard",
        "origin": "https://example.com",
    }
    assert {key: event[key] for key in printed} == printed
    assert event["properties"]["url"] == "https://example.com/dashboard"
    assert {key: event["profile"][key] for key in PROFILE if key != "createdAt"} == {
        "id": "user_789", "email": "user@example.com", "firstName": "John", "lastName": "Doe", "isExternal": True,
    }  # fmt: skip
    assert {key: event["meta"][key] for key in META} == {
        "name": "screen_view", "description": "Page view tracking", "conversion": False,
    }  # fmt: skip


def test_a_chart(seed: Seed) -> None:
    body = seed.answer(CHART)
    assert misfits(body, {"series": [SERIES], "metrics": {**METRICS, "previous": {"sum": CHANGE}}}) == []
    first, second = body["series"]
    assert misfits(first, COMPARED) == []
    assert (first["id"], first["names"]) == ("screen_view-united-states", ["screen_view", "United States"])
    assert (second["id"], second["names"]) == ("screen_view-germany", ["screen_view", "Germany"])
    assert first["metrics"]["previous"]["sum"]["value"] == 1
    assert first["metrics"]["previous"]["sum"]["change"] == 100
    assert len(first["data"]) == 31


def test_the_advanced_chart(seed: Seed) -> None:
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in ADVANCED)
    body = seed.answer(f"/export/charts?{query}")
    assert misfits(body, {"series": [SERIES], "metrics": METRICS}) == []
    assert [(series["id"], series["metrics"]["sum"]) for series in body["series"]] == [
        ("purchase-united-states", 19.5)
    ]


def test_the_older_requests(seed: Seed) -> None:
    for target in (OLD_EVENTS, OLD_EVENTS_INCLUDING):
        body = seed.answer(target, seed.old_reader)
        assert misfits(body, {"meta": PAGE, "data": [EVENT]}) == []
        assert body["meta"] == {"count": 2, "totalCount": 2, "pages": 1, "current": 1}
    assert misfits(body["data"], [{"profile": PROFILE}]) == []
    bare = seed.answer("/export/events")
    assert misfits(bare, {"meta": PAGE, "data": [EVENT]}) == []
    assert bare["meta"]["totalCount"] >= 10  # sessions have marks, too
    chart = seed.answer(OLD_CHART)
    assert misfits(chart, {"series": [SERIES], "metrics": METRICS}) == []
    assert [series["metrics"]["sum"] for series in chart["series"]] == [3]


def test_the_older_funnel(seed: Seed) -> None:
    body = seed.answer(OLD_FUNNEL)
    assert misfits(body, {"totalSessions": WHOLE, "steps": [STEP]}) == []
    assert body["totalSessions"] == 2
    assert [(step["event"]["name"], step["count"], step["percent"]) for step in body["steps"]] == [
        ("sign_up", 2, 100),
        ("purchase", 1, 50),
    ]
    assert [(step["dropoffCount"], step["dropoffPercent"], step["previousCount"]) for step in body["steps"]] == [
        (0, 0, 2),
        (1, 50, 2),
    ]


def test_both_prefixes_answer(seed: Seed) -> None:
    for target in (OLD_FUNNEL, CHART):
        assert seed.answer(f"/api{target}") == seed.answer(target)


@pytest.mark.parametrize(
    ("target", "status", "error", "message"),
    [
        ('/export/charts?projectId=abc123&events=[{}]', 400, "Bad Request", "Invalid query parameters"),
        ("/export/events?projectId=abc", 403, "Forbidden", "You do not have access to this project"),
    ],
)  # fmt: skip
def test_errors(seed: Seed, target: str, status: int, error: str, message: str) -> None:
    found, body = seed.footfall.asks(target, seed.reader)
    assert (found, body["error"], body["message"]) == (status, error, message)
    if status == 400:
        assert {key: body["details"][0][key] for key in ("path", "message")} == {
            "path": ["events", 0, "name"], "message": "Required",
        }  # fmt: skip


def test_wrong_credentials_and_no_project(seed: Seed) -> None:
    wrong = seed.reader._replace(secret="sec_00000000000000000000")
    status, body = seed.footfall.asks("/export/events", wrong)
    assert (status, body["error"]) == (401, "Unauthorized")
    assert isinstance(body["message"], str)
    root = seed.footfall.client("abc123", "root")
    status, body = seed.footfall.asks("/export/events?projectId=nowhere", root)
    assert (status, body["error"], body["message"]) == (404, "Not Found", "Project not found")
