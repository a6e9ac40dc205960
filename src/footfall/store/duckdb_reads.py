"""What is read of a DuckDB file: answers to questions, and what the sessionizer needs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any

import duckdb

from footfall.model.errors import Overloaded
from footfall.model.event import Event, Profile, Session
from footfall.store import duckdb_rows as rows
from footfall.store.arrow import arrow_texts
from footfall.store.base import TOO_LONG, Row
from footfall.store.deadline import Deadlines
from footfall.store.duckdb_file import GIVEN_UP, DuckDBFile
from footfall.store.schema import OPEN_SESSIONS, SESSIONS

if TYPE_CHECKING:
    from sqlglot import exp

    from footfall.store.duckdb_statements import Statements

_ROWS_AT_ONCE = 2_000


class DuckDBReads:
    """The reading half of the store: by any thread, each on its own cursor; a question for so many seconds."""

    def __init__(self, file: DuckDBFile, query_seconds: float) -> None:
        self._file = file
        self.query_seconds = query_seconds
        self._deadlines = Deadlines(query_seconds)

    # -- what the sessionizer needs

    def open_sessions(self) -> list[Session]:
        """The sessions that were open at the last write, with the pages they saw."""
        sessions: list[Session] = []
        with self._reading() as cursor:
            cursor.execute(f"SELECT {rows.session_columns(OPEN_SESSIONS)} FROM open_sessions")
            # Rows take as much memory as what is made of them, so never all at once.
            while some := cursor.fetchmany(_ROWS_AT_ONCE):
                sessions += [rows.session(row, is_open=True) for row in some]
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
        found = self._fetch(
            f"SELECT {rows.session_columns(SESSIONS)} FROM sessions "
            f"WHERE project_id = ? AND {column} IN (SELECT wanted FROM wanted) "
            "AND created_at <= make_timestamp_ms(?) AND ended_at >= make_timestamp_ms(?)",
            [project_id, to_ms, from_ms],
            wanted=list(keys),
        )
        sessions = [rows.session(row, is_open=False) for row in found]
        self._attach_pages(sessions)
        return sessions

    def _attach_pages(self, sessions: Sequence[Session]) -> None:
        if not sessions:
            return
        # A row for each page, with the places of those who saw it: one for each view would be very many objects.
        found = self._fetch(
            "SELECT origin, path, list(place) FROM events_data JOIN (SELECT unnest(?::VARCHAR[]) AS project_id, "
            "unnest(?::VARCHAR[]) AS session_id, unnest(range(?)) AS place) "
            "USING (project_id, session_id) WHERE first_view "
            "AND created_at >= make_timestamp_ms(?) AND created_at <= make_timestamp_ms(?) GROUP BY ALL",
            [
                [session.project_id for session in sessions],
                [session.id for session in sessions],
                len(sessions),
                min(session.created_at for session in sessions),
                max(session.ended_at for session in sessions),
            ],
        )
        for origin, path, places in found:
            page = (origin, path)
            for place in places:
                sessions[place].pages.add(page)

    def views_of(self, project_id: str, session_ids: Iterable[str], from_ms: int, to_ms: int) -> list[Event]:
        """The screen views (id, time, origin, path, session) of these sessions, oldest first."""
        found = self._fetch(
            "SELECT id::VARCHAR, epoch_ms(created_at), origin, path, session_id FROM events "
            "WHERE project_id = ? AND name = 'screen_view' AND path <> '' "
            "AND created_at BETWEEN make_timestamp_ms(?) AND make_timestamp_ms(?) "
            "AND session_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY created_at",
            [project_id, from_ms, to_ms, list(session_ids)],
        )
        return [
            Event(
                id=row[0], project_id=project_id, name="screen_view", created_at=row[1],
                origin=row[2], path=row[3], session_id=row[4],
            )
            for row in found
        ]  # fmt: skip

    def event_ids_known(self, project_id: str, ids: Sequence[str], from_ms: int, to_ms: int) -> set[str]:
        """Which of these event ids are already stored within the span (inclusive)."""
        found = self._fetch(
            "SELECT id::VARCHAR FROM events WHERE project_id = ? "
            "AND created_at BETWEEN make_timestamp_ms(?) AND make_timestamp_ms(?) "
            "AND id IN (SELECT wanted::UUID FROM wanted)",
            [project_id, from_ms, to_ms],
            wanted=ids,
        )
        return {row[0] for row in found}

    def profiles(self, project_id: str, ids: Iterable[str]) -> dict[str, Profile]:
        """The stored profiles among these ids."""
        found = self._fetch(
            f"SELECT {rows.profile_columns()} FROM profiles "
            "WHERE project_id = ? AND id IN (SELECT unnest(?::VARCHAR[]))",
            [project_id, list(ids)],
        )
        profiles = [rows.profile(row) for row in found]
        return {profile.id: profile for profile in profiles}

    def groups_created(self, project_id: str, ids: Iterable[str]) -> dict[str, int]:
        """When the stored groups among these ids were created, ms UTC."""
        found = self._fetch(
            "SELECT id, epoch_ms(created_at) FROM groups "
            "WHERE project_id = ? AND id IN (SELECT unnest(?::VARCHAR[]))",
            [project_id, list(ids)],
        )
        return dict(found)

    # -- reading

    def query(
        self, select: "exp.Query", params: Mapping[str, object] | None = None, *, is_patient: bool = False
    ) -> list[Row]:
        """Run a read with bound parameters. Raises Overloaded at the time or memory limit."""
        values = dict(params or {})
        with self._reading() as cursor, nullcontext() if is_patient else self._deadlines.of(cursor):
            return cursor.execute(self._statements.of(cursor, select, values), values or None).fetchall()

    @cached_property
    def _statements(self) -> "Statements":
        # Hits need no statements of questions: a start need not wait for what writes them.
        from footfall.store.duckdb_statements import Statements

        return Statements()

    def whole(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """This thread's cursor, for who reads all that there is and takes his time."""
        return self._file.cursor()

    def _fetch(self, sql: str, params: Any = None, *, wanted: Sequence[str] | None = None) -> list[Row]:
        """The rows of a query, in which texts that are `wanted` are a table of that name.

        It may take its time: no hit is stored before what is known of its visitor has been read.
        """
        with self._reading() as cursor:
            if wanted is not None:
                # As a parameter, a list of 100,000 texts takes five times as long.
                cursor.register("wanted", arrow_texts("wanted", wanted))
            return cursor.execute(sql, params).fetchall()

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """This thread's cursor. Raises Overloaded at the memory limit, or if what runs is interrupted."""
        try:
            with self._file.cursor() as cursor:
                yield cursor
        except duckdb.InterruptException as error:
            raise Overloaded(TOO_LONG) from error
        except duckdb.OutOfMemoryException as error:
            raise Overloaded("the question needs more memory than the limit; ask for less", 1) from error
        except GIVEN_UP as error:
            raise Overloaded("the store had to be opened again; ask again", 1) from error
