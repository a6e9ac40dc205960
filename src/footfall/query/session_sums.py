"""Session sums: what the headline numbers (overview.py) are made of, so that parts of a range can be added.

A session belongs to the time bucket in which it started.

sessions      those that started in the range or bucket
bounces       of them, those with fewer than two counted page views
milliseconds  the durations of the `timed` ones
timed         those that have a duration
views         their page views
visitors      distinct profiles of them

Of two parts that follow each other all are added but the visitors of both.
"""

from msgspec import Struct
from msgspec.structs import astuple, replace
from sqlglot import exp

from footfall.query.buckets import Interval, bucket_key
from footfall.query.filters import in_range, on_sessions
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.ranges import TimeRange
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
    """Of a bucket or of all."""

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
        is_divisible = not self.filters.items and self.interval in _INSIDE_A_DAY
        parts = self.range.parted(reader.undone_ms) if is_divisible else None
        return self._in_parts(reader, *parts) if parts else self._at_once(reader)

    def _in_parts(self, reader: Reader, *parts: TimeRange) -> SumsAnswer:
        over, latest = (SessionSums(part, self.interval) for part in parts)
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
