"""Event properties: which properties events have, and which values these have (openpanel contract §8.6).

Both look at a part of the events, because nothing but the events themselves says what they hold:

properties   keys by event name: of the newest 50,000 events, and for each of the 50 most frequent names that is
             not among these of its own newest 1,000; with a name, of its newest 50,000
values       the values that a property or column has in the newest 200,000 events of the name, most frequent
             first; equal numbers by value; empty ones are left out, and of a wildcard's values each counts
"""

from collections.abc import Iterable

from msgspec import Struct
from sqlglot import exp

from footfall.query.compare import text_of, value_of
from footfall.query.event_names import EventNames
from footfall.query.event_selection import Selection
from footfall.query.fields import Field, FieldKind
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    ascending,
    column,
    count,
    descending,
    differ,
    named,
    positions,
    select,
    source,
    word,
)
from footfall.query.timeline import Marks

RECENT = 50_000
RECENT_OF_RARE = 1_000
RECENT_VALUES = 200_000
TITLE = "__title"

_SLACK = 4_000
"""So many events more may be read; to come closer would take another count."""


class EventProperty(Struct, frozen=True, order=True):
    """A property that events of a name have."""

    name: str
    key: str


class EventProperties(Struct, frozen=True):
    """The question; without a `name` of all events. `span` is all of time."""

    span: TimeRange
    name: str = ""
    limit: int = 500
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> list[EventProperty]:
        """By event name and key."""
        names = (self.name,) if self.name else ()
        seen, found = _keys(reader, Selection(self.span, names=names), RECENT)
        if not self.name:
            for rare in EventNames().answer(reader):
                if rare.name not in seen:
                    found |= _keys(reader, Selection(self.span, names=(rare.name,)), RECENT_OF_RARE)[1]
        return sorted(found)[: self.limit]


class PropertyValues(Struct, frozen=True):
    """The question for the values of one field of the events of one name; '' for any name."""

    span: TimeRange
    name: str
    field: Field
    limit: int = 200
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> list[str]:
        """One aggregation over the newest events."""
        names = (self.name,) if self.name else ()
        is_list = self.field.kind is FieldKind.PROPERTIES
        value = reader.engine.each(value_of(reader, self.field)) if is_list else text_of(reader, self.field)
        newest = _newest(reader, Selection(self.span, names=names), [named(value, "label")], RECENT_VALUES)
        if newest is None:
            return []
        rows = select(column("label"), named(count(), "number")).from_(source(newest, "e"), copy=False)
        rows.where(differ(column("label"), word("")), copy=False).group_by(*positions(1), copy=False)
        rows.order_by(descending(column("number")), ascending(column("label")), copy=False)
        return [row[0] for row in reader.rows(rows.limit(self.limit, copy=False))]


def _keys(reader: Reader, selection: Selection, number: int) -> tuple[set[str], set[EventProperty]]:
    """The names among the newest events, and what properties these have."""
    keys = reader.engine.keys_of(column("properties"))
    values = [column("name"), named(keys, "keys_"), named(differ(column("title"), word("")), "titled")]
    newest = _newest(reader, selection, values, number)
    if newest is None:
        return set(), set()
    rows = select(column("name"), column("keys_"), column("titled")).from_(source(newest, "e"), copy=False)
    found = reader.rows(rows.group_by(*positions(3), copy=False))
    pairs = {EventProperty(name, key) for name, keys, _ in found for key in keys}
    return {row[0] for row in found}, pairs | {EventProperty(row[0], TITLE) for row in found if row[2]}


def _newest(reader: Reader, selection: Selection, values: Iterable[Expr], number: int) -> exp.Select | None:
    """These of about so many of the newest events; None without any."""
    whole = selection.whole(reader)
    if whole is None:
        return None
    timeline = selection.timeline(reader, Marks.of(whole.ends))
    return selection.rows(reader, timeline.around(0, number, _SLACK), values)
