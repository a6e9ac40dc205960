"""Events: the stored events themselves, newest first; a page of them.

Source: openpanel contract §9.1, §8.6. Events of one millisecond are ordered by id, so that pages never overlap,
whatever their length. Everything about a selection, its total too, comes from one condition.

names       events with one of these names; none: all
person      the profile's own events, and the anonymous events (profile id = device id) of the devices of its
            sessions, of 1,000 devices at the most
duration    of a page view the time until the session's next, in ms, 0 for the last one; of `session_end` the
            session's duration, in ms; of other events 0
totalCount  how many events are selected; count: how many of them are on the page
"""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct
from sqlglot import exp

from footfall.model.event import SESSION_END
from footfall.query.filters import in_range, on_events
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.profile import find
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    ascending,
    at_least,
    both,
    column,
    count,
    descending,
    equal,
    integer,
    largest,
    less,
    named,
    one_of,
    positions,
    read,
    select,
    smallest,
    source,
    word,
)
from footfall.query.timeline import Found, Mark, Stretch, Timeline
from footfall.store.schema import EVENTS, Kind

MAX_IDS = 1_001
"""A person's profile and devices."""

SLACK, _SLACK_OF_ALL = 4_000, 2_000
"""So many rows more than a page has may be read to find it. Where all rows are asked for they lie side by side,
and are sorted in less time than it takes to look up their times first."""

_END_SLACK_MS = 60_000
"""`session_end` is a second after its session's end; an imported one may be further off."""

TOLD_APART = ("country", "device", "title", "properties")
"""Columns that come beside an event's JSON text, because they are shown otherwise than they are stored."""

COLUMNS = tuple(column for column in EVENTS.columns if column.name not in (*TOLD_APART, "first_view"))

Spelling = Callable[[str], str]
"""A column's name as a key."""


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

    def condition(self, reader: Reader) -> Expr | None:
        """Whether an event is one of them; its time aside."""
        named_so = one_of(column("name"), map(reader.text, self.names)) if self.names else None
        is_own = one_of(column("profile_id"), map(reader.text, self.person)) if self.person else None
        return both(named_so, is_own, on_events(reader, self.filters, self.range))

    def timeline(self, reader: Reader, marks: Sequence[Mark]) -> Timeline:
        """A stretch of them, in which places can be found."""

        def number(start_ms: int, end_ms: int) -> int:
            span = Stretch(Mark(end_ms, 0), Mark(start_ms, 0))
            return int(reader.rows(self.rows(reader, span, [named(count(), "number")]))[0][0])

        return Timeline(marks, number)

    def rows(self, reader: Reader, span: Stretch, values: Iterable[Expr]) -> exp.Select:
        """What is to be read of those in a stretch."""
        return read(
            "events", values, both(_in_span(reader, span.oldest.ms, span.newest.ms), self.condition(reader))
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
        """A stretch that has these rows. Of few among many rows it is a close one: all between are looked at."""
        if not (self.names or self.person or self.filters.items):
            return timeline.around(offset, limit, _SLACK_OF_ALL)
        return self._trimmed(reader, timeline.around(offset, limit, SLACK), offset, limit)

    def _trimmed(self, reader: Reader, near: Stretch, offset: int, limit: int) -> Stretch:
        """The stretch without the instants that have none of these rows; itself if it is of one instant."""
        if near.newest.ms - near.oldest.ms <= 1:
            return near
        time = named(reader.engine.epoch_ms(column("created_at")), "ms")
        times = sorted((row[0] for row in reader.rows(self.rows(reader, near, [time]))), reverse=True)
        if not times:  # deleted a moment ago
            return near
        skip = min(offset - near.newest.rows, len(times) - 1)
        first, last = times[skip], times[min(skip + limit, len(times)) - 1]
        newest = Mark(first + 1, near.newest.rows + times.index(first))
        return Stretch(newest, Mark(last, near.newest.rows + len(times) - times[::-1].index(last)))


class EventText(Struct, frozen=True, array_like=True):
    """One event: `rest` is a text of JSON, an object of `COLUMNS` and `duration`; `properties` is one too."""

    name: str
    profile_id: str
    country: str
    device: str
    title: str
    properties: str
    rest: str


class EventPage(Struct, frozen=True):
    """A part of the list, and how long the whole of it is."""

    events: list[EventText]
    total: int


class Places(Struct, frozen=True):
    """The question where in time the pages of a list are; who finds out more of it adds it to the answer."""

    selection: Selection

    @property
    def filters(self) -> Filters:
        """Those of the selection."""
        return self.selection.filters

    def answer(self, reader: Reader) -> Found:
        """The ends of the list; no marks if it is empty."""
        whole = self.selection.whole(reader)
        return Found(whole.ends if whole else ())


class Events(Struct, frozen=True):
    """The question for a page. `spelled` says how a column's name is written as a key."""

    selection: Selection
    limit: int = 50
    offset: int = 0
    spelled: Spelling = str

    @property
    def filters(self) -> Filters:
        """Those of the selection."""
        return self.selection.filters

    def answer(self, reader: Reader) -> EventPage:
        """Count, find the page by counting less and less, and read it."""
        found = reader.ask(Places(self.selection))
        if not found.marks or self.offset >= found.marks[-1].rows:
            return EventPage([], found.marks[-1].rows if found.marks else 0)
        timeline = self.selection.timeline(reader, found.marks)
        near = self.selection.around(reader, timeline, self.offset, self.limit)
        found.add(timeline.marks)
        skip = self.offset - near.newest.rows
        events = read_events(reader, self.selection, near, self.limit, skip, self.spelled)
        return EventPage(events, timeline.whole.rows)


def _in_span(reader: Reader, start_ms: int, end_ms: int, time: str = "created_at") -> Expr:
    since = at_least(column(time), reader.instant(start_ms))
    found = both(since, less(column(time), reader.instant(end_ms)))
    assert found is not None
    return found


def read_events(
    reader: Reader, selection: Selection, span: Stretch, limit: int, skip: int, spelled: Spelling
) -> list[EventText]:
    """At most so many of the span's events, in order."""
    values = [
        *(column(name, "e") for name in ("name", "profile_id", "country", "device", "title")),
        named(reader.engine.json_of(column("properties", "e")), "properties_"),
        named(reader.engine.json_object(fields_of(reader, spelled)), "rest"),
    ]
    rows = rows_of_events(reader, selection, span, limit, skip, values)
    return [EventText(*row) for row in reader.rows(_in_order(rows, reader, "e"))]


def rows_of_events(
    reader: Reader, selection: Selection, span: Stretch, limit: int, skip: int, values: Iterable[Expr]
) -> exp.Select:
    """What is to be read of at most so many of the span's events, `e`, beside how long they took."""
    start_ms, end_ms = span.oldest.ms, span.newest.ms
    rows = select(*values)
    chosen = selection.rows(reader, span, [exp.Star()])
    if span.rows > limit:  # what is to be left out needn't be joined and written down
        _newest(chosen, reader, limit, skip)
    rows.from_(source(chosen, "e"), copy=False)
    _join(rows, _looked(reader, start_ms, end_ms), "d", equal(column("view_id", "d"), column("id", "e")))
    _join(rows, _lasted(reader, start_ms, end_ms), "s", equal(column("id", "s"), column("session_id", "e")))
    return rows


def _newest(rows: exp.Select, reader: Reader, limit: int, skip: int) -> None:
    _in_order(rows, reader).limit(limit, copy=False).offset(skip, copy=False)


def _in_order(rows: exp.Select, reader: Reader, table: str | None = None) -> exp.Select:
    by_id = ascending(reader.engine.as_text(column("id", table)))
    return rows.order_by(descending(column("created_at", table)), by_id, copy=False)


def fields_of(reader: Reader, spelled: Spelling) -> list[tuple[str, Expr]]:
    """The keys and values of `COLUMNS`, and the `duration`, of the event `e`."""
    fields = []
    for each in COLUMNS:
        value: Expr = column(each.name, "e")
        if each.kind in (Kind.TIME, Kind.TIME_OR_NONE):
            value = reader.engine.iso_text(value)
        elif each.kind is Kind.ID:
            value = reader.engine.as_text(value)
        fields.append((spelled(each.name), value))
    is_end = equal(column("name", "e"), word(SESSION_END))
    duration = reader.engine.case([(is_end, column("lasted", "s"))], column("looked", "d"))
    return [*fields, (spelled("duration"), exp.Coalesce(this=duration, expressions=[integer(0)]))]


def _looked(reader: Reader, start_ms: int, end_ms: int) -> exp.Select:
    """How long the views of the span were looked at."""
    values = [column("view_id"), named(largest(column("duration")), "looked")]
    return read("dwells", values, _in_span(reader, start_ms, end_ms, "viewed_at")).group_by(
        *positions(1), copy=False
    )


def _lasted(reader: Reader, start_ms: int, end_ms: int) -> exp.Select:
    """How long the sessions lasted that ended about then."""
    values = [column("id"), named(largest(column("duration")), "lasted")]
    ended = _in_span(reader, start_ms - _END_SLACK_MS, end_ms + _END_SLACK_MS, "ended_at")
    return read("sessions", values, ended).group_by(*positions(1), copy=False)


def _join(rows: exp.Select, other: exp.Select, alias: str, on: Expr) -> None:
    rows.join(source(other, alias), on=on, join_type="left", copy=False)
