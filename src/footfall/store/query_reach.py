"""The reach of a query: which rows it reads, as far as its conditions on times tell.

A scan without a range of time reads all times.
"""

from collections.abc import Collection, Mapping
from math import inf

from sqlglot import exp

from footfall.store.reach import Reach
from footfall.store.schema import DWELLS, EVENTS, OPEN_SESSIONS, SESSIONS

_TIMES = {
    EVENTS.name: ("created_at",),
    DWELLS.name: ("viewed_at",),
    **dict.fromkeys((SESSIONS.name, OPEN_SESSIONS.name), ("created_at", "ended_at")),
}
"""When a row of a table is: at one time, or from one to another."""


def read_by(query: exp.Query, params: Mapping[str, object]) -> Reach:
    """What a query over the store's tables and views reads of its project."""
    reach = Reach()
    nodes = list(query.find_all(exp.CTE, exp.Table))
    made_here = {each.alias for each in nodes if isinstance(each, exp.CTE)}
    for table in (each for each in nodes if isinstance(each, exp.Table)):
        if table.name in _TIMES:
            reach = reach.joined(_scanned(table, params))
        elif table.name not in made_here:
            reach = reach.joined(Reach(tables=frozenset((table.name,))))
    return reach


def _scanned(table: exp.Table, params: Mapping[str, object]) -> Reach:
    """The times that the scan asks for, with its own conditions."""
    scan = table.parent_select
    where = scan.args.get("where") if scan is not None and not scan.args.get("joins") else None
    return Reach(*(_bounds(where.this, _TIMES[table.name], params) if where is not None else (-inf, inf)))


def _bounds(condition: exp.Expr, times: Collection[str], params: Mapping[str, object]) -> tuple[float, float]:
    """Between which times a row that fits is, at least in part."""
    condition = condition.unnest()
    if isinstance(condition, exp.And | exp.Or):
        left, right = (_bounds(each, times, params) for each in (condition.this, condition.expression))
        if isinstance(condition, exp.And):
            return max(left[0], right[0]), min(left[1], right[1])
        return min(left[0], right[0]), max(left[1], right[1])
    if isinstance(condition.this, exp.Column) and condition.this.name in times:
        if isinstance(condition, exp.GTE | exp.GT):
            return _time(condition.expression, params, -inf), inf
        if isinstance(condition, exp.LT | exp.LTE):
            return -inf, _time(condition.expression, params, inf)
    return -inf, inf


def _time(bound: exp.Expr, params: Mapping[str, object], otherwise: float) -> float:
    """The time, ms, that a bound is made of one parameter and nothing else; another one is not looked into."""
    values = list(bound.find_all(exp.Placeholder))
    if len(values) != 1 or bound.find(exp.Column, exp.Query, exp.Binary, exp.Literal):
        return otherwise
    value = params.get(values[0].name)
    return value if isinstance(value, int) else otherwise
