"""Servers that people look at: an admin ada, users bob and cleo, a viewer vic, and whose projects are whose."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium

from browser.conftest import launched, site  # noqa: F401
from dashboard.pages import dashboard, make_page  # noqa: F401
from footfall.catalog.projects import NewProject
from support.clock import Clock
from support.dashboard import Browser
from support.footfall import Footfall
from support.umami import make_people


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """Chromium's engine without the browser around it, where that is here: it takes half the time."""
    with launched("chromium-headless-shell") as browser:
        yield browser


@pytest.fixture(scope="session")
def peopled(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the project `shop`, which is nobody's, and four users."""
    folder = shutil.copytree(template, tmp_path_factory.mktemp("looked-at") / "data")
    make_people(folder)
    return folder


@pytest.fixture(scope="module")
def make_looked_at(peopled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Footfall]]:
    """Makes servers with settings of their own."""
    made: list[Footfall] = []

    def make(**settings: Any) -> Footfall:
        folder = shutil.copytree(peopled, tmp_path_factory.mktemp("looked-at") / "data")
        made.append(Footfall(folder, Clock(), **{"rate_limit_login": "1000/60s", **settings}))
        return made[-1]

    yield make
    for footfall in made:
        footfall.stop()


@pytest.fixture(scope="module")
def looked_at(make_looked_at: Callable[..., Footfall]) -> Footfall:
    """One server with all its APIs for a module; its tests keep to things of their own."""
    return make_looked_at(reads=True, areas=True)


@pytest.fixture(scope="module")
def bobs(looked_at: Footfall) -> str:
    """A project of bob's, where somebody viewed a page."""
    catalog = looked_at.runtime.catalog
    bob = catalog.snapshot().users_by_name["bob"]
    return catalog.create_owned_project(NewProject(name="Bob's", id="bobs", user_id=bob.id)).id


@pytest.fixture(scope="module")
def ada(looked_at: Footfall) -> Browser:
    """The admin, signed in."""
    return Browser(looked_at).signs_in("ada")


@pytest.fixture(scope="module")
def bob(looked_at: Footfall, bobs: str) -> Browser:
    """A user with a project, signed in."""
    return Browser(looked_at).signs_in("bob")


@pytest.fixture(scope="module")
def cleo(looked_at: Footfall) -> Browser:
    """A user without, signed in."""
    return Browser(looked_at).signs_in("cleo")
