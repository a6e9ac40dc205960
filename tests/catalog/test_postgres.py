"""The same catalog on PostgreSQL; runs when FOOTFALL_TEST_POSTGRES names a database that may be emptied."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, make_url, text

from footfall.catalog import Authenticator, Catalog
from footfall.catalog.projects import NewProject
from footfall.model.errors import BadRequest, SetupError

URL = os.environ.get("FOOTFALL_TEST_POSTGRES", "")

pytestmark = pytest.mark.skipif(not URL, reason="FOOTFALL_TEST_POSTGRES names no database")


@pytest.fixture(autouse=True)
def _empty_database() -> None:
    engine = create_engine(make_url(URL).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


def test_first_starts_at_once_make_one_catalog_with_one_slug_each() -> None:
    def start(_: int) -> str:
        with Catalog(URL) as catalog:
            return catalog.create_project("Shop").id

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(start, range(6)))) == 6


def test_what_is_made_is_found_again() -> None:
    with Catalog(URL) as catalog:
        new = NewProject(name="Shop", domain="shop.example")
        project, client, secret = catalog.create_project_with_client(new)
        assert Authenticator(catalog).ingest(client.id, secret).project == project
        user = catalog.create_user("ann", "secret")
        _, key = catalog.create_key("ann", "CI")
        assert catalog.user_of_key(key)[0] == user
        assert catalog.installation_secret() == catalog.installation_secret()


def test_every_process_has_the_same_salts() -> None:
    noon = datetime(2026, 3, 10, 12, tzinfo=UTC)
    with Catalog(URL) as one, Catalog(URL) as other:
        today = one.salts(noon)
        assert other.salts(noon) == today
        assert other.salts(noon + timedelta(days=1)).previous == today.current


def test_what_it_can_not_hold_is_the_askers_to_mend() -> None:
    with Catalog(URL) as catalog:
        project = catalog.create_project("Shop").id
        for change in (
            lambda: catalog.restore_project("a\0b", datetime.now(UTC)),
            lambda: catalog.shares.create(project, "Numbers", {"share": float("nan")}),
        ):
            with pytest.raises(BadRequest, match="can't hold this"):
                change()


def test_a_server_that_is_away_is_the_operators_to_mend() -> None:
    for url in ("postgresql://nobody:hush@127.0.0.1:1/none", "postgresql://u@127.0.0.1:1/none?password=hush"):
        with pytest.raises(SetupError) as refused:
            Catalog(url)
        assert refused.value.message == "The catalog 127.0.0.1:1/none can't be opened: Connection refused."
