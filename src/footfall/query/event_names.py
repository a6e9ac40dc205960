"""Event names: what events a project has (openpanel contract §8.6, events/names).

names   the names of all events, those of most events first; equal numbers by name
"""

from msgspec import Struct

from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.reader import Reader
from footfall.query.sql import ascending, column, count, descending, named, positions, read


class EventName(Struct, frozen=True):
    """A name, and of how many events it is."""

    name: str
    events: int


class EventNames(Struct, frozen=True):
    """The question."""

    limit: int = 50
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> list[EventName]:
        """One aggregation of one column."""
        rows = read("events", [column("name"), named(count(), "number")]).group_by(*positions(1), copy=False)
        rows.order_by(descending(column("number")), ascending(column("name")), copy=False)
        return [EventName(name, int(number)) for name, number in reader.rows(rows.limit(self.limit, copy=False))]
