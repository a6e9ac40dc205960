"""All that a DuckDB file has, in ClickHouse: row for row, and of no use before it is whole."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from footfall.model.errors import SetupError
from footfall.store.base import Batch, Store
from footfall.store.clickhouse_filling import Filling
from footfall.store.duckdb import DuckDBStore
from footfall.store.duckdb_pieces import pieces
from footfall.store.schema import DROPS, DWELLS, EVENTS, GROUPS, OPEN_SESSIONS, PROFILES, SESSIONS, TABLES, Table
from footfall.store.transfer import transfer
from store.folders import Folder
from store.rows import (
    EMPTY_EVENT,
    FULL_EVENT,
    FULL_SESSION,
    STRANGE,
    drop,
    dwell,
    event,
    event_id,
    group,
    profile,
    session,
)
from support.asking import asked

FAR = 10**14  # the year 5138, which ClickHouse doesn't know

EVERYTHING = (
    Batch(
        position=5,
        events=[FULL_EVENT, EMPTY_EVENT, *(event(number) for number in range(3, 60))],
        sessions=[FULL_SESSION, session("late"), session("closed", is_open=False, profile_id="ann")],
        dwells=[dwell(1), dwell(3, path=f"/{STRANGE}")],
        profiles=[profile(properties={"plan": STRANGE, "n": "1"}, groups=("acme",)), profile("bob")],
        groups=[group(properties={"a": "b"})],
        drops=[drop(3), drop(2, "invalid")],
    ),
    # Rows that are replaced, and another one of a reason.
    Batch(
        position=7,
        sessions=[session("late", is_open=False)],
        profiles=[profile("bob", email="b@x")],
        drops=[drop(1)],
    ),
)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[DuckDBStore]:
    """A DuckDB file with everything in it."""
    store = DuckDBStore(tmp_path / "events.duckdb", threads=1)
    for batch in EVERYTHING:
        store.write(batch)
    yield store
    store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """Where ClickHouse is, not open."""
    folder = Folder("clickhouse", tmp_path)
    folder.close()
    yield folder
    folder.close()


def filling(folder: Folder) -> Filling:
    """The database of a folder, to be filled."""
    return Filling(f"chdb://{folder.path}/db")


def fill(source: DuckDBStore, folder: Folder) -> dict[str, int]:
    """Copy all that there is."""
    target = filling(folder)
    try:
        return transfer(source, target, Folder.NODE, lambda _share, _text: None)
    finally:
        target.close()


def rows_of(store: Store, table: Table) -> list[object]:
    """What a table shows, in an order; of the ledger the sums, to which ClickHouse adds it up."""
    sql = f"SELECT {', '.join(table.names)} FROM {table.name}"
    if table is DROPS:
        sql = "SELECT project_id, day, reason, CAST(sum(count) AS BIGINT) FROM drops GROUP BY 1, 2, 3"
    return sorted(([_plain(value) for value in row] for row in asked(store, sql)), key=repr)


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.replace(tzinfo=UTC)
        case tuple():
            return list(value)
        case dict():
            return sorted(value.items())
        case _:
            return value


def test_every_row_arrives_as_it_was(source: DuckDBStore, folder: Folder) -> None:
    arrived = fill(source, folder)
    assert arrived == {
        EVENTS.name: 59, SESSIONS.name: 2, OPEN_SESSIONS.name: 1, DWELLS.name: 2, PROFILES.name: 2, GROUPS.name: 1,
        DROPS.name: 2,
    }  # fmt: skip
    store = folder.open()
    for table in TABLES:
        assert rows_of(store, table) == rows_of(source, table), table.name
    assert store.position() == source.position() == 7
    assert [one.id for one in store.open_sessions()] == ["full"]
    assert store.open_sessions()[0] == source.open_sessions()[0]


def test_what_is_written_then_finds_what_was_copied(source: DuckDBStore, folder: Folder) -> None:
    fill(source, folder)
    store = folder.open()
    # The open session ends, a closed one is written anew, a person changes, and hits of a known reason come.
    store.write(
        Batch(
            position=8,
            sessions=[
                session("full", is_open=False),
                session("closed", is_open=False, is_stored=True, duration=5),
            ],
            profiles=[profile("bob", email="new@x")],
            drops=[drop(10)],
        )
    )
    folder.merge()
    assert store.open_sessions() == []
    assert sorted(folder.rows("SELECT id, duration FROM sessions")) == [("closed", 5), ("full", 0), ("late", 0)]
    assert store.profiles("shop", ["bob"])["bob"].email == "new@x"
    assert folder.rows("SELECT reason, CAST(sum(count) AS BIGINT) FROM drops GROUP BY reason ORDER BY reason") == [
        ("bot", 14),
        ("invalid", 2),
    ]


def test_what_broke_off_is_refused_by_a_server_and_begun_anew(source: DuckDBStore, folder: Folder) -> None:
    target = filling(folder)
    with source.whole() as cursor:
        for table in (EVENTS, PROFILES):
            for piece in pieces(cursor, table):
                target.insert(table, piece)
    target.close()
    with pytest.raises(SetupError, match="not filled to the end; run: footfall to-clickhouse"):
        folder.open()
    fill(source, folder)
    store = folder.open()
    for table in TABLES:
        assert rows_of(store, table) == rows_of(source, table), table.name


def test_a_database_with_rows_of_its_own_is_left_alone(source: DuckDBStore, folder: Folder) -> None:
    folder.open().write(Batch(position=1, events=[event(1)]))
    folder.close()
    with pytest.raises(SetupError, match="only an empty database is filled"):
        fill(source, folder)
    folder.open()
    assert folder.count("events") == 1


def test_a_filled_one_is_not_filled_again(source: DuckDBStore, folder: Folder) -> None:
    fill(source, folder)
    with pytest.raises(SetupError, match="only an empty database is filled"):
        fill(source, folder)


def test_a_row_that_is_missing_is_noticed(source: DuckDBStore, folder: Folder) -> None:
    class Lossy(Filling):
        def insert(self, table: Table, rows: object) -> None:
            if table is not GROUPS:
                super().insert(table, rows)  # type: ignore[arg-type]

    target = Lossy(f"chdb://{folder.path}/db")
    with pytest.raises(SetupError, match="groups, rows: 1 were sent and 0 are found"):
        transfer(source, target, Folder.NODE, lambda _share, _text: None)
    target.close()
    with pytest.raises(SetupError, match="not filled to the end"):
        folder.open()


def test_years_that_clickhouse_does_not_know_are_the_nearest_it_does(source: DuckDBStore, folder: Folder) -> None:
    source.write(Batch(position=8, events=[event(900, created_at=FAR), event(901, created_at=-FAR)]))
    fill(source, folder)
    folder.open()
    found = folder.rows(
        "SELECT CAST(created_at AS TEXT) FROM events WHERE id IN ($one, $two) ORDER BY created_at",
        one=event_id(901),
        two=event_id(900),
    )
    assert [text[:4] for (text,) in found] == ["1900", "2299"]


def test_what_has_nothing_is_copied_too(tmp_path: Path, folder: Folder) -> None:
    empty = DuckDBStore(tmp_path / "events.duckdb", threads=1)
    assert set(fill(empty, folder).values()) == {0}
    empty.close()
    assert folder.open().position() == 0


def test_more_rows_than_a_piece_has_come_in_several(
    source: DuckDBStore, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("footfall.store.duckdb_pieces._ROWS", 7)
    shares: list[float] = []
    target = filling(folder)
    transfer(source, target, Folder.NODE, lambda share, _text: shares.append(share))
    target.close()
    assert shares == sorted(shares)
    assert (shares[0] < 0.2, shares[-1]) == (True, 1.0)
    store = folder.open()
    assert rows_of(store, EVENTS) == rows_of(source, EVENTS)
