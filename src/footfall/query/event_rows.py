"""Event rows: what visitors did, page views and custom events one by one, newest first (umami contract §4.3).

total   how many there are; equal times are ordered by id, so pages never overlap
search  part of a custom event's name, or of a page view's path, in any case
"""

from msgspec import Struct

from footfall.model.event import SCREEN_VIEW, Event
from footfall.query.conditions import NO_CONDITIONS, Check, Conditional, Conditions, Kind, counted, matching
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.records import records
from footfall.query.sql import (
    Expr,
    ascending,
    both,
    column,
    count,
    descending,
    equal,
    named,
    negate,
    read,
    word,
)
from footfall.store.schema import EVENTS


class EventRows(Conditional, Struct, frozen=True, kw_only=True):
    """The question. `visitor`: a device's only; `id`: this one only; `with_data`: those that carry event data."""

    range: TimeRange
    conditions: Conditions = NO_CONDITIONS
    search: str = ""
    visitor: str = ""
    id: str = ""
    with_data: bool = False
    limit: int = 20
    offset: int = 0

    def answer(self, reader: Reader) -> tuple[list[Event], int]:
        """A page of them, and how many there are."""
        order = [descending(column("created_at")), ascending(reader.engine.as_text(column("id")))]
        where = self._where(reader)
        rows = records(reader, EVENTS, Event, where, order=order, limit=self.limit, offset=self.offset)
        if self.offset == 0 and len(rows) < self.limit:
            return rows, len(rows)
        return rows, int(reader.rows(read("events", [named(count(), "number")], self._where(reader)))[0][0])

    def _where(self, reader: Reader) -> Expr | None:
        own = equal(column("device_id"), reader.text(self.visitor)) if self.visitor else None
        this = equal(column("id"), reader.engine.as_id(reader.text(self.id))) if self.id else None
        found = self._found(reader) if self.search else None
        data = has_data(reader) if self.with_data else None
        return both(counted(reader, Kind.ALL, self.range, self.conditions), own, this, found, data)

    def _found(self, reader: Reader) -> Expr:
        is_view = equal(column("name"), word(SCREEN_VIEW))
        text = reader.engine.case([(is_view, column("path"))], column("name"))
        return matching(reader, text, Check.CONTAINS, (self.search,))


def has_data(reader: Reader) -> Expr:
    """Whether an event has properties that are not Footfall's own."""
    return are_data(reader, reader.engine.keys_of(column("properties")))


def are_data(reader: Reader, keys: Expr) -> Expr:
    """Whether any of the keys is not Footfall's own."""
    return reader.engine.some(keys, negate(reader.engine.starts_with(column("item"), word("__"))))
