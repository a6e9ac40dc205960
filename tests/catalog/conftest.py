"""A SQLite catalog of its own for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from footfall.catalog import Catalog


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "catalog.sqlite3"


@pytest.fixture
def catalog(path: Path) -> Iterator[Catalog]:
    with Catalog(path) as opened:
        yield opened
