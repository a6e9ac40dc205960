"""Measures of rows that have a `slot`: over all of them and by slot, in one statement."""

from collections.abc import Callable, Iterable

from sqlglot import exp

from footfall.query.reader import Reader
from footfall.query.sql import Expr, call, column, named, select, source
from footfall.store.base import Row

RolledUp = tuple[Row, dict[int, Row]]
"""Of all rows and by `slot`; of no rows an empty tuple and nothing."""


def rolled_up(reader: Reader, rows: exp.Query, *measures: Expr) -> RolledUp:
    """The measures over all rows and by `slot`."""
    return _read(reader.rows(_rollup(rows, measures)))


def rolled_up_beside(reader: Reader, rows: exp.Query, *measures: Expr) -> Callable[[], RolledUp]:
    """The same, meanwhile; what is returned waits for it."""
    wait = reader.beside(_rollup(rows, measures))
    return lambda: _read(wait())


def _rollup(rows: exp.Query, measures: Iterable[Expr]) -> exp.Query:
    query = select(column("slot"), named(call("grouping", column("slot")), "is_all"), *measures)
    query.from_(source(rows, "r"), copy=False)
    return query.group_by(exp.Rollup(expressions=[column("slot")]), copy=False)


def _read(rows: list[Row]) -> RolledUp:
    per_slot = {int(row[0]): row[2:] for row in rows if not row[1]}
    whole = next((row[2:] for row in rows if row[1]), ())
    return whole if per_slot else (), per_slot
