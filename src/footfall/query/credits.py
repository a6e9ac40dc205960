"""Credits: what visitors get sources for, a row each; `query/attribution.py` says what a credit is.

who                 the visitor, as a key
number              conversions
visits              visits with a conversion
number_of_credits   credits
until_at            the time of the last credit
earned              what was earned with them, in units of `Credits.places` decimals
"""

from msgspec import Struct
from sqlglot import exp

from footfall.model.money import decimals
from footfall.query.conditions import Conditions, Kind, is_kind, passing
from footfall.query.earnings import EarningRows
from footfall.query.filters import in_range
from footfall.query.ranges import TimeRange
from footfall.query.reader import Reader
from footfall.query.sql import (
    Expr,
    both,
    column,
    count,
    differ,
    either,
    equal,
    integer,
    largest,
    more,
    named,
    positions,
    read,
    select,
    source,
    total,
    word,
)


class Credits(Struct, frozen=True):
    """Which events are conversions and credits: those of a step, a path or with `is_event` an event's name."""

    range: TimeRange
    step: str
    is_event: bool
    currency: str
    of_data: bool
    conditions: Conditions

    @property
    def places(self) -> int:
        """How many decimals of the currency what was earned is counted in; data are in hundredths."""
        return max(decimals(self.currency.upper()), 2 if self.of_data else 0)

    def query(self, reader: Reader) -> exp.Select:
        """The rows."""
        visits = self._paid_by_data(reader) if self.of_data and self.currency else self._visits(reader)
        visits.group_by(*positions(2), copy=False)
        converted = more(column("conversions"), integer(0))
        in_visit = differ(column("visit"), reader.engine.key(word("")))
        query = select(
            column("who"),
            named(total(column("conversions")), "number"),
            named(count(exp.and_(converted, in_visit, copy=False)), "visits"),
            named(total(column("credits")), "number_of_credits"),
            named(largest(column("last_at"), more(column("credits"), integer(0))), "until_at"),
            named(total(column("earnings")), "earned"),
        )
        return query.from_(source(visits, "v"), copy=False).group_by(*positions(1), copy=False)

    def _visits(self, reader: Reader) -> exp.Select:
        """Columns of the same per visitor and visit, of the events themselves."""
        converts, credits = self._is_conversion(reader), self._is_credit(reader)
        counts = either([converts.copy(), credits.copy()]) if converts != credits else converts.copy()
        return read(
            "events",
            [
                named(reader.engine.key(column("device_id")), "who"),
                named(reader.engine.key(column("session_id")), "visit"),
                named(count(converts), "conversions"),
                named(count(credits), "credits"),
                named(largest(column("created_at"), credits.copy()), "last_at"),
                named(total(reader.engine.case([(credits.copy(), column("revenue"))], integer(0))), "earnings"),
            ],
            both(is_done(reader, self.range), counts, passing(reader, self.conditions, self.range)),
        )

    def _paid_by_data(self, reader: Reader) -> exp.Select:
        """The same where credits are amounts, of which an event may have several, and conversions are events."""
        both_kinds = exp.union(self._conversions(reader), self._amounts(reader), distinct=False, copy=False)
        query = select(
            column("who"),
            column("visit"),
            named(total(column("conversion")), "conversions"),
            named(total(column("credit")), "credits"),
            named(largest(column("at"), equal(column("credit"), integer(1))), "last_at"),
            named(total(column("worth")), "earnings"),
        )
        return query.from_(source(both_kinds, "d"), copy=False)

    def _conversions(self, reader: Reader) -> exp.Select:
        """One row per conversion."""
        flags = ((1, "conversion"), (0, "credit"), (0, "worth"))
        return read(
            "events",
            [
                named(reader.engine.key(column("device_id")), "who"),
                _visit(reader),
                named(column("created_at"), "at"),
                *(named(integer(number), name) for number, name in flags),
            ],
            both(
                is_done(reader, self.range),
                self._is_conversion(reader),
                passing(reader, self.conditions, self.range),
            ),
        )

    def _amounts(self, reader: Reader) -> exp.Select:
        """One row like that per amount in the currency."""
        beside = (_visit(reader), named(column("created_at"), "at"))
        only = both(self._is_step(reader), is_kind(self._credited_kind), differ(column("device_id"), word("")))
        amounts = EarningRows(reader, self.range, self.conditions, of_data=True, only=only, beside=beside)
        worth = exp.Add(
            this=_scaled(column("hundredths"), self.places - 2),
            expression=_scaled(column("units"), self.places - decimals(self.currency.upper())),
        )
        flags = (named(integer(0), "conversion"), named(integer(1), "credit"))
        query = select(*map(column, ("who", "visit", "at")), *flags, named(worth, "worth"))
        query.from_(source(amounts.query(), "m"), copy=False)
        return query.where(equal(column("code"), reader.text(self.currency)), copy=False)

    def _is_conversion(self, reader: Reader) -> Expr:
        kind = is_kind(Kind.EVENTS if self.is_event else Kind.VIEWS)
        return exp.and_(self._is_step(reader), kind, copy=False)

    def _is_credit(self, reader: Reader) -> Expr:
        if not self.currency:
            return self._is_conversion(reader)
        in_currency = equal(column("currency"), reader.text(self.currency))
        earned = exp.and_(in_currency, differ(column("revenue"), integer(0)), copy=False)
        return exp.and_(self._is_step(reader), is_kind(self._credited_kind), earned, copy=False)

    def _is_step(self, reader: Reader) -> Expr:
        return equal(column("name" if self.is_event else "path"), reader.text(self.step))

    @property
    def _credited_kind(self) -> Kind:
        return Kind.EVENTS if self.is_event else Kind.ALL


def is_done(reader: Reader, span: TimeRange) -> Expr | None:
    """Whether a visitor did this in the range."""
    return both(in_range(reader, span), is_kind(Kind.ALL), differ(column("device_id"), word("")))


def _visit(reader: Reader) -> Expr:
    return named(reader.engine.key(column("session_id")), "visit")


def _scaled(value: Expr, places: int) -> Expr:
    return exp.Mul(this=value, expression=integer(10**places))
