"""Scans of the view `events` that may as well read the stored table, which is far quicker for properties.

DuckDB reads one key out of a VARIANT column only where the extraction stands right above the table. Through a
view it builds the whole map of every row first, ten times as slow. So a scan that asks for events of one name
reads what the view reads for that name: the stored table, with the profile put back. Marks of sessions, which
the view may add, have names of their own, and are left to the view.
"""

from collections.abc import Iterator, Mapping

from sqlglot import exp

from footfall.model.event import SESSION_END, SESSION_START
from footfall.store.duckdb_migrations import stored_name
from footfall.store.schema import EVENTS

_STORED = stored_name(EVENTS)
_MARKS = (SESSION_START, SESSION_END)
_PROFILE = "profile_id"
_WHOSE = exp.Case(
    ifs=[
        exp.If(
            this=exp.EQ(this=exp.column(_PROFILE), expression=exp.Literal.string("")), true=exp.column("device_id")
        )
    ],
    default=exp.column(_PROFILE),
)


def straightened(query: exp.Query, params: Mapping[str, object]) -> exp.Query:
    """The query with such scans changed in place."""
    for select in list(query.find_all(exp.Select)):
        table = _only_table(select)
        if table is not None and table.name == EVENTS.name and not table.alias and _is_of_one_name(select, params):
            table.replace(exp.alias_(exp.to_table(_STORED), EVENTS.name, table=True))
            for column in _own_columns(select):
                _put_back(column, select)
    return query


def _only_table(select: exp.Select) -> exp.Table | None:
    from_ = select.args.get("from_")
    if from_ is None or select.args.get("joins") or any(isinstance(each, exp.Star) for each in select.expressions):
        return None
    return from_.this if isinstance(from_.this, exp.Table) else None


def _is_of_one_name(select: exp.Select, params: Mapping[str, object]) -> bool:
    """Whether it asks for one name that is no mark's."""
    where = select.args.get("where")
    for condition in _all_of(where.this) if where is not None else ():
        if isinstance(condition, exp.EQ) and isinstance(condition.this, exp.Column):
            other = condition.expression
            value = params.get(other.name) if isinstance(other, exp.Placeholder) else other.name
            if condition.this.name == "name" and value not in _MARKS:
                return isinstance(other, exp.Placeholder | exp.Literal)
    return False


def _all_of(condition: exp.Expr) -> Iterator[exp.Expr]:
    """The conditions that all must hold."""
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        yield from _all_of(condition.this)
        yield from _all_of(condition.expression)
    else:
        yield condition


def _own_columns(select: exp.Select) -> Iterator[exp.Column]:
    """The profile's column, but not that of a query in it."""
    inside = select.walk(prune=lambda node: isinstance(node, exp.Query) and node is not select)
    for node in list(inside):
        if isinstance(node, exp.Column) and node.name == _PROFILE:
            yield node


def _put_back(column: exp.Column, select: exp.Select) -> None:
    whose = _WHOSE.copy()
    is_selected = column.parent is select and column.arg_key == "expressions"
    column.replace(exp.alias_(whose, _PROFILE) if is_selected else whose)
