"""Reach: which rows of a project are read, or changed (changes.py). Where the two don't meet, an answer stands.

It may say too much and never too little: a scan without a range of time reads all times.
"""

from collections.abc import Iterator, Mapping
from math import inf

from msgspec import Struct
from sqlglot import exp

from footfall.store.schema import DROPS, DWELLS, EVENTS, GROUPS, OPEN_SESSIONS, PROFILES, SESSIONS

_TIMED = {EVENTS.name: "created_at", SESSIONS.name: "created_at", OPEN_SESSIONS.name: "created_at"}
_TIMED[DWELLS.name] = "viewed_at"


class Reach(Struct, frozen=True):
    """Rows between two times, ms UTC, and tables whose rows have no time. The default is nothing at all."""

    since_ms: float = inf
    until_ms: float = -inf
    tables: frozenset[str] = frozenset()

    def meets(self, other: "Reach") -> bool:
        """Whether some row may be in both."""
        is_near = self.since_ms <= other.until_ms and other.since_ms <= self.until_ms
        return is_near or bool(self.tables & other.tables)

    def joined(self, other: "Reach") -> "Reach":
        """What is in either, and between them."""
        since, until = min(self.since_ms, other.since_ms), max(self.until_ms, other.until_ms)
        return Reach(since, until, self.tables | other.tables)


ALL = Reach(-inf, inf, frozenset((PROFILES.name, GROUPS.name, DROPS.name)))
"""Every row."""


def read_by(query: exp.Query, params: Mapping[str, object]) -> Reach:
    """What a query over the store's tables and views reads of its project."""
    reach = Reach()
    made_here = {each.alias for each in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        if table.name in _TIMED:
            reach = reach.joined(_scanned(table, params))
        elif table.name not in made_here:
            reach = reach.joined(Reach(tables=frozenset((table.name,))))
    return reach


def _scanned(table: exp.Table, params: Mapping[str, object]) -> Reach:
    """The times that the scan asks for, with its own conditions."""
    scan = table.parent_select
    since, until = -inf, inf
    if scan is not None and not scan.args.get("joins"):
        where = scan.args.get("where")
        for condition in _all_of(where.this) if where is not None else ():
            if not isinstance(condition.this, exp.Column) or condition.this.name != _TIMED[table.name]:
                continue
            if isinstance(condition, exp.GTE | exp.GT):
                since = max(since, _time(condition.expression, params, -inf))
            elif isinstance(condition, exp.LT | exp.LTE):
                until = min(until, _time(condition.expression, params, inf))
    return Reach(since, until)


def _all_of(condition: exp.Expr) -> Iterator[exp.Expr]:
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        yield from _all_of(condition.this)
        yield from _all_of(condition.expression)
    else:
        yield condition


def _time(bound: exp.Expr, params: Mapping[str, object], otherwise: float) -> float:
    """The time, ms, that a bound is made of one parameter and nothing else; another one is not looked into."""
    values = list(bound.find_all(exp.Placeholder))
    if len(values) != 1 or bound.find(exp.Column, exp.Query, exp.Binary, exp.Literal):
        return otherwise
    value = params.get(values[0].name)
    return value if isinstance(value, int) else otherwise
