"""Rows of the store as the structs that they were stored from: events, sessions, people, groups."""

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlglot import exp

from footfall.query.reader import Reader
from footfall.query.sql import Expr, column, named, read, read_sessions, select, source
from footfall.store.schema import Kind, Table

Record = TypeVar("Record")


def records(
    reader: Reader,
    table: Table,
    kind: type[Record],
    where: Expr | None,
    *,
    order: Iterable[Expr],
    limit: int,
    offset: int = 0,
) -> list[Record]:
    """The rows of a table that pass, in this order, each as a `kind` with the table's columns as fields."""
    query = read(table.name, _values(reader, table), where)
    return _made(reader, table, kind, _part(query, order, limit, offset))


def session_records(
    reader: Reader,
    table: Table,
    kind: type[Record],
    where: Expr | None,
    *,
    order: Iterable[Expr],
    limit: int,
    offset: int = 0,
) -> list[Record]:
    """The same of closed and open sessions; the order says the columns with a `_` behind (`created_at_`)."""
    rows = source(read_sessions(_values(reader, table), where), "s")
    query = select(exp.Star()).from_(rows, copy=False)
    return _made(reader, table, kind, _part(query, order, limit, offset))


def _part(query: exp.Select, order: Iterable[Expr], limit: int, offset: int) -> exp.Select:
    return query.order_by(*order, copy=False).limit(limit, copy=False).offset(offset, copy=False)


def _values(reader: Reader, table: Table) -> list[Expr]:
    return [named(_value(reader, each.name, each.kind), f"{each.name}_") for each in table.columns]


def _value(reader: Reader, name: str, kind: Kind) -> Expr:
    if kind in (Kind.TIME, Kind.TIME_OR_NONE):
        return reader.engine.epoch_ms(column(name))
    if kind is Kind.FLOAT_OR_NONE:
        return reader.engine.decimal(column(name))
    return reader.engine.as_text(column(name)) if kind is Kind.ID else column(name)


def _made(reader: Reader, table: Table, kind: type[Record], query: exp.Select) -> list[Record]:
    makers: dict[Kind, Any] = {Kind.TEXTS: tuple, Kind.MAP: dict}
    columns = [(each.name, makers.get(each.kind)) for each in table.columns]
    return [
        kind(**{name: make(value) if make else value for (name, make), value in zip(columns, row, strict=True)})
        for row in reader.rows(query)
    ]
