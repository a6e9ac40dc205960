"""A stop, clean or not, changes nothing that was acknowledged: sessions go on, nothing is lost, nothing twice."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from support.footfall import Footfall, Visitor

Stop = Callable[[Footfall], None]
STOPS = pytest.mark.parametrize("stop", [Footfall.restart, Footfall.crash], ids=["clean", "killed"])


@STOPS
@pytest.mark.parametrize("settled", [True, False], ids=["drained", "undrained"])
def test_a_session_goes_on_after_a_stop(footfall: Footfall, visitor: Visitor, stop: Stop, settled: bool) -> None:
    before = visitor.views("/a").json()
    footfall.advance(seconds=10)
    visitor.views("/b")
    if settled:
        footfall.settle()
    stop(footfall)
    footfall.advance(seconds=10)
    assert visitor.views("/c").json() == before

    session = footfall.session()
    assert session.is_open
    assert (session.screen_view_count, session.duration, session.is_bounce) == (3, 20_000, False)
    assert (session.entry_path, session.exit_path) == ("/a", "/c")
    assert footfall.dwells() == {"/a": [10_000], "/b": [10_000]}
    assert len(footfall.events("session_start")) == 1
    footfall.advance(hours=1)
    assert len(footfall.events("session_end")) == 1


@STOPS
def test_many_stops_count_nothing_twice(footfall: Footfall, visitor: Visitor, stop: Stop) -> None:
    for number in range(6):
        visitor.views(f"/{number}")
        footfall.advance(seconds=1)
        if number % 2:
            footfall.settle()
        stop(footfall)
    assert [view.path for view in footfall.events()] == ["/0", "/1", "/2", "/3", "/4", "/5"]
    assert footfall.session().screen_view_count == 6
    assert sum(map(len, footfall.dwells().values())) == 5


@STOPS
def test_a_session_that_ran_out_while_the_server_was_down(
    footfall: Footfall, visitor: Visitor, stop: Stop
) -> None:
    before = visitor.views("/a").json()
    footfall.settle()
    stop(footfall)
    footfall.advance(hours=1)
    assert visitor.views("/b").json()["sessionId"] != before["sessionId"]

    assert [session.is_open for session in footfall.sessions()] == [False, True]
    assert len(footfall.events("session_end")) == 1


@STOPS
def test_the_salt_and_the_devices_stay(footfall: Footfall, visitor: Visitor, stop: Stop) -> None:
    device = visitor.views("/").json()["deviceId"]
    footfall.advance(hours=2)
    stop(footfall)
    assert visitor.views("/").json()["deviceId"] == device


def test_a_batch_that_was_stored_is_not_stored_again(footfall: Footfall, visitor: Visitor) -> None:
    """Killed after the store's commit and before the journal forgot the groups."""
    visitor.views("/a")
    footfall.settle()
    assert len(footfall.runtime.journal.read(0, 10)) == 1
    footfall.crash()
    assert len(footfall.events()) == 1


def test_a_store_ahead_of_a_new_journal_loses_nothing(footfall: Footfall, visitor: Visitor) -> None:
    """The journal's file was lost; positions must not be given out again."""
    for number in range(5):
        visitor.tracks(f"before{number}")
    footfall.settle()
    footfall.stop()
    for file in footfall.folder.glob("journal.sqlite3*"):
        file.unlink()
    footfall.restart()
    visitor.tracks("after")
    assert footfall.event("after").name == "after"
    assert len(footfall.events()) == 6


def test_what_an_older_version_left_in_the_journal_is_stored(footfall: Footfall) -> None:
    """What a record has got since stands at its end, and has a value for those that are older."""
    at, nowhere = footfall.clock(), ["", "", "", None, None]
    page = {"__path": "https://shop.example/old", "plan": "pro"}
    left: list[list[Any]] = [
        [
            *("hit", "shop", "screen_view", at, at, "device", "session", "ann", True, False, False),
            *("", ["DE", "", "", None, None], page, ["acme"], "web", "1.0", "", None),
        ],
        ["identify", "shop", "ann", at, "Ann", "", "", "", {"plan": "pro"}, "", nowhere],
        ["increment", "shop", "ann", at, "visits", 2],
        ["group", "shop", "acme", "company", "ACME", at, {}],
        ["assign", "shop", "ann", at, ["acme"], True],
        ["drop", [{"project_id": "shop", "day": "2024-03-15", "reason": "bot", "count": 3}]],
    ]
    footfall.runtime.journal.append(msgspec.msgpack.encode(left), len(left))
    footfall.restart()
    [view] = footfall.events()
    assert (view.path, view.country, view.profile_id, view.groups) == ("/old", "DE", "ann", ["acme"])
    assert footfall.session().id == "session"
    ann = footfall.profile("ann")
    assert (ann.first_name, ann.groups, ann.properties["visits"]) == ("Ann", ("acme",), "2")
    assert [group.name for group in footfall.groups()] == ["ACME"]
    assert (footfall.drops(), footfall.runtime.journal.quarantined()) == ({"bot": 3}, 0)
