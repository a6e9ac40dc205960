"""One project's rows: binds a question's values, puts the project into every scan, and asks the store."""

from sqlglot import exp

from footfall.query.engine import Engine
from footfall.query.engine_clickhouse import ClickHouseEngine
from footfall.query.engine_duckdb import DuckDBEngine
from footfall.query.sql import INTEGER, NUMBER, TEXT, Expr, column, equal, placeholder
from footfall.store.base import Row, Store
from footfall.store.schema import TABLES

_TABLES = {table.name for table in TABLES}
_PROJECT = "project_id"
_ENGINES: dict[str, Engine] = {"duckdb": DuckDBEngine(), "clickhouse": ClickHouseEngine()}


class Reader:
    """What a question reads through. Whatever it asks, it gets rows of its one project."""

    def __init__(self, store: Store, project_id: str) -> None:
        self.engine = _ENGINES[store.dialect]
        self.rows_of = (project_id, store.version) if store.version is not None else None
        """What the rows are those of, until they change; None if nobody can tell when they do."""
        self._store = store
        self._values: dict[str, object] = {_PROJECT: project_id}
        self._names: dict[tuple[type, object], str] = {}

    def text(self, value: str) -> Expr:
        """A bound text."""
        return placeholder(self._name(value), TEXT)

    def integer(self, value: int) -> Expr:
        """A bound whole number."""
        return placeholder(self._name(value), INTEGER)

    def number(self, value: float) -> Expr:
        """A bound number."""
        return placeholder(self._name(float(value)), NUMBER)

    def instant(self, ms: int) -> Expr:
        """A bound time."""
        return self.engine.instant(self.integer(ms))

    def rows(self, query: exp.Query) -> list[Row]:
        """What the store answers, for this project only. Takes the expression over: don't use it again."""
        used = scope(query)
        return self._store.query(query, {name: self._values[name] for name in used})

    def _name(self, value: object) -> str:
        key = (type(value), value)
        if key not in self._names:
            name = f"v{len(self._names)}"
            self._names[key] = name
            self._values[name] = value
        return self._names[key]


def scope(query: exp.Query) -> set[str]:
    """Put `project_id = $project_id` beside every scan of a table of the store, however deep it stands.

    Returns the names of all placeholders. A CTE must not be named like a table.
    """
    tables: list[exp.Table] = []
    made_here, names = set(), set()
    for node in query.walk():
        if isinstance(node, exp.Table):
            tables.append(node)
        elif isinstance(node, exp.Placeholder):
            names.add(node.name)
        elif isinstance(node, exp.CTE):
            made_here.add(node.alias)
    assert not made_here & _TABLES, "a CTE would hide a table from the project's predicate"
    for table in tables:
        if table.name in made_here:
            continue
        assert table.name in _TABLES, f"no such table: {table.name}"
        scan = table.find_ancestor(exp.Select)
        assert scan is not None
        scan.where(equal(column(_PROJECT, table.alias or None), placeholder(_PROJECT, TEXT)), copy=False)
        names.add(_PROJECT)
    return names
