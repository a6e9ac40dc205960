"""Scans of the view `events` that may as well read the stored table, which is far quicker.

The view adds the marks of the sessions. ClickHouse plans all its branches with all their columns before it finds
that a name shuts the marks out: ten times the work of the scan itself where there is little to read.
"""

from collections.abc import Mapping

from sqlglot import exp

from footfall.store.clickhouse_rows import stored_name
from footfall.store.scans import only_table, shuts_out_marks, takes_all_columns
from footfall.store.schema import EVENTS


def straightened(query: exp.Query, params: Mapping[str, object]) -> exp.Query:
    """The query with such scans changed in place."""
    for select in query.find_all(exp.Select):
        table, where = only_table(select), select.args.get("where")
        if table is None or table.name != EVENTS.name or where is None or takes_all_columns(select):
            continue
        if _is_without_marks(where.this, params):
            stored = exp.to_table(stored_name(EVENTS), alias=table.alias or EVENTS.name)
            select.args["from_"].set("this", stored)
    return query


def _is_without_marks(condition: exp.Expr, params: Mapping[str, object]) -> bool:
    condition = condition.unnest()
    if isinstance(condition, exp.And | exp.Or):
        sides = (_is_without_marks(each, params) for each in (condition.this, condition.expression))
        return any(sides) if isinstance(condition, exp.And) else all(sides)
    return shuts_out_marks(condition, params)
