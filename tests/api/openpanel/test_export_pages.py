"""GET /export/events, pages of any depth: of a day with marks of sessions, instants that events share, and ends."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from footfall.query.event_reading import EventText, read_page
from footfall.store.base import Store
from footfall.store.duckdb import DuckDBStore
from support.exports import Exports, serve_exports
from support.facts import Facts, did, viewed
from support.stores import open_store

DAY = "start=2024-03-04&end=2024-03-04"
NEWEST_FIRST = [
    ("late", 0),  # the last millisecond of the day
    ("screen_view", 0),
    ("session_start", 0),  # of the session that ends on the day after
    *[("import", 0)] * 9,  # all in one millisecond
    ("session_end", 0),  # bob's
    ("session_end", 30_000),  # ann's
    ("screen_view", 0),
    ("screen_view", 0),  # ann's second, in the same millisecond as
    ("session_start", 0),  # bob's
    ("screen_view", 30_000),
    ("session_start", 0),
]


@pytest.fixture(autouse=True)
def keep_all() -> Iterator[None]:
    """Where answers are kept, also those that were quickly worked out."""
    with patch("footfall.store.answers._QUICK_SECONDS", 0):
        yield


def open_keeping(folder: Path) -> Store:
    return DuckDBStore(folder / "events.duckdb", threads=2, answer_bytes=2**20)


@pytest.fixture(scope="module", params=["duckdb", "clickhouse", "keeping"])
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exports]:
    folder = tmp_path_factory.mktemp("pages")
    store = open_keeping(folder) if request.param == "keeping" else open_store(request.param, folder)
    with serve_exports(store, folder) as api:
        facts = Facts("shop")
        facts.visit("ann", "2024-03-04 10:00:00", viewed("/a"), 30, viewed("/b"), marks=True)
        facts.visit("bob", "2024-03-04 10:00:30.100", viewed("/c"), marks=True)
        for _ in range(9):
            facts.event("import", "2024-03-04 10:05:00")
        facts.visit("cid", "2024-03-04 23:59:59.950", viewed("/d"), marks=True)
        facts.event("late", "2024-03-04 23:59:59.999")
        facts.visit("dan", "2024-03-05 00:00:00", did("next"))
        api.write(facts)
        yield api
    store.close()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (DAY, None),
        (f"{DAY}&event=session_start", {"session_start"}),
        (f"{DAY}&event=session_end,screen_view", {"session_end", "screen_view"}),
        ("end=2024-03-04&event=import,late,session_end", {"import", "late", "session_end"}),
    ],
)
@pytest.mark.parametrize(("slack", "few"), [(0, 2), (2_000, 200_000)])
@pytest.mark.parametrize(("spare", "ahead"), [(1, 2), (500, 500)])
def test_pages_of_any_length_make_the_list(
    api: Exports, query: str, names: set[str] | None, slack: int, few: int, spare: int, ahead: int
) -> None:
    """However little may be read to find a page or with it, and however few events are counted by parts.

    Where a page begins is reckoned alike for both engines; ClickHouse, which takes 40 ms for each of a thousand
    questions here, is spared one of the lengths.
    """
    expected = [each for each in NEWEST_FIRST if names is None or each[0] in names]
    for limit in (4, 1000) if api.store.dialect == "clickhouse" else (3, 4, 1000):
        found = []
        with (
            patch("footfall.query.event_selection.SLACK", slack),
            patch("footfall.query.event_selection.SPARE", spare),
            patch("footfall.query.event_selection.SPARSE", 1),
            patch("footfall.query.events.AHEAD", ahead),
            patch("footfall.query.timeline._FEW", few),
        ):
            for page in range(1, -(-len(expected) // limit) + 1):
                body = api.get(f"{query}&limit={limit}&page={page}")
                assert body["meta"]["totalCount"] == len(expected)
                found += body["data"]
        assert [(event["name"], event["duration"]) for event in found] == expected
        assert len({event["id"] for event in found}) == len(expected)
        same_time = [event["id"] for event in found if event["name"] == "import"]
        assert same_time == sorted(same_time)


def test_the_stream_has_the_same_events(api: Exports) -> None:
    lines = api.stream("application/x-ndjson", DAY).splitlines()
    assert len(lines) == len(NEWEST_FIRST)


def test_a_walk_sees_what_comes_meanwhile(tmp_path: Path) -> None:
    """Pages that were read ahead are read again when an event comes among them, and only moved by a later one."""
    store = open_keeping(tmp_path)
    with serve_exports(store, tmp_path) as api:

        def come(name: str, time: str) -> None:
            facts = Facts("shop")
            facts.event(name, f"2024-03-04 {time}")
            api.write(facts)

        def page(number: int) -> list[str]:
            body = api.get(f"{DAY}&limit=2&page={number}")
            return [str(body["meta"]["totalCount"]), *(event["name"] for event in body["data"])]

        for number in range(8):
            come(f"e{number}", f"10:0{number}")
        assert [page(1), page(2), page(3)] == [["8", "e7", "e6"], ["8", "e5", "e4"], ["8", "e3", "e2"]]
        come("newer", "10:08")
        assert [page(3), page(4)] == [["9", "e4", "e3"], ["9", "e2", "e1"]]
        come("late", "10:01:30")
        assert [page(4), page(5)] == [["10", "e2", "late"], ["10", "e1", "e0"]]
        assert page(6) == ["10"]
        assert [page(2), page(1)] == [["10", "e6", "e5"], ["10", "newer", "e7"]]
    store.close()


def test_events_that_come_between_the_count_and_the_reading(tmp_path: Path) -> None:
    store = open_keeping(tmp_path)
    with serve_exports(store, tmp_path) as api:

        def come() -> None:
            facts = Facts("shop")
            for second in range(3):
                facts.event("hello", f"2024-03-04 10:00:0{second}")
            api.write(facts)

        def late(*arguments: Any) -> list[EventText]:
            come()
            return read_page(*arguments)

        come()
        with patch("footfall.query.events.read_page", late):
            body = api.get(f"{DAY}&limit=4")
        assert (body["meta"]["count"], len(body["data"])) == (4, 4)
        assert body["meta"]["totalCount"] >= 4
    store.close()
