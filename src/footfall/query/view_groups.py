"""View groups: page views by any of their traits, in Umami's five numbers.

Source: umami contract §5.10. Page views belong to the range by their own time. The numbers are those of
`view_traffic.py`, of what a visit and a row's values have in common: with a path, a page that a visit saw once is
a bounce, and its time is that from the visit's first to its last view of it.

values     in the order of the traits; None where there is none, but '' for a path or a query
order      by views or by visitors, then by the other, then by the values
"""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from footfall.query.conditions import NO_CONDITIONS, Conditional, Conditions, Kind, counted
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.shown_traits import NEVER_MISSING
from footfall.query.sql import ascending, column, descending, named, positions, select, source
from footfall.query.view_traffic import TrafficNumbers, measures, numbers, visits_of
from footfall.query.view_traits import Trait, trait


class GroupOrder(StrEnum):
    """What decides first."""

    VIEWS = "pageviews"
    VISITORS = "visitors"


class ViewGroup(Struct, frozen=True):
    """One combination of values and its numbers."""

    values: tuple[str | None, ...]
    numbers: TrafficNumbers


class ViewGroups(Conditional, Struct, frozen=True):
    """The question, for at least one trait."""

    range: TimeRange
    traits: tuple[Trait, ...]
    conditions: Conditions = NO_CONDITIONS
    order: GroupOrder = GroupOrder.VIEWS
    limit: int = 500

    def answer(self, reader: Reader) -> list[ViewGroup]:
        """By values and visit first, then by values."""
        number = len(self.traits)
        labels = [f"label{place}" for place in range(number)]
        values = [named(trait(reader, each), label) for label, each in zip(labels, self.traits, strict=True)]
        where = counted(reader, Kind.VIEWS, self.range, self.conditions)
        query = select(*map(column, labels), *measures(reader))
        query.from_(source(visits_of(reader, where, *values), "v"), copy=False)
        query.group_by(*positions(number), copy=False)
        order = sorted(GroupOrder, key=lambda each: each is not self.order)
        query.order_by(
            *(descending(column(each)) for each in order), *map(ascending, positions(number)), copy=False
        )
        return [
            ViewGroup(self._values(row[:number]), numbers(row[number:]))
            for row in reader.rows(query.limit(self.limit, copy=False))
        ]

    def _values(self, found: Iterable[str]) -> tuple[str | None, ...]:
        pairs = zip(self.traits, found, strict=True)
        return tuple(value if value or each in NEVER_MISSING else None for each, value in pairs)
