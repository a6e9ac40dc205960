"""The first start makes an admin, once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from footfall.catalog import Catalog
from footfall.model.project import Role


def test_an_empty_catalog_gets_an_admin_with_a_random_password(catalog: Catalog) -> None:
    made = catalog.create_first_admin()
    assert made is not None
    admin, password = made
    assert (admin.username, admin.role) == ("admin", Role.ADMIN)
    assert len(password) == 20
    assert catalog.sign_in("admin", password).id == admin.id
    assert catalog.create_first_admin() is None


def test_a_catalog_with_users_does_not(catalog: Catalog) -> None:
    catalog.create_user("ann", "x")
    assert catalog.create_first_admin() is None
    assert [user.username for user in catalog.list_users()] == ["ann"]


def test_of_two_first_starts_one_makes_it(path: Path) -> None:
    with Catalog(path) as one, Catalog(path) as two, ThreadPoolExecutor(2) as threads:
        made = list(threads.map(lambda catalog: catalog.create_first_admin(), (one, two)))
        assert sorted(each is None for each in made) == [False, True]
