"""How a question is spelled: sqlglot expressions that mean the same in both engines.

The convention, for whoever writes a question or a store:

* a question builds sqlglot expressions with the builders here, never from pasted text;
* a value is always bound. A placeholder carries its type, `Placeholder(this=name, kind=DataType)`, so that
  it renders as `$name` in DuckDB and as `{name: String}` in ClickHouse. Three types are used:
  TEXT (String), BIGINT (Int64) and DOUBLE (Float64); the values beside it are `str`, `int` and `float`;
* what the engines spell differently stands in `Engine`, one method a word, one subclass an engine;
* SQL returns counts, sums and text, never a ratio: Python divides and rounds, so the engines can't differ;
* an aggregate's alias is never the name of a column (ClickHouse would put the alias into the WHERE).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import cache

from sqlglot import exp

TEXT = exp.DataType.build("TEXT", dialect="duckdb")
INTEGER = exp.DataType.build("BIGINT", dialect="duckdb")
NUMBER = exp.DataType.build("DOUBLE", dialect="duckdb")

Expr = exp.Expr


def placeholder(name: str, kind: exp.DataType) -> exp.Placeholder:
    """A bound parameter with its type."""
    return exp.Placeholder(this=name, kind=kind.copy())


def column(name: str, table: str | None = None) -> exp.Column:
    """A column by its name in the store's schema."""
    return exp.column(name, table=table)


def word(text: str) -> exp.Literal:
    """A text of our own; a user's is a placeholder."""
    return exp.Literal.string(text)


def integer(value: int) -> Expr:
    """A number of our own; a user's is a placeholder."""
    return exp.Literal.number(value)


def call(name: str, *arguments: Expr) -> Expr:
    """A function that the engine knows by this very name."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def both(*conditions: Expr | None) -> Expr | None:
    """All of these that are not None."""
    present = [condition for condition in conditions if condition is not None]
    return exp.and_(*present, copy=False) if present else None


def either(conditions: Iterable[Expr]) -> Expr:
    """Any of these, which are not none."""
    return exp.paren(exp.or_(*conditions, copy=False), copy=False)


def negate(condition: Expr) -> Expr:
    """Not this."""
    return exp.Not(this=exp.paren(condition, copy=False))


def equal(left: Expr, right: Expr) -> Expr:
    """left = right"""
    return exp.EQ(this=left, expression=right)


def differ(left: Expr, right: Expr) -> Expr:
    """left <> right"""
    return exp.NEQ(this=left, expression=right)


def less(left: Expr, right: Expr) -> Expr:
    """left < right"""
    return exp.LT(this=left, expression=right)


def at_least(left: Expr, right: Expr) -> Expr:
    """left >= right"""
    return exp.GTE(this=left, expression=right)


def more(left: Expr, right: Expr) -> Expr:
    """left > right"""
    return exp.GT(this=left, expression=right)


def count(where: Expr | None = None) -> Expr:
    """How many rows."""
    return _filtered(exp.Count(this=exp.Star()), where)


def total(value: Expr, where: Expr | None = None) -> Expr:
    """The sum; no rows give NULL in one engine and 0 in the other, so read it with `or 0`."""
    return _filtered(exp.Sum(this=value), where)


def distinct(value: Expr, where: Expr | None = None) -> Expr:
    """How many different values, exactly."""
    return _filtered(exp.Count(this=exp.Distinct(expressions=[value])), where)


def largest(value: Expr, where: Expr | None = None) -> Expr:
    """The maximum."""
    return _filtered(exp.Max(this=value), where)


def smallest(value: Expr, where: Expr | None = None) -> Expr:
    """The minimum."""
    return _filtered(exp.Min(this=value), where)


def named(value: Expr, alias: str) -> Expr:
    """value AS alias"""
    return exp.alias_(value, alias, copy=False)


def within(value: Expr, rows: exp.Query) -> Expr:
    """value IN (SELECT …)"""
    return exp.In(this=value, query=exp.Subquery(this=rows))


def one_of(value: Expr, choices: Iterable[Expr]) -> Expr:
    """value IN (a, b, …)"""
    return exp.In(this=value, expressions=list(choices))


def select(*values: Expr) -> exp.Select:
    """SELECT …; add `.from_`, `.where`, `.group_by` with copy=False."""
    return exp.Select(expressions=list(values))


def read(table: str, values: Iterable[Expr], where: Expr | None = None) -> exp.Select:
    """SELECT values FROM table WHERE …"""
    query = select(*values).from_(exp.to_table(table), copy=False)
    return query.where(where, copy=False) if where is not None else query


def read_sessions(values: Iterable[Expr], where: Expr | None = None) -> exp.Union:
    """The same of closed and of open sessions, one after the other."""
    values = list(values)
    closed = read("sessions", [value.copy() for value in values], where.copy() if where is not None else None)
    return exp.Union(this=closed, expression=read("open_sessions", values, where), distinct=False)


def source(rows: exp.Query, alias: str) -> exp.Subquery:
    """(rows) AS alias, to select from."""
    return exp.Subquery(this=rows, alias=exp.TableAlias(this=exp.to_identifier(alias)))


def positions(number: int) -> list[Expr]:
    """GROUP BY 1, 2, …"""
    return [integer(position) for position in range(1, number + 1)]


def descending(value: Expr) -> exp.Ordered:
    """ORDER BY value DESC"""
    return exp.Ordered(this=value, desc=True, nulls_first=False)


def ascending(value: Expr) -> exp.Ordered:
    """ORDER BY value"""
    return exp.Ordered(this=value, desc=False, nulls_first=False)


def _filtered(aggregate: Expr, where: Expr | None) -> Expr:
    if where is None:
        return aggregate
    return exp.Filter(this=aggregate, expression=exp.Where(this=where))


class Engine(ABC):
    """The words that the engines spell differently."""

    @abstractmethod
    def instant(self, ms: Expr) -> Expr:
        """The time that is this many milliseconds after 1970, of a constant."""

    @abstractmethod
    def epoch_ms(self, time: Expr) -> Expr:
        """A time's milliseconds since 1970."""

    @abstractmethod
    def whole(self, value: Expr, divisor: int) -> Expr:
        """The quotient without its remainder, of a number that is not negative."""

    @abstractmethod
    def month(self, ms: Expr) -> Expr:
        """How many months after the year 0 the month of these milliseconds is."""

    @abstractmethod
    def property(self, properties: Expr, key: Expr) -> Expr:
        """The value of a key, '' if it is missing."""

    @abstractmethod
    def contains(self, value: Expr, part: Expr) -> Expr:
        """Whether the text has this part, letter by letter."""

    @abstractmethod
    def starts_with(self, value: Expr, part: Expr) -> Expr:
        """Whether the text begins with this part."""

    @abstractmethod
    def ends_with(self, value: Expr, part: Expr) -> Expr:
        """Whether the text ends with this part."""

    @abstractmethod
    def matches(self, value: Expr, pattern: Expr) -> Expr:
        """Whether RE2 finds the pattern anywhere; a dot is any character."""

    @abstractmethod
    def number_or_null(self, value: Expr) -> Expr:
        """The text as a number, NULL if it is none."""

    @abstractmethod
    def time_ms_or_null(self, value: Expr) -> Expr:
        """The text, an ISO 8601 date or time, as milliseconds since 1970, NULL if it is none."""

    @abstractmethod
    def as_text(self, value: Expr) -> Expr:
        """A UUID or number as text."""

    @abstractmethod
    def part(self, value: Expr, separator: str, number: int) -> Expr:
        """The number-th part of the text, '' if it has fewer."""

    @abstractmethod
    def rest(self, value: Expr, position: int) -> Expr:
        """The text from this character on, counted from 1."""

    @abstractmethod
    def latest(self, value: Expr, by: Expr) -> Expr:
        """The value in the row with the largest `by`."""

    @abstractmethod
    def has(self, values: Expr, value: Expr) -> Expr:
        """Whether the list has this value."""

    def key(self, value: Expr) -> Expr:
        """What stands for a text where different texts are counted: 64 bits, if that is faster."""
        return value

    def case(self, branches: Iterable[tuple[Expr, Expr]], otherwise: Expr) -> Expr:
        """The value of the first branch whose condition holds."""
        ifs = [exp.If(this=condition, true=value) for condition, value in branches]
        return exp.Case(ifs=ifs, default=otherwise) if ifs else otherwise

    def host(self, url: Expr) -> Expr:
        """The host of a URL without a leading `www.`, in lower case; '' for ''."""
        whole = exp.Lower(this=url)
        is_url = self.contains(whole.copy(), word("://"))
        authority = self.case([(is_url, self.part(whole.copy(), "/", 3))], self.part(whole.copy(), "/", 1))
        starts = self.starts_with(authority.copy(), word("www."))
        return self.case([(starts, self.rest(authority.copy(), 5))], authority)


class _DuckDB(Engine):
    def instant(self, ms: Expr) -> Expr:
        return exp.Cast(
            this=call("make_timestamp_ms", ms), to=exp.DataType.build("TIMESTAMP_MS", dialect="duckdb")
        )

    def epoch_ms(self, time: Expr) -> Expr:
        return call("epoch_ms", time)

    def whole(self, value: Expr, divisor: int) -> Expr:
        return exp.IntDiv(this=exp.paren(value, copy=False), expression=integer(divisor))

    def month(self, ms: Expr) -> Expr:
        time = call("make_timestamp_ms", ms)
        years = exp.Mul(this=call("year", time), expression=integer(12))
        return exp.Add(this=years, expression=exp.Sub(this=call("month", time.copy()), expression=integer(1)))

    def property(self, properties: Expr, key: Expr) -> Expr:
        found = exp.Cast(this=call("variant_extract", properties, key), to=TEXT.copy())
        return exp.Coalesce(this=found, expressions=[word("")])

    def contains(self, value: Expr, part: Expr) -> Expr:
        return call("contains", value, part)

    def starts_with(self, value: Expr, part: Expr) -> Expr:
        return call("starts_with", value, part)

    def ends_with(self, value: Expr, part: Expr) -> Expr:
        return call("ends_with", value, part)

    def matches(self, value: Expr, pattern: Expr) -> Expr:
        return call("regexp_matches", value, pattern, word("s"))

    def number_or_null(self, value: Expr) -> Expr:
        return exp.TryCast(this=value, to=NUMBER.copy(), safe=True)

    def time_ms_or_null(self, value: Expr) -> Expr:
        time = exp.TryCast(this=value, to=exp.DataType.build("TIMESTAMP", dialect="duckdb"), safe=True)
        return call("epoch_ms", time)

    def as_text(self, value: Expr) -> Expr:
        return exp.Cast(this=value, to=TEXT.copy())

    def part(self, value: Expr, separator: str, number: int) -> Expr:
        return call("split_part", value, word(separator), integer(number))

    def rest(self, value: Expr, position: int) -> Expr:
        return call("substr", value, integer(position))

    def latest(self, value: Expr, by: Expr) -> Expr:
        return call("arg_max", value, by)

    def has(self, values: Expr, value: Expr) -> Expr:
        return call("list_contains", values, value)

    def key(self, value: Expr) -> Expr:
        # Half the time of counting texts; among a million, two meet once in 37 million ranges.
        return call("hash", value)


class _ClickHouse(Engine):
    def instant(self, ms: Expr) -> Expr:
        return call("fromUnixTimestamp64Milli", ms, word("UTC"))

    def epoch_ms(self, time: Expr) -> Expr:
        return call("toUnixTimestamp64Milli", time)

    def whole(self, value: Expr, divisor: int) -> Expr:
        return call("intDiv", value, integer(divisor))

    def month(self, ms: Expr) -> Expr:
        time = call("fromUnixTimestamp64Milli", ms, word("UTC"))
        years = exp.Mul(this=call("toYear", time), expression=integer(12))
        return exp.Add(
            this=years, expression=exp.Sub(this=call("toMonth", time.copy()), expression=integer(1))
        )

    def property(self, properties: Expr, key: Expr) -> Expr:
        return call("arrayElement", properties, key)

    def contains(self, value: Expr, part: Expr) -> Expr:
        return more(call("position", value, part), integer(0))

    def starts_with(self, value: Expr, part: Expr) -> Expr:
        return call("startsWith", value, part)

    def ends_with(self, value: Expr, part: Expr) -> Expr:
        return call("endsWith", value, part)

    def matches(self, value: Expr, pattern: Expr) -> Expr:
        return call("match", value, pattern)

    def number_or_null(self, value: Expr) -> Expr:
        return call("toFloat64OrNull", value)

    def time_ms_or_null(self, value: Expr) -> Expr:
        return call(
            "toUnixTimestamp64Milli", call("parseDateTime64BestEffortOrNull", value, integer(3), word("UTC"))
        )

    def as_text(self, value: Expr) -> Expr:
        return call("toString", value)

    def part(self, value: Expr, separator: str, number: int) -> Expr:
        return call("arrayElement", call("splitByChar", word(separator), value), integer(number))

    def rest(self, value: Expr, position: int) -> Expr:
        return call("substring", value, integer(position))

    def latest(self, value: Expr, by: Expr) -> Expr:
        return call("argMax", value, by)

    def has(self, values: Expr, value: Expr) -> Expr:
        return call("has", values, value)


_ENGINES: dict[str, type[Engine]] = {"duckdb": _DuckDB, "clickhouse": _ClickHouse}


@cache
def engine(dialect: str) -> Engine:
    """The spelling of a store's `dialect`."""
    return _ENGINES[dialect]()
