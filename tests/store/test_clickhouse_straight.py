"""Reading what ClickHouse's views are made of in place of them changes no answer."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlglot import exp

from footfall.store.clickhouse import ClickHouseStore
from footfall.store.schema import EVENTS, PROFILES
from support.facts import Facts, did
from support.stores import open_store

START, END = "session_start", "session_end"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseStore]:
    """Ann bought, looked and left; Bob's backend refunded without a session. Two marks are read from Ann's.

    Ann moved to another address since, and Cid is still there.
    """
    opened = open_store("clickhouse", tmp_path_factory.mktemp("store"))
    assert isinstance(opened, ClickHouseStore)
    facts = Facts("shop")
    facts.visit("ann", "2024-03-04 10:00", did("buy", revenue=5), did("look"), marks=True)
    facts.event("refund", "2024-03-04 12:00", device_id="bob", profile_id="bob")
    facts.person("ann", "2024-03-04 10:00", email="old@shop.example")
    opened.write(facts.batch(1))
    later = Facts("shop").person("ann", "2024-03-04 10:00", email="new@shop.example")
    later.visit("cid", "2023-03-05 10:00", is_open=True)
    opened.write(later.batch(2))
    yield opened
    opened.close()


def rows(store: ClickHouseStore, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    query = exp.maybe_parse(sql, dialect="clickhouse")
    assert isinstance(query, exp.Query)
    for column in list(query.find_all(exp.Column)):
        if column.name in params:
            column.replace(exp.Placeholder(this=column.name))
    return sorted(store.query(query, params))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("name = 'buy'", ["buy"]),
        ("name = 'session_start'", [START]),
        ("name IN ('look', 'session_end')", ["look", END]),
        ("name IN ('look', 'refund') AND device_id = 'ann'", ["look"]),
        ("name = 'buy' OR name = 'refund'", ["buy", "refund"]),
        ("name = 'buy' OR name = 'session_start'", ["buy", START]),
        ("name = 'buy' OR device_id = 'ann'", ["buy", "look", END, START]),
        ("(name = 'buy' AND revenue = 5) OR (device_id = 'bob' AND name = 'refund')", ["buy", "refund"]),
        ("(name = 'buy' OR name = 'session_end') AND revenue = 0", [END]),
        ("NOT (name IN ('session_start', 'session_end', 'buy'))", ["look", "refund"]),
        ("NOT (name IN ('session_start', 'buy'))", ["look", "refund", END]),
        ("NOT (name = 'buy')", ["look", "refund", END, START]),
        ("NOT (name = 'buy' OR name = 'look')", ["refund", END, START]),
        ("session_id <> ''", ["buy", "look", END, START]),
        ("name = wanted", ["look"]),
        ("name IN (wanted, other)", ["look", START]),
    ],
)
def test_an_event_is_found_by_its_name_whether_it_is_a_mark_or_not(
    store: ClickHouseStore, condition: str, expected: list[str]
) -> None:
    values = {name: value for name, value in (("wanted", "look"), ("other", START)) if name in condition}
    assert rows(store, f"SELECT name FROM events WHERE {condition}", **values) == [(name,) for name in expected]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT events.name FROM events WHERE events.name = 'buy'", [("buy",)]),
        ("SELECT e.name FROM events AS e WHERE e.name = 'buy' AND e.device_id = 'ann'", [("buy",)]),
        ("SELECT n FROM (SELECT count(*) AS n FROM events WHERE name = 'look') AS e", [(1,)]),
        (
            "SELECT count(*) FROM events WHERE name = 'buy' AND session_id IN (SELECT session_id FROM events)",
            [(1,)],
        ),
        (
            "SELECT count(*) FROM events WHERE session_id IN (SELECT session_id FROM events WHERE name = 'buy')",
            [(4,)],
        ),
        ("SELECT count(*) FROM events AS a, events AS b WHERE a.name = 'buy' AND b.device_id = 'ann'", [(4,)]),
        ("SELECT profile_id FROM events WHERE name = 'refund'", [("bob",)]),
        ("SELECT count(*) FROM events", [(5,)]),
        ("SELECT max(e.name) FROM events AS e WHERE device_id = 'ann' ORDER BY max(session_id)", [(START,)]),
        (
            "SELECT DISTINCT device_id FROM events WHERE 'buy' IN "
            "(SELECT name FROM events AS e WHERE e.device_id = 'ann') AND session_id = ''",
            [("bob",)],
        ),
        ("SELECT email FROM profiles", [("new@shop.example",)]),
        (
            "SELECT p.email FROM profiles AS p WHERE p.id IN (SELECT profile_id FROM events)",
            [("new@shop.example",)],
        ),
        (
            "SELECT e.name, profiles.email FROM events AS e JOIN profiles ON e.profile_id = profiles.id "
            "WHERE e.name = 'look'",
            [("look", "new@shop.example")],
        ),
        ("SELECT device_id FROM sessions UNION ALL SELECT device_id FROM open_sessions", [("ann",), ("cid",)]),
        ("WITH profiles AS (SELECT name FROM events WHERE name = 'buy') SELECT name FROM profiles", [("buy",)]),
    ],
)
def test_a_scan_is_told_from_what_stands_beside_it(
    store: ClickHouseStore, sql: str, expected: list[tuple[Any, ...]]
) -> None:
    assert rows(store, sql) == expected


def test_a_row_has_the_columns_of_the_view(store: ClickHouseStore) -> None:
    (bought,) = rows(store, "SELECT * FROM events WHERE name = 'buy'")
    (started,) = rows(store, "SELECT e.* FROM events AS e WHERE name = 'session_start'")
    assert len(bought) == len(started) == len(EVENTS.names)
    (ann,) = rows(store, "SELECT p.* FROM profiles AS p")
    assert len(ann) == len(PROFILES.names)
