"""Event counts: custom events of a range by name and time, and what they come to (umami contract §4.3).

series    custom events per bucket and name; buckets without any are left out
events    custom events
visitors  distinct visitors (devices) of them
visits    distinct visits (sessions) of them
names     distinct names of them
"""

from msgspec import Struct

from footfall.query.conditions import NO_CONDITIONS, Conditional, Conditions, Kind, counted
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import ascending, column, count, distinct, named, positions, read, select, source
from footfall.query.view_traffic import Unit, is_somebody, slot_key, slot_start, who_of


class EventSlot(Struct, frozen=True):
    """How many events of a name there are in the bucket that starts then (UTC ms)."""

    name: str
    start_ms: int
    events: int


class EventSlots(Conditional, Struct, frozen=True):
    """The question for the series, in order of time, then name."""

    range: TimeRange
    unit: Unit
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> list[EventSlot]:
        """One aggregation."""
        where = counted(reader, Kind.EVENTS, self.range, self.conditions)
        columns = [slot_key(reader, self.range, self.unit), column("name"), named(count(), "number")]
        rows = read("events", columns, where).group_by(*positions(2), copy=False)
        rows.order_by(ascending(column("slot")), ascending(column("name")), copy=False)
        return [
            EventSlot(name, slot_start(int(slot), self.range, self.unit), int(number))
            for slot, name, number in reader.rows(rows)
        ]


class EventTotals(Struct, frozen=True):
    """What custom events come to."""

    events: int
    visitors: int
    visits: int
    names: int


class EventSummary(Conditional, Struct, frozen=True):
    """The question for the totals."""

    range: TimeRange
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> EventTotals:
        """One aggregation."""
        visit = named(reader.engine.key(column("session_id")), "visit")
        columns = [named(who_of(reader), "who"), visit, column("name")]
        rows = read("events", columns, counted(reader, Kind.EVENTS, self.range, self.conditions))
        query = select(
            named(count(), "events_"),
            named(distinct(column("who"), is_somebody(reader)), "visitors"),
            named(distinct(column("visit"), is_somebody(reader, "visit")), "visits"),
            named(distinct(column("name")), "names"),
        )
        return EventTotals(*reader.rows(query.from_(source(rows, "e"), copy=False))[0])
