"""Rows are put in order of project and time while the store is idle, and stay the same rows."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from footfall.model.erasure import Erasure, Scope
from footfall.store import duckdb_clusters
from footfall.store.base import Batch
from footfall.store.duckdb_clusters import Clusters
from footfall.store.schema import DWELLS, EVENTS, SESSIONS
from store.folders import Folder, Trap
from store.rows import FULL_EVENT, FULL_SESSION, MINUTE, NOON, dwell, event, event_id, session

PROJECTS = ("shop", "blog", "docs")


@pytest.fixture(autouse=True)
def small_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans of three events, and of six."""
    monkeypatch.setattr(duckdb_clusters, "_ROWS", 3)
    monkeypatch.setattr(duckdb_clusters, "_SPANS", 2)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """A store in DuckDB; ClickHouse keeps its rows in order by itself."""
    made = Folder("duckdb", tmp_path)
    yield made
    made.close()


class House:
    """A store, and by hand what has to be in it: ids by their project and time."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.rows: dict[str, tuple[str, int]] = {}
        self.number = 0

    def come(self, project_id: str, minute: int) -> None:
        """A visit with one view, which may be late."""
        self.number += 1
        at = NOON + minute * MINUTE
        here = {"project_id": project_id, "session_id": f"s{self.number}"}
        visit = session(here["session_id"], project_id=project_id, created_at=at, ended_at=at, is_open=False)
        self.write(
            events=[event(self.number, created_at=at, **here)],
            dwells=[dwell(self.number, viewed_at=at, **here)],
            sessions=[visit],
        )
        self.rows[event_id(self.number)] = project_id, at

    def forget(self, project_id: str) -> None:
        """A project is emptied."""
        self.write(erasures=[Erasure(project_id=project_id, scope=Scope.PROJECT)])
        self.rows = {key: row for key, row in self.rows.items() if row[0] != project_id}

    def write(self, **parts: Any) -> None:
        """A batch of its own."""
        self.folder.store.write(Batch(position=self.folder.store.position() + 1, **parts))

    def check(self) -> None:
        """Every row is there, once, and in its place."""
        found = self.folder.rows("SELECT id::VARCHAR, project_id, epoch_ms(created_at) FROM events_data")
        assert sorted(found) == sorted((key, *row) for key, row in self.rows.items())
        for table, time in (("sessions_data", "created_at"), ("dwells", "viewed_at")):
            found = self.folder.rows(f"SELECT project_id, epoch_ms({time}) FROM {table}")
            assert sorted(found) == sorted(self.rows.values())


def spans(folder: Folder) -> list[tuple[int, int]]:
    """What is in order."""
    found = folder.rows("SELECT since_ms, until_ms FROM clusters ORDER BY since_ms")
    return [(since_ms, until_ms) for since_ms, until_ms in found]


def runs(folder: Folder, table: str = "events_data") -> list[str]:
    """The projects in the order of the file, each once where its rows are next to each other."""
    return [
        key for key, _ in groupby(row[0] for row in folder.rows(f"SELECT project_id FROM {table} ORDER BY rowid"))
    ]


visits = st.tuples(st.sampled_from(PROJECTS), st.integers(0, 12))
steps = st.lists(
    st.one_of(visits, visits, visits, st.sampled_from(["tidy", "tidy", "restart", "forget"])), max_size=30
)


@settings(
    max_examples=int(os.environ.get("HISTORIES", "5")), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(story=steps)
def test_whatever_happens_the_rows_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, story: list[Any]
) -> None:
    house = House(Folder("duckdb", tmp_path_factory.mktemp("house")))
    for step in story:
        match step:
            case "tidy":
                house.folder.store.maintain()
                house.check()
            case "restart":
                house.folder.reopen()
            case "forget":
                house.forget("blog")
            case project_id, minute:
                house.come(project_id, minute)
    while house.folder.store.maintain():
        house.check()
    house.check()
    assert all(before[1] <= after[0] for before, after in pairwise(spans(house.folder)))
    house.folder.close()


def test_a_span_is_in_order_once_there_are_enough(folder: Folder) -> None:
    house = House(folder)
    for minute, project_id in enumerate(("shop", "blog", "shop", "blog", "shop")):
        house.come(project_id, minute)
    while folder.store.maintain():
        house.check()
    assert spans(folder) == [(NOON, NOON + 2 * MINUTE + 1)]
    for table in ("events_data", "sessions_data", "dwells"):
        # The last two, which came after it, stay where they are, in front.
        assert runs(folder, table) == ["blog", "shop", "blog", "shop"]


def test_small_spans_become_a_large_one_with_what_came_late(folder: Folder) -> None:
    house = House(folder)
    for minute in range(3):
        house.come(PROJECTS[minute], minute)
    while folder.store.maintain():
        pass
    for minute, project_id in ((1, "shop"), (3, "docs"), (4, "blog"), (5, "shop")):
        house.come(project_id, minute)
    while folder.store.maintain():
        house.check()
    assert spans(folder) == [(NOON, NOON + 5 * MINUTE + 1)]
    for table in ("events_data", "sessions_data", "dwells"):
        assert runs(folder, table) == ["blog", "docs", "shop"]
    times = folder.rows("SELECT created_at FROM events_data WHERE project_id = 'shop' ORDER BY rowid")
    assert times == sorted(times)


def test_rows_of_one_project_stay_where_they_are(folder: Folder) -> None:
    house = House(folder)
    for minute in (0, 2, 1, 3):
        house.come("shop", minute)
    before = folder.rows("SELECT rowid, id FROM events_data ORDER BY rowid")
    while folder.store.maintain():
        pass
    assert folder.rows("SELECT rowid, id FROM events_data ORDER BY rowid") == before
    assert len(spans(folder)) == 1


def test_a_moved_row_is_whole(folder: Folder) -> None:
    house = House(folder)
    closed = session("closed", is_open=False)
    full = replace(FULL_SESSION, is_open=False)
    house.write(events=[FULL_EVENT], sessions=[full, closed], dwells=[dwell(1)])
    names = [", ".join(table.names) for table in (EVENTS, SESSIONS, DWELLS)]
    looks = [
        f"SELECT {columns} FROM {name} WHERE project_id = 'shop' ORDER BY ALL"
        for name, columns in zip(("events_data", "sessions", "dwells"), names, strict=True)
    ]
    before = [folder.rows(look) for look in looks]
    places = folder.rows("SELECT rowid FROM events_data WHERE project_id = 'shop'")
    for minute in range(3):
        house.come("blog", minute)
    while folder.store.maintain():
        pass
    assert folder.rows("SELECT rowid FROM events_data WHERE project_id = 'shop'") != places
    assert [folder.rows(look) for look in looks] == before


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_a_step_that_breaks_off_loses_nothing(folder: Folder, late: bool) -> None:
    house = House(folder)
    for minute in range(4):
        house.come(PROJECTS[minute % 2], minute)
    at, sprung = 0, True
    store: Any = folder.store
    with store._file.cursor() as cursor:
        while sprung:
            cursor.execute("DELETE FROM clusters")
            trap = Trap(cursor, at, duckdb.IOException("the disk refuses"), late=late)
            clusters = Clusters()
            with suppress(duckdb.IOException):
                while clusters.tidy(trap):
                    pass
            house.check()
            sprung, at = trap.sprung, at + 1
    assert at > 20
    assert len(spans(folder)) == 1


def test_a_log_that_a_question_keeps_from_the_file_gets_there_after_it(folder: Folder) -> None:
    store: Any = folder.store
    house = House(folder)

    def ask(statement: str) -> None:
        with store._file.cursor() as cursor:
            cursor.execute(statement)

    with ThreadPoolExecutor(1) as other:
        for statement in ("BEGIN", "SELECT count(*) FROM events"):
            other.submit(ask, statement).result()
        house.come("shop", 0)
        assert store.maintain()
        other.submit(ask, "COMMIT").result()
    assert not store.maintain()
    assert not (folder.path / "footfall.duckdb.wal").exists()
