"""Visitors are the same whether they are counted or read from what sessions know of the one before."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from footfall.model.erasure import Erasure, Scope
from footfall.model.event import NO_MARKS, Session
from footfall.query.ask import ask
from footfall.query.buckets import Interval
from footfall.query.overview import Overview
from footfall.query.ranges import TimeRange
from footfall.store import duckdb_links
from footfall.store.base import Batch
from footfall.store.duckdb import DuckDBStore

ZONE = ZoneInfo("Europe/Berlin")
HOUR = 3_600_000
BEGIN = int(datetime(2024, 3, 29, tzinfo=ZONE).timestamp() * 1000)
"""Two days before the clock is put forward."""

RANGES = [
    *((0, 96, Interval.DAY), (0, 96, Interval.WEEK), (0, 72, Interval.DAY)),
    *((30, 44, Interval.HOUR), (36, 80, Interval.DAY), (47, 71, Interval.HOUR)),
]
"""From and to so many hours after the beginning."""


class Step(NamedTuple):
    """Something happens to a session of a visitor that began, or is to begin, so many hours after the beginning."""

    what: str
    who: str = "ann"
    hour: int = 0


steps = st.lists(
    st.builds(
        Step,
        what=st.sampled_from(
            [
                *("visit", "visit", "visit", "open", "close", "move back", "move on", "sign in"),
                *("forget", "erase", "age", "link", "link", "restart"),
            ]
        ),
        who=st.sampled_from(["ann", "bob", "cid"]),
        hour=st.integers(0, 95),
    ),
    min_size=4,
    max_size=16,
)


class House:
    """A store, and what is in it by hand: the sessions by id."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "events.duckdb"
        self.store = DuckDBStore(self.path, threads=1)
        self.sessions: dict[str, Session] = {}
        self.number = 0

    def take(self, step: Step) -> None:
        """One step of a story."""
        match step.what:
            case "visit" | "open":
                self.number += 1
                self.write(_session(f"s{self.number}", step, is_open=step.what == "open"))
            case "link":
                self.store.maintain()
            case "restart":
                self.store.close()
                self.store = DuckDBStore(self.path, threads=1)
            case "age":
                before = BEGIN + step.hour * HOUR
                self.erase(Erasure(project_id="shop", scope=Scope.AGE, before_ms=before))
                self.keep(lambda session: session.is_open or session.ended_at >= before)
            case "forget":
                self.erase(Erasure(project_id="shop", scope=Scope.PROJECT))
                self.sessions.clear()
            case "erase":
                gone = tuple(each.id for each in self.sessions.values() if each.profile_id == step.who)
                scope = Scope.VISITOR
                self.erase(Erasure(project_id="shop", scope=scope, subject=step.who, session_ids=gone))
                self.keep(lambda session: session.id not in gone)
            case _:
                self.change(step)

    def change(self, step: Step) -> None:
        """Close, move or sign in the session that began last before the hour."""
        at = BEGIN + step.hour * HOUR
        mine = [each for each in self.sessions.values() if each.created_at <= at]
        session = max(mine, key=lambda each: each.created_at, default=None)
        if session is None:
            return
        session.is_stored = not session.is_open
        if step.what == "close":
            session.is_open = False
        elif step.what.startswith("move"):
            session.created_at += 5 * HOUR if step.what == "move on" else -5 * HOUR
        else:
            session.profile_id = step.who
        self.write(session)

    def write(self, session: Session) -> None:
        """A batch with this session alone."""
        self.sessions[session.id] = session
        self.store.write(Batch(position=self.store.position() + 1, sessions=[session]))

    def erase(self, erasure: Erasure) -> None:
        """A batch with a deletion alone."""
        self.store.write(Batch(position=self.store.position() + 1, erasures=[erasure]))

    def keep(self, stays: Callable[[Session], bool]) -> None:
        """What a deletion leaves."""
        self.sessions = {key: session for key, session in self.sessions.items() if stays(session)}

    def check(self) -> None:
        """All ranges."""
        for start, end, interval in RANGES:
            span = TimeRange(BEGIN + start * HOUR, BEGIN + end * HOUR, ZONE)
            found = ask(self.store, "shop", Overview(span, interval=interval))
            rows = {bucket.start_ms: row.unique_visitors for bucket, row in found.series}
            assert rows == {**dict.fromkeys(rows, 0), **self.by_hand(span, interval)}
            inside = list(self.within(span))
            assert found.totals.unique_visitors == len({each.profile_id for each in inside})
            assert found.totals.total_sessions == len(inside)

    def within(self, span: TimeRange) -> Iterator[Session]:
        """The sessions that began in a range."""
        return (each for each in self.sessions.values() if span.start_ms <= each.created_at < span.end_ms)

    def by_hand(self, span: TimeRange, interval: Interval) -> dict[int, int]:
        """Visitors by the start of the bucket."""
        found: dict[int, set[str]] = defaultdict(set)
        for session in self.within(span):
            found[_bucket(session.created_at, interval)].add(session.profile_id)
        return {start: len(visitors) for start, visitors in found.items()}


def _bucket(at: int, interval: Interval) -> int:
    moment = datetime.fromtimestamp(at / 1000, ZONE)
    if interval is Interval.HOUR:
        return at // HOUR * HOUR
    day = moment.toordinal() - (moment.weekday() if interval is Interval.WEEK else 0)
    start = datetime.fromordinal(day).replace(tzinfo=ZONE)
    return int(start.timestamp() * 1000)


def _session(id_: str, step: Step, *, is_open: bool) -> Session:
    at = BEGIN + step.hour * HOUR
    return Session(
        id=id_, project_id="shop", device_id=step.who, profile_id=step.who, created_at=at, ended_at=at + 60_000,
        is_open=is_open, marks=NO_MARKS, start_id=f"00000000-0000-4000-8000-{int(id_[1:]):012}",
    )  # fmt: skip


@settings(
    max_examples=int(os.environ.get("HISTORIES", "3")), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(story=steps)
@example(
    story=[Step("visit", hour=10), Step("visit", hour=40), Step("link"), Step("erase"), Step("visit", hour=41)]
)
@example(
    story=[
        *(Step("visit", hour=30), Step("visit", hour=60), Step("visit", "bob", 90), Step("link")),
        *(Step("visit", hour=26), Step("restart"), Step("visit", "bob", 91), Step("link"), Step("age", hour=29)),
    ]
)
@example(
    story=[
        *(Step("visit", hour=40), Step("visit", hour=45), Step("visit", "bob", 90), Step("link")),
        *(Step("move back", hour=41), Step("restart"), Step("sign in", "bob", 46), Step("link")),
    ]
)
@example(story=[Step("open", "bob", 20), Step("visit", hour=60), Step("visit", hour=90), Step("link")])
@example(
    story=[
        *(Step("visit", hour=10), Step("visit", "bob", 50), Step("link")),
        *(Step("visit", hour=60), Step("visit", "bob", 90), Step("link")),
    ]
)
@example(
    story=[
        *(Step("visit", hour=40), Step("visit", hour=42), Step("visit", hour=60), Step("visit", "bob", 90)),
        *(Step("link"), Step("move on", hour=41)),
    ]
)
def test_visitors_are_those_of_the_sessions(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, story: list[Step]
) -> None:
    monkeypatch.setattr(duckdb_links, "_WORTH_IT", 1)
    monkeypatch.setattr(duckdb_links, "_SETTLED_MS", 0)
    house = House(tmp_path_factory.mktemp("house"))
    for step in story:
        house.take(step)
        house.check()
    house.store.close()
