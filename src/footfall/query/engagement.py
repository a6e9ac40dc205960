"""Engagement: how long ago the known people of a project were last active.

Source: openpanel contract §8.6, §12.2.

total_identified_users   profiles that are not just a device and were ever active
days                     from the day of the last activity to today, on the project's calendar; 0: today
active_last_7_days       people last active up to 7 days ago
active_8_to_14_days      8 to 14 days ago
active_15_to_30_days     15 to 30
inactive_31_to_60_days   31 to 60
churned_60_plus_days     longer ago

Active is who began or ended a session, or did something outside of one.
"""

from msgspec import Struct
from sqlglot import exp

from footfall.query.activity import People, activity
from footfall.query.buckets import Interval, buckets
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import column, count, largest, named, positions, select, source


class EngagementAnswer(Struct, frozen=True):
    """How many people by the days since they were last active, ascending."""

    distribution: list[tuple[int, int]]

    @property
    def people(self) -> int:
        """All of them."""
        return self.between(0, None)

    def between(self, least: int, most: int | None) -> int:
        """Those last active so many days ago; None: any number."""
        return sum(users for days, users in self.distribution if least <= days and (most is None or days <= most))


class Engagement(Struct, frozen=True):
    """The question. The range is from the first event to the end of today."""

    range: TimeRange
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> EngagementAnswer:
        """One row for each number of days."""
        today = buckets(TimeRange(self.range.end_ms - 1, self.range.end_ms, self.range.zone), Interval.DAY)[0].key
        found = reader.rows(_by_last_day(reader, self.range))
        return EngagementAnswer(sorted((today - int(day), int(users)) for day, users in found))


def _by_last_day(reader: Reader, span: TimeRange) -> exp.Select:
    rows = activity(reader, span, Interval.DAY, People.KNOWN)
    last = select(column("who"), named(largest(column("slot")), "last_slot")).from_(source(rows, "r"), copy=False)
    last.group_by(column("who"), copy=False)
    query = select(column("last_slot"), named(count(), "users")).from_(source(last, "l"), copy=False)
    return query.group_by(*positions(1), copy=False)
