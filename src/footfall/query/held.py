"""Held: what the store has of a person, of a device, before a time, or of a project at all.

Asked before it is deleted, so that the report says what went (model/erasure.py says what goes).

events     rows, with the session_start and session_end of the sessions that go
sessions   open and closed ones
dwells     views whose duration is known
profiles   1 if there is a row of that id
groups     only of a whole project, as are drops (rows of the ledger, one per day and reason)
"""

from msgspec import Struct

from footfall.model.erasure import Erasure, Removed, Scope
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    both,
    column,
    count,
    differ,
    either,
    equal,
    less,
    named,
    read,
    read_sessions,
    select,
    source,
    within,
    word,
)

_SUBJECT_COLUMN = {Scope.PROFILE: "profile_id", Scope.VISITOR: "device_id"}


class SessionsOf(Struct, frozen=True):
    """The ids of the sessions that a person or device took part in: for the deletion of a subject."""

    erasure: Erasure
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> list[str]:
        """Sorted, so that the same question gives the same list."""
        name = _SUBJECT_COLUMN[self.erasure.scope]
        subject = equal(column(name), reader.text(self.erasure.subject))
        of_sessions = read_sessions([column("id")], subject)
        of_events = read("events", [column("session_id")], both(subject.copy(), _has_session()))
        return sorted({row[0] for query in (of_sessions, of_events) for row in reader.rows(query)})


class Held(Struct, frozen=True):
    """How many rows a deletion would take."""

    erasure: Erasure
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> Removed:
        """The counts per table."""
        scope = self.erasure.scope
        if scope is Scope.PROJECT:
            return Removed(
                events=_rows(reader, "events"),
                sessions=_sessions(reader, None),
                dwells=_rows(reader, "dwells"),
                profiles=_rows(reader, "profiles"),
                groups=_rows(reader, "groups"),
                drops=_rows(reader, "drops"),
            )
        if scope is Scope.AGE:
            return Removed(
                events=_rows(reader, "events", self._before(reader, "created_at")),
                sessions=_rows(reader, "sessions", self._before(reader, "ended_at")),
                dwells=_rows(reader, "dwells", self._before(reader, "viewed_at")),
            )
        return self._of_subject(reader)

    def _before(self, reader: Reader, time: str) -> Expr:
        return less(column(time), reader.instant(self.erasure.before_ms))

    def _of_subject(self, reader: Reader) -> Removed:
        def subject(name: str) -> Expr:
            return equal(column(name), reader.text(self.erasure.subject))

        def in_its_sessions(name: str) -> Expr:
            mine = subject(_SUBJECT_COLUMN[self.erasure.scope])
            ids = read_sessions([named(column("id"), "session")], mine)
            events = read("events", [named(column("session_id"), "session")], both(mine.copy(), _has_session()))
            return either([within(column(name), ids), within(column(name), events)])

        of_events = either([subject(_SUBJECT_COLUMN[self.erasure.scope]), in_its_sessions("session_id")])
        return Removed(
            events=_rows(reader, "events", of_events),
            sessions=_sessions(reader, in_its_sessions("id")),
            dwells=_rows(reader, "dwells", in_its_sessions("session_id")),
            profiles=_rows(reader, "profiles", subject("id")),
        )


def _has_session() -> Expr:
    return differ(column("session_id"), word(""))


def _rows(reader: Reader, table: str, where: Expr | None = None) -> int:
    return int(reader.rows(read(table, [count()], where))[0][0])


def _sessions(reader: Reader, where: Expr | None) -> int:
    rows = read_sessions([named(column("id"), "session")], where)
    return int(reader.rows(select(count()).from_(source(rows, "found"), copy=False))[0][0])
