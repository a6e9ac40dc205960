"""Which events are asked for, and where in time the rows of their list lie, newest first.

Source: openpanel contract §9.1, §8.6. Everything about a selection, its total too, comes from one condition.

names       events with one of these names; none: all
person      the profile's own events, and the anonymous events (profile id = device id) of the devices of its
            sessions, of 1,000 devices at the most
"""

from collections.abc import Callable, Iterable

from msgspec import Struct
from sqlglot import exp

from footfall.model.event import MARKS
from footfall.model.times import DAY_MS
from footfall.query.filters import between, in_range, on_events
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.profile import find
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    ascending,
    both,
    column,
    count,
    descending,
    integer,
    largest,
    named,
    negate,
    one_of,
    positions,
    read,
    smallest,
    word,
)
from footfall.query.timeline import Mark, Marks, Stretch, Timeline

MAX_IDS = 1_001
"""A person's profile and devices."""

SLACK = 2_000
"""So many rows before a page may be looked at to find it; to come closer would take another count."""

SPARE, SPARSE = 500, 1_000
"""So many rows before and after a page, and one in so many of the list, may be read with it; the rows of a short
list are far apart, and dear to read."""

_LONG_MS = 400 * DAY_MS
"""A range of more time than this says nothing about when the events were."""

Order = Callable[[Expr], exp.Ordered]


class PersonOf(Struct, frozen=True):
    """The question which profile ids the events of a person have: its own, and those of its devices."""

    profile_id: str
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> tuple[str, ...]:
        """The own one first."""
        person = find(reader, [self.profile_id])
        return person.ids[:MAX_IDS] if person else (self.profile_id,)


class Selection(Struct, frozen=True):
    """Which events."""

    range: TimeRange
    filters: Filters = NO_FILTERS
    names: tuple[str, ...] = ()
    person: tuple[str, ...] = ()

    @property
    def is_by_name(self) -> bool:
        """Whether nothing but names tells which: then it has all that happened of a name, or nothing."""
        return not self.filters.items and not self.person

    def may_have(self, name: str) -> bool:
        """Whether events of this name can be among them."""
        return not self.names or name in self.names

    def condition(self, reader: Reader) -> Expr | None:
        """Whether an event is one of them; its time aside."""
        named_so = one_of(column("name"), map(reader.text, self.names)) if self.names else None
        is_own = one_of(column("profile_id"), map(reader.text, self.person)) if self.person else None
        return both(named_so, is_own, on_events(reader, self.filters, self.range))

    def rows(self, reader: Reader, span: Stretch, values: Iterable[Expr]) -> exp.Select:
        """What is to be read of those in a stretch."""
        return read(
            "events", values, both(between(reader, span.oldest.ms, span.newest.ms), self.condition(reader))
        )

    def number(self, reader: Reader, start_ms: int, end_ms: int) -> int:
        """How many there are from one instant to before another."""
        span = Stretch(Mark(end_ms, 0), Mark(start_ms, 0))
        return int(reader.rows(self.rows(reader, span, [named(count(), "number")]))[0][0])

    def numbers(self, reader: Reader, start_ms: int, end_ms: int, width_ms: int) -> dict[int, int]:
        """The same of each part of that width that has any."""
        span = Stretch(Mark(end_ms, 0), Mark(start_ms, 0))
        since = exp.Sub(this=reader.engine.epoch_ms(column("created_at")), expression=integer(start_ms))
        values = [named(reader.engine.whole(since, width_ms), "part"), named(count(), "number")]
        rows = self.rows(reader, span, values).group_by(*positions(1), copy=False)
        return {int(part): int(number) for part, number in reader.rows(rows)}

    def timeline(self, reader: Reader, marks: Marks) -> Timeline:
        """A stretch of them, in which places can be found."""
        return Timeline(
            marks,
            lambda start_ms, end_ms: self.number(reader, start_ms, end_ms),
            lambda start_ms, end_ms, width_ms: self.numbers(reader, start_ms, end_ms, width_ms),
        )

    def whole(self, reader: Reader) -> Stretch | None:
        """From the newest to the oldest of them; None if there is none."""
        time = reader.engine.epoch_ms
        values = [
            named(count(), "number"),
            named(time(smallest(column("created_at"))), "first_ms"),
            named(time(largest(column("created_at"))), "last_ms"),
        ]
        where = both(in_range(reader, self.range), self.condition(reader))
        number, first_ms, last_ms = reader.rows(read("events", values, where))[0]
        return Stretch(Mark(last_ms + 1, 0), Mark(first_ms, number)) if number else None

    def around(self, reader: Reader, timeline: Timeline, offset: int, limit: int) -> Stretch:
        """A stretch that has the `limit` rows after the `offset` newest, and few others but for those that are of
        the same instants as the first and last of them."""
        rows = timeline.whole.oldest.rows
        last, spare = min(offset + limit, rows), min(rows // SPARSE, SPARE)
        known = timeline.nearest(offset, last)
        if known.rows <= last - offset + 2 * spare:
            return known
        if offset > SLACK:
            self._tighten(reader, timeline)
            if spare == SPARE:
                return timeline.around(offset, limit, spare)
        newest, older = timeline.between(offset - SLACK, offset)
        if newest is not older and older.rows >= last:  # they are of one instant
            return Stretch(newest, older)
        oldest = self._bound(reader, timeline, newest, last)
        return self._trimmed(reader, timeline, Stretch(newest, oldest), offset - newest.rows, last - newest.rows)

    def _tighten(self, reader: Reader, timeline: Timeline) -> None:
        """Mark about where the events begin and end, if nothing is known but a long range: guesses go by that."""
        newest, oldest = timeline.whole.ends
        if len(timeline.marks) > 2 or newest.ms - oldest.ms < _LONG_MS:
            return
        for ms in self._stored_times(reader, timeline.whole, descending, 0):
            timeline.add(Mark(ms + 1, newest.rows + self.number(reader, ms + 1, newest.ms)))
        for ms in self._stored_times(reader, timeline.whole, ascending, 0):
            timeline.add(Mark(ms, oldest.rows - self.number(reader, oldest.ms, ms)))

    def _bound(self, reader: Reader, timeline: Timeline, newest: Mark, last: int) -> Mark:
        """An instant from which on to `newest` are all events up to this place, and not too many others."""
        near = Stretch(newest, timeline.whole.oldest)
        if self.names and not set(self.names) & set(MARKS):
            return near.oldest  # the first of what is stored alone are found without one
        if (mark := timeline.known(last, last + SLACK)) is not None:
            return mark
        for ms in self._stored_times(reader, near, descending, last - newest.rows - 1):
            return Mark(ms, last)  # that many are stored since then, so there are as many or more
        return timeline.between(last, last + SLACK)[1]

    def _stored_times(self, reader: Reader, near: Stretch, order: Order, skip: int) -> list[int]:
        """The time of the stored event at this place, if there is one.

        The marks of sessions are left aside: their times are reckoned, so that no engine finds the first of them
        without reading them all.
        """
        names = [name for name in self.names if name not in MARKS]
        if self.names and not names:
            return []
        query = self.rows(reader, near, [_ms(reader)])
        if not names:
            query.where(negate(one_of(column("name"), map(word, MARKS))), copy=False)
        query.order_by(order(column("created_at")), copy=False).limit(1, copy=False).offset(skip, copy=False)
        return [int(ms) for (ms,) in reader.rows(query)]

    def _trimmed(self, reader: Reader, timeline: Timeline, near: Stretch, skip: int, end: int) -> Stretch:
        """From the first instant of these rows of the stretch to the last; a row more tells if that has others."""
        query = self.rows(reader, near, [_ms(reader)]).order_by(descending(column("created_at")), copy=False)
        times = [int(ms) for (ms,) in reader.rows(query.limit(end + 1, copy=False))]
        if not times:  # deleted a moment ago
            return near
        first, last = times[min(skip, len(times) - 1)], times[min(end, len(times)) - 1]
        newest = Mark(first + 1, near.newest.rows + times.index(first))
        timeline.add(newest)
        return Stretch(newest, Mark(last, near.newest.rows + len(times) - times[::-1].index(last)))


def _ms(reader: Reader) -> Expr:
    return named(reader.engine.epoch_ms(column("created_at")), "ms")
