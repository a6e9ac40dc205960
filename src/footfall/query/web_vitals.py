"""Web vitals: how fast pages were for those who saw them.

Source: umami contract §5.14. Each value is what one page load measured of itself, and belongs to the range by its
own time: lcp, inp, fcp and ttfb in milliseconds, cls without a unit. A load that did not measure it is left out.

p50, p75, p95  percentiles, linear between the two nearest values; 0 of none
count          loads that measured anything; in a list those that measured the asked one
chart          percentiles by bucket, in the order of time
lists          percentiles by page, title, device and browser; slowest p75 first, equal ones by name
"""

from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlglot import exp

from footfall.model.event import PERFORMANCE
from footfall.query.conditions import NO_CONDITIONS, Conditional, Conditions, passing
from footfall.query.filters import in_range
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    both,
    column,
    count,
    equal,
    named,
    positions,
    read,
    select,
    source,
    word,
)
from footfall.query.view_traffic import Unit, slot_key, slot_start
from footfall.query.view_traits import Trait, trait


class Vital(StrEnum):
    """What a page measures; the name of a property."""

    LCP = "lcp"
    INP = "inp"
    CLS = "cls"
    FCP = "fcp"
    TTFB = "ttfb"


LISTS = (Trait.PATH, Trait.TITLE, Trait.DEVICE, Trait.BROWSER)
SHARES = (0.5, 0.75, 0.95)


class Percentiles(Struct, frozen=True):
    """Of one vital."""

    p50: float = 0
    p75: float = 0
    p95: float = 0


class VitalsOf(Struct, frozen=True):
    """Those of a value of a list."""

    name: str
    percentiles: Percentiles
    count: int


class VitalsSummary(Conditional, Struct, frozen=True):
    """The question for all vitals, and how many loads measured any."""

    range: TimeRange
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> tuple[dict[Vital, Percentiles], int]:
        """One aggregation."""
        shares = [share for vital in Vital for share in _shares(reader, column(vital))]
        rows = _loads(reader, self, [named(_number(reader, vital), vital) for vital in Vital])
        values = [named(each, f"m{place}") for place, each in enumerate([count(), *shares])]
        loads, *found = reader.rows(select(*values).from_(source(rows, "l"), copy=False))[0]
        step = len(SHARES)
        summary = {
            vital: _percentiles(found[place * step : place * step + step]) for place, vital in enumerate(Vital)
        }
        return summary, int(loads)


class VitalsChart(Conditional, Struct, frozen=True):
    """The question for one vital by bucket: the start in ms and the percentiles."""

    range: TimeRange
    vital: Vital = Vital.LCP
    unit: Unit = Unit.DAY
    conditions: Conditions = NO_CONDITIONS

    def answer(self, reader: Reader) -> list[tuple[int, Percentiles]]:
        """Buckets without any are left out."""
        rows = _by(reader, self, slot_key(reader, self.range, self.unit), "slot")
        return sorted(
            (slot_start(int(slot), self.range, self.unit), _percentiles(found)) for slot, _, *found in rows
        )


class VitalsList(Conditional, Struct, frozen=True):
    """The question for one vital by one of LISTS."""

    range: TimeRange
    by: Trait
    vital: Vital = Vital.LCP
    conditions: Conditions = NO_CONDITIONS
    limit: int = 500

    def answer(self, reader: Reader) -> list[VitalsOf]:
        """One aggregation."""
        rows = _by(reader, self, named(trait(reader, self.by), "label"), "label")
        found = [VitalsOf(label, _percentiles(values), int(number)) for label, number, *values in rows]
        found.sort(key=lambda each: (-each.percentiles.p75, each.name))
        return found[: self.limit]


def _by(reader: Reader, asked: VitalsChart | VitalsList, value: Expr, alias: str) -> list[tuple[Any, ...]]:
    """Rows of the value, the loads that measured the vital, and its percentiles."""
    rows = source(_loads(reader, asked, [value, named(_number(reader, asked.vital), "number")]), "l")
    is_number = exp.Not(this=exp.Is(this=column("number"), expression=exp.Null()))
    measures = [count(), *_shares(reader, column("number"))]
    query = select(column(alias), *(named(each, f"m{place}") for place, each in enumerate(measures)))
    query.from_(rows, copy=False).where(is_number, copy=False)
    return reader.rows(query.group_by(*positions(1), copy=False))


def _loads(reader: Reader, asked: VitalsSummary | VitalsChart | VitalsList, values: list[Expr]) -> exp.Select:
    is_load = equal(column("name"), word(PERFORMANCE))
    where = both(in_range(reader, asked.range), is_load, passing(reader, asked.conditions, asked.range))
    return read("events", values, where)


def _number(reader: Reader, vital: Vital) -> Expr:
    text = reader.engine.property(column("properties"), reader.text(vital))
    return reader.engine.finite_or_null(reader.engine.number_or_null(text))


def _shares(reader: Reader, value: Expr) -> list[Expr]:
    return [reader.engine.percentile(value.copy(), share) for share in SHARES]


def _percentiles(values: Any) -> Percentiles:
    # Of no rows one engine says NULL and the other NaN, which equals nothing.
    return Percentiles(*(round(value, 4) if value is not None and value == value else 0 for value in values))
