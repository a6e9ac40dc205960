"""Several processes share one catalog: they open it at once and see each other's changes within a second."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from footfall.catalog import Catalog
from footfall.catalog.authentication import Authenticator
from footfall.catalog.database import Database
from footfall.catalog.snapshot import Snapshot, SnapshotCache
from footfall.model.errors import NotFound, Overloaded, SetupError
from footfall.model.project import ClientMode, Project

CREATE = "import sys; from footfall.catalog import Catalog; Catalog(sys.argv[1]).create_project(sys.argv[2])"


def run(path: Path, name: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", CREATE, str(path), name], stderr=subprocess.PIPE)


def seconds_until(seen: Callable[[], bool]) -> float:
    start = time.monotonic()
    while not seen() and time.monotonic() - start < 5:
        time.sleep(0.01)
    return time.monotonic() - start


def has(catalog: Catalog, ref: str) -> bool:
    try:
        return catalog.get_project(ref).id == ref
    except NotFound:
        return False


@pytest.mark.parametrize("watching", [False, True])
def test_another_process_sees_a_change_within_a_second(catalog: Catalog, path: Path, watching: bool) -> None:
    if watching:
        catalog.watch()
    process = run(path, "Shop")
    assert not has(catalog, "shop")
    assert process.wait(30) == 0
    assert seconds_until(lambda: has(catalog, "shop")) < 1


def test_who_is_missed_is_looked_for_at_once_however_fresh_the_last_look(path: Path) -> None:
    database = Database(path)
    with Catalog(path) as other:
        cache = SnapshotCache(database, lambda: 0.0)
        for name in ("shop", "next"):
            other.create_project(name)
            assert name not in cache.current().projects
            assert name in cache.look_again().projects
        cache.look_again()
        other.create_project("Last")
        assert "last" not in cache.look_again().projects, "who asks for names that are not there is no burden"
    database.close()


def test_a_look_that_another_thread_made_good_is_not_in_vain(catalog: Catalog, path: Path) -> None:
    with Catalog(path) as other:

        def meanwhile(known: Snapshot) -> Project | None:
            found = known.projects.get("shop")
            if found is None:
                other.create_project("Shop")
                catalog.look_again()  # as the watching thread does
            return found

        assert catalog.find(meanwhile) is not None
        assert catalog.get_project(other.create_project("Blog").id)


def test_what_another_process_just_made_works_at_once(catalog: Catalog, path: Path) -> None:
    catalog.watch()
    with Catalog(path) as other:
        project = other.create_project("Shop")
        assert catalog.get_project("SHOP") == project
        client, secret = other.create_client("shop", ClientMode.READ, "Reader")
        assert catalog.get_client(client.id) == client
        assert catalog.readable_project(Authenticator(catalog).principal(client.id, secret), "shop") == project
        user = other.create_user("ann", "secret")
        assert catalog.get_user(user.id) == user
        _, key = other.create_key("ann", "CI")
        assert catalog.user_of_key(key)[0] == user


def test_own_changes_are_seen_at_once(catalog: Catalog) -> None:
    catalog.watch()
    for number in range(20):
        assert has(catalog, catalog.create_project(f"p{number}").id)


def test_a_database_that_hangs_holds_up_nobody_who_looks_in_a_server(
    catalog: Catalog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert has(catalog, catalog.create_project("Shop").id)
    catalog.watch()
    answers, read = threading.Event(), Database.read

    @contextmanager
    def hang(database: Database) -> Iterator[Connection]:
        answers.wait(30)
        with read(database) as connection:
            yield connection

    monkeypatch.setattr(Database, "read", hang)
    began = time.monotonic()
    for number in range(50):
        assert has(catalog, "shop")
        assert not has(catalog, f"nobody-{number}")
    with pytest.raises(Overloaded):
        catalog.salts(datetime.now(UTC) + timedelta(days=2))
    assert time.monotonic() - began < 5
    answers.set()
    with Catalog(path) as other:
        other.create_project("Next")
    assert seconds_until(lambda: has(catalog, "next")) < 2


def test_many_first_starts_at_once_make_one_catalog(path: Path) -> None:
    processes = [run(path, f"Project {number}") for number in range(6)]
    errors = [process.communicate(timeout=60)[1].decode() for process in processes]
    assert errors == [""] * 6
    with Catalog(path) as catalog:
        assert len(catalog.list_projects()) == 6


def test_a_name_that_two_processes_give_at_once_makes_two_ids(path: Path) -> None:
    processes = [run(path, "Shop") for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    with Catalog(path) as catalog:
        assert len({project.id for project in catalog.list_projects()}) == 4


def test_a_catalog_of_a_newer_footfall_is_left_alone(path: Path) -> None:
    Catalog(path).close()
    database = Database(path)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(SetupError, match="newer Footfall"):
        Catalog(path)


def test_only_the_owner_may_read_the_file(catalog: Catalog, path: Path) -> None:
    assert path.stat().st_mode & 0o077 == 0


def test_what_was_acknowledged_is_synced_to_disk(path: Path) -> None:
    database = Database(path)
    with database.read() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    database.close()


def test_a_folder_that_is_made_for_it_is_the_owners_alone(tmp_path: Path) -> None:
    """Whatever comes first: events and journal stand beside it, and are made as readable as others' files."""
    Catalog(tmp_path / "data" / "catalog.sqlite3").close()
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
