"""How a question is spelled: sqlglot expressions that mean the same in both engines.

The convention, for whoever writes a question or a store:

* a question builds sqlglot expressions with the builders here, never from pasted text;
* a value is always bound. A placeholder carries its type, `Placeholder(this=name, kind=DataType)`, so that
  it renders as `$name` in DuckDB and as `{name: String}` in ClickHouse. Three types are used, String,
  Int64 and Float64, never Nullable; the values beside them are `str`, `int` and `float`;
* what the engines spell differently stands in `engine.py`: one method a word, one subclass an engine;
* SQL returns counts, sums and text, never a ratio: Python divides and rounds, so the engines can't differ;
* an aggregate's alias is never the name of a column (ClickHouse would put the alias into the WHERE).
"""

from collections.abc import Iterable, Sequence

from sqlglot import exp

# ClickHouse's String, Int64 and Float64: what another dialect calls TEXT may be NULL there. They are not read from
# these words, which would load ClickHouse's parser into every process.
TEXT = exp.DataType(this=exp.DType.TEXT, nested=False, nullable=False)
INTEGER = exp.DataType(this=exp.DType.BIGINT, nested=False, nullable=False)
NUMBER = exp.DataType(this=exp.DType.DOUBLE, nested=False, nullable=False)
NUMBER_OR_NULL = exp.DataType(this=exp.DType.DOUBLE, nested=False, nullable=True)

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
    return exp.paren(_any(list(conditions)), copy=False)


def _any(conditions: Sequence[Expr]) -> Expr:
    """In halves of halves: 500 in a row are deeper than what reads them can go."""
    if len(conditions) == 1:
        return conditions[0]
    middle = len(conditions) // 2
    return exp.or_(_any(conditions[:middle]), _any(conditions[middle:]), copy=False)


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
    """How many rows. DuckDB counts with COUNTIF twice as fast as with FILTER."""
    return exp.Count(this=exp.Star()) if where is None else exp.CountIf(this=where)


def total(value: Expr) -> Expr:
    """The sum; of no rows NULL in one engine and 0 in the other, so read it with `or 0`."""
    return exp.Sum(this=value)


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
    query = select(*values).from_(exp.Table(this=exp.to_identifier(table)), copy=False)
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
