"""Retention: who comes back, week after week, and cohort by cohort.

Source: openpanel contract §8.6, §12.2; umami contract §5.9. Weeks start on Monday, and all on the project's
calendar.

active_users     known people that were active in the week
retained_users   those of them that were active in the next week too; of the last week 0
retention        percent of these in those, not rounded; 0 of nothing

Known people are profiles that are not just a device. Active is who began or ended a session, or did something
outside of one.

sum           a cohort: the people whose first activity in the range, or first `first` event, fell into this
              day, week or month
values        column k: those of the cohort that were active, or did a `second` event, exactly k intervals
              later (`on`), or k or more later (`on_or_after`)
percentages   values as a share of the cohort, from 0 to 1, 2 decimals
average       of all cohorts: the mean size, rounded, and for each column the share of the people in those
              cohorts for which the k-th interval is over; 0 if there is none

A named event counts for the person that its own profile is, so not before a sign-in. Cohorts of nobody are
left out. Umami's retention is the one by day, `on`, of devices, for its first 32 columns; with conditions only the
events that pass them are activity.
"""

from enum import StrEnum
from itertools import accumulate

from msgspec import Struct
from sqlglot import exp

from footfall.model.errors import BadRequest
from footfall.model.times import DAY_MS
from footfall.query.activity import People, active_slots, activity
from footfall.query.buckets import Bucket, Interval, buckets
from footfall.query.conditions import NO_CONDITIONS, Conditional, Conditions, passing
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    at_least,
    column,
    count,
    distinct,
    equal,
    integer,
    largest,
    named,
    positions,
    select,
    smallest,
    source,
)
from footfall.query.view_traffic import Unit, slot_start

MAX_COHORTS = 400
"""Intervals in a range; the answer grows with their square."""

_LONGEST_MS = 32 * DAY_MS


class Week(Struct, frozen=True):
    """One week of the series."""

    bucket: Bucket
    active_users: int = 0
    retained_users: int = 0

    @property
    def retention(self) -> float:
        """In percent."""
        return 100 * self.retained_users / self.active_users if self.active_users else 0


class WeeklyRetention(Struct, frozen=True):
    """The question: every week of the range."""

    range: TimeRange
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> list[Week]:
        """Weeks without anybody are there too."""
        rows = active_slots(activity(reader, self.range, Interval.WEEK, People.KNOWN))
        stayed = equal(column("following"), exp.Add(this=column("slot"), expression=integer(1)))
        query = select(column("slot"), named(count(), "active"), named(count(stayed), "retained"))
        query.from_(source(rows, "s"), copy=False).group_by(*positions(1), copy=False)
        found = {int(slot): (active, retained or 0) for slot, active, retained in reader.rows(query)}
        return [Week(slot, *found.get(slot.key, (0, 0))) for slot in buckets(self.range, Interval.WEEK)]


class Criterion(StrEnum):
    """When a person counts as back."""

    ON = "on"
    ON_OR_AFTER = "on_or_after"


class Cohort(Struct, frozen=True):
    """The people who began in one interval, and how many of them came back in each one from then on."""

    bucket: Bucket
    sum: int
    values: list[int]

    @property
    def percentages(self) -> list[float]:
        """As shares of all."""
        return [round(value / self.sum, 2) for value in self.values]


class CohortsAnswer(Struct, frozen=True):
    """The cohorts in order, and their average: size, and share by column."""

    cohorts: list[Cohort]
    average_sum: int = 0
    average: list[float] = []


class Cohorts(Conditional, Struct, frozen=True):
    """The question. `first` and `second` are names of events, any of which counts; none: any activity.

    Whoever cuts `now_ms` at the range's end asks the same of what is over.
    """

    range: TimeRange
    now_ms: int
    interval: Interval = Interval.WEEK
    first: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    criterion: Criterion = Criterion.ON_OR_AFTER
    people: People = People.KNOWN
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> CohortsAnswer:
        """Raises BadRequest when the range has too many intervals."""
        slots = buckets(self.range, self.interval)
        if len(slots) > MAX_COHORTS:
            raise BadRequest(f"the range has more than {MAX_COHORTS} {self.interval}s", "interval", "too_big")
        backs = {(int(slot), int(later)): int(people) for slot, later, people in reader.rows(_backs(reader, self))}
        sizes = self._sizes(reader, backs)
        cohorts = [
            Cohort(slot, sizes[slot.key], self._values(backs, slot.key, len(slots)))
            for slot in slots
            if slot.key in sizes
        ]
        if not cohorts:
            return CohortsAnswer([])
        mean = round(sum(cohort.sum for cohort in cohorts) / len(cohorts))
        return CohortsAnswer(cohorts, mean, self._average(cohorts, slots))

    def _sizes(self, reader: Reader, backs: dict[tuple[int, int], int]) -> dict[int, int]:
        """How many began in each slot. Where the same brings people back, everybody is among those."""
        if self.first != self.second:
            return {int(slot): int(people) for slot, people in reader.rows(_sizes(reader, self))}
        sizes: dict[int, int] = {}
        for (slot, later), people in backs.items():
            if later == 0 or self.criterion is Criterion.ON_OR_AFTER:
                sizes[slot] = sizes.get(slot, 0) + people
        return sizes

    def _values(self, backs: dict[tuple[int, int], int], slot: int, columns: int) -> list[int]:
        values = [backs.get((slot, later), 0) for later in range(columns)]
        if self.criterion is Criterion.ON:
            return values
        return list(accumulate(reversed(values)))[::-1]  # there they are by their last time

    def _average(self, cohorts: list[Cohort], slots: list[Bucket]) -> list[float]:
        over = sum(end_ms <= min(self.now_ms, self.range.end_ms) for end_ms in self._ends(slots))
        places = {slot.key: place for place, slot in enumerate(slots)}
        shares = []
        for later in range(len(slots)):
            old = [cohort for cohort in cohorts if places[cohort.bucket.key] + later < over]
            people = sum(cohort.sum for cohort in old)
            shares.append(round(sum(cohort.values[later] for cohort in old) / people, 2) if people else 0)
        return shares

    def _ends(self, slots: list[Bucket]) -> list[int]:
        longer = TimeRange(self.range.start_ms, self.range.end_ms + _LONGEST_MS, self.range.zone)
        return [slot.start_ms for slot in buckets(longer, self.interval)][1 : len(slots) + 1]


class DayCohort(Struct, frozen=True):
    """The visitors who first came on the local day that starts at `start_ms` (UTC), and how many of them were
    there so many days later; days without any are left out.
    """

    start_ms: int
    sum: int
    back: dict[int, int]


class DailyCohorts(Conditional, Struct, frozen=True):
    """The question for Umami's retention, whose range may have any number of days: only those with a cohort are
    in the answer, in order.
    """

    range: TimeRange
    days: int
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> list[DayCohort]:
        """Whoever is in a cohort was there on its day 0."""
        asked = Cohorts(
            range=self.range,
            now_ms=self.range.end_ms,
            interval=Interval.DAY,
            criterion=Criterion.ON,
            people=People.DEVICES,
            conditions=self.conditions,
        )
        found: dict[int, dict[int, int]] = {}
        for slot, later, people in sorted(reader.rows(_backs(reader, asked))):
            found.setdefault(int(slot), {})[int(later)] = int(people)
        return [
            DayCohort(
                slot_start(slot, self.range, Unit.DAY),
                back[0],
                {later: people for later, people in back.items() if later < self.days},
            )
            for slot, back in found.items()
        ]


def _activity(reader: Reader, asked: Cohorts, names: tuple[str, ...]) -> exp.Query:
    where = passing(reader, asked.conditions, asked.range)
    return activity(reader, asked.range, asked.interval, asked.people, names, where)


def _firsts(reader: Reader, asked: Cohorts) -> exp.Select:
    rows = _activity(reader, asked, asked.first)
    query = select(column("who"), named(smallest(column("slot")), "cohort")).from_(source(rows, "r"), copy=False)
    return query.group_by(column("who"), copy=False)


def _sizes(reader: Reader, asked: Cohorts) -> exp.Select:
    query = select(column("cohort"), named(count(), "people"))
    return query.from_(source(_firsts(reader, asked), "f"), copy=False).group_by(*positions(1), copy=False)


def _backs(reader: Reader, asked: Cohorts) -> exp.Select:
    """How many of a cohort were back so much later: each time, or only their last time."""
    rows = _activity(reader, asked, asked.second)
    is_on = asked.criterion is Criterion.ON
    if asked.first == asked.second:
        return _visits(rows) if is_on else _stays(rows)
    slot: Expr = column("slot") if is_on else largest(column("slot"))
    seconds = select(column("who"), named(slot, "slot_")).from_(source(rows, "r"), copy=False)
    seconds.group_by(*positions(2) if is_on else positions(1), copy=False)
    later = exp.Sub(this=column("slot_"), expression=column("cohort"))
    query = select(column("cohort"), named(later, "later"), named(distinct(column("who", "f")), "people"))
    query.from_(source(_firsts(reader, asked), "f"), copy=False)
    same = equal(column("who", "f"), column("who", "s"))
    query.join(source(seconds, "s"), on=same, copy=False)
    query.where(at_least(column("slot_"), column("cohort")), copy=False)
    return query.group_by(*positions(2), copy=False)


def _visits(rows: exp.Query) -> exp.Select:
    """Each time that people come back by what they began with, in one pass."""
    once = select(column("who"), column("slot")).from_(source(rows, "r"), copy=False).distinct(copy=False)
    began = exp.Window(this=smallest(column("slot")), partition_by=[column("who")])
    people = select(column("slot"), named(began, "cohort")).from_(source(once, "o"), copy=False)
    later = exp.Sub(this=column("slot"), expression=column("cohort"))
    query = select(column("cohort"), named(later, "later"), named(count(), "people"))
    return query.from_(source(people, "p"), copy=False).group_by(*positions(2), copy=False)


def _stays(rows: exp.Query) -> exp.Select:
    """The same where people come back by what they began with, in one pass."""
    ends = [named(smallest(column("slot")), "cohort"), named(largest(column("slot")), "last_slot")]
    people = select(column("who"), *ends).from_(source(rows, "r"), copy=False).group_by(column("who"), copy=False)
    later = exp.Sub(this=column("last_slot"), expression=column("cohort"))
    query = select(column("cohort"), named(later, "later"), named(count(), "people"))
    return query.from_(source(people, "p"), copy=False).group_by(*positions(2), copy=False)
