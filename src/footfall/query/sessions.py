"""Sessions: the stored sessions themselves, newest first; open ones among them (openpanel contract §8.6).

sessions           those that *started* in the range and pass the filters; equal times by id
person             the profile's own sessions, and the anonymous ones of the devices of these
screen_view_count  the session's page views; one without a page counts only where it opens the session
event_count        its other events, without `session_start` and `session_end`
duration           from its first event to its last, in ms
is_bounce          whether it has fewer than two counted page views
revenue            what its events earned, in minor units

A session has many columns, most of them texts, so when those of the page started is found first, by this one
column; then only rows of that stretch of time are read.
"""

from msgspec import Struct
from msgspec.structs import replace
from sqlglot import exp

from footfall.model.event import Session
from footfall.query.filters import in_range, on_sessions
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.profile import find, sessions_of
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.records import session_records
from footfall.query.sql import (
    Expr,
    ascending,
    both,
    column,
    count,
    descending,
    named,
    read_sessions,
    select,
    source,
)
from footfall.store.schema import SESSIONS


class Sessions(Struct, frozen=True):
    """The question. `profile_id` '': of everybody."""

    range: TimeRange
    filters: Filters = NO_FILTERS
    profile_id: str = ""
    limit: int = 20
    offset: int = 0

    def answer(self, reader: Reader) -> list[Session]:
        """The times of the page, then its rows."""
        ids: tuple[str, ...] = ()
        if self.profile_id:
            person = find(reader, [self.profile_id])
            ids = person.ids if person else (self.profile_id,)
        times = self._times(reader, ids)
        if not times:
            return []
        newest, oldest = times[0], times[-1]
        skip = self.offset
        if skip:  # more than that began later, if one did a moment ago
            skip = max(skip - self._count(reader, ids, replace(self.range, start_ms=newest + 1)), 0)
        span = replace(self.range, start_ms=oldest, end_ms=newest + 1)
        order = [descending(column("created_at_")), ascending(column("id_"))]
        where = self._where(reader, ids, span)
        return session_records(reader, SESSIONS, Session, where, order=order, limit=self.limit, offset=skip)

    def _where(self, reader: Reader, ids: tuple[str, ...], span: TimeRange) -> Expr | None:
        is_own = sessions_of(reader, ids) if ids else None
        return both(in_range(reader, span), is_own, on_sessions(reader, self.filters, span))

    def _times(self, reader: Reader, ids: tuple[str, ...]) -> list[int]:
        """When the sessions of the page started, in ms, newest first."""
        page = self._started(reader, ids, self.range, reader.engine.epoch_ms(column("started")))
        page.order_by(descending(column("started")), copy=False)
        page.limit(self.limit, copy=False).offset(self.offset, copy=False)
        return [int(row[0]) for row in reader.rows(page)]

    def _count(self, reader: Reader, ids: tuple[str, ...], span: TimeRange) -> int:
        return int(reader.rows(self._started(reader, ids, span, count()))[0][0])

    def _started(self, reader: Reader, ids: tuple[str, ...], span: TimeRange, value: Expr) -> exp.Select:
        """A value of the column `started` of these sessions."""
        rows = read_sessions([named(column("created_at"), "started")], self._where(reader, ids, span))
        return select(named(value, "found")).from_(source(rows, "s"), copy=False)
