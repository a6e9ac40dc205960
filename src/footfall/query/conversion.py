"""Conversion: of those that did one thing, how many did another one afterwards, per time bucket.

Source: openpanel contract §12.2. Two steps of a funnel (`query/funnel.py`), within a window of the first.

total         groups (sessions or profiles) that did the first step
conversions   those of them that did the second step strictly later, within the window of any of their firsts
rate          percent of conversions in the total, 2 decimals; 0 of nothing

A group is in the bucket of its first event of the first step, and under that event's value of the breakdown, of
two at the same time the value that comes first. Buckets without a group are there, with zeros. Series are ordered
by their total, the largest first.
"""

from msgspec import Struct
from sqlglot import exp

from footfall.model.errors import BadRequest
from footfall.query.buckets import Bucket, Interval, bucket_of_ms, buckets
from footfall.query.compare import text_of
from footfall.query.fields import canonical, event_field
from footfall.query.funnel import BEGUN, Funnel, Grouping, Step, with_levels
from footfall.query.operators import Filters
from footfall.query.overview import percent
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    column,
    count,
    named,
    positions,
    select,
    smallest,
    source,
    within,
)


class Converted(Struct, frozen=True):
    """How many, and how many of them did the second thing."""

    total: int = 0
    conversions: int = 0

    @property
    def rate(self) -> float:
        """In percent."""
        return percent(self.conversions, self.total)


class ConversionSeries(Struct, frozen=True):
    """One value of the breakdown, None without one; its sum and its buckets."""

    value: str | None
    sum: Converted
    points: list[tuple[Bucket, Converted]]


class Conversion(Struct, frozen=True):
    """The question; `breakdown` is the name of an event's field or property."""

    range: TimeRange
    first: Step
    second: Step
    window_ms: int
    by: Grouping = Grouping.SESSION
    interval: Interval = Interval.DAY
    breakdown: str = ""

    @property
    def filters(self) -> Filters:
        """Those of both steps."""
        return self._funnel.filters

    @property
    def _funnel(self) -> Funnel:
        return Funnel(self.range, (self.first, self.second), self.window_ms, self.by)

    def answer(self, reader: Reader) -> list[ConversionSeries]:
        """One series, or one a value. Raises BadRequest for a breakdown that events don't have."""
        slots = buckets(self.range, self.interval)
        found: dict[str | None, dict[int, Converted]] = {}
        for value, slot, total, conversions in reader.rows(_query(reader, self)):
            found.setdefault(value if self.breakdown else None, {})[int(slot)] = Converted(total, conversions)
        if not self.breakdown:
            found.setdefault(None, {})
        series = [
            ConversionSeries(
                value,
                Converted(
                    sum(each.total for each in points.values()),
                    sum(each.conversions for each in points.values()),
                ),
                [(slot, points.get(slot.key, Converted())) for slot in slots],
            )
            for value, points in found.items()
        ]
        return sorted(series, key=lambda each: (-each.sum.total, each.value or ""))


def _query(reader: Reader, asked: Conversion) -> exp.Select:
    value = named(_breakdown(reader, asked.breakdown), "label")
    first = named(smallest(column("at")), "first_at")
    order = reader.engine.tuple_of([column("at"), column("label")])
    label = named(reader.engine.earliest(column("label"), order), "first_label")
    firsts = select(column("who"), first, label).from_(exp.to_table(BEGUN), copy=False)
    firsts.group_by(column("who"), copy=False)
    slot = bucket_of_ms(reader.engine, column("first_at"), asked.range, asked.interval)
    got_on = within(column("who"), select(column("who")).from_(exp.to_table("level_2"), copy=False))
    query = select(
        column("first_label"),
        named(slot, "slot"),
        named(count(), "total"),
        named(count(got_on), "conversions"),
    )
    query.from_(source(firsts, "f"), copy=False).group_by(*positions(2), copy=False)
    return with_levels(reader, asked._funnel, query, value)


def _breakdown(reader: Reader, name: str) -> Expr:
    if not name:
        return reader.text("")
    field = event_field(canonical(name))
    if field is None:
        raise BadRequest(f"{name[:60]!r} is not a field of events", "breakdowns", "invalid")
    return text_of(reader, field)
