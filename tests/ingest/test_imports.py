"""`POST /import/events`: rows of another server. Contract §10.1, §2.5; contracts/README.md."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from support.footfall import HOMELESS, ORIGIN, READER, ROOT, SECRET, WRITER, Footfall, Visitor

MINUTE = 60_000


def at(minute: float) -> str:
    """So many minutes after 8:00 of 1 March."""
    seconds = round(minute * 60)
    return f"2026-03-01T{8 + seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.000Z"


def row(number: int, minute: float, name: str = "screen_view", **columns: Any) -> dict[str, Any]:
    path = {"path": f"/{number}", "origin": ORIGIN} if name == "screen_view" else {}
    id = str(UUID(int=0x8000_8000_0000_0000_0000 + number))
    return {"id": id, "name": name, "created_at": at(minute), "device_id": "d1", **path, **columns}


def send(
    footfall: Footfall, rows: Any, client: str = READER, secret: str = SECRET, path: str = "/import/events"
) -> httpx.Response:
    headers = {"openpanel-client-id": client, "openpanel-client-secret": secret}
    body = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
    return footfall.request("POST", path, content=body, headers={k: v for k, v in headers.items() if v})


def marks(footfall: Footfall) -> tuple[int, int]:
    return len(footfall.events("session_start")), len(footfall.events("session_end"))


@pytest.mark.parametrize("path", ["/import/events", "/api/import/events"])
def test_rows_become_events(footfall: Footfall, path: str) -> None:
    columns = {
        "profile_id": "u1", "country": "DE", "city": "Ulm", "browser": "Firefox", "properties": {"a": {"b": 1}},
        "project_id": "someone-elses", "groups": ["acme"], "title": "One",
    }  # fmt: skip
    answer = send(footfall, [row(1, 0, **columns)], path=path)

    assert (answer.status_code, answer.json()) == (200, "OK")
    event = footfall.event("screen_view")
    assert event.id == row(1, 0)["id"]
    assert (event.project_id, event.profile_id, event.country, event.city) == ("shop", "u1", "DE", "Ulm")
    assert (event.path, event.title, event.browser) == ("/1", "One", "Firefox")
    assert event.properties == {"a.b": "1"}
    assert event.imported_at == footfall.clock.now


def test_visitors_without_a_profile_are_told_apart_by_their_devices(
    make_footfall: Callable[..., Footfall],
) -> None:
    footfall = make_footfall(reads=True)
    assert send(footfall, [row(n, n, device_id=f"d{n}") for n in range(3)]).status_code == 200
    footfall.settle()

    headers = {"openpanel-client-id": READER, "openpanel-client-secret": SECRET}

    def asked(path: str) -> Any:
        answer = footfall.request("GET", f"/insights/shop/{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert asked("metrics?range=all_time")["metrics"]["unique_visitors"] == 3
    assert [session["device_id"] for session in asked("profiles/d1/sessions")] == ["d1"]
    assert [event.profile_id for event in footfall.events()] == ["d0", "d1", "d2"]


def test_the_same_import_twice_adds_nothing(footfall: Footfall) -> None:
    rows = [row(n, n) for n in range(5)] + [{k: v for k, v in row(9, 9).items() if k != "id"}]
    for _ in range(2):
        assert send(footfall, rows).status_code == 200
        footfall.settle()
    send(footfall, rows + rows)

    assert len(footfall.events()) == 7, "the last request has the row without an id twice"
    assert len(footfall.sessions()) == 1
    assert marks(footfall) == (1, 1)


def test_sessions_are_built_by_the_rules(footfall: Footfall) -> None:
    rows = [row(1, 0), row(2, 10), row(3, 12, "click"), row(4, 43), row(5, 80, device_id="d2")]
    send(footfall, list(reversed(rows)))

    first, second, other = footfall.sessions()
    assert (first.device_id, first.screen_view_count, first.event_count) == ("d1", 2, 1)
    assert (first.duration, first.is_bounce, first.entry_path, first.exit_path) == (12 * MINUTE, False, "/1", "/2")
    assert (second.screen_view_count, second.is_bounce, second.entry_path) == (1, True, "/4")
    assert other.device_id == "d2"
    assert not any(session.is_open for session in (first, second, other))
    assert marks(footfall) == (3, 3)
    assert footfall.dwells() == {"/1": [10 * MINUTE]}


def test_sessions_are_built_from_their_ids(footfall: Footfall) -> None:
    send(footfall, [row(1, 0, session_id="s1"), row(2, 5, session_id="s2"), row(3, 200, session_id="s1")])

    first, second = footfall.sessions()
    assert (first.id, first.screen_view_count, first.duration) == ("s1", 2, 200 * MINUTE)
    assert (second.id, second.screen_view_count) == ("s2", 1)
    assert footfall.dwells() == {"/1": [200 * MINUTE]}


@pytest.mark.parametrize("ids", [("s1", "s2"), ("s2", "s1")])
def test_of_two_sessions_that_began_at_once_the_first_by_id_takes_what_is_of_both(
    footfall: Footfall, ids: tuple[str, str]
) -> None:
    for number, id in enumerate(ids):
        send(footfall, [row(2 * number, 0, session_id=id), row(2 * number + 1, 10, session_id=id)])
        footfall.settle()
    send(footfall, [row(9, 5)])

    (event,) = (event for event in footfall.events() if event.path == "/9")
    assert event.session_id == "s1"


def test_a_session_that_comes_in_two_requests_far_apart_stays_one(footfall: Footfall) -> None:
    send(footfall, [row(1, 0, session_id="s1")])
    footfall.settle()
    send(footfall, [row(2, 300, session_id="s1")])
    footfall.settle()

    assert footfall.session().duration == 300 * MINUTE
    assert marks(footfall) == (1, 1)


@pytest.mark.parametrize("named", [True, False])
def test_marks_are_taken_as_they_are(footfall: Footfall, named: bool) -> None:
    id = {"session_id": "s1"} if named else {}
    rows = [
        row(1, 0, "session_start", path="/2", properties={"mine": "yes"}, **id),
        row(2, 0, **id),
        row(3, 5, **id),
        row(4, 5.1, "session_end", properties={"mine": "yes"}, **id),
    ]
    send(footfall, rows)

    session = footfall.session()
    assert (session.screen_view_count, session.event_count, session.duration) == (2, 0, 5 * MINUTE)
    for name in ("session_start", "session_end"):
        (mark,) = footfall.events(name)
        assert mark.properties == {"mine": "yes"}
        assert mark.session_id == session.id


def test_marks_that_come_later_replace_ours(footfall: Footfall) -> None:
    send(footfall, [row(2, 0, session_id="s1"), row(3, 5, session_id="s1")])
    footfall.settle()
    send(footfall, [row(1, 0, "session_start", session_id="s1"), row(4, 5, "session_end", session_id="s1")])

    assert marks(footfall) == (1, 1)
    assert footfall.events("session_end")[0].id == row(4, 5)["id"]
    assert footfall.session().screen_view_count == 2


def test_marks_that_come_first_wait_for_their_events(footfall: Footfall) -> None:
    send(footfall, [row(4, 6, "session_end", session_id="s1")])
    footfall.settle()
    send(footfall, [row(3, 5, session_id="s1"), row(2, 0, session_id="s1")])
    footfall.settle()
    send(footfall, [row(1, 0, "session_start", session_id="s1")])

    session = footfall.session()
    assert (session.screen_view_count, session.event_count, session.duration) == (2, 0, 5 * MINUTE)
    assert marks(footfall) == (1, 1)


@pytest.mark.parametrize("id", [{}, {"session_id": "s1"}])
def test_an_event_in_the_middle_revises_a_stored_session(footfall: Footfall, id: dict[str, str]) -> None:
    send(footfall, [row(1, 10, **id), row(3, 20, **id)])
    assert footfall.dwells() == {"/1": [10 * MINUTE]}
    send(footfall, [row(2, 15, **id), row(4, 25, **id), row(0, 5, **id)])

    session = footfall.session()
    assert (session.entry_path, session.exit_path) == ("/0", "/4")
    assert (session.screen_view_count, session.duration) == (5, 20 * MINUTE)
    assert footfall.dwells() == {f"/{n}": [5 * MINUTE] for n in range(4)}
    (start,), (end,) = footfall.events("session_start"), footfall.events("session_end")
    assert start.created_at == session.created_at - 100
    assert end.created_at == session.ended_at + 1_000
    assert end.path == "/4"
    assert end.properties == {"__bounce": "false"}


def test_rows_with_and_without_a_session_id_share_a_session(footfall: Footfall) -> None:
    send(footfall, [row(1, 0, session_id="s1"), row(2, 5), row(3, 10, session_id="s1")])
    assert (footfall.session().id, footfall.session().screen_view_count) == ("s1", 3)


@pytest.mark.parametrize("id", [{}, {"session_id": "s1"}])
def test_what_a_page_measured_of_itself_is_no_part_of_a_session(footfall: Footfall, id: dict[str, str]) -> None:
    measured = {"properties": {"lcp": 1200}, "path": "/1"}
    send(footfall, [row(1, 0, **id), row(2, 9, "__performance", **measured, **id)])
    footfall.settle()
    send(footfall, [row(3, 400, "__engagement", **id), row(4, -60, "__error", device_id="d2", **id)])

    session = footfall.session()
    assert (session.screen_view_count, session.event_count, session.duration) == (1, 0, 0)
    assert session.is_bounce
    assert marks(footfall) == (1, 1)
    (event,) = footfall.events("__performance")
    assert (event.properties, event.session_id) == ({"lcp": "1200"}, id.get("session_id", ""))


def test_rows_without_a_device_have_no_session(footfall: Footfall) -> None:
    send(footfall, [row(1, 0, "charge", device_id="", profile_id="u1")])
    assert footfall.event("charge").profile_id == "u1"
    assert footfall.sessions() == []


def test_rows_join_a_visitor_who_is_here(footfall: Footfall, visitor: Visitor) -> None:
    visit = visitor.views("/live").json()
    footfall.settle()
    footfall.advance(minutes=10)
    when = footfall.clock.iso(minutes=-5)
    send(footfall, [{"name": "screen_view", "path": "/sent", "device_id": visit["deviceId"], "created_at": when}])
    visitor.views("/after")

    session = footfall.session()
    assert (session.id, session.screen_view_count, session.is_open) == (visit["sessionId"], 3, True)
    assert footfall.dwells() == {"/live": [5 * MINUTE], "/sent": [5 * MINUTE]}
    footfall.advance(hours=1)
    assert marks(footfall) == (1, 1)


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([{"created_at": at(0)}], "rows[0].name"),
        ([row(1, 0), {"name": "x"}], "rows[1].created_at"),
        ([row(1, 0), row(2, 0, created_at="yesterday")], "rows[1].created_at"),
        ([row(1, 0, revenue=-1)], "rows[0].revenue"),
        ([row(1, 0, properties=[1])], "rows[0].properties"),
        ([row(1, 0), row(2, 1), 5], "rows[2]"),
        ({"name": "x"}, "body"),
        (b"[", "body"),
        (b"", "body"),
        (b"\xff", "body"),
    ],
)
def test_a_row_that_cannot_be_taken_refuses_all_and_is_named(footfall: Footfall, rows: Any, field: str) -> None:
    answer = send(footfall, rows)
    assert answer.status_code == 400
    assert answer.json()["error"] == "Bad Request"
    assert ".".join(answer.json()["details"][0]["path"]) == field
    assert footfall.events() == []


def test_an_empty_import_is_fine(footfall: Footfall) -> None:
    assert send(footfall, []).status_code == 200
    assert footfall.events() == []


@pytest.mark.parametrize("client", [READER, ROOT, READER.upper()])
def test_readers_may_import(house: Footfall, client: str) -> None:
    assert send(house, [], client).status_code == 200


@pytest.mark.parametrize(
    ("client", "secret", "message"),
    [
        ("", "", "Import: Client ID must be a valid UUIDv4"),
        ("me", SECRET, "Import: Client ID must be a valid UUIDv4"),
        ("99999999-9999-4999-8999-999999999999", SECRET, "Import: Invalid client id"),
        (WRITER, SECRET, "Import: Client is not allowed to import"),
        (READER, "wrong", "Import: Invalid client secret"),
        (READER, "", "Import: Invalid client secret"),
    ],
)
def test_others_may_not(house: Footfall, client: str, secret: str, message: str) -> None:
    answer = send(house, [], client, secret)
    assert answer.status_code == 401
    assert answer.json() == {"status": 401, "error": "Unauthorized", "message": message}


def test_a_root_client_needs_a_project_here(house: Footfall) -> None:
    answer = send(house, [], HOMELESS)
    assert (answer.status_code, answer.json()["message"]) == (400, "Import: Client has no project")
