"""Both engines, empty, and a project in them: `from support.stores import store, site` in a conftest."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest

from footfall.query.ask import ask
from footfall.query.operators import Filters, parse_filters
from footfall.query.ranges import TimeRange, resolve
from footfall.query.reader import Question
from footfall.store.base import Store
from footfall.store.clickhouse import ClickHouseStore
from footfall.store.duckdb import DuckDBStore
from support.facts import Facts, ms

Answer = TypeVar("Answer")
ENGINES = ("duckdb", "clickhouse")
NOW = "2024-03-15 12:34:56"
_projects = count(1)


def open_store(engine: str, folder: Path) -> Store:
    """An empty store."""
    if engine == "duckdb":
        return DuckDBStore(folder / "events.duckdb", threads=2)
    return ClickHouseStore(f"chdb://{folder}/db", pending=folder / "pending")


@pytest.fixture(scope="module", params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store of each engine, shared by a module's tests; each test has a project of its own."""
    opened = open_store(request.param, tmp_path_factory.mktemp("store"))
    yield opened
    opened.close()


class Site:
    """One project of a store: facts in, answers out."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.project = f"site-{next(_projects)}"
        self.zone = ZoneInfo("UTC")
        self.now = NOW

    def facts(self) -> Facts:
        """To be told, and then `write`n."""
        return Facts(self.project)

    def write(self, facts: Facts) -> None:
        """Store them."""
        self.store.write(facts.batch(self.store.position() + 1))

    def span(self, name: str = "", start: str = "", end: str = "") -> TimeRange:
        """A range at `now` in this site's zone."""
        return resolve(self.zone, ms(self.now), name=name, start=start, end=end)

    def ask(self, question: Question[Answer]) -> Answer:
        """The answer for this project."""
        return ask(self.store, self.project, question)


def only(name: str, operator: str, *values: object, **more: object) -> Filters:
    """One filter."""
    return parse_filters([{"name": name, "operator": operator, "value": list(values), **more}])


@pytest.fixture
def site(store: Store) -> Site:
    """An empty project."""
    return Site(store)
