"""Session sums: what the headline numbers of a range's sessions are made of, in all and per time bucket.

A session belongs to the bucket in which it started. Visitors are distinct profiles, in all over the whole range.
"""

from msgspec import Struct
from msgspec.structs import astuple, replace
from sqlglot import exp

from footfall.query.buckets import Interval, bucket_key
from footfall.query.filters import in_range, on_sessions
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.ranges import TimeRange, local, to_ms
from footfall.query.reader import Reader
from footfall.query.rollup import rolled_up
from footfall.query.sql import (
    Expr,
    both,
    column,
    count,
    distinct,
    integer,
    more,
    named,
    read_sessions,
    select,
    source,
    total,
    within,
)

_INSIDE_A_DAY = (Interval.MINUTE, Interval.HOUR, Interval.DAY)


class Sums(Struct, frozen=True):
    """Of a bucket or of all. `milliseconds` is of the `timed` ones, which have a duration."""

    sessions: int = 0
    bounces: int = 0
    milliseconds: int = 0
    timed: int = 0
    views: int = 0
    visitors: int = 0


class SumsAnswer(Struct, frozen=True):
    """In all, and by the key of each bucket that has any."""

    whole: Sums
    buckets: dict[int, Sums]


class SessionSums(Struct, frozen=True):
    """The question."""

    range: TimeRange
    interval: Interval
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> SumsAnswer:
        """All at once; or, where that was slow and later events undid it, the days before these apart.

        They are kept, so that with each new event only its day is worked out again.
        """
        edge_ms = self._edge(reader)
        return self._at_once(reader) if edge_ms is None else self._in_parts(reader, edge_ms)

    def _edge(self, reader: Reader) -> int | None:
        """The midnight before what changed, if a part of the range is over by then and can be told apart."""
        changed_ms = reader.undone_ms
        if changed_ms is None or self.filters.items or self.interval not in _INSIDE_A_DAY:
            return None
        if not self.range.start_ms < changed_ms < self.range.end_ms:
            return None
        edge_ms = to_ms(local(int(changed_ms), self.range.zone).date(), self.range.zone)
        return edge_ms if edge_ms > self.range.start_ms else None

    def _in_parts(self, reader: Reader, edge_ms: int) -> SumsAnswer:
        over = self._of(self.range.start_ms, edge_ms)
        latest = self._of(edge_ms, self.range.end_ms)
        before, now = reader.ask(over), latest._at_once(reader)
        # Who came on the latest days are few: they are looked for among the many before, and not the other way.
        here, there = (source(each._rows(reader, _visitor(reader)), "r") for each in (over, latest))
        seen = within(column("visitor"), select(column("visitor")).from_(there, copy=False))
        again = select(named(distinct(column("visitor")), "visitors")).from_(here, copy=False)
        common = int(reader.rows(again.where(seen, copy=False))[0][0])
        pairs = zip(astuple(before.whole), astuple(now.whole), strict=True)
        whole = Sums(*(one + other for one, other in pairs))
        visitors = whole.visitors - common
        return SumsAnswer(replace(whole, visitors=visitors), before.buckets | now.buckets)

    def _of(self, start_ms: int, end_ms: int) -> "SessionSums":
        return SessionSums(TimeRange(start_ms, end_ms, self.range.zone), self.interval, self.filters)

    def _at_once(self, reader: Reader) -> SumsAnswer:
        columns = [column("is_bounce"), column("duration"), column("screen_view_count")]
        whole, found = rolled_up(
            reader,
            self._rows(reader, *columns, _visitor(reader)),
            named(count(), "sessions"),
            named(count(column("is_bounce")), "bounces"),
            named(total(column("duration")), "milliseconds"),
            named(count(more(column("duration"), integer(0))), "timed"),
            named(total(column("screen_view_count")), "views"),
            named(distinct(column("visitor")), "visitors"),
        )
        return SumsAnswer(Sums(*map(int, whole)), {key: Sums(*map(int, row)) for key, row in found.items()})

    def _rows(self, reader: Reader, *columns: Expr) -> exp.Query:
        slot = named(bucket_key(reader.engine, column("created_at"), self.range, self.interval), "slot")
        where = both(in_range(reader, self.range), on_sessions(reader, self.filters, self.range))
        return read_sessions([slot, *columns], where)


def _visitor(reader: Reader) -> Expr:
    return named(reader.engine.visitor(), "visitor")
