"""The words that the engines spell differently: one method a word, one subclass an engine (see `sql.py`)."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import cache

from sqlglot import exp

from footfall.query.sql import NUMBER, TEXT, Expr, call, integer, more, word


class Engine(ABC):
    """How an engine is spoken to."""

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

    def visitor(self) -> Expr:
        """What stands for the profile of a session where different ones are counted."""
        return self.key(exp.column("profile_id"))

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

    def visitor(self) -> Expr:
        # Stored with the session (store/duckdb_migrations.py), so that no text is read at all.
        return exp.column("visitor")


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
        return exp.Add(this=years, expression=exp.Sub(this=call("toMonth", time.copy()), expression=integer(1)))

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
