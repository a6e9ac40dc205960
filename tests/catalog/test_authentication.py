"""Who may send and who may read, with the contract's words for who may not (openpanel §2.3 to §2.5)."""

import pytest

from footfall.catalog import Authenticator, Catalog
from footfall.catalog.projects import NewProject, ProjectChange
from footfall.model.errors import Unauthorized
from footfall.model.project import Client, ClientMode, FilterType, ProjectFilter

UNKNOWN = "6e2b8a7e-1c1d-4a53-8f0e-000000000000"


class Site:
    """A project for shop.example with its first client."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.authenticator = Authenticator(catalog)
        new = NewProject(name="Shop", domain="https://shop.example")
        self.project, self.client, self.secret = catalog.create_project_with_client(new)

    def refusal(self, client_id: str | None = None, *, secret: str = "", origin: str = "", **more: object) -> str:
        with pytest.raises(Unauthorized) as refused:
            self.authenticator.ingest(
                self.client.id if client_id is None else client_id,
                secret,
                origin,
                **more,  # type: ignore[arg-type]
            )
        return refused.value.message

    def make(self, mode: ClientMode) -> tuple[Client, str]:
        return self.catalog.create_client("shop", mode, "Another")


@pytest.fixture
def site(catalog: Catalog) -> Site:
    return Site(catalog)


def test_a_page_of_the_domain_may_send_without_a_secret(site: Site) -> None:
    grant = site.authenticator.ingest(site.client.id, "", "https://www.shop.example")
    assert grant.project.id == "shop"
    assert not grant.secret_valid


def test_a_server_may_send_with_the_secret(site: Site) -> None:
    assert site.authenticator.ingest(site.client.id, site.secret).secret_valid


def test_a_project_without_a_domain_takes_events_from_any_page(site: Site) -> None:
    _, client, _ = site.catalog.create_project_with_client(NewProject(name="Open"))
    assert site.authenticator.ingest(client.id, "", "https://anything.example").project.id == "open"
    assert site.refusal(client.id) == "Ingestion: Invalid cors or secret"


def test_a_wrong_secret_on_a_right_page_is_let_in_but_not_trusted(site: Site) -> None:
    assert not site.authenticator.ingest(site.client.id, "sec_wrong", "https://shop.example").secret_valid


def test_an_upper_case_client_id_is_the_same_client(site: Site) -> None:
    assert site.authenticator.ingest(site.client.id.upper(), site.secret).client.id == site.client.id


def test_each_refusal_has_the_contracts_words(site: Site) -> None:
    homeless, secret = site.catalog.create_client(None, ClientMode.ROOT, "Root")
    assert site.refusal("") == "Ingestion: Missing client id"
    assert site.refusal("not-a-uuid") == "Ingestion: Client ID must be a valid UUIDv4"
    assert site.refusal(UNKNOWN) == "Ingestion: Invalid client id"
    assert site.refusal(homeless.id, secret=secret) == "Ingestion: Client has no project"
    assert site.refusal() == "Ingestion: Invalid cors or secret"
    assert site.refusal(secret="sec_wrong") == "Ingestion: Invalid cors or secret"
    assert site.refusal(origin="https://evil.example") == "Ingestion: Invalid cors or secret"


def test_project_filters_refuse_even_with_the_secret(site: Site) -> None:
    filters = (ProjectFilter(FilterType.IP, "192.0.2.7"), ProjectFilter(FilterType.PROFILE, "me"))
    site.catalog.update_project("shop", ProjectChange(filters=filters))
    blocked_ip = site.refusal(secret=site.secret, client_ip="192.0.2.7")
    blocked_profile = site.refusal(secret=site.secret, profile_ids=("", "me"))
    assert blocked_ip == "Ingestion: IP address is blocked by project filter"
    assert blocked_profile == "Ingestion: Profile id is blocked by project filter"
    assert site.authenticator.ingest(site.client.id, site.secret, "", "192.0.2.8", ("", "you"))


def test_revenue_needs_the_secret_unless_the_project_allows_it(site: Site) -> None:
    message = "Ingestion: Revenue tracking is not allowed without a client secret"
    assert site.refusal(origin="https://shop.example", has_revenue=True) == message
    assert site.refusal(secret="x", origin="https://shop.example", has_revenue=True) == message
    assert site.authenticator.ingest(site.client.id, site.secret, has_revenue=True)
    site.catalog.update_project("shop", ProjectChange(allow_unsafe_revenue=True))
    assert site.authenticator.ingest(site.client.id, "", "https://shop.example", has_revenue=True)


def test_a_client_that_ignores_both_needs_neither(site: Site) -> None:
    client, _ = site.catalog.create_client("shop", ClientMode.WRITE, "Open", ignore_cors_and_secret=True)
    assert not site.authenticator.ingest(client.id).secret_valid


def test_any_mode_may_send_if_the_client_has_a_project(site: Site) -> None:
    for mode in ClientMode:
        client, secret = site.make(mode)
        assert site.authenticator.ingest(client.id, secret).secret_valid


def test_a_deleted_client_may_not_send(site: Site) -> None:
    site.authenticator.ingest(site.client.id, site.secret)
    site.catalog.delete_client(site.client.id)
    assert site.refusal(secret=site.secret) == "Ingestion: Invalid client id"


def test_checking_a_secret_is_quick_after_the_first_time(site: Site) -> None:
    assert not site.authenticator.is_quick(site.client.id, site.secret)
    site.authenticator.ingest(site.client.id, site.secret)
    assert site.authenticator.is_quick(site.client.id, site.secret)
    assert site.authenticator.is_quick(UNKNOWN, "anything")
    assert site.authenticator.is_quick(site.client.id, "")


def read_refusal(site: Site, client_id: str, secret: str, prefix: str = "Export") -> str:
    with pytest.raises(Unauthorized) as refused:
        site.authenticator.principal(client_id, secret, prefix)
    return refused.value.message


def test_a_read_client_reads_its_project_and_a_root_client_every_one(site: Site) -> None:
    reader, secret = site.make(ClientMode.READ)
    principal = site.authenticator.principal(reader.id.upper(), secret)
    assert principal.reaches("shop")
    assert not principal.reaches("other")
    root, secret = site.make(ClientMode.ROOT)
    assert site.authenticator.principal(root.id, secret, "Manage").reaches("other")


def test_readers_are_refused_in_the_contracts_words(site: Site) -> None:
    reader, secret = site.make(ClientMode.READ)
    assert read_refusal(site, "x", secret) == "Export: Client ID must be a valid UUIDv4"
    assert read_refusal(site, UNKNOWN, secret) == "Export: Invalid client id"
    assert read_refusal(site, site.client.id, site.secret) == "Export: Client is not allowed to export"
    assert read_refusal(site, reader.id, "sec_wrong") == "Export: Invalid client secret"
    assert read_refusal(site, reader.id, "") == "Export: Invalid client secret"
    assert read_refusal(site, site.client.id, site.secret, "Import") == "Import: Client is not allowed to import"
    assert (
        read_refusal(site, reader.id, secret, "Manage")
        == "Manage: Only root clients are allowed to manage resources"
    )
