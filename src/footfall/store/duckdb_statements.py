"""Statements of queries, kept by the shape of the query: to spell and to parse one takes as long as it runs on a
small project (docs/decisions/021-statements-are-kept.md).

The shape is the whole tree with all that it says. Values are bound, so the same question about other days or of
another project has the same one.
"""

from collections.abc import Mapping
from typing import Any

import duckdb
from sqlglot import exp

from footfall.model.event import MARKS
from footfall.store.duckdb_straight import straightened

_MOST = 200
"""A shape and its statement take 35 KB; the dashboard asks in about a hundred."""
_LONG = 20_000
"""Characters. So much text is of a question that somebody put together, and not asked again by others."""

_Shape = tuple[Any, ...]


class Statements:
    """The statements of one store; by any thread."""

    def __init__(self) -> None:
        self._kept: dict[_Shape, duckdb.Statement] = {}

    def of(
        self, cursor: duckdb.DuckDBPyConnection, query: exp.Query, params: Mapping[str, object]
    ) -> duckdb.Statement:
        """What to execute for a query, which is taken over, with these values."""
        # Of all values only these say how a scan is straightened.
        marks = {name: value for name, value in params.items() if value in MARKS}
        shape = (_shape(query), *marks.items())
        statement = self._kept.get(shape)
        if statement is None:
            text = straightened(query, marks).sql(dialect="duckdb", copy=False)
            [statement] = cursor.extract_statements(text)
            if len(text) <= _LONG:
                if len(self._kept) >= _MOST:
                    self._kept.clear()
                self._kept[shape] = statement
        return statement


def _shape(node: exp.Expr) -> _Shape:
    parts: list[object] = [type(node)]
    for name, value in node.args.items():
        if isinstance(value, exp.Expr):
            parts += (name, _shape(value))
        elif isinstance(value, list):
            parts += (name, tuple(_shape(each) if isinstance(each, exp.Expr) else each for each in value))
        elif value is not None:
            parts += (name, value)
    return tuple(parts)
