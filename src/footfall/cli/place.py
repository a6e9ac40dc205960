"""Where a command works: the data folder and configuration, given before or after the subcommand."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from footfall.model.errors import NotFound
from footfall.model.project import Project
from footfall.server.settings import Settings
from footfall.server.settings_sources import load_settings

if TYPE_CHECKING:
    from footfall.catalog import Catalog

DataOption = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="The data folder (FOOTFALL_DATA; ./data).", show_default=False),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="A TOML file with settings (FOOTFALL_CONFIG; footfall.toml in the data folder).",
        show_default=False,
    ),
]


class Place(Struct, frozen=True):
    """The `--data` and `--config` that stood before the subcommand."""

    data: Path | None = None
    config: Path | None = None


def settings_for(context: typer.Context, data: Path | None, config: Path | None, **flags: object) -> Settings:
    """The settings for a command; what stands after the subcommand wins. Raises SetupError."""
    before = context.find_object(Place) or Place()
    return load_settings({"data": data or before.data, "config": config or before.config, **flags})


@contextmanager
def open_catalog(context: typer.Context, data: Path | None, config: Path | None) -> Iterator["Catalog"]:
    """The catalog that the settings name, beside a running server too. Raises SetupError."""
    from footfall.catalog import Catalog  # half a second, which `--help` should not wait for

    with Catalog(settings_for(context, data, config).catalog_url) as catalog:
        yield catalog


def find_project(catalog: "Catalog", ref: str) -> Project:
    """By id or UUID. Raises NotFound that says how to find the right one."""
    try:
        return catalog.get_project(ref)
    except NotFound:
        raise NotFound(f"There is no project {ref}; see: footfall project list") from None
