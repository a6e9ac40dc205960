"""Rows that a store takes by the column are the same, and make the same, as rows that are placed one by one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any
from unittest.mock import patch

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.importers.event_columns import ColumnReader
from footfall.ingest import children
from footfall.ingest.batching import Batching, Builder
from footfall.ingest.event_ids import EventIds
from footfall.ingest.helper import Helper
from footfall.ingest.journal import Group
from footfall.ingest.records import Hit, Record, Row, encode
from footfall.ingest.sessions import OpenSessions
from footfall.model.event import Event
from footfall.store.base import Batch, Bulk
from footfall.store.changes import changed_by
from footfall.store.columns import EventColumns
from footfall.store.duckdb import DuckDBStore
from footfall.store.reach import ALL

NOW = 1_700_000_000_000
MINUTE = 60_000
TIMEOUT = 30 * MINUTE
TABLES = ("events_data", "sessions_data", "open_sessions", "dwells", "profiles")

SOME = settings(
    max_examples=int(os.environ.get("HISTORIES", "12")), deadline=None, suppress_health_check=list(HealthCheck)
)
texts = st.sampled_from(["", "", "a", "Ä b", "x" * 60])
properties = st.sampled_from(
    [
        {},
        {"plan": "pro", "deep.er": 'say "hi"'},
        {"__query.utm_source": "letter", "__query.utm_term": "ü'\\"},
        {"__query.utm_sourcery": "no", "__query.utm_medium": "{mail}"},
    ]
)
groups = st.sampled_from([(), (), ("acme",), ("b", "acme"), ("c", "c"), ("d", "b", "d")])


def events(sessions: st.SearchStrategy[str], devices: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Fields of events that lie close together, so that all that can meet does."""
    return st.fixed_dictionaries(
        {
            "number": st.integers(0, 60),
            "name": st.sampled_from(
                ["screen_view"] * 5 + ["click", "revenue", "session_start", "session_end", "__performance"]
            ),
            "created_at": st.integers(0, 40).map(lambda at: NOW + at * MINUTE),
            "session_id": sessions,
            "device_id": devices,
            "profile_id": st.sampled_from(["", "d1", "d2", "ann", "bob"]),
            "path": st.sampled_from(["", "/", "/a", "/b"]),
            "origin": st.sampled_from(["", "https://a.example", "https://b.example"]),
            "title": texts,
            "referrer": st.sampled_from(["", "", "https://x.com"]),
            "referrer_name": st.sampled_from(["", "", "X"]),
            "referrer_type": st.sampled_from(["", "social"]),
            "revenue": st.sampled_from([0, 0, 0, 5, 2**63 - 1]),
            "currency": st.sampled_from(["", "EUR"]),
            "country": st.sampled_from(["", "DE", "FR"]),
            "city": texts,
            "longitude": st.sampled_from([None, 13.4]),
            "os": texts,
            "brand": texts,
            "sdk_name": texts,
            "groups": groups,
            "properties": properties,
            "imported_at": st.sampled_from([NOW, NOW + 5]),
        }
    )


named = events(st.sampled_from([f"s{number}" for number in range(5)]), st.sampled_from(["", "d1", "d2"]))
alone = events(st.just(""), st.just(""))
unnamed = events(st.just(""), st.sampled_from(["d1", "d2"]))
hits = st.builds(
    Hit,
    project_id=st.sampled_from(["shop", "blog"]),
    name=st.sampled_from(["screen_view", "click"]),
    at=st.integers(0, 40).map(lambda at: NOW + at * MINUTE),
    received_at=st.just(NOW + 40 * MINUTE),
    device_id=st.sampled_from(["d1", "d2"]),
    session_id=st.sampled_from(["s0", "s1"]),
    is_late=st.booleans(),
    properties=st.just({"__path": "https://a.example/live"}),
)


def columns_of(rows: list[dict[str, Any]], project: str) -> EventColumns:
    """The rows as a file of theirs is read."""
    reader = ColumnReader(project, NOW)
    lines = [
        msgspec.json.encode({**{k: v for k, v in row.items() if k != "number"}, "id": id_of(row)}) for row in rows
    ]
    assert not list(reader.add(lines))
    return reader.take()


def row_of(row: dict[str, Any]) -> Row:
    """The row as it comes by HTTP."""
    return Row(Event(id=id_of(row), project_id="shop", **{k: v for k, v in row.items() if k != "number"}))


def id_of(row: dict[str, Any]) -> str:
    return f"00000000-0000-4000-8000-{row['number']:012d}"


projects = st.sampled_from(["shop", "shop", "shop", "blog"])
files = st.builds(
    lambda rows, project: [columns_of(rows, project)],
    st.lists(st.one_of(named, named, named, alone), min_size=1, max_size=15),
    projects,
)
mixed_files = st.builds(
    lambda rows, project: [columns_of(rows, project)], st.lists(st.one_of(named, unnamed), min_size=1), projects
)
# Rows of visitors who name no session, as in logs: without marks and asides they go at once too.
visits = events(st.just(""), st.sampled_from(["d1", "d2", "d3", ""])).map(
    lambda row: {
        **row,
        "created_at": NOW + (row["created_at"] - NOW) * 3,
        "name": row["name"] if row["name"] in ("click", "revenue") else "screen_view",
    }
)
visitors_files = st.builds(
    lambda rows, project: [columns_of(rows, project)], st.lists(visits, min_size=1, max_size=15), projects
)
others = st.lists(st.one_of(hits, st.builds(row_of, st.one_of(named, unnamed))), min_size=1, max_size=4)
journals = st.one_of(
    st.lists(st.lists(st.one_of(files, files, files, files, mixed_files, others), min_size=1, max_size=4)),
    st.lists(st.lists(visitors_files, min_size=1, max_size=4)),
    st.lists(st.lists(st.one_of(visitors_files, visitors_files, files, others), min_size=1, max_size=4)),
)


@contextmanager
def store(*, takes_bulk: bool) -> Iterator[DuckDBStore]:
    with TemporaryDirectory() as folder:
        opened = DuckDBStore(Path(folder) / "events.duckdb", threads=1)
        opened.takes_bulk = takes_bulk
        yield opened
        opened.close()


@contextmanager
def building(into: DuckDBStore, *, helped: bool) -> Iterator[Builder]:
    """Who builds batches. A helper works in a thread, because a process would start for each example."""
    if not helped:
        yield Batching(into, OpenSessions([], TIMEOUT), EventIds(7))
        return
    with patch.object(children, "start", lambda _name, work, *given: Working(target=work, args=given)):
        helper = Helper(into, 7, TIMEOUT)
    while not helper.has_begun():
        pass
    yield helper
    helper.end()


class Working(Thread):
    """A helper's work, as `children.start` returns it."""

    def __init__(self, **work: Any) -> None:
        super().__init__(**work)
        self.start()

    def kill(self) -> None:
        """It ends by itself when nobody is at the other end."""


def outcome(journal: list[list[list[Record]]], *, takes_bulk: bool = True, helped: bool = False) -> dict[str, Any]:
    """What is in the store, and in the counts of imports, after draining this journal batch by batch."""
    numbers = iter(range(1, 1_000))
    with store(takes_bulk=takes_bulk) as into, building(into, helped=helped) as builder:
        counts = []
        for part in journal:
            taken = [
                Group(number, sum(map(size, records)), f"import {number % 2}", encode(records))
                for records, number in zip(part, numbers, strict=False)
            ]
            built = builder.build(taken, fail)
            into.write(built.batch)
            counts.append(built.imports)
        tables = {
            table: sorted(map(repr, into._fetch(f"SELECT * REPLACE ({replaced(table)}) FROM {table}")))
            for table in TABLES
        }
        return {**tables, "counts": counts}


def replaced(table: str) -> str:
    text = {"events_data": "properties", "profiles": "properties"}.get(table, "start_properties")
    return "session_id AS session_id" if table == "dwells" else f"{text}::JSON::VARCHAR AS {text}"


def size(record: Record) -> int:
    return len(record) if isinstance(record, EventColumns) else 1


def fail(seq: int, place: int, reason: str, payload: bytes) -> None:
    raise AssertionError(reason)


@SOME
@given(journal=journals)
def test_columns_make_what_rows_make(journal: list[list[list[Record]]]) -> None:
    by_column, by_row = outcome(journal), outcome(journal, takes_bulk=False)
    for name, found in by_row.items():
        assert by_column[name] == found, name


@settings(SOME, max_examples=SOME.max_examples // 2)
@given(journal=journals)
def test_a_helper_makes_the_same(journal: list[list[list[Record]]]) -> None:
    assert outcome(journal, helped=True) == outcome(journal)


def plain(number: int, session_id: str, **columns: Any) -> dict[str, Any]:
    return {"number": number, "name": "click", "created_at": NOW, "session_id": session_id, **columns}


def test_only_rows_of_sessions_that_are_there_are_placed_one_by_one() -> None:
    def group(number: int, *rows: dict[str, Any]) -> Group:
        return Group(number, len(rows), None, encode([columns_of(list(rows), "shop")]))

    with store(takes_bulk=True) as into:
        batching = Batching(into, OpenSessions([], TIMEOUT), EventIds(7))
        first = batching.build([group(1, plain(1, "s1"), plain(2, "s2"), plain(1, "s1"))], fail).batch
        into.write(first)
        second = batching.build([group(2, plain(3, "s2"), plain(2, "s2"), plain(4, "s3"))], fail).batch
        third = batching.build([group(3, plain(5, "s4"), plain(6, "", device_id="d1"))], fail).batch
        into.write(third)
        fourth = batching.build(
            [group(4, plain(7, "", device_id="d1"), plain(8, "", device_id="d7"), plain(9, ""))], fail
        ).batch

    assert ([part.kept for part in first.bulk], first.events) == ([[0, 1]], [])
    assert ([part.kept for part in second.bulk], [event.session_id for event in second.events]) == ([[2]], ["s2"])
    assert (third.bulk, len(third.events)) == ([], 2)
    assert ([part.kept for part in fourth.bulk], [event.device_id for event in fourth.events]) == (
        [[1, 2]],
        ["d1"],
    )


def test_a_visitor_who_is_silent_for_longer_than_the_window_has_another_session() -> None:
    minutes = {"d1": [0, 30, 61, 62], "d2": [61, 0], "d3": [10]}
    rows = [
        {**plain(100 * which + at, "", device_id=device), "created_at": NOW + at * MINUTE}
        for which, (device, times) in enumerate(minutes.items())
        for at in times
    ]
    journal: list[list[list[Record]]] = [[[columns_of(rows[:3], "shop")], [columns_of(rows[3:], "shop")]]]
    by_column = outcome(journal)
    assert by_column == outcome(journal, takes_bulk=False)
    assert len(by_column["sessions_data"]) == 5


def test_events_at_once_change_what_was_said_of_their_project() -> None:
    columns = columns_of([plain(1, "s1")], "shop")
    batch = Batch(position=1, bulk=[Bulk(columns=columns, first_start_id=id_of(plain(9, "")))])
    assert changed_by(batch) == {"shop": ALL}
