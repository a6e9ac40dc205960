"""Projects, clients, users and keys: made, found, changed, refused."""

import re
import time

import pytest

from footfall.catalog import Catalog
from footfall.catalog.projects import NewProject, ProjectChange
from footfall.model.errors import BadRequest, Forbidden, NotFound, SetupError, Unauthorized
from footfall.model.project import ClientMode, FilterType, Principal, ProjectFilter, Role


def refused_field(work: object, *arguments: object, **named: object) -> str:
    with pytest.raises(BadRequest) as refused:
        work(*arguments, **named)  # type: ignore[operator]
    return refused.value.field


def test_a_project_is_found_by_slug_and_by_uuid_in_any_case(catalog: Catalog) -> None:
    project = catalog.create_project("Žlutý kůň!", domain="Shop.Example/", timezone="Europe/Prague")
    assert project.id == "zluty-kun"
    assert project.domain == "shop.example"
    assert project.zone.key == "Europe/Prague"
    assert catalog.get_project("zluty-kun") == project
    assert catalog.get_project(str(project.uuid).upper()) == project
    with pytest.raises(NotFound):
        catalog.get_project("other")


def test_a_second_project_of_a_name_gets_a_number(catalog: Catalog) -> None:
    catalog.create_project("Shop")
    assert re.fullmatch(r"shop-\d{4}", catalog.create_project("Shop").id)
    assert catalog.create_project("日本").id == "project"


def test_an_id_that_is_taken_is_refused_with_a_code(catalog: Catalog) -> None:
    catalog.create_project("Shop")
    with pytest.raises(BadRequest) as refused:
        catalog.create_project("Another", id="shop")
    assert (refused.value.field, refused.value.code) == ("id", "taken")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "a\x00b"),
        ("name", "x" * 256),
        ("id", "Shop"),
        ("id", "-shop"),
        ("id", "../etc"),
        ("id", "x" * 65),
        ("id", "6e2b8a7e-1c1d-4a53-8f0e-000000000000"),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("timezone", ""),
        ("domain", "not a domain"),
        ("domain", "https://shop.example/path"),
        ("domain", "javascript://alert"),
        ("cors", ["foo.*"]),
        ("cors", ["https://a.example/path"]),
        ("uuid", "nonsense"),
    ],
)
def test_what_a_project_can_not_have_is_refused_by_field(catalog: Catalog, field: str, value: object) -> None:
    assert refused_field(catalog.create_project, **{"name": "Shop", field: value}) == field
    assert catalog.list_projects() == []


@pytest.mark.parametrize(
    "domain",
    ["shop.example", "https://shop.example", "localhost:3000", "my_app.test", "192.0.2.1", "[::1]:8080"],
)
def test_usual_domains_are_taken(catalog: Catalog, domain: str) -> None:
    assert catalog.create_project("Shop", domain=domain).domain == domain


def test_a_domain_in_another_script_is_kept_as_browsers_send_it(catalog: Catalog) -> None:
    assert catalog.create_project("M", domain="https://Müller.de").cors == ("https://xn--mller-kva.de",)


def test_the_cors_list_follows_the_domain_until_it_is_set_by_hand(catalog: Catalog) -> None:
    assert catalog.create_project("Shop").cors == ("*",)
    assert catalog.update_project("shop", ProjectChange(domain="a.example")).cors == ("https://a.example",)
    assert catalog.update_project("shop", ProjectChange(domain="b.example")).cors == ("https://b.example",)
    assert catalog.update_project("shop", ProjectChange(cors=["https://c.example/"])).cors == (
        "https://c.example",
    )
    assert catalog.update_project("shop", ProjectChange(domain="d.example")).cors == ("https://c.example",)
    assert catalog.create_project("Closed", cors=[]).cors == ()


def test_a_change_leaves_the_rest_alone(catalog: Catalog) -> None:
    before = catalog.create_project("Shop", domain="shop.example", timezone="Europe/Berlin")
    after = catalog.update_project(str(before.uuid), ProjectChange(name="Store"))
    assert (after.name, after.id, after.timezone, after.cors) == (
        "Store",
        "shop",
        "Europe/Berlin",
        before.cors,
    )
    assert catalog.get_project("shop") == after


def test_filters_are_sorted_by_what_they_look_at(catalog: Catalog) -> None:
    catalog.create_project("Shop")
    filters = [
        ProjectFilter(FilterType.IP, "192.0.2.1"),
        ProjectFilter(FilterType.PROFILE, "me"),
        ProjectFilter(FilterType.EVENT, "debug"),
    ]
    project = catalog.update_project("shop", ProjectChange(filters=filters))
    assert project.blocked_ips == {"192.0.2.1"}
    assert project.blocked_profiles == {"me"}
    assert project.blocked_events == {"debug"}


@pytest.mark.parametrize(
    ("type", "written", "compared"),
    [
        (FilterType.IP, " 192.0.2.1 ", "192.0.2.1"),
        (FilterType.IP, "2001:0DB8::0001", "2001:db8::1"),
        (FilterType.IP, "::ffff:192.0.2.1", "192.0.2.1"),
        (FilterType.PROFILE, " me ", "me"),
        (FilterType.EVENT, " debug ", "debug"),
    ],
)
def test_a_filter_is_spelled_as_hits_are(catalog: Catalog, type: FilterType, written: str, compared: str) -> None:
    catalog.create_project("Shop")
    project = catalog.update_project("shop", ProjectChange(filters=[ProjectFilter(type, written)]))
    assert project.filters == (ProjectFilter(type, compared),)


@pytest.mark.parametrize(
    ("type", "value"), [(FilterType.IP, "192.0.2.0/24"), (FilterType.IP, "office"), (FilterType.EVENT, " ")]
)
def test_a_filter_that_nothing_could_match_is_refused(catalog: Catalog, type: FilterType, value: str) -> None:
    catalog.create_project("Shop")
    with pytest.raises(BadRequest) as refused:
        catalog.update_project("shop", ProjectChange(filters=[ProjectFilter(type, value)]))
    assert refused.value.field == "filters"


def test_a_deleted_project_takes_its_clients_along_and_its_key_is_not_used_again(catalog: Catalog) -> None:
    project, client, _ = catalog.create_project_with_client(NewProject(name="Shop"))
    catalog.delete_project("shop")
    with pytest.raises(NotFound):
        catalog.get_client(client.id)
    assert catalog.create_project("Shop").key > project.key


def test_a_project_and_its_client_are_made_together_or_not_at_all(catalog: Catalog) -> None:
    with pytest.raises(BadRequest):
        catalog.create_project_with_client(NewProject(name="Shop", timezone="Mars"))
    assert catalog.list_projects() == []
    assert catalog.list_clients() == []


def test_clients_are_made_renamed_listed_and_deleted(catalog: Catalog) -> None:
    catalog.create_project("Shop")
    catalog.create_project("Other")
    client, secret = catalog.create_client("shop", ClientMode.READ, "Reader")
    catalog.create_client("other", ClientMode.WRITE, "Writer")
    assert secret.startswith("sec_")
    assert secret not in (client.secret_hash or "")
    assert catalog.get_client(client.id.upper()) == client
    assert [each.name for each in catalog.list_clients("shop")] == ["Reader"]
    assert catalog.update_client(client.id, "Export").name == "Export"
    catalog.delete_client(client.id)
    assert catalog.list_clients("shop") == []
    with pytest.raises(NotFound):
        catalog.create_client("nope", ClientMode.READ, "Reader")
    with pytest.raises(NotFound):
        catalog.create_client(None, ClientMode.READ, "Reader")


def test_a_site_that_moves_here_keeps_its_clients_id_and_secret(catalog: Catalog) -> None:
    catalog.create_project("Shop")
    known = "6E2B8A7E-1C1D-4A53-8F0E-000000000000"
    client, secret = catalog.create_client("shop", ClientMode.WRITE, "Old", id=known, secret="sec_old")
    assert (client.id, secret) == (known.lower(), "sec_old")
    assert refused_field(catalog.create_client, "shop", ClientMode.WRITE, "Twice", id=known) == "id"


def test_a_reader_reaches_its_own_project_only(catalog: Catalog) -> None:
    catalog.create_project("Shop")
    other = catalog.create_project("Other")
    reader = Principal(client_id="c", mode=ClientMode.READ, project_id="shop")
    writer = Principal(client_id="c", mode=ClientMode.WRITE, project_id="shop")
    root = Principal(client_id="c", mode=ClientMode.ROOT, project_id=None)
    assert catalog.readable_project(reader, "shop").id == "shop"
    assert catalog.readable_project(root, "other").id == "other"
    assert [project.id for project in catalog.readable_projects(reader)] == ["shop"]
    assert [project.id for project in catalog.readable_projects(root)] == ["shop", "other"]
    assert catalog.readable_projects(writer) == []
    for who, ref in ((reader, "other"), (reader, str(other.uuid)), (writer, "shop")):
        with pytest.raises(Forbidden):
            catalog.readable_project(who, ref)
    with pytest.raises(NotFound):
        catalog.readable_project(reader, "nope")
    with pytest.raises(Forbidden):
        catalog.readable_project(reader, "nope", hide=True)


def test_the_first_user_is_admin_and_later_ones_are_not(catalog: Catalog) -> None:
    assert catalog.create_user("ann", "secret").role is Role.ADMIN
    assert catalog.create_user("bob", "secret").role is Role.USER
    assert catalog.create_user("eve", "secret", Role.VIEW_ONLY).role is Role.VIEW_ONLY
    assert [user.username for user in catalog.list_users()] == ["ann", "bob", "eve"]
    assert refused_field(catalog.create_user, "ann", "secret") == "username"
    assert refused_field(catalog.create_user, "zoe", "") == "password"


def test_a_user_signs_in_with_the_newest_password_only(catalog: Catalog) -> None:
    user = catalog.create_user("ann", "first")
    assert catalog.sign_in("ann", "first").id == user.id
    catalog.update_user(user.id, password="second", role=Role.VIEW_ONLY)
    assert catalog.sign_in("ann", "second").role is Role.VIEW_ONLY
    for name, password in (("ann", "first"), ("ann", ""), ("nobody", "first")):
        with pytest.raises(Unauthorized):
            catalog.sign_in(name, password)


def test_an_api_key_names_its_user_until_either_is_deleted(catalog: Catalog) -> None:
    user = catalog.create_user("ann", "secret")
    key, text = catalog.create_key("ann", "CI")
    _, other = catalog.create_key(user.id, "Laptop")
    assert text.startswith(key.prefix)
    assert catalog.user_of_key(text)[0].username == "ann"
    assert catalog.list_keys(user.id)[0].last_used_at is not None
    catalog.delete_key(key.id)
    with pytest.raises(Unauthorized):
        catalog.user_of_key(text)
    catalog.delete_user(user.id)
    with pytest.raises(Unauthorized):
        catalog.user_of_key(other)


def test_the_installations_secret_stays(catalog: Catalog) -> None:
    first = catalog.installation_secret()
    assert len(first) == 64
    assert catalog.installation_secret() == first


def test_a_folder_that_can_not_be_made_is_the_operators_to_mend() -> None:
    with pytest.raises(SetupError, match=r"can't be opened: .+\.$"):
        Catalog("/dev/null/data/catalog.sqlite3")


def test_a_file_that_is_no_database_is_the_operators_to_mend(path: object, tmp_path: object) -> None:
    file = f"{tmp_path}/catalog.sqlite3"
    with open(file, "w") as stream:
        stream.write("this is not a database" * 100)
    with pytest.raises(SetupError, match="not a database"):
        Catalog(file)


@pytest.mark.parametrize(
    "url", ["mysql://host/db", "sqlite://", "http://example.com", "postgresql://u:pw@host:port/db"]
)
def test_another_kind_of_database_is_refused_in_words(url: str) -> None:
    with pytest.raises(SetupError, match="postgresql://"):
        Catalog(url)


def test_the_hot_lookups_cost_microseconds(catalog: Catalog) -> None:
    _, client, _ = catalog.create_project_with_client(NewProject(name="Shop"))
    catalog.watch()
    catalog.get_project("shop")
    start = time.perf_counter()
    for _ in range(10_000):
        catalog.get_project("shop")
        catalog.get_client(client.id)
    assert time.perf_counter() - start < 0.5  # ~0.005 s on the machine it was written on
