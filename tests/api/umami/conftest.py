"""Servers that Umami's clients talk to."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from footfall.store.base import Store
from support.clock import Clock
from support.footfall import Footfall
from support.statistics import Statistics
from support.stores import store
from support.umami import SECRET, Umami, make_people

__all__ = ["store"]


@pytest.fixture(scope="module")
def statistics(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Statistics]:
    """Statistics on each engine."""
    made = Statistics(store, tmp_path_factory.mktemp("statistics") / "data")
    yield made
    made.close()


@pytest.fixture(scope="session")
def peopled(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A data folder with the project `shop` and four users, and their API keys."""
    folder = shutil.copytree(template, tmp_path_factory.mktemp("peopled") / "data")
    return folder, make_people(folder)


@pytest.fixture(scope="module")
def make_umami(
    peopled: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Umami]]:
    """Makes servers with settings of their own."""
    made: list[Footfall] = []
    template, keys = peopled

    def make(**settings: Any) -> Umami:
        folder = shutil.copytree(template, tmp_path_factory.mktemp("umami") / "data")
        settings = {"secret": SECRET, "rate_limit_login": "1000/60s", "areas": True, **settings}
        made.append(Footfall(folder, Clock(), **settings))
        return Umami(made[-1], keys)

    yield make
    for footfall in made:
        footfall.stop()


@pytest.fixture(scope="module")
def umami(make_umami: Callable[..., Umami]) -> Umami:
    """One server for a module; its tests keep to things of their own."""
    return make_umami()


@pytest.fixture(scope="module")
def umami_v2(make_umami: Callable[..., Umami]) -> Umami:
    """The same with the answers of generation 2."""
    return make_umami(umami_stats="v2")
