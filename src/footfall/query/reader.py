"""One project's rows: binds a question's values, puts the project into every scan, and asks the store."""

import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from sqlglot import exp

from footfall.model.errors import BadRequest, FootfallError, Overloaded
from footfall.query.engine import Engine
from footfall.query.engine_clickhouse import ClickHouseEngine
from footfall.query.engine_duckdb import DuckDBEngine
from footfall.query.operators import Filters
from footfall.query.sql import INTEGER, NUMBER, TEXT, Expr, column, equal, named, placeholder, select, word
from footfall.store.base import TOO_LONG, Linked, Row, Store
from footfall.store.query_reach import read_by
from footfall.store.reach import Reach
from footfall.store.schema import TABLES

_TABLES = {table.name for table in TABLES}
_PROJECT = "project_id"
_ENGINES: dict[str, Engine] = {"duckdb": DuckDBEngine(), "clickhouse": ClickHouseEngine()}


_THREADS = ThreadPoolExecutor(2, thread_name_prefix="beside")
"""For what is asked beside something else."""

Answer = TypeVar("Answer", covariant=True)


class Question(Protocol[Answer]):
    """What can be asked: filters that are checked first, and how it is answered.

    Its fields say all that its answer depends on, but for the rows.
    """

    @property
    def filters(self) -> Filters:
        """Whose patterns must be ones that the engine can read."""

    def answer(self, reader: "Reader") -> Answer:
        """Read the rows and make the answer of them."""


class Reader:
    """What a question reads through. Whatever it asks, it gets rows of its one project."""

    def __init__(
        self, store: Store, project_id: str, undone_ms: float | None = None, ends_at: float | None = None
    ) -> None:
        self.undone_ms = undone_ms
        """If the same was slow to answer before and rows changed since: the earliest time, UTC, of these."""
        self.engine = _ENGINES[store.dialect]
        self._store = store
        self._project_id = project_id
        self._ends_at = ends_at
        self._is_patient = ends_at == math.inf
        self._values: dict[str, object] = {_PROJECT: project_id}
        self._names: dict[tuple[type, object], str] = {}
        self.reach = Reach()
        """Which rows were read so far."""

    def linked(self) -> Linked:
        """Which sessions know their visitor's session before; true for what is read until it changes."""
        return self._store.linked(self._project_id)

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

    def ask(self, question: Question[Answer]) -> Answer:
        """The answer to another question, which may be kept on its own (store/answers.py)."""

        def work_out(undone_ms: float | None) -> tuple[Answer, Reach]:
            # Its time begins with its turn, and what it asks besides is asked in the same.
            ends_at = self._ends_at or time.monotonic() + self._store.query_seconds
            reader = Reader(self._store, self._project_id, undone_ms, ends_at)
            for pattern in question.filters.patterns():
                _check_pattern(reader, pattern)
            return question.answer(reader), reader.reach

        answer, reach = self._store.answers.of(self._project_id, question, work_out)
        self.reach = self.reach.joined(reach)
        return answer

    def rows(self, query: exp.Query) -> list[Row]:
        """What the store answers, for this project only. Takes the expression over: don't use it again."""
        return self._store.query(query, self._bound(query), is_patient=self._is_patient)

    def beside(self, query: exp.Query) -> Callable[[], list[Row]]:
        """The same, answered meanwhile; what is returned waits for it.

        To plan a small query takes longer than to run it, and one core; a large one seldom keeps all cores busy.
        """
        return _THREADS.submit(self._store.query, query, self._bound(query)).result

    def rows_of_each(self, first: exp.Query, *others: exp.Query) -> list[list[Row]]:
        """The same of several, answered at once."""
        waiting = [self.beside(query) for query in others]
        return [self.rows(first), *(wait() for wait in waiting)]

    def _bound(self, query: exp.Query) -> dict[str, object]:
        """The values of the query's placeholders, after it was put into this project; what it reads is noted.

        Raises Overloaded when the question's time is over: each statement alone would be quick enough.
        """
        if self._ends_at is not None and time.monotonic() > self._ends_at:
            raise Overloaded(TOO_LONG)
        values = {name: self._values[name] for name in scope(query)}
        self.reach = self.reach.joined(read_by(query, values))
        return values

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


def _check_pattern(reader: Reader, pattern: str) -> None:
    """Only the engine knows what its RE2 takes, so it is asked; Python's `re` never sees the pattern."""
    test = reader.engine.matches(word("x"), reader.text(pattern))
    try:
        reader.rows(select(named(test, "found")))
    except FootfallError:
        raise
    except Exception as error:
        raise BadRequest(
            f"{pattern[:60]!r} is not a regular expression (RE2)", "filters", "invalid_string"
        ) from error
