"""One suite for both engines."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from footfall.store.base import Store
from footfall.store.clickhouse import ClickHouseStore
from store.folders import Folder


@pytest.fixture(params=["duckdb", "clickhouse"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Folder]:
    """An empty store of each engine."""
    folder = Folder(request.param, tmp_path)
    yield folder
    folder.close()


@pytest.fixture
def store(folder: Folder) -> Store:
    """The store in `folder`."""
    return folder.store


@pytest.fixture
def clickhouse(tmp_path: Path) -> Iterator[Callable[..., ClickHouseStore]]:
    """Opens ClickHouse stores in one place; several at once are several nodes."""
    opened: list[ClickHouseStore] = []

    def open_(**options: Any) -> ClickHouseStore:
        opened.append(ClickHouseStore(f"chdb://{tmp_path}/db", **options))
        return opened[-1]

    yield open_
    for store in opened:
        store.close()
