"""Measures of rows that have a `slot`: over all of them and by slot, in one statement."""

from sqlglot import exp

from footfall.query.reader import Reader
from footfall.query.sql import Expr, call, column, named, select, source
from footfall.store.base import Row

RolledUp = tuple[Row, dict[int, Row]]
"""Of all rows and by `slot`; of no rows an empty tuple and nothing."""


def rolled_up(reader: Reader, rows: exp.Query, *measures: Expr) -> RolledUp:
    """The measures over all rows and by `slot`."""
    query = select(column("slot"), named(call("grouping", column("slot")), "is_all"), *measures)
    query.from_(source(rows, "r"), copy=False).group_by(exp.Rollup(expressions=[column("slot")]), copy=False)
    found = reader.rows(query)
    per_slot = {int(row[0]): row[2:] for row in found if not row[1]}
    whole = next((row[2:] for row in found if row[1]), ())
    return whole if per_slot else (), per_slot
