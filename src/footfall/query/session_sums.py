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
    at_least,
    both,
    column,
    count,
    distinct,
    equal,
    integer,
    more,
    named,
    read,
    read_sessions,
    select,
    source,
    total,
    within,
)
from footfall.store.base import Linked

_INSIDE_A_DAY = (Interval.MINUTE, Interval.HOUR, Interval.DAY)
_MEASURED = ("is_bounce", "duration", "screen_view_count")


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
        """From what sessions know of the one before, where they do; else all at once, or in parts.

        In parts where the days before an instant are quicker, or known: they are kept, so that with each new
        event only its day is worked out again.
        """
        if self.filters.items:
            return self._at_once(reader)
        linked = reader.linked()
        found = self._of_linked(reader, linked)
        if found is not None:
            return found
        edge_ms = reader.undone_ms
        if edge_ms is None and linked.since_ms <= self.range.start_ms:
            edge_ms = linked.until_ms
        parts = self.range.parted(edge_ms) if self.interval in _INSIDE_A_DAY else None
        return self._in_parts(reader, *parts) if parts else self._at_once(reader)

    def _of_linked(self, reader: Reader, linked: Linked) -> SumsAnswer | None:
        """Each session tells by itself whether it is its visitor's first in the range, and in its bucket."""
        if not linked.covers(self.range.start_ms, self.range.end_ms):
            return None
        # When the visitor came before in this range: for sessions, few, that are not his first in it.
        came_before = at_least(column("visitor_before"), reader.instant(self.range.start_ms))
        slot_before = reader.engine.case([(came_before, self._key(reader, "visitor_before"))], exp.Null())
        rows = read(
            "sessions",
            [self._slot(reader), named(slot_before, "slot_before"), *map(column, _MEASURED)],
            in_range(reader, self.range),
        )
        measures = [
            *_measures(),
            named(count(equal(column("slot_before"), column("slot"))), "again_in_slot"),
            named(exp.Count(this=column("slot_before")), "again"),
        ]
        query = select(column("slot"), *measures).from_(source(rows, "r"), copy=False)
        found = reader.rows(query.group_by(column("slot"), copy=False))
        if reader.linked() != linked:
            return None
        slots = {
            int(slot): Sums(*map(int, (*sums, sums[0] - (again_in_slot or 0))))
            for slot, *sums, again_in_slot, _ in found
        }
        whole = Sums(*(sum(each) for each in zip(*map(astuple, slots.values()), strict=True)))
        visitors = whole.sessions - sum(int(row[-1]) for row in found)
        return SumsAnswer(replace(whole, visitors=visitors), slots)

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
        rows = self._rows(reader, *map(column, _MEASURED), _visitor(reader))
        whole, found = rolled_up(reader, rows, *_measures(), named(distinct(column("visitor")), "visitors"))
        return SumsAnswer(Sums(*map(int, whole)), {key: Sums(*map(int, row)) for key, row in found.items()})

    def _rows(self, reader: Reader, *columns: Expr) -> exp.Query:
        where = both(in_range(reader, self.range), on_sessions(reader, self.filters, self.range))
        return read_sessions([self._slot(reader), *columns], where)

    def _slot(self, reader: Reader) -> Expr:
        return named(self._key(reader, "created_at"), "slot")

    def _key(self, reader: Reader, time: str) -> Expr:
        return bucket_key(reader.engine, column(time), self.range, self.interval)


def _measures() -> list[Expr]:
    """All but the visitors, in the order of `Sums`."""
    return [
        named(count(), "sessions"),
        named(count(column("is_bounce")), "bounces"),
        named(total(column("duration")), "milliseconds"),
        named(count(more(column("duration"), integer(0))), "timed"),
        named(total(column("screen_view_count")), "views"),
    ]


def _visitor(reader: Reader) -> Expr:
    return named(reader.engine.visitor(), "visitor")
