"""Revenue sources: where those who paid in a currency came from, and how many there were who might have.

Source: umami contract §5.7. What is earned is what `revenue.py` says without `of_data`.

audience   distinct devices with a visit that touches the range, whether they paid or not
referrers  what was earned by the host that sent the visitor's first event in the range; largest first
channels   the same by that event's channel (`channels.py`)

Visitors who came from nowhere known are in no list.
"""

from collections.abc import Iterable

from msgspec import Struct
from sqlglot import exp

from footfall.model.money import to_major
from footfall.query.channels import channel, told_by
from footfall.query.conditions import NO_CONDITIONS, Conditional, Conditions, Kind, counted
from footfall.query.filters import touching
from footfall.query.moments import rows_at
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    both,
    column,
    differ,
    distinct,
    equal,
    integer,
    largest,
    named,
    positions,
    read,
    read_sessions,
    select,
    smallest,
    source,
    total,
    within,
    word,
)
from footfall.query.view_traffic import who_of

_EARNERS = "earners"
_DONE = "done"
_BEGINNINGS = "beginnings"
_TELLING = ("referrer", "referrer_type", "origin")  # what `told_by` is made of, beside the properties

Ranking = list[tuple[str, float]]
"""Names and what was earned by them, in major units."""


class Sources(Struct, frozen=True):
    """The answer."""

    referrers: Ranking
    channels: Ranking


class Audience(Struct, frozen=True):
    """The question how many visitors there were."""

    range: TimeRange
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> int:
        """One look at the sessions."""
        where = both(touching(reader, self.range), differ(column("device_id"), word("")))
        rows = read_sessions([named(who_of(reader), "who")], where)
        query = select(named(distinct(column("who")), "visitors")).from_(source(rows, "s"), copy=False)
        return int(reader.rows(query)[0][0])


class RevenueSources(Conditional, Struct, frozen=True):
    """The question; the currency as it is stored."""

    range: TimeRange
    currency: str
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> Sources:
        """Who paid, when each of them first did anything, and what that tells: one statement."""
        told = [column(each.alias) for each in told_by(reader)]
        names = [
            named(reader.engine.member(column("first_"), place), each.name) for place, each in enumerate(told, 1)
        ]
        rows = select(*names, column("units")).from_(source(self._firsts(reader, told), "f"), copy=False)
        door = named(channel(reader.engine), "door_")
        query = select(column("domain_"), door, named(total(column("units")), "units_"))
        query.from_(source(rows, "t"), copy=False).group_by(*positions(2), copy=False)
        query.with_(_EARNERS, as_=self._earners(reader), copy=False)
        query.with_(_DONE, as_=self._done(reader), copy=False)
        query.with_(_BEGINNINGS, as_=self._beginnings(), copy=False)
        found = [(referrer, door, int(units)) for referrer, door, units in reader.rows(query)]
        return Sources(
            self._ranked((referrer, units) for referrer, _, units in found),
            self._ranked((door, units) for _, door, units in found),
        )

    def _earners(self, reader: Reader) -> exp.Select:
        pays = both(differ(column("revenue"), integer(0)), equal(column("currency"), reader.text(self.currency)))
        where = both(counted(reader, Kind.ALL, self.range, self.conditions), pays, _has_visitor())
        columns = [named(who_of(reader), "who"), named(total(column("revenue")), "units")]
        return read("events", columns, where).group_by(*positions(1), copy=False)

    def _done(self, reader: Reader) -> exp.Select:
        """What each of them did."""
        events = self._events(reader, [named(reader.engine.row(), "row_"), named(column("created_at"), "done_at")])
        columns = [column(name, "e") for name in ("who", "row_", "done_at")]
        query = select(*columns, column("units", "p")).from_(source(events, "e"), copy=False)
        same = equal(column("who", "e"), column("who", "p"))
        return query.join(exp.to_table(_EARNERS, alias="p"), on=same, copy=False)

    def _beginnings(self) -> exp.Select:
        """When each of them did anything for the first time."""
        query = select(
            named(column("who"), "whose"),
            named(smallest(column("done_at")), "since"),
            named(largest(column("units")), "units_"),
        )
        return query.from_(exp.to_table(_DONE), copy=False).group_by(*positions(1), copy=False)

    def _firsts(self, reader: Reader, told: list[exp.Column]) -> exp.Select:
        """What that event tells; of several at the same time the one with the smallest id."""
        engine = reader.engine
        is_first = within(engine.row(), rows_at(_DONE, _BEGINNINGS, "whose", "since"))
        words = named(engine.opened(column("properties")), "words")
        events = self._events(reader, [*map(column, ("id", *_TELLING)), words], is_first)
        query = select(column("who"), *told_by(reader, column("words")), column("id"), column("units_"))
        query.from_(source(events, "e"), copy=False)
        same = equal(column("who", "e"), column("whose", "b"))
        query.join(exp.to_table(_BEGINNINGS, alias="b"), on=same, copy=False)
        first = engine.earliest(engine.tuple_of(told), engine.as_text(column("id")))
        rows = select(column("who"), named(first, "first_"), named(largest(column("units_")), "units"))
        return rows.from_(source(query, "r"), copy=False).group_by(*positions(1), copy=False)

    def _events(self, reader: Reader, columns: list[Expr], which: Expr | None = None) -> exp.Select:
        where = both(counted(reader, Kind.ALL, self.range, NO_CONDITIONS), _has_visitor(), which)
        return read("events", [named(who_of(reader), "who"), *columns], where)

    def _ranked(self, values: Iterable[tuple[str, int]]) -> Ranking:
        sums: dict[str, int] = {}
        for name, units in values:
            sums[name] = sums.get(name, 0) + units
        ranked = sorted(sums.items(), key=lambda each: (-each[1], each[0]))
        return [(name, to_major(units, self.currency.upper())) for name, units in ranked if name]


def _has_visitor() -> Expr:
    return differ(column("device_id"), word(""))
