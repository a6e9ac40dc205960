"""View traffic: the headline numbers of the page views of a range, and two of them per time bucket.

Only page views count, each by its own time: a visit that goes on over the end of the range is cut there, and with
conditions a visit is what is left of it. Source: umami contract §4.3, §9.

pageviews  page views
visitors   distinct visitors (devices) of them
visits     distinct visits (sessions) of them
bounces    visits with exactly one of these page views
totaltime  whole seconds from a visit's first to its last page view, summed over the visits
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct
from sqlglot import exp

from footfall.query.buckets import Interval, bucket_key
from footfall.query.conditions import NO_CONDITIONS, Conditional, Conditions, Kind, counted
from footfall.query.ranges import TimeRange, to_ms
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    ascending,
    column,
    count,
    differ,
    distinct,
    equal,
    integer,
    largest,
    named,
    positions,
    read,
    select,
    smallest,
    source,
    total,
    word,
)

_FIRST_DAY = date(1970, 1, 1).toordinal()


class Unit(StrEnum):
    """How long a bucket is."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class TrafficNumbers(Struct, frozen=True):
    """The headline numbers; `totaltime` in seconds."""

    pageviews: int = 0
    visitors: int = 0
    visits: int = 0
    bounces: int = 0
    totaltime: int = 0


class Slot(Struct, frozen=True):
    """A bucket: when it starts (UTC ms), its page views and its distinct visitors."""

    start_ms: int
    views: int
    visitors: int


class Traffic(Conditional, Struct, frozen=True):
    """The question for the numbers."""

    range: TimeRange
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> TrafficNumbers:
        """One aggregation of page views by visit."""
        visits = visits_of(reader, counted(reader, Kind.VIEWS, self.range, self.conditions))
        row = reader.rows(select(*measures(reader)).from_(source(visits, "v"), copy=False))[0]
        return numbers(row)


class TrafficSeries(Conditional, Struct, frozen=True):
    """The question for the buckets that have page views, in order."""

    range: TimeRange
    unit: Unit
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> list[Slot]:
        """One aggregation of page views by bucket."""
        columns = [slot_key(reader, self.range, self.unit), named(who_of(reader), "who")]
        views = read("events", columns, counted(reader, Kind.VIEWS, self.range, self.conditions))
        query = select(
            column("slot"),
            named(count(), "views"),
            named(distinct(column("who"), is_somebody(reader)), "visitors"),
        ).from_(source(views, "v"), copy=False)
        query.group_by(*positions(1), copy=False).order_by(ascending(column("slot")), copy=False)
        return [
            Slot(slot_start(int(slot), self.range, self.unit), views, visitors)
            for slot, views, visitors in reader.rows(query)
        ]


def who_of(reader: Reader) -> Expr:
    """What stands for the visitor of an event."""
    return reader.engine.key(column("device_id"))


def is_somebody(reader: Reader, who: str = "who") -> Expr:
    """Whether `who` stands for anybody: an event may have no visitor, or no visit."""
    return differ(column(who), reader.engine.key(word("")))


VISIT_COLUMNS = ("device_id", "session_id", "created_at")
"""What `visits_of` reads."""


def visits_of(reader: Reader, where: Expr | None, *more: Expr, of: exp.Select | None = None) -> exp.Select:
    """Rows of `who`, `visit`, `seen`, `first_ms`, `last_ms` of these events, told apart by `more` as well.

    `of`: rows with VISIT_COLUMNS and whatever `more` is made of, in place of the events for which `where` holds.
    """
    engine = reader.engine
    columns = [*more, named(who_of(reader), "who"), named(engine.key(column("session_id")), "visit")]
    time = column("created_at")
    values = [
        named(count(), "seen"),
        named(engine.epoch_ms(smallest(time)), "first_ms"),
        named(engine.epoch_ms(largest(time.copy())), "last_ms"),
    ]
    events = select(*columns, *values)
    rows = events.from_(source(of, "o"), copy=False) if of else read("events", events.expressions, where)
    return rows.group_by(*positions(len(columns)), copy=False)


def measures(reader: Reader) -> list[Expr]:
    """What the rows of `visits_of` come to, for `numbers`."""
    in_visit = is_somebody(reader, "visit")
    span = exp.Sub(this=column("last_ms"), expression=column("first_ms"))
    seconds = reader.engine.whole(span, 1000)
    lone = exp.and_(equal(column("seen"), integer(1)), in_visit.copy(), copy=False)
    return [
        named(total(column("seen")), "pageviews"),
        named(distinct(column("who"), is_somebody(reader)), "visitors"),
        named(distinct(column("visit"), in_visit.copy()), "visits"),
        named(count(lone), "bounces"),
        named(total(reader.engine.case([(in_visit, seconds)], integer(0))), "totaltime"),
    ]


def numbers(row: Sequence[int | None]) -> TrafficNumbers:
    """The numbers from a row of `measures`."""
    return TrafficNumbers(*(int(value or 0) for value in row))


def slot_key(reader: Reader, span: TimeRange, unit: Unit) -> Expr:
    """`slot`: the number of the bucket that an event's time falls into."""
    if unit is Unit.YEAR:
        months = bucket_key(reader.engine, column("created_at"), span, Interval.MONTH)
        return named(reader.engine.whole(months, 12), "slot")
    return named(bucket_key(reader.engine, column("created_at"), span, Interval(unit.value)), "slot")


def slot_start(slot: int, span: TimeRange, unit: Unit) -> int:
    """When the bucket of that number starts, UTC ms."""
    match unit:
        case Unit.YEAR:
            return to_ms(date(slot, 1, 1), span.zone)
        case Unit.MONTH:
            return to_ms(date(slot // 12, slot % 12 + 1, 1), span.zone)
        case Unit.DAY:
            return to_ms(date.fromordinal(slot + _FIRST_DAY), span.zone)
        case _:
            return slot
