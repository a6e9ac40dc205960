"""Data folders to measure on: projects and clients made straight in the catalog, with known secrets."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from footfall.catalog import Catalog
from footfall.catalog.secrets import new_client_secret
from footfall.demo.traffic import origin_of
from footfall.model.project import ClientMode

ZONE = "Europe/Berlin"


class Credentials(Struct, frozen=True):
    """One client of one project."""

    project: str
    id: str
    secret: str

    @property
    def headers(self) -> dict[str, str]:
        """What proves it."""
        return {"openpanel-client-id": self.id, "openpanel-client-secret": self.secret}


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards; below FOOTFALL_BENCH_DIR if that is set."""
    base = os.environ.get("FOOTFALL_BENCH_DIR")
    if base:
        Path(base).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="footfall-bench-", dir=base) as folder:
        yield Path(folder)


def make_projects(data: Path, names: list[str]) -> None:
    """Projects of the made-up sites."""
    data.mkdir(parents=True, exist_ok=True)
    with Catalog(str(data / "catalog.sqlite3")) as catalog:
        for name in names:
            catalog.create_project(name.capitalize(), id=name, domain=origin_of(name), timezone=ZONE)


def make_client(data: Path, project: str, mode: ClientMode) -> Credentials:
    """One more client of a project."""
    made = Credentials(project, str(uuid.uuid4()), new_client_secret())
    with Catalog(str(data / "catalog.sqlite3")) as catalog:
        catalog.create_client(project, mode, "Bench", id=made.id, secret=made.secret)
    return made
