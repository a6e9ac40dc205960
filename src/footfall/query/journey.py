"""Journeys: the ways that sessions begin, those of most sessions first.

Source: umami contract §5.8. `query/flow.py` reads sessions in the same way.

items   the first `steps` things of a session: the page of a view, the name of another event; fewer if the
        session is shorter. Equal neighbours stay; a dialect that shows them as one does so itself
count   sessions that began with exactly these

Events in the range that pass the conditions count, in the order of their times and, at the same millisecond, of
their ids. The marks `session_start` and `session_end` and what a page measures of itself are nothing that a
visitor does, and events without a session are on no way.
"""

from msgspec import Struct
from sqlglot import exp

from footfall.model.event import SCREEN_VIEW
from footfall.query.conditions import NO_CONDITIONS, Conditional, Conditions, Kind, is_kind, passing
from footfall.query.filters import in_range
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    ascending,
    both,
    column,
    count,
    descending,
    differ,
    equal,
    named,
    positions,
    read,
    select,
    source,
    word,
)


class Journey(Struct, frozen=True):
    """A way, and how many sessions took it."""

    items: tuple[str, ...]
    count: int


class Journeys(Conditional, Struct, frozen=True):
    """The question. `start` and `end` are the first and the last of the items; '' is anything."""

    range: TimeRange
    steps: int
    start: str = ""
    end: str = ""
    conditions: Conditions = NO_CONDITIONS
    limit: int = 100

    def answer(self, reader: Reader) -> list[Journey]:
        """The most frequent ones; equally frequent ones by their items."""
        engine = reader.engine
        where = both(is_kind(Kind.ALL), passing(reader, self.conditions, self.range))
        label = engine.case([(equal(column("name"), word(SCREEN_VIEW)), column("path"))], column("name"))
        first = _per_session(reader, self.range, engine.firsts(label, self.steps, *_order(reader)), "items", where)
        query = select(column("items"), named(count(), "sessions")).from_(source(first, "f"), copy=False)
        for text, place in ((self.start, 1), (self.end, -1)):
            if text:
                query.where(equal(engine.item(column("items"), place), reader.text(text)), copy=False)
        query.group_by(*positions(1), copy=False)
        query.order_by(descending(column("sessions")), ascending(column("items")), copy=False)
        found = reader.rows(query.limit(self.limit, copy=False))
        return [Journey(tuple(items), int(sessions)) for items, sessions in found]


def sequences(reader: Reader, span: TimeRange, label: Expr, where: Expr | None) -> exp.Select:
    """For each session the list `labels` of its events, as they came."""
    return _per_session(reader, span, reader.engine.sequence(label, *_order(reader)), "labels", where)


def _order(reader: Reader) -> list[Expr]:
    return [column("created_at"), reader.engine.order_of_id(column("id"))]


def _per_session(reader: Reader, span: TimeRange, labels: Expr, alias: str, where: Expr | None) -> exp.Select:
    has_session = differ(column("session_id"), word(""))
    rows = read("events", [named(labels, alias)], both(in_range(reader, span), has_session, where))
    return rows.group_by(reader.engine.key(column("session_id")), copy=False)
