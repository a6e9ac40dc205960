"""What only ClickHouse has: the batch on its way, several nodes, limits by bytes and rows, the URL."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError
from sqlglot import exp

from footfall.model.errors import Overloaded, SetupError
from footfall.store.base import Batch
from footfall.store.clickhouse import ClickHouseStore
from footfall.store.clickhouse_client import bind
from store.folders import Folder
from store.rows import NOON, event, session
from support.asking import asked

Open = Callable[..., ClickHouseStore]
AWAY = OperationalError("Connection refused")


@pytest.fixture
def pending(tmp_path: Path) -> Path:
    """Where the batch on its way is kept."""
    return tmp_path / "clickhouse.pending"


ask = partial(asked, dialect="clickhouse")


@pytest.fixture
def away(tmp_path: Path) -> Any:
    """A store whose server goes away at a statement of `write`."""
    folder = Folder("clickhouse", tmp_path)
    yield folder
    folder.close()


def test_a_batch_refused_half_way_is_stored_by_writing_it_again(away: Folder) -> None:
    batch = Batch(position=2, events=[event(1)], sessions=[session(is_open=False)])
    with away.failing(1, AWAY, late=True), pytest.raises(Overloaded, match="Connection refused"):
        away.store.write(batch)
    away.store.write(batch)
    assert away.store.position() == 2
    assert (away.count("events"), away.count("sessions")) == (1, 1)


def test_a_batch_refused_half_way_is_stored_by_asking_for_the_position(away: Folder) -> None:
    with away.failing(1, AWAY, late=False), pytest.raises(Overloaded):
        away.store.write(Batch(position=2, events=[event(1)], sessions=[session()]))
    assert away.store.position() == 2
    assert [one.id for one in away.store.open_sessions()] == ["s1"]
    away.store.write(Batch(position=3, events=[event(2)]))
    assert away.count("events") == 2


def test_another_batch_is_not_taken_before_the_position_is_read(away: Folder) -> None:
    with away.failing(1, AWAY, late=False), pytest.raises(Overloaded):
        away.store.write(Batch(position=2, events=[event(1)], sessions=[session()]))
    with pytest.raises(RuntimeError, match="position"):
        away.store.write(Batch(position=3, events=[event(1), event(2)]))
    assert away.store.position() == 2
    assert away.count("events") == 1


def test_whatever_the_server_says_to_a_write_it_is_tried_again(away: Folder) -> None:
    full = DatabaseError("Code: 243. Cannot reserve 1.00 MiB (NOT_ENOUGH_SPACE)", code=243)
    batch = Batch(position=2, events=[event(1)])
    with away.failing(0, full, late=False), pytest.raises(Overloaded, match="NOT_ENOUGH_SPACE"):
        away.store.write(batch)
    away.store.write(batch)
    assert away.count("events") == 1


def test_a_batch_that_can_not_be_saved_is_not_begun(clickhouse: Open, tmp_path: Path) -> None:
    store = clickhouse(pending=tmp_path / "no such folder" / "pending")
    with pytest.raises(Overloaded):
        store.write(Batch(position=1, events=[event(1)]))
    assert store.position() == 0
    assert ask(store, "SELECT count() FROM events") == [(0,)]


def test_a_server_that_is_away_makes_reads_wait(away: Folder) -> None:
    class Away:
        def query(self, *_: Any, **__: Any) -> None:
            raise AWAY

    store: Any = away.store
    reader, store._reader = store._reader, Away()
    with pytest.raises(Overloaded):
        away.count("events")
    store._reader = reader


def test_nodes_keep_positions_and_open_sessions_of_their_own(clickhouse: Open, tmp_path: Path) -> None:
    one = clickhouse(node=1, pending=tmp_path / "1")
    two = clickhouse(node=2, pending=tmp_path / "2")
    one.write(Batch(position=10, events=[event(1)], sessions=[session("a")]))
    two.write(Batch(position=3, events=[event(1)], sessions=[session("b")]))
    assert (one.position(), two.position()) == (10, 3)
    assert [found.id for found in one.open_sessions()] == ["a"]
    assert [found.id for found in two.open_sessions()] == ["b"]
    assert ask(two, "SELECT count() FROM open_sessions") == [(2,)]
    assert ask(two, "SELECT count() FROM events") == [(2,)]


def test_without_a_pending_file_the_store_is_for_reading(clickhouse: Open, pending: Path) -> None:
    clickhouse(pending=pending).write(Batch(position=1, events=[event(1)]))
    reader = clickhouse()
    assert ask(reader, "SELECT count() FROM events") == [(1,)]
    with pytest.raises(SetupError, match="reading"):
        reader.write(Batch(position=2))


def test_rows_of_many_months_and_far_years_fit_into_one_batch(clickhouse: Open, pending: Path) -> None:
    store = clickhouse(pending=pending)
    month = 31 * 24 * 3_600_000
    events = [event(number, created_at=NOON - number * month) for number in range(150)]
    store.write(
        Batch(position=1, events=[*events, event(500, created_at=-(10**15)), event(501, created_at=10**15)])
    )
    assert ask(store, "SELECT count(), min(toYear(created_at)), max(toYear(created_at)) FROM events") == [
        (152, 1900, 2299)
    ]


def test_a_batch_larger_than_one_insert_counts_once(
    clickhouse: Open, pending: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("footfall.store.clickhouse_steps.ROWS_PER_INSERT", 10)
    store = clickhouse(pending=pending)
    store.write(Batch(position=1, events=[event(number) for number in range(25)]))
    assert ask(store, "SELECT count() FROM events") == [(25,)]


@pytest.mark.parametrize(
    ("limits", "sql", "says"),
    [
        (
            {"query_memory_bytes": 20_000_000},
            "SELECT length(groupArray(number)) FROM numbers(100000000)",
            "memory",
        ),
        ({"query_rows": 100}, "SELECT number FROM numbers(100000)", "rows"),
    ],
)
def test_a_question_over_a_limit_is_refused(clickhouse: Open, limits: Any, sql: str, says: str) -> None:
    with pytest.raises(Overloaded, match=says):
        ask(clickhouse(**limits), sql)


def test_parameters_may_be_of_any_type(clickhouse: Open) -> None:
    store = clickhouse()
    noon = datetime.fromtimestamp(NOON / 1000, UTC)
    placeholder = exp.Placeholder
    values = {
        "t": "a'b",
        "i": -5,
        "f": 0.5,
        "b": True,
        "l": ["x'", "\\"],
        "d": noon.replace(microsecond=7000),
    }
    found = store.query(exp.select(*[placeholder(this=name) for name in values]), values)
    assert found == [("a'b", -5, 0.5, True, ["x'", "\\"], noon.replace(tzinfo=None, microsecond=7000))]


def test_a_placeholder_keeps_the_type_it_names() -> None:
    typed = exp.Placeholder(this="x", kind=exp.DataType.build("TEXT", dialect="duckdb"))
    assert bind(exp.select(typed), {"x": "5"}) == ("SELECT {x: String}", {"x": "5"})


def test_a_missing_side_of_an_outer_join_is_null(clickhouse: Open) -> None:
    found = ask(
        clickhouse(),
        "SELECT b.y FROM (SELECT 1 AS x) AS a LEFT JOIN (SELECT 2 AS x, 3 AS y) AS b ON a.x = b.x",
    )
    assert found == [(None,)]


@pytest.mark.parametrize(
    "url",
    [
        "clickhouse://ann:secret@127.0.0.1:1/footfall",
        "clickhouse://ann:secret@127.0.0.1:notaport/footfall",
        "postgres://ann:secret@127.0.0.1/footfall",
        "clickhouse",
    ],
)
def test_a_url_that_leads_nowhere_is_a_setup_error_without_the_password(url: str) -> None:
    with pytest.raises(SetupError) as refused:
        ClickHouseStore(url)
    assert "secret" not in refused.value.message


def test_a_database_of_a_newer_footfall_is_refused(clickhouse: Open) -> None:
    store: Any = clickhouse()
    store._writer.command("INSERT INTO schema_version VALUES (99)")
    with pytest.raises(SetupError, match="newer"):
        clickhouse()
