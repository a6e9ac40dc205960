"""The helper's own process: it keeps the open sessions and builds what the drain tells it to (helper.py)."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, TypeVar

import msgspec

from footfall.ingest.batching import Batching
from footfall.ingest.event_ids import EventIds
from footfall.ingest.garbage import look_rarely
from footfall.ingest.helper_messages import (
    Ask,
    Began,
    Build,
    CloseIdle,
    Done,
    Failed,
    FromHelper,
    Sessions,
    SetAside,
    ToHelper,
    Told,
    decode_to_helper,
    encode,
)
from footfall.ingest.sessions import OpenSessions
from footfall.model.event import Event, Profile, Session
from footfall.store.ready import make_ready

T = TypeVar("T")


def work(connection: Connection, node: int, timeout_ms: int) -> None:
    """Build batches until the drain has gone, which needs no word of it."""
    look_rarely()
    opened = OpenSessions([], timeout_ms)
    batching = Batching(AskedPast(connection), opened, EventIds(node))
    with suppress(EOFError, OSError):
        _say(connection, Began())
        while True:
            message = decode_to_helper(connection.recv_bytes())
            if isinstance(message, Sessions):
                for session in message.sessions:
                    opened.add(session)
                continue
            try:
                reply: FromHelper = _done(batching, message)
            except Exception as error:
                reply = Failed(repr(error))
            _say(connection, reply)


def _done(batching: Batching, message: ToHelper) -> Done:
    if isinstance(message, CloseIdle):
        batch = batching.close_idle(message.now_ms, message.grace_ms, message.position)
        return Done(make_ready(batch) if batch else None, batching.open_sessions)
    assert isinstance(message, Build)
    set_aside: list[SetAside] = []
    built = batching.build(message.groups, lambda *what: set_aside.append(SetAside(*what)))
    return Done(make_ready(built.batch), batching.open_sessions, built.imports, built.erase, set_aside)


def _say(connection: Connection, message: FromHelper) -> None:
    connection.send_bytes(encode(message))


class AskedPast:
    """The past as the drain's store knows it (`Past`)."""

    takes_bulk = True

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sessions_near(self, project_id: str, device_ids: Iterable[str], from_ms: int, to_ms: int) -> list[Session]:
        """As the store's."""
        return self._ask(list[Session], "sessions_near", project_id, list(device_ids), from_ms, to_ms)

    def sessions_by_id(self, project_id: str, ids: Iterable[str], from_ms: int, to_ms: int) -> list[Session]:
        """As the store's."""
        return self._ask(list[Session], "sessions_by_id", project_id, list(ids), from_ms, to_ms)

    def views_of(self, project_id: str, session_ids: Iterable[str], from_ms: int, to_ms: int) -> list[Event]:
        """As the store's."""
        return self._ask(list[Event], "views_of", project_id, list(session_ids), from_ms, to_ms)

    def event_ids_known(self, project_id: str, ids: Sequence[str], from_ms: int, to_ms: int) -> set[str]:
        """As the store's."""
        return self._ask(set[str], "event_ids_known", project_id, list(ids), from_ms, to_ms)

    def profiles(self, project_id: str, ids: Iterable[str]) -> dict[str, Profile]:
        """As the store's."""
        return self._ask(dict[str, Profile], "profiles", project_id, list(ids))

    def groups_created(self, project_id: str, ids: Iterable[str]) -> dict[str, int]:
        """As the store's."""
        return self._ask(dict[str, int], "groups_created", project_id, list(ids))

    def _ask(self, kind: type[T], question: str, *arguments: Any) -> T:
        _say(self._connection, Ask(question, list(arguments)))
        told = decode_to_helper(self._connection.recv_bytes())
        assert isinstance(told, Told)
        return msgspec.msgpack.decode(told.answer, type=kind)
