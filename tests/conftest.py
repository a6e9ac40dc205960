"""Fixtures that every part of the house may use."""

import gc
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import structlog
from hypothesis import settings

from footfall.catalog import secrets
from support.clock import Clock
from support.footfall import Footfall, Visitor, make_template

# The same examples in each run, so that what fails, fails again; EXPLORE=1 looks for others.
if not os.environ.get("EXPLORE"):
    settings.load_profile("ci")

# They take longest: begun last, one of them would leave the other processes without work.
_LONG = (
    "tests/crash/",
    "tests/browser/",
    "tests/sdk/",
    "tests/dashboard/",
    "tests/demo/",
    "tests/store/test_store.py",
    "tests/api/umami/test_behaviour_reports.py",
    "tests/api/umami/test_hostile.py",
    "tests/api/umami/test_stats.py",
    "tests/api/openpanel/test_export_",
    "tests/query/test_parity.py",
)
_MEMORY = Path("/dev/shm")
_ROOM = 4 * 2**30
_COLLECT_AFTER = 20_000


def pytest_configure(config: pytest.Config) -> None:
    """Keep data folders in memory where there is room: stores wait for every sync of a disk."""
    gc.disable()  # until all tests are known, which makes much and leaves nothing
    if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The modules that take long come first."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONG))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Collect garbage from here on, but don't look for it among the modules and tests, which stay."""
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 50)
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def quiet() -> None:
    """Logs only of what is worse than what tests provoke."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@pytest.fixture(scope="session", autouse=True)
def scrypt_once() -> Iterator[None]:
    """What scrypt makes of a secret is made once: it is always the same, and takes 50 ms of a core."""
    with patch.object(secrets, "_scrypt", cache(secrets._scrypt)):
        yield


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the project `shop` and its clients."""
    return make_template(tmp_path_factory.mktemp("template") / "data")


@pytest.fixture
def make_footfall(template: Path, tmp_path: Path) -> Iterator[Callable[..., Footfall]]:
    """Makes servers with settings of their own."""
    made: list[Footfall] = []

    def make(**settings: Any) -> Footfall:
        folder = shutil.copytree(template, tmp_path / f"data{len(made)}")
        made.append(Footfall(folder, Clock(), **settings))
        return made[-1]

    yield make
    for footfall in made:
        footfall.stop()


@pytest.fixture
def footfall(make_footfall: Callable[..., Footfall]) -> Footfall:
    """An empty server at noon of 10 March 2026, a Tuesday."""
    return make_footfall()


@pytest.fixture(scope="module")
def house(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Footfall]:
    """One server for a module whose tests only look at answers."""
    footfall = Footfall(shutil.copytree(template, tmp_path_factory.mktemp("house") / "data"), Clock())
    yield footfall
    footfall.stop()


@pytest.fixture
def visitor(footfall: Footfall) -> Visitor:
    """Somebody with a browser."""
    return footfall.visitor()
