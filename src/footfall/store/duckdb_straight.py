"""Scans of the views `events` and `sessions` that may as well read something narrower, which is far quicker.

`events` adds the marks of the sessions, whose names are their own and whose times it reckons. So:

- A scan that asks for names that are no mark's reads the stored table, with the profile put back. DuckDB reads
  one key out of a VARIANT column only where the extraction stands right above the table; through the view it
  builds the whole map of every row first, ten times as slow.
- If it asks for what somebody did, or for a session's events, it finds the rows first: DuckDB would read all
  columns of every row to test one of them.
- Another one that asks for a range of time reads the view as a function of the range, because DuckDB cannot tell
  from a reckoned time which of the stored sessions it need not read. The range is left to the function alone, so
  that no mark's time is reckoned just to be compared again.

A scan for the sessions or events of known people finds them by the profile id that is stored, which nobody else
has there. One of sessions that does not ask whose they are reads the stored table: to plan a view of fifty
columns takes a millisecond.

A scan of what is stored with a `project_hash` asks for that of its project, too.
"""

from collections.abc import Iterator, Mapping

from sqlglot import exp

from footfall.store.duckdb_migrations import EVENTS_BETWEEN, HASHES, stored_name
from footfall.store.scans import only_table, shuts_out_marks, takes_all_columns, tested
from footfall.store.schema import DWELLS, EVENTS, SESSIONS

_STORED = stored_name(EVENTS)
_PROFILE = "profile_id"
_TIME = "created_at"
_PROJECT = "project_id"
_OF_FEW = frozenset(("id", "session_id", "device_id", _PROFILE))
"""Columns of which one value is in few rows."""

_WIDE = 4
"""From so many columns on it is worth to find the rows first."""

_WHOSE = exp.Case(
    ifs=[
        exp.If(
            this=exp.EQ(this=exp.column(_PROFILE), expression=exp.Literal.string("")), true=exp.column("device_id")
        )
    ],
    default=exp.column(_PROFILE),
)

_IS_KNOWN = exp.NEQ(this=exp.column(_PROFILE), expression=exp.column("device_id"))
"""Whether a session or event is of somebody who is known."""


def straightened(query: exp.Query, params: Mapping[str, object]) -> exp.Query:
    """The query with such scans changed in place."""
    for select in list(query.find_all(exp.Select)):
        table = only_table(select)
        if table is None or table.alias or table.name not in (EVENTS.name, SESSIONS.name, DWELLS.name):
            continue
        where = select.args.get("where")
        conditions = list(_all_of(where.this)) if where is not None else []
        if table.name == DWELLS.name:
            _find_by_hash(select, conditions)
        elif table.name == SESSIONS.name:
            _find_by_hash(select, conditions)
            asks_who = takes_all_columns(select) or any(
                each.name == _PROFILE for each in select.find_all(exp.Column)
            )
            if _is_of_known(conditions) or not asks_who:
                table.replace(exp.alias_(exp.to_table(stored_name(SESSIONS)), SESSIONS.name, table=True))
        elif not takes_all_columns(select) and any(shuts_out_marks(each, params) for each in conditions):
            is_of_few = _is_of_few(conditions) and _width(select) >= _WIDE
            table.replace(exp.alias_(exp.to_table(_STORED), EVENTS.name, table=True))
            _find_by_hash(select, conditions)
            if not _is_of_known(conditions):
                for column in _own_columns(select):
                    _put_back(column, select)
            if is_of_few:
                _find_first(select)
        elif span := _span(conditions):
            between = exp.Anonymous(this=EVENTS_BETWEEN, expressions=[bound.expression for bound in span])
            table.replace(exp.alias_(exp.Table(this=between), EVENTS.name, table=True))
            _leave(select, [each for each in conditions if all(each is not bound for bound in span)])
            _count_by_project(select)
    return query


def _find_by_hash(select: exp.Select, conditions: list[exp.Expr]) -> None:
    """Ask for the rows with the project's hash, where one project is asked for."""
    for column, values in map(tested, conditions):
        if column == _PROJECT and len(values) == 1:
            number = exp.Anonymous(this="md5_number_lower", expressions=[values[0].copy()])
            remainder = exp.Mod(this=number, expression=exp.Literal.number(HASHES))
            value = exp.Cast(this=remainder, to=exp.DataType(this=exp.DType.USMALLINT))
            select.where(exp.EQ(this=exp.column("project_hash"), expression=value), copy=False)


def _is_of_known(conditions: list[exp.Expr]) -> bool:
    """Whether only what is of known people is asked for; they alone have a profile id in the stored tables."""
    asked = [condition for condition in conditions if condition == _IS_KNOWN]
    for condition in asked:
        condition.expression.replace(exp.Literal.string(""))
    return bool(asked)


def _is_of_few(conditions: list[exp.Expr]) -> bool:
    """Whether one of the conditions leaves few rows."""
    return any(column in _OF_FEW and values for column, values in map(tested, conditions))


def _span(conditions: list[exp.Expr]) -> tuple[exp.Expr, exp.Expr] | None:
    """The two conditions that ask for a half-open range of time."""
    bounds = {
        type(each): each
        for each in conditions
        if isinstance(each, exp.GTE | exp.LT) and isinstance(each.this, exp.Column) and each.this.name == _TIME
    }
    since, until = bounds.get(exp.GTE), bounds.get(exp.LT)
    if since is None or until is None:
        return None
    if since.expression.find(exp.Column, exp.Query) or until.expression.find(exp.Column, exp.Query):
        return None
    return since, until


def _leave(select: exp.Select, conditions: list[exp.Expr]) -> None:
    """Have the select ask for these alone."""
    left = exp.and_(*conditions, copy=False) if conditions else None
    select.set("where", exp.Where(this=left) if left is not None else None)


def _count_by_project(select: exp.Select) -> None:
    """Count a column that is never NULL and read anyway: for `*` DuckDB reads the first one, every row's id."""
    for value in select.expressions:
        for counted in list(value.find_all(exp.Count)):
            if isinstance(counted.this, exp.Star) and counted.find_ancestor(exp.Select) is select:
                counted.set("this", exp.column(_PROJECT))


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


def _width(select: exp.Select) -> int:
    """How many columns it reads but for its conditions."""
    return len({column.name for value in select.expressions for column in value.find_all(exp.Column)})


def _find_first(select: exp.Select) -> None:
    rows = exp.select("rowid").from_(select.args["from_"].this.copy(), copy=False)
    rows.set("where", select.args["where"])
    select.set("where", exp.Where(this=exp.In(this=exp.column("rowid"), query=exp.Subquery(this=rows))))
