"""Revenue: what was earned in a currency, when, where and by whom.

Source: umami contract §5.7. Events belong to the range by their own time. An event earns what its `revenue` and
`currency` say, as Umami counts since 2.19. With `of_data`, as Umami 2.18, it earns what its data says: each of its
properties with `revenue` in the name in each currency that a property with `currency` in its name holds, rounded
to hundredths, zero and less included; what is no number is left out. Which names of events have such properties
is known as `event_properties.py` knows it; other events, and page views, earn as without `of_data`.

sum         in major units
count       distinct events
visitors    distinct devices of those
average     sum by count; 0 of none
chart       sum and count by the event's name ('' of a page view) and bucket, in the order of time and name
countries   sum by country, largest first; regions: the same by country and region
currencies  the three numbers of every currency, largest sum first
"""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from msgspec import Struct

from footfall.model.money import to_major
from footfall.query.conditions import NO_CONDITIONS, Conditional, Conditions, Kind, counted
from footfall.query.earnings import CURRENCY_KEYS, EarningRows, names_with
from footfall.query.operators import Filters
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    both,
    column,
    differ,
    distinct,
    equal,
    named,
    one_of,
    positions,
    read,
    select,
    source,
    total,
    word,
)
from footfall.query.view_traffic import Unit, is_somebody, slot_start

Label = TypeVar("Label", bound=Hashable)


class Earned(Struct, frozen=True):
    """Money, and what it came from."""

    sum: float = 0
    count: int = 0
    visitors: int = 0

    @property
    def average(self) -> float:
        """Per event."""
        return self.sum / self.count if self.count else 0


class ChartPoint(Struct, frozen=True):
    """What events of a name earned in a bucket, which starts at `start_ms`."""

    name: str
    start_ms: int
    sum: float
    count: int


class RevenueAnswer(Struct, frozen=True):
    """All currencies; and of the one that was asked for by time, country and region."""

    currencies: dict[str, Earned]
    chart: list[ChartPoint]
    countries: list[tuple[str, float]]
    regions: list[tuple[tuple[str, str], float]]


class _Part(Struct, frozen=True):
    """What events with all of this in common earned: hundredths by their data, minor units by their columns."""

    name: str
    slot: int
    country: str
    region: str
    hundredths: int
    units: int
    count: int


class Revenue(Conditional, Struct, frozen=True):
    """The question; the currency as it is stored, letter by letter."""

    range: TimeRange
    currency: str
    unit: Unit = Unit.DAY
    of_data: bool = False
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> RevenueAnswer:
        """Once by currency, and once by everything else."""
        rows = EarningRows(reader, self.range, self.conditions, self.unit, of_data=self.of_data)
        currencies = _by_currency(reader, rows)
        parts = self._parts(reader, rows) if self.currency in currencies else []
        return RevenueAnswer(
            currencies,
            self._chart(parts),
            self._ranked(parts, lambda part: part.country),
            self._ranked(parts, lambda part: (part.country, part.region)),
        )

    def _parts(self, reader: Reader, rows: EarningRows) -> list[_Part]:
        by = [column(name) for name in ("label", "slot", "country", "region")]
        sums = [total(column("hundredths")), total(column("units")), distinct(column("event_id"))]
        query = select(*by, *(named(each, f"m{place}") for place, each in enumerate(sums)))
        query.from_(source(rows.query(), "r"), copy=False).group_by(*positions(len(by)), copy=False)
        query.where(equal(column("code"), reader.text(self.currency)), copy=False)
        return [
            _Part(name, int(slot), country, region, int(hundredths), int(units), int(number))
            for name, slot, country, region, hundredths, units, number in reader.rows(query)
        ]

    def _chart(self, parts: Iterable[_Part]) -> list[ChartPoint]:
        return [
            ChartPoint(name, slot_start(slot, self.range, self.unit), *self._sum(of))
            for (slot, name), of in sorted(_grouped(parts, lambda part: (part.slot, part.name)).items())
        ]

    def _ranked(self, parts: Iterable[_Part], label: Callable[[_Part], Label]) -> list[tuple[Label, float]]:
        sums = {key: self._sum(of)[0] for key, of in _grouped(parts, label).items()}
        return sorted(sums.items(), key=lambda each: (-each[1], each[0]))

    def _sum(self, parts: Iterable[_Part]) -> tuple[float, int]:
        parts = list(parts)
        hundredths, units = sum(part.hundredths for part in parts), sum(part.units for part in parts)
        return _major(hundredths, units, self.currency), sum(part.count for part in parts)


class Currencies(Conditional, Struct, frozen=True):
    """The question for the currencies of a range, with their numbers; `of_data` as in Revenue."""

    range: TimeRange
    of_data: bool = False
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> dict[str, Earned]:
        """Those with most first."""
        return _by_currency(reader, EarningRows(reader, self.range, self.conditions, of_data=self.of_data))


class NamedCurrencies(Struct, frozen=True):
    """The question for every currency that events name, with an amount or without, in alphabetical order."""

    range: TimeRange
    filters: Filters = Filters()

    def answer(self, reader: Reader) -> list[str]:
        """Those of columns, and those of data."""
        of_columns = (
            select(column("currency"))
            .from_("events")
            .where(
                both(counted(reader, Kind.ALL, self.range, NO_CONDITIONS), differ(column("currency"), word("")))
            )
        )
        found = {row[0] for row in reader.rows(of_columns.distinct(copy=False))}
        names = names_with(reader, self.range, ("currency",))
        if names:
            codes = reader.engine.each(reader.engine.matching(column("properties"), reader.text(CURRENCY_KEYS)))
            is_named = one_of(column("name"), map(reader.text, names))
            where = both(counted(reader, Kind.ALL, self.range, NO_CONDITIONS), is_named)
            rows = source(read("events", [named(codes, "code")], where), "c")
            found |= {row[0] for row in reader.rows(select(column("code")).from_(rows).distinct(copy=False))}
        return sorted(found - {""})


def _by_currency(reader: Reader, rows: EarningRows) -> dict[str, Earned]:
    sums = (
        total(column("hundredths")),
        total(column("units")),
        distinct(column("event_id")),
        distinct(column("who"), is_somebody(reader)),
    )
    query = select(column("code"), *(named(each, f"m{place}") for place, each in enumerate(sums)))
    query.from_(source(rows.query(), "r"), copy=False).group_by(*positions(1), copy=False)
    found = {
        code: Earned(_major(int(hundredths), int(units), code), int(number), int(people))
        for code, hundredths, units, number, people in reader.rows(query)
    }
    return dict(sorted(found.items(), key=lambda each: (-each[1].sum, each[0])))


def _grouped(parts: Iterable[_Part], label: Callable[[_Part], Label]) -> dict[Label, list[_Part]]:
    found: dict[Label, list[_Part]] = {}
    for part in parts:
        found.setdefault(label(part), []).append(part)
    return found


def _major(hundredths: int, units: int, currency: str) -> float:
    return round(hundredths / 100 + to_major(units, currency.upper()), 4)
