"""The server dies between two steps of the way in; the next one goes on where that was."""

import asyncio
import random
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from crash.house import HOUR, MINUTE, Crash, House
from crash.ledger import Stored
from footfall.ingest.commit import GroupCommit
from footfall.ingest.journal import Journal
from footfall.ingest.records import Increment, decode_group
from footfall.model.errors import Overloaded


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def _left(house: House) -> Stored:
    house.leave()
    return Stored(house.folder)


def test_death_before_the_store_commits_repeats_the_batch(house: House) -> None:
    house.hits(1, 2, 3)
    house.store.dies_before = True
    with pytest.raises(Crash):
        house.drain.step()
    house.restart()
    stored = _left(house)
    assert stored.numbers == {1: 1, 2: 1, 3: 1}
    assert stored.complaints() == []


def test_death_between_the_commit_and_the_trim_counts_nothing_twice(house: House) -> None:
    house.hits(1, 2, 3)
    house.store.dies_after = True
    with pytest.raises(Crash):
        house.drain.step()
    assert len(house.journal.read(0, 100)) > 0, "the journal still has what the store has, too"
    house.restart()
    house.hits(1)
    stored = _left(house)
    assert stored.numbers == {1: 1, 2: 1, 3: 1, 4: 1}
    assert stored.complaints() == []


def test_death_after_the_trim_of_everything_keeps_positions_rising(house: House) -> None:
    house.hits(1)
    house.drain.step()
    house.journal.trim(house.drain.position)
    house.restart()
    house.hits(1)
    stored = _left(house)
    assert stored.numbers == {1: 1, 2: 1}
    assert stored.complaints() == []


def test_a_session_that_grows_over_three_deaths_is_one_session(house: House) -> None:
    for _ in range(3):
        house.hits(1, path="/a")
        house.now += MINUTE
        house.restart()
    house.hits(1, path="/b")
    stored = _left(house)
    assert stored.sessions == 1
    assert stored.complaints() == []


def test_death_while_sessions_are_reaped_ends_each_once(house: House) -> None:
    house.hits(1, 2)
    house.drain.step()
    house.now += 2 * HOUR
    house.store.dies_after = True
    with pytest.raises(Crash):
        house.drain.reap()
    house.restart()
    house.drain.reap()
    stored = _left(house)
    assert stored.sessions == 2
    assert stored.complaints() == []


def test_a_hit_after_its_session_was_reaped_opens_it_again(house: House) -> None:
    """The clock leaps ahead, the reaper ends the session, and the clock is put right."""
    house.hits(1, path="/a")
    house.drain.step()
    house.now += HOUR + MINUTE
    house.drain.reap()
    house.visitors.forget_idle(house.now)
    house.now -= HOUR
    house.hits(1, path="/b")
    stored = _left(house)
    assert stored.sessions == 1
    assert stored.complaints() == []


def test_a_visitor_who_comes_online_with_old_hits_first_has_one_session(house: House) -> None:
    """Twenty minutes old, so the drain finds its session; then one of now, whose session is the same."""
    house.now += 20 * MINUTE
    house.hits(1, path="/a", ago=20 * MINUTE)
    house.drain.step()
    house.hits(1, path="/b")
    house.hits(1, path="/c")
    stored = _left(house)
    assert stored.sessions == 1
    assert stored.complaints() == []


def test_an_old_hit_in_the_batch_that_opens_its_session_brings_no_second_start(house: House) -> None:
    house.hits(1, path="/b")
    house.hits(1, path="/a", ago=20 * MINUTE)
    stored = _left(house)
    assert stored.sessions == 1
    assert stored.complaints() == []


def test_an_old_hit_in_the_batch_that_ends_its_session_joins_it(house: House) -> None:
    house.hits(1, path="/a")
    house.drain.step()
    house.now += 40 * MINUTE
    house.hits(1, path="/c")
    house.hits(1, path="/b", ago=35 * MINUTE)
    stored = _left(house)
    assert stored.numbers == {1: 1, 2: 1, 3: 1}
    assert stored.sessions == 2
    assert stored.complaints() == []


@pytest.mark.parametrize("leap", [HOUR, -HOUR])
def test_a_leap_of_the_clock_loses_and_doubles_nothing(house: House, leap: int) -> None:
    for _ in range(3):
        house.hits(1, 2, path="/a")
        house.now += MINUTE
    house.now += leap
    house.hits(1, 2, path="/b")
    house.drain.step()
    house.now -= leap
    house.hits(1, 2, path="/c")
    stored = _left(house)
    assert stored.numbers == dict.fromkeys(range(1, 11), 1)
    assert stored.complaints() == []


@pytest.mark.parametrize("seed", range(8))
def test_hits_deaths_and_clock_leaps_in_any_order_add_up(house: House, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        _something(house, chance)
    stored = _left(house)
    assert stored.numbers == dict.fromkeys(range(1, house.sent + 1), 1)
    assert not stored.complaints(), "\n".join(stored.complaints())


def _something(house: House, chance: random.Random) -> None:
    pick = chance.random()
    visitor = chance.randint(1, 3)
    if pick < 0.55:
        ago = chance.choice((0, 0, 0, 5, 14, 16, 20, 29, 31, 45, 65, 100)) * MINUTE
        profile = "ann" if visitor == 1 and chance.random() < 0.5 else ""
        house.hits(visitor, path=chance.choice(("/a", "/b", "/c", "")), ago=ago, profile=profile)
        house.now += chance.choice((0, 1, 30_000))
    elif pick < 0.7:
        house.drain.step()
    elif pick < 0.78:
        house.now += chance.choice((MINUTE, 15 * MINUTE, 29 * MINUTE, 31 * MINUTE))
    elif pick < 0.82:
        house.now += chance.choice((HOUR, -HOUR))
    elif pick < 0.88:
        house.drain.reap()
        house.visitors.forget_idle(house.now)
    else:
        house.store.dies_before = pick > 0.94
        house.store.dies_after = not house.store.dies_before
        with suppress(Crash):
            house.drain.step()
        house.restart()


# -- the group commit


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.sqlite3")
    yield opened
    opened.close()


def _record(number: int) -> Increment:
    return Increment("shop", str(number), 0, "x", 1)


def _held(journal: Journal) -> list[str]:
    groups = journal.read(0, 10**9)
    return [record.profile_id for group in groups for record in decode_group(group.payload)]  # type: ignore[union-attr]


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads that interrupt each other a hundred times as often as in the server."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.000_005)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty_threads")
def test_a_group_that_is_being_written_takes_no_more_records(journal: Journal) -> None:
    """The event loop may be interrupted between finding the group and adding to it."""
    acknowledged: set[str] = set()

    async def sender(commit: GroupCommit, first: int) -> None:
        for number in range(first, first + 250):
            await commit.add(_record(number))
            acknowledged.add(str(number))

    async def many() -> None:
        commit = GroupCommit(journal, lambda: None)
        await asyncio.gather(*(sender(commit, 1_000 * k) for k in range(400)))
        commit.close()

    asyncio.run(many())
    assert len(acknowledged) == 100_000
    assert acknowledged - set(_held(journal)) == set()


def test_a_stop_makes_the_last_group_durable(journal: Journal) -> None:
    async def add_and_close() -> None:
        for number in range(200):
            commit = GroupCommit(journal, lambda: None)
            added = commit.add(_record(number))
            await asyncio.wait_for(asyncio.to_thread(commit.close), 10)
            await added

    asyncio.run(add_and_close())
    assert len(_held(journal)) == 200


def test_what_the_disk_refuses_is_said_and_the_next_is_taken(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = journal.append

    def refuse(payload: bytes, records: int, import_id: str | None = None) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    async def story() -> None:
        commit = GroupCommit(journal, lambda: None)
        monkeypatch.setattr(journal, "append", refuse)
        with pytest.raises(Overloaded, match="disk is full") as refused:
            await commit.add(_record(1))
        assert refused.value.retry_after > 0
        monkeypatch.setattr(journal, "append", append)
        await commit.add(_record(2))
        commit.close()

    asyncio.run(story())
    assert _held(journal) == ["2"]


def test_who_gives_up_waiting_takes_nobody_along(journal: Journal) -> None:
    """A client that hangs up is one request of a group; the others are answered all the same."""

    async def story() -> None:
        commit = GroupCommit(journal, lambda: None)
        durable = commit.add(_record(1))

        async def wait() -> None:
            await durable

        patient, impatient = asyncio.create_task(wait()), asyncio.create_task(wait())
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.gather(impatient, return_exceptions=True)
        await asyncio.wait_for(patient, 10)
        await durable
        assert impatient.cancelled()
        commit.close()

    asyncio.run(story())
    assert len(_held(journal)) == 1
