"""New catalogs and migrated ones have exactly the tables that the code knows."""

import os
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

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


def reflected(path: Path) -> dict[str, object]:
    """Tables, columns with their defaults, indexes and constraints, in no order."""
    database = Database(path)
    with database.read() as connection:
        inspector = inspect(connection)
        looks = (
            inspector.get_columns,
            inspector.get_indexes,
            inspector.get_unique_constraints,
            inspector.get_foreign_keys,
            lambda table: [inspector.get_pk_constraint(table)],
        )
        found: dict[str, object] = {
            table: [sorted(map(repr, look(table))) for look in looks] for table in inspector.get_table_names()
        }
        found["rows"] = [
            connection.execute(text(f"SELECT * FROM {table}")).all() for table in ("meta", "alembic_version")
        ]
    database.close()
    return found


@pytest.fixture(params=["made at once", "migrated"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How an empty database gets its tables."""
    if request.param == "migrated":
        monkeypatch.setattr(migrations, "create", migrations.migrate)


@pytest.mark.usefixtures("way")
def test_the_schema_is_what_the_code_knows(path: Path) -> None:
    assert differences(path) == []


def test_a_new_catalog_is_what_the_migrations_make(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = reflected(path)
    monkeypatch.setattr(migrations, "create", migrations.migrate)
    assert reflected(path.with_name("migrated.sqlite3")) == made


@pytest.mark.skipif(not POSTGRES, reason="FOOTFALL_TEST_POSTGRES names no database")
def test_the_schema_is_what_the_code_knows_on_postgresql() -> None:
    assert differences(POSTGRES) == []


def test_the_newest_version_is_named_in_the_code() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD
