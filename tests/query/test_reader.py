"""No question reads another project's rows, however it is put together."""

import pytest
from sqlglot import parse_one

from footfall.query.reader import Reader, scope
from footfall.query.sql import TEXT, column, count, named, placeholder, read, select, source
from footfall.store.base import Store
from support.stores import Site

SHAPES = [
    "SELECT a FROM events",
    "SELECT a FROM events WHERE b OR c",
    "SELECT a FROM (SELECT a FROM sessions UNION ALL SELECT a FROM open_sessions) AS s",
    "SELECT a FROM events WHERE a IN (SELECT b FROM sessions WHERE c IN (SELECT d FROM events))",
    "WITH x AS (SELECT a FROM dwells) SELECT a FROM x",
    "SELECT e.a FROM events AS e JOIN profiles AS p ON e.a = p.b",
    "SELECT (SELECT max(a) FROM groups) FROM events",
]


@pytest.mark.parametrize("sql", SHAPES)
@pytest.mark.parametrize("dialect", ["duckdb", "clickhouse"])
def test_every_scan_is_of_one_project(sql: str, dialect: str) -> None:
    query = parse_one(sql)
    assert "project_id" in scope(query)  # type: ignore[arg-type]
    text = query.sql(dialect=dialect)
    bound = "$project_id" if dialect == "duckdb" else "{project_id: String}"
    tables = sum(
        text.count(f" {name}") for name in ("events", "sessions", "open_sessions", "dwells", "profiles", "groups")
    )
    assert text.count(f"project_id = {bound}") == tables


def test_an_or_does_not_get_around_the_project() -> None:
    query = parse_one("SELECT a FROM events WHERE b OR c")
    scope(query)  # type: ignore[arg-type]
    assert query.sql(dialect="duckdb") == "SELECT a FROM events WHERE (b OR c) AND project_id = $project_id"


@pytest.mark.parametrize(
    "sql", ["SELECT a FROM journal_position", "WITH events AS (SELECT 1 AS a) SELECT a FROM events"]
)
def test_what_is_no_table_is_refused(sql: str) -> None:
    with pytest.raises(AssertionError):
        scope(parse_one(sql))  # type: ignore[arg-type]


def test_a_value_is_bound_once(site: Site, store: Store) -> None:
    site.write(site.facts().visit("ann", "2024-03-04 10:00", "/", "/'; --"))
    reader = Reader(store, site.project)
    assert str(reader.text("/")) == str(reader.text("/"))
    wanted = read("events", [column("path")], column("path").isin(reader.text("/"), reader.text("/'; --")))
    assert reader.rows(select(named(count(), "number")).from_(source(wanted, "e"))) == [(2,)]
    assert placeholder("x", TEXT).sql(dialect="clickhouse") == "{x: String}"
