"""Active users: for each day of a range, who was active in the last days up to it.

Source: openpanel contract §8.6, §12.2.

users        distinct profiles, anonymous ones included, that were active on that day or one of the days before it
             in the window, on the project's calendar
window_days  how many days that are; windows of 1, 7 and 30 are called DAU, WAU and MAU

Active is who began or ended a session, or did something outside of one. Days before the range count for the
first days of it, and no day comes after the range's last.
"""

from itertools import accumulate

from msgspec import Struct
from sqlglot import exp

from footfall.query.activity import People, active_slots, activity
from footfall.query.buckets import Bucket, Interval, buckets
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.ranges import DAY, TimeRange, to_ms
from footfall.query.reader import Reader
from footfall.query.sql import column, count, integer, more, named, positions, select, source

LABELS = {1: "DAU", 7: "WAU", 30: "MAU"}


class ActiveUsers(Struct, frozen=True):
    """The question."""

    range: TimeRange
    days: int = 7
    filters: Filters = NO_FILTERS

    @property
    def label(self) -> str:
        """What such a number is called."""
        return LABELS.get(self.days, f"{self.days}d active")

    def answer(self, reader: Reader) -> list[tuple[Bucket, int]]:
        """Every day of the range, with its users."""
        first = to_ms(self.range.first_day - (self.days - 1) * DAY, self.range.zone)
        wider = TimeRange(min(first, self.range.start_ms), self.range.end_ms, self.range.zone)
        slots = buckets(wider, Interval.DAY)
        changes = dict.fromkeys(range(slots[0].key, slots[-1].key + self.days + 1), 0)
        for since, until, users in reader.rows(_stays(reader, wider, self.days)):
            changes[since] += users
            changes[until] -= users
        running = dict(zip(changes, accumulate(changes.values()), strict=True))
        shown = buckets(self.range, Interval.DAY)
        return [(slot, running[slot.key]) for slot in shown]


def _stays(reader: Reader, span: TimeRange, days: int) -> exp.Select:
    """How many began to count on one day and stopped on another, or began anew there."""
    rows = active_slots(activity(reader, span, Interval.DAY, People.PROFILES))
    over = exp.Add(this=column("slot"), expression=integer(days))
    is_back = exp.and_(
        more(column("following"), column("slot")), more(over.copy(), column("following")), copy=False
    )
    until = reader.engine.case([(is_back, column("following"))], over)
    query = select(column("slot"), named(until, "until"), named(count(), "users"))
    return query.from_(source(rows, "s"), copy=False).group_by(*positions(2), copy=False)
