"""Earnings: what every event earned, a row per amount. `query/revenue.py` says what an event earns.

who         the device, as a key
event_id    the event
slot        its bucket of the range, as a number of `view_traffic.slot_key`
label       its name, '' of a page view
country     where it happened; beside it the region
code        the currency, as it is stored
hundredths  what its data says, in hundredths of a major unit; 0 in rows of columns
units       what its column says, in minor units; 0 in rows of data
"""

from sqlglot import exp

from footfall.model.event import SCREEN_VIEW
from footfall.query.conditions import Conditions, Kind, counted, is_kind
from footfall.query.event_properties import EventProperties
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    both,
    call,
    column,
    differ,
    either,
    integer,
    less,
    more,
    named,
    negate,
    one_of,
    read,
    select,
    source,
)
from footfall.query.view_traffic import Unit, slot_key, who_of
from footfall.query.view_traits import Trait, trait

_OWN = r"(?i)^(?:_?[^_].*|_)?"  # a key that begins with two underscores is no event data
AMOUNT_KEYS, CURRENCY_KEYS = f"{_OWN}revenue", f"{_OWN}currency"
_MOST_KEYS = 100_000
_MOST = 10**13  # major units; nobody earns more
_HALF = 0.5000001  # 1.005 is a little less in binary


class EarningRows:
    """The rows of a range and its conditions.

    `only`: of these events. `beside`: columns to be in the rows as well.
    """

    def __init__(
        self,
        reader: Reader,
        span: TimeRange,
        conditions: Conditions,
        unit: Unit = Unit.DAY,
        *,
        of_data: bool = False,
        only: Expr | None = None,
        beside: tuple[Expr, ...] = (),
    ) -> None:
        self._reader = reader
        self._span = span
        self._conditions = conditions
        self._unit = unit
        self._only = only
        self._beside = beside
        self._names = names_with(reader, span, ("revenue", "currency")) if of_data else []

    def query(self) -> exp.Query:
        """The rows."""
        rows = self._of_columns()
        return exp.union(rows, self._of_data(), distinct=False, copy=False) if self._names else rows

    def _columns(self) -> list[Expr]:
        return [
            named(who_of(self._reader), "who"),
            named(column("id"), "event_id"),
            slot_key(self._reader, self._span, self._unit),
            named(trait(self._reader, Trait.EVENT), "label"),
            column("country"),
            column("region"),
            *(each.copy() for each in self._beside),
        ]

    def _where(self, earns: Expr | None) -> Expr | None:
        only = None if self._only is None else self._only.copy()
        return both(counted(self._reader, Kind.ALL, self._span, self._conditions), only, earns)

    def _of_columns(self) -> exp.Select:
        money = [
            named(integer(0), "hundredths"),
            named(column("revenue"), "units"),
        ]
        earns: Expr | None = differ(column("revenue"), integer(0))
        if self._names:
            earns = both(earns, either([is_kind(Kind.VIEWS), negate(self._has_data())]))
        return read("events", [*self._columns(), named(column("currency"), "code"), *money], self._where(earns))

    def _has_data(self) -> Expr:
        """Whether the event's data has an amount and a currency."""
        sizes = (self._reader.engine.size(self._values(keys)) for keys in (AMOUNT_KEYS, CURRENCY_KEYS))
        return exp.and_(self._is_named(), *(more(size, integer(0)) for size in sizes), copy=False)

    def _is_named(self) -> Expr:
        return one_of(column("name"), map(self._reader.text, self._names))

    def _values(self, keys: str) -> Expr:
        return self._reader.engine.matching(column("properties"), self._reader.text(keys))

    def _of_data(self) -> exp.Select:
        """Each amount of each event in each of its currencies."""
        engine = self._reader.engine
        lists = [named(self._values(AMOUNT_KEYS), "amounts"), named(self._values(CURRENCY_KEYS), "codes")]
        rows = read("events", [*self._columns(), *lists], self._where(self._is_named()))
        kept = [each.alias_or_name for each in self._columns()]
        for many, one, others in (("amounts", "amount", ["codes"]), ("codes", "code", ["amount"])):
            values = [named(engine.each(column(many)), one), *map(column, others)]
            rows = select(*map(column, kept), *values).from_(source(rows, f"of_{one}"), copy=False)
        number = engine.finite_or_null(engine.number_or_null(column("amount")))
        rows = select(*map(column, (*kept, "code")), named(number, "number")).from_(source(rows, "t"), copy=False)
        scaled = exp.Add(
            this=exp.Mul(this=column("number"), expression=integer(100)), expression=exp.Literal.number(_HALF)
        )
        hundredths = exp.Cast(this=call("floor", scaled), to=exp.DataType.build("BIGINT"))
        query = select(*map(column, (*kept, "code")), named(hundredths, "hundredths"), named(integer(0), "units"))
        query.from_(source(rows, "n"), copy=False)
        return query.where(less(exp.Abs(this=column("number")), integer(_MOST)), copy=False)


def names_with(reader: Reader, span: TimeRange, words: tuple[str, ...]) -> list[str]:
    """The names of events, page views apart, that have a property with each of these words in its name."""
    keys: dict[str, str] = {}
    for found in EventProperties(span, limit=_MOST_KEYS).answer(reader):
        if found.name != SCREEN_VIEW and not found.key.startswith("__"):
            keys[found.name] = f"{keys.get(found.name, '')}\n{found.key.lower()}"
    return [name for name, listed in keys.items() if all(each in listed for each in words)]
