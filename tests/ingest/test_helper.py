"""A busy drain has a helper; what is stored is the same with it, without it, and when it is lost."""

import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from crash.house import House
from crash.ledger import Stored
from footfall.ingest import hands
from footfall.ingest.erasing import append_erasure
from footfall.ingest.records import Erase
from footfall.model.erasure import Scope
from support.waiting import until

MINUTE = 60_000


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A drain at work, for which a few hits are much."""
    monkeypatch.setattr(hands, "_BUSY", 1)
    monkeypatch.setattr(hands, "_QUIET", 1)
    monkeypatch.setattr(hands, "_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(hands, "_cores", lambda: 2)
    opened = House(tmp_path)
    opened.drain.start()
    yield opened
    for helper in helpers():
        helper.kill()


def helpers() -> list[BaseProcess]:
    return [child for child in multiprocessing.active_children() if child.name == "footfall-drain"]


def helped(house: House) -> None:
    """Let hits come until a helper has the sessions."""
    house.drain.hands.allow_help()

    def is_helped() -> bool:
        drained(house, 1, 2, 3)
        return house.drain.hands.is_helped

    until(is_helped)


def drained(house: House, *visitors: int, path: str = "/") -> None:
    house.hits(*visitors, path=path)
    house.drain.wake()
    until(lambda: house.drain.position == house.journal.last())


def left(house: House) -> Stored:
    """What is stored after a stop, which ends the helper too."""
    house.leave()
    assert not helpers()
    return Stored(house.folder)


def adds_up(house: House) -> int:
    """Each hit is stored, once. How many sessions there are."""
    stored = left(house)
    assert set(stored.numbers.values()) == {1}
    assert len(stored.numbers) == house.sent
    assert stored.complaints() == []
    return stored.sessions


def test_sessions_go_on_with_a_helper_and_after_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    drained(house, 1, 2, 3)
    helped(house)
    assert house.drain.hands.open_sessions == 3
    house.now += MINUTE
    drained(house, 1, 4, path="/with")
    assert (len(helpers()), house.drain.hands.open_sessions) == (1, 4)

    monkeypatch.setattr(hands, "_BUSY", 1_000_000)
    monkeypatch.setattr(hands, "_QUIET_SECONDS", 0.1)
    until(lambda: not house.drain.hands.is_helped)
    assert (helpers(), house.drain.hands.open_sessions) == ([], 4)
    house.now += MINUTE
    drained(house, 1, 4, path="/after")

    assert adds_up(house) == 4


def test_what_a_helper_was_building_when_it_was_killed_is_stored_once(house: House) -> None:
    helped(house)
    for _ in range(3):
        house.hits(1, 5)
    helpers()[0].kill()
    house.now += MINUTE
    drained(house, 1, 6, path="/without")
    assert not house.drain.hands.is_helped

    assert adds_up(house) == 5


def test_a_helper_that_was_lost_is_not_replaced_at_once(house: House) -> None:
    helped(house)
    helpers()[0].kill()
    ends = time.monotonic() + 0.5
    while time.monotonic() < ends:
        drained(house, 1, 2)
    assert not helpers()
    house.leave()


def test_idle_sessions_end_with_a_helper(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("footfall.ingest.drain._REAP_EVERY_SECONDS", 0)
    helped(house)
    house.now += 60 * MINUTE
    until(lambda: house.drain.hands.open_sessions == 0)
    assert adds_up(house) == 3


def test_a_deletion_is_made_at_its_place_while_there_is_a_helper(house: House) -> None:
    helped(house)
    house.hits(1, 2)
    append_erasure(house.journal, Erase(id="all", project_id="shop", scope=Scope.PROJECT, at=house.now))
    drained(house, 1)
    until(lambda: house.journal.erasure("all") is not None)

    report = house.journal.erasure("all")
    assert report is not None
    assert report.is_done
    assert report.removed.sessions == 3
    stored = left(house)
    assert stored.numbers == {house.sent: 1}
    assert stored.complaints() == []


def test_what_was_left_in_the_journal_calls_no_helper(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "_LOOK_SECONDS", 0.4)
    drained(house, 1, 2, 3)
    house.drain.hands.allow_help()
    time.sleep(0.7)
    assert not helpers()
    drained(house, 1, 2, 3)
    until(lambda: bool(helpers()))
    house.leave()


def test_without_leave_or_a_second_core_there_is_no_helper(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        drained(house, 1, 2, 3)
    monkeypatch.setattr(hands, "_cores", lambda: 1)
    house.drain.hands.allow_help()
    for _ in range(5):
        drained(house, 1, 2, 3)
    assert not helpers()
    house.leave()
