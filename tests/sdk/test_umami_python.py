"""The PyPI client `umami-analytics` 1.0.0, as published: it sends, signs in and reads. Its state is the module's."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest

import umami
from sdk.conftest import Shop

HOST = "shop.example"


@pytest.fixture
def client(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The client of a program, with the settings of the package's instructions."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    umami.set_url_base(shop.footfall.url)
    umami.set_website_id(shop.client.project)
    umami.set_hostname(HOST)
    yield umami
    umami.impl.auth_token = None


def test_a_program_sends_for_its_visitors(shop: Shop, client: ModuleType) -> None:
    view = client.new_page_view("Pricing", "/pricing?utm_source=news", ip_address="203.0.113.5")
    again = client.new_event("signup", url="/pricing", custom_data={"plan": "pro"}, ip_address="203.0.113.5")
    other = client.new_revenue_event(19.99, "EUR", event_name="paid", ip_address="203.0.113.6", distinct_id=42)
    assert again["sessionId"] == view["sessionId"] != other["sessionId"]

    stored = shop.stored()
    assert sorted(stored.names) == ["paid", "screen_view", "signup"]
    seen = stored.one("screen_view")
    assert (seen["path"], seen["title"], seen["origin"]) == ("/pricing", "Pricing", f"https://{HOST}")
    assert (seen["device_id"], seen["browser"], seen["os"]) == (view["sessionId"], "Chrome", "macOS")
    assert stored.one("signup")["properties"]["plan"] == "pro"
    paid = stored.one("paid")
    assert (paid["revenue"], paid["currency"], paid["profile_id"]) == (1999, "EUR", "42")


def test_a_program_signs_in_and_reads(shop: Shop, client: ModuleType) -> None:
    made = json.loads(shop.footfall.run("user", "create", "ada", "--role", "admin", "--json").output)
    assert client.heartbeat()
    assert not client.verify_token()
    assert client.login("ada", made["password"]).user.isAdmin
    assert client.verify_token()
    (website,) = client.websites()
    assert (website.name, website.domain) == ("Shop", HOST)

    for ip in ("203.0.113.5", "203.0.113.6", "203.0.113.6"):
        client.new_page_view("Home", "/", ip_address=ip)
    now = datetime.now(UTC)
    until = time.monotonic() + 10
    while (stats := client.website_stats(now - timedelta(hours=1), now + timedelta(minutes=1))).pageviews < 3:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert (stats.pageviews, stats.visitors) == (3, 2)
    assert client.website_stats(now - timedelta(hours=1), now + timedelta(minutes=1), url="/no").pageviews == 0
    assert client.active_users(website.id) == 2
