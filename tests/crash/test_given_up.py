"""DuckDB gives a file up when it can't checkpoint. The store opens it again, and loses and doubles nothing."""

import os
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest

from footfall.model.errors import Overloaded
from footfall.model.event import Event, Session
from footfall.store.base import Batch
from footfall.store.duckdb import DuckDBStore
from support.asking import asked

NOON = 1_710_504_000_000
# Above the size of the log at which DuckDB checkpoints by itself (16 MB), so that it is the checkpoint that fails.
LIMIT = 20_000_000
_numbers = count(1)


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """A full disk, as far as this process can tell."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _events(many: int) -> list[Event]:
    """Events whose properties no engine can pack."""
    return [
        Event(
            id=str(UUID(int=next(_numbers))),
            project_id="shop",
            name="click",
            created_at=NOON,
            properties={"noise": os.urandom(1000).hex()},
        )
        for _ in range(many)
    ]


def _write(store: DuckDBStore, batch: Batch) -> bool:
    """As the drain does: again and again the same batch. Whether it went through."""
    for _ in range(3):
        with suppress(Overloaded):
            store.write(batch)
            return True
    return False


def _count(store: DuckDBStore, table: str) -> int:
    return int(store._fetch(f"SELECT count(*) FROM {table}")[0][0])


def test_a_checkpoint_that_fails_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    connect = duckdb.connect

    def counted(path: str, **more: Any) -> duckdb.DuckDBPyConnection:
        opened.append(path)
        return connect(path, **more)

    monkeypatch.setattr(duckdb, "connect", counted)
    store = DuckDBStore(tmp_path / "events.duckdb")
    session = Session(
        id="s",
        project_id="shop",
        device_id="d",
        profile_id="d",
        created_at=NOON,
        ended_at=NOON,
        start_id=str(UUID(int=1)),
    )
    store.write(Batch(position=0, sessions=[session]))
    position = 0
    with no_file_larger_than(LIMIT):
        while len(opened) == 1 and position < 60:
            position += 1
            batch = Batch(position=position, events=_events(500))
            is_written = _write(store, batch)
        assert len(opened) > 1, "the disk was not full enough to try it"
        assert _count(store, "events_data") >= 500 * (position - 1), "reading goes on"
    if not is_written:
        assert _write(store, batch)
    assert (store.position(), _count(store, "events_data")) == (position, 500 * position)
    session.is_open = False
    assert _write(store, Batch(position=position, sessions=[session]))
    store.close()
    again = DuckDBStore(tmp_path / "events.duckdb")
    assert (again.position(), _count(again, "events_data")) == (position, 500 * position)
    assert (_count(again, "sessions"), _count(again, "open_sessions")) == (1, 0)
    again.close()


@pytest.mark.parametrize("is_committed", [True, False])
def test_a_commit_in_doubt_is_neither_lost_nor_repeated(tmp_path: Path, is_committed: bool) -> None:
    """The engine gives up and does not say whether it was before or after the commit."""
    store = DuckDBStore(tmp_path / "events.duckdb")
    session = Session(
        id="s",
        project_id="shop",
        device_id="d",
        profile_id="d",
        created_at=NOON,
        ended_at=NOON,
        start_id=str(UUID(int=1)),
    )
    arriving = Batch(position=1, events=_events(3), sessions=[session])
    assert _write_in_doubt(store, arriving, is_committed)
    assert (store.position(), _count(store, "events_data"), _count(store, "open_sessions")) == (1, 3, 1)
    session.is_open = False
    ending = Batch(position=1, events=_events(1), sessions=[session])
    assert _write_in_doubt(store, ending, is_committed)
    assert (_count(store, "events_data"), _count(store, "sessions"), _count(store, "open_sessions")) == (4, 1, 0)
    store.close()


def _write_in_doubt(store: DuckDBStore, batch: Batch, is_committed: bool) -> bool:
    commit = store._commit

    def give_up(batch: Batch) -> None:
        store._commit = commit  # type: ignore[method-assign]
        if is_committed:
            commit(batch)
        raise duckdb.FatalException("database has been invalidated")

    store._commit = give_up  # type: ignore[method-assign]
    with pytest.raises(Overloaded):
        store.write(batch)
    return _write(store, batch)


def test_a_store_is_closed_while_long_questions_are_asked(tmp_path: Path) -> None:
    """As when a server is told to stop: what runs is ended, what waits is refused, and the file is let go of."""
    store = DuckDBStore(tmp_path / "events.duckdb", threads=1)
    _write(store, Batch(position=1, events=_events(10)))
    ended: list[str] = []
    long = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 11"

    def ask() -> None:
        for _ in range(3):
            try:
                asked(store, long)
            except Overloaded as error:
                ended.append(error.message)

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    time.sleep(0.3)
    began = time.monotonic()
    store.close()
    assert time.monotonic() - began < 5
    for asker in askers:
        asker.join(5)
    assert len(ended) == 12
    again = DuckDBStore(tmp_path / "events.duckdb")
    assert (again.position(), _count(again, "events")) == (1, 10)
    again.close()
