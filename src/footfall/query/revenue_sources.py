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
from footfall.query.channels import channel
from footfall.query.conditions import NO_CONDITIONS, Conditions, Kind, counted
from footfall.query.filters import touching
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.revenue import EarningRows
from footfall.query.shown_traits import shown
from footfall.query.sql import (
    both,
    column,
    differ,
    distinct,
    equal,
    named,
    positions,
    read,
    read_sessions,
    select,
    source,
    total,
    within,
    word,
)
from footfall.query.view_traffic import who_of
from footfall.query.view_traits import Trait

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


class RevenueSources(Struct, frozen=True):
    """The question; the currency as it is stored."""

    range: TimeRange
    currency: str
    conditions: Conditions = NO_CONDITIONS

    @property
    def filters(self) -> Filters:
        """The patterns to be checked."""
        return self.conditions.patterns

    def answer(self, reader: Reader) -> Sources:
        """From the first events of those who paid."""
        query = select(column("referrer_"), column("channel_"), named(total(column("units")), "units_"))
        query.from_(source(self._earners(reader), "e"), copy=False)
        same = equal(column("who", "e"), column("who", "f"))
        query.join(source(self._firsts(reader), "f"), on=same, copy=False).group_by(*positions(2), copy=False)
        rows = [(referrer, door, int(units)) for referrer, door, units in reader.rows(query)]
        return Sources(
            self._ranked((referrer, units) for referrer, _, units in rows),
            self._ranked((door, units) for _, door, units in rows),
        )

    def _earners(self, reader: Reader) -> exp.Select:
        rows = EarningRows(reader, self.range, self.conditions).query()
        query = select(column("who"), named(total(column("units")), "units")).from_(source(rows, "r"), copy=False)
        query.where(equal(column("code"), reader.text(self.currency)), copy=False)
        return query.group_by(*positions(1), copy=False)

    def _firsts(self, reader: Reader) -> exp.Select:
        """Rows of `who`, `referrer_`, `channel_` of the first events of those who paid."""
        engine = reader.engine
        paid = select(column("who")).from_(source(self._earners(reader), "p"), copy=False)
        where = both(counted(reader, Kind.ALL, self.range, NO_CONDITIONS), within(who_of(reader), paid))
        values = engine.tuple_of([shown(reader, Trait.REFERRER), channel(reader)])
        first = engine.earliest(values, column("created_at"))
        rows = read("events", [named(who_of(reader), "who"), named(first, "first")], where)
        rows.group_by(*positions(1), copy=False)
        return select(
            column("who"),
            named(engine.member(column("first"), 1), "referrer_"),
            named(engine.member(column("first"), 2), "channel_"),
        ).from_(source(rows, "d"), copy=False)

    def _ranked(self, values: Iterable[tuple[str, int]]) -> Ranking:
        sums: dict[str, int] = {}
        for name, units in values:
            sums[name] = sums.get(name, 0) + units
        ranked = sorted(sums.items(), key=lambda each: (-each[1], each[0]))
        return [(name, to_major(units, self.currency.upper())) for name, units in ranked if name]
