"""The migrations make exactly the tables that the code knows."""

import os
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from footfall.catalog import migrations
from footfall.catalog.database import Database
from footfall.catalog.tables import metadata

POSTGRES = os.environ.get("FOOTFALL_TEST_POSTGRES", "")


def differences(url_or_path: str | Path) -> list[object]:
    database = Database(url_or_path)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = list(compare_metadata(context, metadata))
    database.close()
    return found


def test_the_schema_is_what_the_migrations_make(path: Path) -> None:
    assert differences(path) == []


@pytest.mark.skipif(not POSTGRES, reason="FOOTFALL_TEST_POSTGRES names no database")
def test_the_schema_is_what_the_migrations_make_on_postgresql() -> None:
    assert differences(POSTGRES) == []


def test_the_newest_version_is_named_in_the_code() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD
