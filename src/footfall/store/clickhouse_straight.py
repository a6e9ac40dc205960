"""Scans of views that may as well read what the views are made of, which is far quicker.

ClickHouse plans all branches of a view with all their columns, and those of a view in a view, before it finds what
is asked for: ten times the work of the scan itself where there is little to read. So:

- A scan of `events` for names that are no mark's reads the stored table.
- Another one reads the view's select with the columns alone that it names.
- One of the newest rows of profiles, groups or open sessions reads their table as the view does.
"""

from collections.abc import Mapping
from functools import lru_cache

from sqlglot import exp

from footfall.store.clickhouse_migrations import events_with_marks
from footfall.store.clickhouse_rows import stored_name
from footfall.store.scans import only_table, shuts_out_marks, takes_all_columns
from footfall.store.schema import EVENTS, GROUPS, OPEN_SESSIONS, PROFILES

_NEWEST = {table.name: stored_name(table) for table in (OPEN_SESSIONS, PROFILES, GROUPS)}


def straightened(query: exp.Query, params: Mapping[str, object]) -> exp.Query:
    """The query with such scans changed in place."""
    made_here = {each.alias for each in query.find_all(exp.CTE)}
    for table in list(query.find_all(exp.Table)):
        select = table.parent_select
        if not isinstance(select, exp.Select) or takes_all_columns(select) or table.name in made_here:
            continue
        if table.name in _NEWEST:
            stored = exp.to_table(_NEWEST[table.name], alias=table.alias_or_name)
            table.replace(exp.Final(this=stored))
        elif table.name == EVENTS.name and only_table(select) is table:
            table.replace(_events(select, table.alias_or_name, params))
    return query


def _events(select: exp.Select, alias: str, params: Mapping[str, object]) -> exp.Expr:
    """What stands for the view in its only scan."""
    where = select.args.get("where")
    if where is not None and _is_without_marks(where.this, params):
        return exp.to_table(stored_name(EVENTS), alias=alias)
    named = {column.name for column in select.find_all(exp.Column)}
    names = tuple(name for name in EVENTS.names if name in named) or EVENTS.names[:1]
    # As text, which is neither parsed nor spelled anew for every question.
    return exp.Subquery(this=exp.Var(this=_with_marks(names)), alias=exp.TableAlias(this=exp.to_identifier(alias)))


@lru_cache(200)
def _with_marks(names: tuple[str, ...]) -> str:
    return events_with_marks(names)


def _is_without_marks(condition: exp.Expr, params: Mapping[str, object]) -> bool:
    condition = condition.unnest()
    if isinstance(condition, exp.And | exp.Or):
        sides = (_is_without_marks(each, params) for each in (condition.this, condition.expression))
        return any(sides) if isinstance(condition, exp.And) else all(sides)
    return shuts_out_marks(condition, params)
