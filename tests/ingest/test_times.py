"""`__timestamp`: what counts as now, as a little ago, as the past. Contract §3.4, contracts/README.md."""

from typing import Any

import pytest

from support.footfall import ORIGIN, Footfall, Visitor

MINUTE = 60_000


@pytest.mark.parametrize(
    "stamp",
    [
        "",
        "yesterday",
        "2026-13-40",
        "2026-13",
        "13/40/2026",
        "3/10/2026 13:00 PM",
        "Foo 10, 2026",
        "Tue Mar 10 2026 12:59:30 GMT+9999",
        "((((",
        "9999999999999999999",
        None,
        True,
        {},
        [],
        -5,
        0,
        1e300,
        10**400,
        "2026-03-10T12:01:00.001Z",
    ],
)
def test_unreadable_and_future_times_are_now(house: Footfall, stamp: Any) -> None:
    name = f"at {stamp!r}"[:50]
    assert house.visitor().tracks(name, __timestamp=stamp).status_code == 200
    assert house.event(name).created_at == house.clock.now


@pytest.mark.parametrize(
    ("stamp", "offset_ms"),
    [
        ("2026-03-10T11:59:30.000Z", -30_000),
        ("2026-03-10T12:01:00.000Z", 60_000),
        ("2026-03-10T12:59:30+01:00", -30_000),
        ("2026-03-10T11:59:30", -30_000),
        ("Tue, 10 Mar 2026 11:59:30 GMT", -30_000),
        (1773143970000, -30_000),
        ("Tue Mar 10 2026 12:59:30 GMT+0100 (Central European Standard Time)", -30_000),
        ("Tue Mar 10 2026 07:59:30 GMT-0400", -30_000),
        ("2026-03-10 12:59:30 +0100", -30_000),
        ("2026-03-10 12:59:30.000 +0100 CET", -30_000),
        ("2026-03-10 11:59:30 UTC", -30_000),
        ("2026/03/10 11:59:30", -30_000),
        ("3/10/2026, 11:59:30 AM", -30_000),
        ("3/10/2026, 12:00:30 PM", 30_000),
        ("Mar 10, 2026 11:59:30", -30_000),
        ("Mar 10, 2026", -12 * 60 * MINUTE),
        ("10 March 2026", -12 * 60 * MINUTE),
        ("2026-03", -228 * 60 * MINUTE),
    ],
)
def test_readable_times_count(house: Footfall, stamp: Any, offset_ms: int) -> None:
    name = f"at {stamp!r}"
    house.visitor().tracks(name, __timestamp=stamp)
    assert house.event(name).created_at == house.clock.now + offset_ms
    assert "__timestamp" not in house.event(name).properties


def test_up_to_fifteen_minutes_ago_is_as_good_as_now(footfall: Footfall, visitor: Visitor) -> None:
    session = visitor.views("/", ago=15 * 60).json()["sessionId"]
    assert footfall.session().is_open
    assert visitor.views("/b").json()["sessionId"] == session


def test_older_events_make_a_session_of_their_own(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/late", ago=2 * 3600)
    visitor.views("/now")

    late, now = footfall.sessions()
    assert (late.entry_path, late.is_open, late.screen_view_count) == ("/late", False, 1)
    assert (now.entry_path, now.is_open) == ("/now", True)
    starts, ends = footfall.events("session_start"), footfall.events("session_end")
    assert [start.session_id for start in starts] == [late.id, now.id]
    assert [end.session_id for end in ends] == [late.id]
    assert ends[0].created_at == late.ended_at + 1_000


def test_late_events_of_one_visit_become_one_session(footfall: Footfall, visitor: Visitor) -> None:
    """An app that was offline sends its queue, oldest last."""
    for minutes, path in ((100, "/c"), (110, "/b"), (120, "/a")):
        visitor.views(path, ago=minutes * 60)
        footfall.settle()

    session = footfall.session()
    assert (session.entry_path, session.exit_path) == ("/a", "/c")
    assert session.screen_view_count == 3
    assert session.duration == 20 * MINUTE
    assert not session.is_bounce
    assert footfall.dwells() == {"/a": [10 * MINUTE], "/b": [10 * MINUTE]}
    (start,) = footfall.events("session_start")
    (end,) = footfall.events("session_end")
    assert start.created_at == session.created_at - 100
    assert end.created_at == session.ended_at + 1_000
    assert end.properties == {"__bounce": "false"}


def test_late_events_far_apart_become_two(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/a", ago=5 * 3600)
    visitor.views("/b", ago=4 * 3600)
    assert [session.entry_path for session in footfall.sessions()] == ["/a", "/b"]


def test_a_late_view_is_the_last_page_of_a_session_that_knew_none(footfall: Footfall, visitor: Visitor) -> None:
    visitor.tracks("click")
    footfall.settle()
    visitor.views("/a", ago=20 * 60)
    session = footfall.session()
    assert (session.entry_path, session.exit_path, session.exit_origin) == ("/a", "/a", ORIGIN)


def test_a_late_event_joins_the_open_session_that_covers_it(footfall: Footfall, visitor: Visitor) -> None:
    for path in ("/a", "/b", "/c"):
        visitor.views(path)
        footfall.advance(minutes=20)
    footfall.settle()
    visitor.views("/late", ago=50 * 60)

    session = footfall.session()
    assert session.is_open
    assert session.screen_view_count == 4
    assert footfall.dwells() == {"/a": [10 * MINUTE], "/late": [10 * MINUTE], "/b": [20 * MINUTE]}
    assert len(footfall.events("session_start")) == 1
    footfall.advance(hours=1)
    assert len(footfall.events("session_end")) == 1


def test_a_late_event_keeps_its_session_going(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/a")
    footfall.advance(minutes=29)
    visitor.views("/b", ago=16 * 60)
    footfall.advance(minutes=10)
    visitor.views("/c")

    session = footfall.session()
    assert (session.screen_view_count, session.duration) == (3, 39 * MINUTE)


def test_a_late_event_joins_the_closed_session_that_covers_it(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/a")
    footfall.advance(minutes=10)
    visitor.views("/c")
    footfall.advance(hours=2)
    assert len(footfall.events("session_end")) == 1
    visitor.views("/b", ago=2 * 3600 + 5 * 60)
    visitor.views("/d", ago=2 * 3600 - 10 * 60)

    session = footfall.session()
    assert (session.entry_path, session.exit_path, session.screen_view_count) == ("/a", "/d", 4)
    assert footfall.dwells() == {"/a": [5 * MINUTE], "/b": [5 * MINUTE], "/c": [10 * MINUTE]}
    (end,) = footfall.events("session_end")
    assert end.created_at == session.ended_at + 1_000
    assert end.path == "/d"


def test_a_late_event_between_two_sessions_goes_to_the_one_before(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/a")
    footfall.advance(minutes=40)
    visitor.views("/b")
    footfall.advance(hours=2)
    footfall.settle()
    visitor.views("/between", ago=2 * 3600 + 20 * 60)

    first, second = footfall.sessions()
    assert (first.exit_path, first.screen_view_count) == ("/between", 2)
    assert second.screen_view_count == 1


def test_a_late_event_of_yesterday_is_of_yesterdays_device(footfall: Footfall, visitor: Visitor) -> None:
    footfall.clock.set("2026-03-10T23:00:00")
    yesterday = visitor.views("/a").json()
    footfall.clock.set("2026-03-11T00:40:00")
    visitor.views("/b", ago=95 * 60)

    session = footfall.session()
    assert session.device_id == yesterday["deviceId"]
    assert session.screen_view_count == 2


def test_what_is_answered_for_a_late_event_is_where_it_goes(footfall: Footfall, visitor: Visitor) -> None:
    answer = visitor.views("/a", ago=7200).json()
    event = footfall.event("screen_view")
    assert answer == {"deviceId": event.device_id, "sessionId": event.session_id}
