"""When the store or the disk refuses: what callers hear, and that nothing is lost or counted twice."""

import sqlite3
from typing import Any

import pytest

from footfall.ingest import batching
from footfall.ingest.commit import MAX_BACKLOG
from footfall.ingest.drain import MAX_FAILURES
from footfall.ingest.enrichment import enrich
from footfall.ingest.records import Hit
from footfall.model.errors import Overloaded
from footfall.model.event import Event
from footfall.store.base import Batch
from support.footfall import Footfall, Visitor


def drain_once(footfall: Footfall) -> None:
    """One try that fails, without the waiting."""
    drain = footfall.runtime.drain
    drain._stopping.set()
    with pytest.raises(Overloaded):
        drain.step()
    drain._stopping.clear()
    drain._load()


def test_while_the_store_refuses_hits_are_acknowledged_and_kept(footfall: Footfall, visitor: Visitor) -> None:
    visitor.views("/before")
    footfall.settle()
    with footfall.store_refusing():
        assert visitor.views("/during").status_code == 200
        drain_once(footfall)
        ready = footfall.request("GET", "/healthz/ready")
        assert (ready.status_code, ready.json()) == (503, {"ready": False, "reason": "the disk is full"})
        assert visitor.views("/still").status_code == 200
        assert footfall.request("GET", "/healthz/live").status_code == 200

    assert [view.path for view in footfall.events()] == ["/before", "/during", "/still"]
    assert footfall.session().screen_view_count == 3
    assert footfall.request("GET", "/healthz/ready").json() == {"ready": True}


def test_a_refused_batch_is_written_when_the_store_takes_it_again(
    footfall: Footfall, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, refusals = footfall.runtime.store, [5]
    write = store.write

    def full_for_a_while(batch: Batch) -> None:
        if refusals[0]:
            refusals[0] -= 1
            raise Overloaded("the disk is full")
        write(batch)

    monkeypatch.setattr(store, "write", full_for_a_while)
    footfall.runtime.drain.pause = 0
    visitor.views("/a")
    visitor.identifies("u1", properties={"n": 1})
    visitor.does("increment", profileId="u1", property="n")
    visitor.views("/b")

    assert len(footfall.events()) == 2
    assert footfall.session().screen_view_count == 2
    assert footfall.profile("u1").properties["n"] == "2"
    assert footfall.runtime.drain.trouble == ""


def test_a_server_that_stops_while_the_store_refuses_goes_on_later(footfall: Footfall, visitor: Visitor) -> None:
    with footfall.store_refusing():
        visitor.views("/a")
        drain_once(footfall)
        footfall.stop()
    footfall.restart()
    assert len(footfall.events()) == 1


def test_a_disk_that_refuses_is_503_and_nothing_is_stored(
    footfall: Footfall, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(footfall.runtime.journal, "append", full)
        answers = [visitor.views("/lost"), visitor.identifies("u1"), visitor.sends({"name": "x"}, "/event")]
        for answer in answers:
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "5"
            assert answer.json()["error"] == "Service Unavailable"
    assert footfall.events() == []
    assert footfall.profile("u1") is None

    footfall.advance(seconds=1)
    visitor.profile = ""
    visitor.views("/kept")
    visitor.tracks("more")
    session = footfall.session()
    assert session.is_open
    assert [event.name for event in footfall.events(marks=True)] == ["session_start", "screen_view", "more"]


def test_a_store_too_far_behind_is_503(footfall: Footfall, visitor: Visitor) -> None:
    footfall.server.commit.refuse(f"more than {MAX_BACKLOG} records wait")
    answer = visitor.views("/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    footfall.server.commit.refuse("")
    footfall.advance(seconds=1)
    assert visitor.views("/").status_code == 200
    assert footfall.session().is_open


def test_a_record_that_cannot_be_enriched_stops_nobody(
    footfall: Footfall, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def picky(hit: Hit, event_id: str) -> Event:
        if hit.name == "poison":
            raise ValueError("a bug")
        return enrich(hit, event_id)

    monkeypatch.setattr(batching, "enrich", picky)
    visitor.views("/a")
    visitor.tracks("poison")
    visitor.views("/b")

    assert [event.name for event in footfall.events()] == ["screen_view", "screen_view"]
    assert footfall.runtime.journal.quarantined() == 1
    assert "quarantined_records 1.0" in footfall.request("GET", "/metrics").text


def test_a_group_that_cannot_be_read_stops_nobody(footfall: Footfall, visitor: Visitor) -> None:
    footfall.runtime.journal.append(b"\xc1 rubbish", 1)
    visitor.views("/a")
    assert len(footfall.events()) == 1
    assert footfall.runtime.journal.quarantined() == 1


class Panic(BaseException):
    """What Arrow raises where it finds a bug of its own, or of ours."""


@pytest.mark.parametrize("bug", [ValueError, Panic])
def test_a_group_that_the_store_cannot_take_is_set_aside(
    footfall: Footfall, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, bug: type[BaseException]
) -> None:
    """A bug must not stop everyone's events for ever."""
    store, tries = footfall.runtime.store, 0
    write = store.write

    def choke(batch: Batch) -> None:
        nonlocal tries
        if any(event.name == "poison" for event in batch.events):
            tries += 1
            raise bug("a bug")
        write(batch)

    monkeypatch.setattr(store, "write", choke)
    footfall.runtime.drain.pause = 0
    visitor.views("/a")
    visitor.tracks("poison")
    visitor.views("/b")
    footfall.settle()

    assert tries > MAX_FAILURES
    assert [event.name for event in footfall.events()] == ["screen_view", "screen_view"]
    assert footfall.session().screen_view_count == 2
    assert footfall.runtime.journal.quarantined() == 1
    assert footfall.runtime.drain.trouble == ""


def test_a_store_that_is_away_while_the_drain_recovers(
    footfall: Footfall, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = footfall.runtime.store
    write, opened, refusals = store.write, store.open_sessions, [3]

    def flaky(batch: Batch) -> None:
        if refusals[0] == 3:
            refusals[0] -= 1
            raise ConnectionError("gone")
        write(batch)

    def away() -> Any:
        if refusals[0]:
            refusals[0] -= 1
            raise Overloaded("the store is away")
        return opened()

    monkeypatch.setattr(store, "write", flaky)
    monkeypatch.setattr(store, "open_sessions", away)
    footfall.runtime.drain.pause = 0
    visitor.views("/a")
    assert len(footfall.events()) == 1


def test_a_stopping_server_says_so(footfall: Footfall, visitor: Visitor) -> None:
    footfall.server.is_stopping = True
    ready = footfall.request("GET", "/healthz/ready")
    assert (ready.status_code, ready.json()) == (503, {"ready": False, "reason": "shutting down"})
