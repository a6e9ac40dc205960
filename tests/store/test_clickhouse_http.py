"""ClickHouse as it is used: over HTTP, with the engine in a process of its own."""

import socket
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from footfall.model.erasure import Erasure, Scope
from footfall.model.errors import Overloaded, SetupError
from footfall.store.base import Batch
from footfall.store.clickhouse import ClickHouseStore
from footfall.store.clickhouse_filling import Filling
from footfall.store.duckdb import DuckDBStore
from footfall.store.transfer import transfer
from store.rows import (
    EMPTY_EVENT,
    FULL_EVENT,
    FULL_SESSION,
    NOON,
    STRANGE,
    drop,
    event,
    event_id,
    group,
    profile,
    session,
)
from support.asking import asked
from support.clickhouse_server import ClickHouseServer

BATCH = Batch(
    position=5,
    events=[FULL_EVENT, EMPTY_EVENT],
    sessions=[FULL_SESSION, session("closed", is_open=False)],
    profiles=[profile(properties={"plan": STRANGE})],
    groups=[group()],
    drops=[drop(3)],
)
_numbers = count(1)
_REFUSED = r"^ClickHouse at clickhouse://127\.0\.0\.1:\d+/db can't be used: \[Errno 111\] Connection refused$"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server's address, without a database."""
    with ClickHouseServer(tmp_path_factory.mktemp("clickhouse") / "engine") as url:
        yield url.rpartition("/")[0]


@pytest.fixture
def url(server: str) -> str:
    """A database that is not there yet."""
    return f"{server}/made_{next(_numbers)}"


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[ClickHouseStore]:
    """A store in it."""
    store = ClickHouseStore(url, node=1, pending=tmp_path / "pending", query_rows=100)
    yield store
    store.close()


def test_rows_come_back_as_they_were_sent(store: ClickHouseStore, url: str, tmp_path: Path) -> None:
    store.write(BATCH)
    again = ClickHouseStore(url, node=1, pending=tmp_path / "pending")
    assert again.position() == 5
    assert again.open_sessions() == [FULL_SESSION]
    assert again.profiles("shop", ["ann"])["ann"].properties == {"plan": STRANGE}
    assert again.groups_created("shop", ["acme"]) == {"acme": NOON}
    found = asked(again, "SELECT title, groups, properties FROM events WHERE path = $path", path=FULL_EVENT.path)
    assert found == [(STRANGE, list(FULL_EVENT.groups), FULL_EVENT.properties)]
    again.close()


def test_many_keys_fit_into_what_a_server_takes(store: ClickHouseStore) -> None:
    ids = [f"visitor-{number:06}" for number in range(8_000)]
    sessions = tuple(f"session-{number:06}" for number in range(8_000))
    store.write(
        Batch(
            position=1,
            events=[event(1), event(2, device_id=ids[-1], session_id=sessions[-1])],
            sessions=[session(sessions[-1], device_id=ids[-1], is_open=False)],
            profiles=[profile(ids[-1])],
        )
    )
    assert list(store.profiles("shop", ids)) == [ids[-1]]
    assert [one.id for one in store.sessions_near("shop", ids, 0, NOON * 2)] == [sessions[-1]]
    assert store.event_ids_known("shop", [event_id(number) for number in range(8_000)], 0, NOON * 2) == {
        event_id(1),
        event_id(2),
    }
    erasure = Erasure(project_id="shop", scope=Scope.VISITOR, subject=ids[-1], session_ids=sessions)
    store.write(Batch(position=2, erasures=[erasure]))
    assert asked(store, "SELECT count() FROM events") == [(1,)]
    assert asked(store, "SELECT count() FROM sessions") == [(0,)]


def test_limits_of_questions_are_refusals(store: ClickHouseStore) -> None:
    store.write(Batch(position=1, events=[event(number) for number in range(200)]))
    with pytest.raises(Overloaded, match="more rows than the limit"):
        asked(store, "SELECT id FROM events")
    # The limit of one question is not that of another, nor that of a write.
    assert asked(store, "SELECT count() FROM events") == [(200,)]
    assert len(store.views_of("shop", ["s1"], 0, NOON * 2)) == 200


def test_what_is_wrong_with_a_server_is_said_in_a_sentence() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"clickhouse://ann:secret@127.0.0.1:{free.getsockname()[1]}/db"
    with pytest.raises(SetupError, match=_REFUSED) as found:
        ClickHouseStore(url)
    assert "secret" not in found.value.message


def test_a_batch_waits_until_a_server_is_back(tmp_path: Path) -> None:
    pending = tmp_path / "pending"
    server = ClickHouseServer(tmp_path / "engine")
    with server as url:
        store = ClickHouseStore(url, node=1, pending=pending)
        store.write(Batch(position=1, events=[event(1)]))
    batch = Batch(position=2, events=[event(2)])
    with pytest.raises(Overloaded, match=r"can't take events now: \[Errno 111\] Connection refused$"):
        store.write(batch)
    with pytest.raises(Overloaded, match=r"can't answer now: \[Errno 111\] Connection refused$"):
        asked(store, "SELECT count() FROM events")
    store.close()
    with server as url:
        store = ClickHouseStore(url, node=1, pending=pending)
        assert store.position() == 2, "the batch was saved"
        assert asked(store, "SELECT count() FROM events") == [(2,)]
        store.close()


def test_a_folder_is_copied_over_http(url: str, tmp_path: Path) -> None:
    source = DuckDBStore(tmp_path / "events.duckdb", threads=1)
    source.write(BATCH)
    target = Filling(url)
    transfer(source, target, 1, lambda _share, _text: None)
    target.close()
    source.close()
    store = ClickHouseStore(url, node=1, pending=tmp_path / "pending")
    assert (store.position(), store.open_sessions()) == (5, [FULL_SESSION])
    found = asked(store, "SELECT title, groups, properties FROM events WHERE path = $path", path=FULL_EVENT.path)
    assert found == [(STRANGE, list(FULL_EVENT.groups), FULL_EVENT.properties)]
    store.close()
