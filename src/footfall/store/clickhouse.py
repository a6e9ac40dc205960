"""The engine for many machines: ClickHouse, reached over HTTP, or in this process through chdb in tests.

ClickHouse has no transaction over several tables, so a batch is counted once by a redo log:

1. `write` first saves the whole batch in a local file (`pending.py`), synced. From then on the batch
   will be stored; before that, nothing of it is.
2. It runs the batch's steps, each of which may be repeated:
   - an insert carries `insert_deduplication_token` = node, version, number of the piece; the tables keep
     a window of tokens, so that a repeated insert is dropped, even one that is still under way on the server;
   - every row carries the batch's `version` (clock, always rising), and deletes only touch rows of
     earlier versions, so that repeating a delete spares the rows that the batch has inserted since
     (deletes are patch parts, ClickHouse 25.8 or newer: a mutation would wait for running merges);
   - open sessions, profiles and groups replace by version: the same row twice is the same row;
   - the position, with the version, goes last.
3. It removes the file.

If a step fails, `write` raises Overloaded with the batch saved: it *will* be stored. The next call of
`write` or `position`, or the next start, first runs the saved batch's steps again, whole and unchanged. So
the caller builds no batch twice and needs no repeatable journal spans: after Overloaded it either writes
the same Batch object again, or asks `position()` and `open_sessions()` and goes on from there.

Between the first step and the last, readers may see a part of the batch; this lasts milliseconds, or until
the node is back. One server drains all hits of a visitor: session states of several servers are not merged.
"""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from sqlglot import exp

from footfall.model.errors import SetupError
from footfall.model.event import Event, Profile, Session
from footfall.store import clickhouse_client as clickhouse
from footfall.store import clickhouse_rows as rows
from footfall.store.answers import Answers
from footfall.store.base import Batch, Linked, Row, StoreSize
from footfall.store.clickhouse_migrations import is_unfinished, migrate
from footfall.store.clickhouse_steps import Step, id_pieces, steps_of
from footfall.store.clickhouse_straight import straightened
from footfall.store.pending import Pending, PendingFile
from footfall.store.ready import Ready
from footfall.store.schema import OPEN_SESSIONS, PROFILES, SESSIONS
from footfall.store.turns import Turns

_WRITE_SECONDS = 300.0


class _Unfinished(Struct):
    """A batch that is saved and not yet stored, and what it takes to store it."""

    batch: Batch
    steps: list[Step]


class ClickHouseStore:
    """The store at a URL. Raises SetupError when it can't be reached, or chdb's folder is in use.

    `node` is the journal's number. `pending` is the file for the batch on its way, in the folder of the
    journal; without it the store can only be read.
    """

    dialect = "clickhouse"
    takes_bulk = False
    takes_ready = False

    def __init__(
        self,
        url: str,
        *,
        node: int = 0,
        pending: Path | None = None,
        query_seconds: float = 30.0,
        query_memory_bytes: int = 1_000_000_000,
        query_rows: int = 1_000_000,
    ) -> None:
        # Other nodes may write to it, of which this one hears nothing.
        self.answers = Answers(0, Turns(alone_seconds=0))  # its server divides its cores itself
        limits = clickhouse.reading(query_seconds, query_memory_bytes, query_rows)
        self.query_seconds = query_seconds
        self._node = node
        self._file = PendingFile(pending) if pending else None
        self._writing = threading.Lock()
        self._unfinished: _Unfinished | None = None
        self._writer = clickhouse.connect(url, clickhouse.WRITING, _WRITE_SECONDS)
        try:
            self._reader = clickhouse.connect(url, limits, query_seconds)
        except SetupError:
            self._writer.close()
            raise
        try:
            with clickhouse.setup(url):
                migrate(self._writer)
                if is_unfinished(self._writer):
                    raise ValueError("it was not filled to the end; run: footfall to-clickhouse")
                self._version = self._stored(node)[1]
                self._recover()
        except SetupError:
            self.close()
            raise

    # -- writing

    def position(self) -> int:
        """The journal position up to which everything is stored, after finishing what is half written."""
        with self._writing:
            self._finish()
            with clickhouse.questions():
                return self._stored(self._node)[0]

    def write(self, batch: Batch | Ready) -> None:
        """Store the batch and its position. After Overloaded, write the same one again or read `position`."""
        if self._file is None:
            raise SetupError("this store was opened for reading only")
        assert isinstance(batch, Batch)
        with self._writing:
            if self._unfinished is not None:
                was = self._unfinished.batch
                self._finish()
                if was is batch:
                    return
                raise RuntimeError("another batch was half written and is finished now; read position()")
            # The clock may stand or go back; versions rise.
            version = max(time.time_ns() // 1_000_000, self._version + 1)
            pending = Pending(node=self._node, version=version, batch=batch)
            steps = steps_of(pending)
            with clickhouse.writes():
                self._file.save(pending)
            self._version = pending.version
            self._unfinished = _Unfinished(batch, steps)
            self._finish()

    def _finish(self) -> None:
        """Run the steps of the batch that is saved, if there is one."""
        if self._unfinished is None or self._file is None:
            return
        with clickhouse.writes():
            for step in self._unfinished.steps:
                step.run(self._writer)
            self._unfinished = None
            self._file.clear()

    def _recover(self) -> None:
        """Finish the batch that the last process left behind."""
        pending = self._file.load() if self._file else None
        if pending is not None and pending.version > self._stored(pending.node)[1]:
            self._unfinished = _Unfinished(pending.batch, steps_of(pending))
            self._finish()
            self._version = max(self._version, pending.version)

    def _stored(self, node: int) -> tuple[int, int]:
        """Position and version of a node's last batch."""
        found = self._writer.query(
            "SELECT position, version FROM journal_position WHERE node = {node:Int64} "
            "ORDER BY version DESC LIMIT 1",
            parameters={"node": node},
        ).result_rows
        return (int(found[0][0]), int(found[0][1])) if found else (0, 0)

    # -- what the sessionizer needs

    def open_sessions(self) -> list[Session]:
        """This node's sessions that were open at the last write, with the pages they saw."""
        found = self._fetch(
            f"SELECT {rows.select_list(OPEN_SESSIONS)} FROM open_sessions_data FINAL WHERE node = {{node:Int64}}",
            {"node": self._node},
        )
        sessions = [rows.session(OPEN_SESSIONS, row, is_open=True) for row in found]
        self._attach_pages(sessions)
        return sessions

    def sessions_near(self, project_id: str, device_ids: Iterable[str], from_ms: int, to_ms: int) -> list[Session]:
        """Closed sessions of these devices that touch the span, with the pages they saw."""
        return self._closed_sessions("device_id", project_id, device_ids, from_ms, to_ms)

    def sessions_by_id(self, project_id: str, ids: Iterable[str], from_ms: int, to_ms: int) -> list[Session]:
        """Closed sessions with these ids that touch the span, with the pages they saw."""
        return self._closed_sessions("id", project_id, ids, from_ms, to_ms)

    def _closed_sessions(
        self, column: str, project_id: str, keys: Iterable[str], from_ms: int, to_ms: int
    ) -> list[Session]:
        found = self._fetch_by_ids(
            f"SELECT {rows.select_list(SESSIONS)} FROM sessions "
            f"WHERE project_id = {{project:String}} AND {column} IN {{ids:Array(String)}} "
            f"AND created_at <= {_TO} AND ended_at >= {_FROM}",
            keys,
            _span(project_id, from_ms, to_ms),
        )
        sessions = [rows.session(SESSIONS, row, is_open=False) for row in found]
        self._attach_pages(sessions)
        return sessions

    def _attach_pages(self, sessions: Sequence[Session]) -> None:
        by_project: dict[str, dict[str, Session]] = {}
        for session in sessions:
            by_project.setdefault(session.project_id, {})[session.id] = session
        for project_id, by_id in by_project.items():
            found = self._fetch_by_ids(
                "SELECT session_id, origin, path FROM events_data "
                "WHERE project_id = {project:String} AND first_view "
                f"AND created_at >= {_FROM} AND created_at <= {_TO} AND session_id IN {{ids:Array(String)}}",
                by_id,
                _span(
                    project_id,
                    min(session.created_at for session in by_id.values()),
                    max(session.ended_at for session in by_id.values()),
                ),
            )
            for session_id, origin, path in found:
                by_id[session_id].pages.add((origin, path))

    def views_of(self, project_id: str, session_ids: Iterable[str], from_ms: int, to_ms: int) -> list[Event]:
        """The screen views (id, time, origin, path, session) of these sessions, oldest first."""
        found = self._fetch_by_ids(
            "SELECT toString(id), toUnixTimestamp64Milli(created_at), origin, path, session_id "
            "FROM events_data WHERE project_id = {project:String} AND name = 'screen_view' AND path <> '' "
            f"AND created_at >= {_FROM} AND created_at <= {_TO} AND session_id IN {{ids:Array(String)}}",
            session_ids,
            _span(project_id, from_ms, to_ms),
        )
        found.sort(key=lambda row: row[1])
        return [
            Event(
                id=row[0], project_id=project_id, name="screen_view", created_at=row[1],
                origin=row[2], path=row[3], session_id=row[4],
            )
            for row in found
        ]  # fmt: skip

    def event_ids_known(self, project_id: str, ids: Sequence[str], from_ms: int, to_ms: int) -> set[str]:
        """Which of these event ids are already stored within the span (inclusive)."""
        found = self._fetch_by_ids(
            "SELECT toString(id) FROM events "
            "WHERE project_id = {project:String} "
            f"AND created_at >= {_FROM} AND created_at <= {_TO} AND id IN {{ids:Array(UUID)}}",
            ids,
            _span(project_id, from_ms, to_ms),
        )
        return {row[0] for row in found}

    def profiles(self, project_id: str, ids: Iterable[str]) -> dict[str, Profile]:
        """The stored profiles among these ids."""
        found = self._fetch_by_ids(
            f"SELECT {rows.select_list(PROFILES)} FROM profiles "
            "WHERE project_id = {project:String} AND id IN {ids:Array(String)}",
            ids,
            {"project": project_id},
        )
        profiles = [rows.profile(row) for row in found]
        return {profile.id: profile for profile in profiles}

    def groups_created(self, project_id: str, ids: Iterable[str]) -> dict[str, int]:
        """When the stored groups among these ids were created, ms UTC."""
        found = self._fetch_by_ids(
            "SELECT id, toUnixTimestamp64Milli(created_at) FROM groups "
            "WHERE project_id = {project:String} AND id IN {ids:Array(String)}",
            ids,
            {"project": project_id},
        )
        return dict(found)

    def _fetch(self, sql: str, params: Mapping[str, Any]) -> list[Row]:
        with clickhouse.questions():
            return [tuple(row) for row in self._writer.query(sql, parameters=dict(params)).result_rows]

    def _fetch_by_ids(self, sql: str, ids: Iterable[str], params: Mapping[str, Any]) -> list[Row]:
        found: list[Row] = []
        for piece in id_pieces(ids):
            found += self._fetch(sql, {"ids": piece, **params})
        return found

    # -- reading

    def query(
        self, select: exp.Query, params: Mapping[str, object] | None = None, *, is_patient: bool = False
    ) -> list[Row]:
        """Run a read with bound parameters. Raises Overloaded at the time, memory or row limit."""
        sql, values = clickhouse.bind(straightened(select, params or {}), params or {})
        client = self._writer if is_patient else self._reader
        with clickhouse.questions():
            return [tuple(row) for row in client.query(sql, parameters=values or None).result_rows]

    def size(self) -> StoreSize:
        """Rows, and bytes of this database on the server."""
        events, sessions, size = self._fetch(
            "SELECT (SELECT count() FROM events_data), "
            "(SELECT count() FROM sessions) + (SELECT count() FROM open_sessions), "
            "(SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase())",
            {},
        )[0]
        return StoreSize(events=events, sessions=sessions, bytes=size)

    def linked(self, project_id: str) -> Linked:  # noqa: ARG002 - of no project
        """None: to count distinct visitors is quick here, and to change rows is not."""
        return Linked()

    def maintain(self) -> bool:
        """Forget the sessions that are no longer open. ClickHouse merges the rest by itself."""
        with self._writing, clickhouse.questions():
            self._writer.command("OPTIMIZE TABLE open_sessions_data FINAL CLEANUP")
        return False

    def close(self) -> None:
        """Let go of the connections."""
        self._reader.close()
        self._writer.close()


_FROM = "fromUnixTimestamp64Milli({from:Int64}, 'UTC')"
_TO = "fromUnixTimestamp64Milli({to:Int64}, 'UTC')"


def _span(project_id: str, from_ms: int, to_ms: int) -> dict[str, Any]:
    return {"project": project_id, "from": rows.clamp_ms(from_ms), "to": rows.clamp_ms(to_ms)}
