"""Reading the stored tables in place of the views changes no answer."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import duckdb
import pytest
from sqlglot import exp

from footfall.store import duckdb_migrations
from footfall.store.duckdb import DuckDBStore
from support.facts import Facts, did, paid


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBStore]:
    opened = DuckDBStore(tmp_path_factory.mktemp("store") / "events.duckdb", threads=1)
    facts = Facts("shop")
    facts.visit("ann", "2024-03-04 10:00", did("buy", {"plan": "pro"}), did("look"), marks=True)
    facts.visit("bob", "2024-03-04 11:00", did("buy", {"plan": "free"}), user="bob@x")
    opened.write(facts.batch(1))
    yield opened
    opened.close()


def rows(store: DuckDBStore, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    query = exp.maybe_parse(sql, dialect="duckdb")
    for name in params:
        for placeholder in query.find_all(exp.Parameter):
            if placeholder.name == name:
                placeholder.replace(exp.Placeholder(this=name))
    assert isinstance(query, exp.Query)
    return sorted(store.query(query, params))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT profile_id FROM events WHERE name = 'buy'", [("ann",), ("bob@x",)]),
        ("SELECT events.profile_id AS who FROM events WHERE (name = 'buy' AND revenue = 0)", [("ann",), ("bob@x",)]),
        ("SELECT count(DISTINCT profile_id) FROM events WHERE name = 'buy'", [(2,)]),
        ("SELECT profile_id, count(*) FROM events WHERE name = 'buy' GROUP BY profile_id", [("ann", 1), ("bob@x", 1)]),
        ("SELECT device_id FROM events WHERE name = 'buy' AND profile_id <> device_id", [("bob",)]),
        ("SELECT profile_id AS who FROM events WHERE name = 'buy' AND profile_id <> device_id", [("bob@x",)]),
        ("SELECT count(*) FROM events WHERE name = 'look' AND profile_id <> '' AND profile_id <> device_id", [(0,)]),
        ("SELECT profile_id FROM events WHERE name = 'buy' AND NOT (profile_id <> device_id)", [("ann",)]),
        ("SELECT who FROM (SELECT profile_id AS who FROM events WHERE name = 'buy') AS e", [("ann",), ("bob@x",)]),
        (
            "SELECT name FROM events WHERE name = 'buy' AND profile_id IN "
            "(SELECT profile_id FROM sessions WHERE device_id = 'ann')",
            [("buy",)],
        ),
        ("SELECT variant_extract(properties, 'plan')::VARCHAR FROM events WHERE name = 'buy'", [("free",), ("pro",)]),
        ("SELECT profile_id FROM events WHERE name = 'session_start'", [("ann",)]),
        ("SELECT profile_id, name FROM events WHERE name IN ('buy', 'look')", [("ann", "buy"), ("ann", "look"), ("bob@x", "buy")]),
        ("SELECT name FROM events WHERE name IN ('look', 'session_end')", [("look",), ("session_end",)]),
        ("SELECT name FROM events WHERE NOT (name IN ('session_start', 'session_end', 'buy'))", [("look",)]),
        ("SELECT count(*) FROM events WHERE NOT (name IN ('session_start', 'buy'))", [(2,)]),
        ("SELECT profile_id FROM events WHERE NOT name IN ('session_start', 'session_end', 'look')", [("ann",), ("bob@x",)]),
        ("SELECT profile_id, name FROM events WHERE (name = 'buy' OR name = 'look')", [("ann", "buy"), ("ann", "look"), ("bob@x", "buy")]),
        ("SELECT profile_id FROM events WHERE name = 'buy' AND device_id = 'bob' OR name = 'look'", [("ann",), ("bob@x",)]),
        ("SELECT name FROM events WHERE (name = 'look' OR name = 'session_end')", [("look",), ("session_end",)]),
        ("SELECT count(*) FROM events WHERE name = 'buy' OR profile_id = 'ann'", [(5,)]),
        ("SELECT e.profile_id FROM events AS e WHERE e.name = 'look'", [("ann",)]),
        ("SELECT e.profile_id FROM events AS e, sessions AS s WHERE s.id = e.session_id AND e.name = 'look'", [("ann",)]),
        ("SELECT profile_id FROM sessions", [("ann",), ("bob@x",)]),
        ("SELECT profile_id FROM sessions WHERE profile_id <> device_id", [("bob@x",)]),
        ("SELECT sessions.profile_id FROM sessions WHERE (event_count = 1 AND profile_id <> device_id)", [("bob@x",)]),
        ("SELECT count(*) FROM sessions WHERE event_count = 2 AND profile_id <> device_id", [(0,)]),
        ("SELECT profile_id FROM sessions WHERE profile_id <> device_id OR device_id = 'ann'", [("ann",), ("bob@x",)]),
        ("SELECT profile_id FROM sessions WHERE NOT (profile_id <> device_id)", [("ann",)]),
    ],
)  # fmt: skip
def test_the_profile_is_put_back(store: DuckDBStore, sql: str, expected: list[tuple[Any, ...]]) -> None:
    assert rows(store, sql) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("device_id = 'bob'", [("bob@x", "buy", "free")]),
        ("device_id IN ('ann', 'zoe') AND properties IS NOT NULL", [("ann", "buy", "pro")]),
        ("profile_id = 'bob@x'", [("bob@x", "buy", "free")]),
        ("profile_id = 'ann'", [("ann", "buy", "pro")]),
        ("profile_id IN (SELECT profile_id FROM sessions WHERE device_id = 'bob') AND device_id = 'bob'", [("bob@x", "buy", "free")]),
        ("session_id = 'none'", []),
    ],
)  # fmt: skip
def test_the_rows_of_somebody_are_found_first(
    store: DuckDBStore, condition: str, expected: list[tuple[Any, ...]]
) -> None:
    plan = "variant_extract(properties, 'plan')::VARCHAR"
    wide = (
        f"SELECT who, what, plan FROM (SELECT profile_id AS who, name AS what, {plan} AS plan, created_at, browser"
    )
    assert rows(store, f"{wide} FROM events WHERE name = 'buy' AND {condition}) AS e") == expected


def test_what_earned_is_no_mark(tmp_path: Path) -> None:
    opened = DuckDBStore(tmp_path / "events.duckdb", threads=1)
    opened.write(Facts("shop").visit("ann", "2024-03-04 10:00", "/", paid(4900), marks=True).batch(1))
    assert rows(opened, "SELECT profile_id, revenue FROM events WHERE revenue <> 0") == [("ann", 4900)]
    assert rows(opened, "SELECT count(*) FROM events WHERE NOT revenue <> 0") == [(3,)]
    opened.close()


def test_a_name_may_be_bound(store: DuckDBStore) -> None:
    sql = "SELECT profile_id FROM events WHERE name = $name"
    assert rows(store, sql, name="buy") == [("ann",), ("bob@x",)]
    assert rows(store, sql, name="session_end") == [("ann",)]
    assert rows(store, sql, name="look") == [("ann",)]


def test_many_ask_the_same_with_other_values_at_once(store: DuckDBStore) -> None:
    events = {"buy": 2, "look": 1, "session_start": 1, "none": 0}
    names = list(events) * 10
    with ThreadPoolExecutor(4) as threads:
        asked = [
            threads.submit(rows, store, "SELECT count(*) FROM events WHERE name = $name", name=name)
            for name in names
        ]
        assert [each.result() for each in asked] == [[(events[name],)] for name in names]


def test_more_different_questions_are_asked_than_are_kept_in_mind(store: DuckDBStore) -> None:
    for _ in range(2):
        for number in range(250):
            assert rows(store, f"SELECT {number} FROM sessions") == [(number,), (number,)]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("10:00:00", "11:00:00", [("ann", "buy"), ("ann", "look"), ("ann", "session_end")]),
        ("09:59:59.900", "10:00:00", [("ann", "session_start")]),
        ("09:59:59.901", "10:00:00", []),
        ("10:00:00", "10:00:00.001", [("ann", "buy")]),
        ("10:00:11.000", "10:00:11.001", [("ann", "session_end")]),
        ("10:00:10.999", "10:00:11.000", []),
        ("11:00:00", "10:00:00", []),
    ],
)
def test_a_range_of_time_has_the_marks_of_its_instants(
    store: DuckDBStore, since: str, until: str, expected: list[tuple[str, str]]
) -> None:
    range_ = (
        f"created_at >= '2024-03-04 {since}'::TIMESTAMP_MS AND created_at < '2024-03-04 {until}'::TIMESTAMP_MS"
    )
    assert rows(store, f"SELECT profile_id, name FROM events WHERE {range_}") == expected
    whole = rows(store, f"SELECT * FROM events WHERE {range_}")
    assert len(whole) == len(expected)


def test_a_file_of_the_first_version_is_brought_up_to_date(first_version: Path) -> None:
    new = DuckDBStore(first_version, threads=1)
    range_ = "created_at >= '2024-03-04'::TIMESTAMP_MS AND created_at < '2024-03-05'::TIMESTAMP_MS"
    assert rows(new, f"SELECT name FROM events WHERE {range_}") == [("buy",), ("session_end",), ("session_start",)]
    assert found_of(new, "shop") == (2, 2, 1)
    new.close()


def test_what_was_brought_up_to_date_is_read_from_the_log_after_a_crash(first_version: Path) -> None:
    with duckdb.connect(str(first_version)) as connection:
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        killed = SimpleNamespace(
            execute=lambda sql, *values: None if sql == "CHECKPOINT" else connection.execute(sql, *values)
        )
        duckdb_migrations.migrate(cast("duckdb.DuckDBPyConnection", killed))
    assert first_version.with_name("events.duckdb.wal").stat().st_size
    new = DuckDBStore(first_version, threads=1)
    assert found_of(new, "shop") == (2, 2, 1)
    new.close()


@pytest.fixture
def first_version(tmp_path: Path) -> Path:
    file = tmp_path / "events.duckdb"
    made = DuckDBStore(file, threads=1)
    facts = Facts("shop").visit("ann", "2024-03-04 10:00", did("buy"), marks=True)
    made.write(facts.visit("bob", "2024-03-06 10:00", "/", 10, "/").batch(1))
    made.close()
    with duckdb.connect(str(file)) as old:
        old.execute(f"DROP MACRO TABLE {duckdb_migrations.EVENTS_BETWEEN}")
        old.execute("DROP TABLE linked")
        old.execute("DROP TABLE clusters")
        for table in ("events_data", "sessions_data", "dwells"):
            old.execute(f"ALTER TABLE {table} DROP COLUMN project_hash")
        old.execute("ALTER TABLE sessions_data DROP COLUMN visitor_before")
        old.execute("DELETE FROM schema_version WHERE version > 1")
    return file


def test_projects_that_share_a_hash_are_told_apart(tmp_path: Path) -> None:
    opened = DuckDBStore(tmp_path / "events.duckdb", threads=1)
    opened.write(Facts("shop").visit("ann", "2024-03-04 10:00", "/", 10, "/").batch(1))
    opened.write(Facts("site-174108").visit("bob", "2024-03-04 10:00", "/").batch(2))
    assert opened._fetch("SELECT count(DISTINCT project_hash) FROM events_data") == [(1,)]
    assert found_of(opened, "shop") == (2, 1, 1)
    assert found_of(opened, "site-174108") == (1, 1, 0)
    opened.close()


def found_of(store: DuckDBStore, project: str) -> tuple[int, ...]:
    """How many page views, sessions and dwells."""
    sources = ("events WHERE name = 'screen_view' AND", "sessions WHERE", "dwells WHERE")
    return tuple(
        rows(store, f"SELECT count(*) FROM {source} project_id = $project", project=project)[0][0]
        for source in sources
    )
