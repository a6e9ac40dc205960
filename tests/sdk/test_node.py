"""The npm clients `@openpanel/sdk` (1.3.1 and 1.0.4) and `@openpanel/web` (1.4.1), as published."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from sdk.conftest import Drive, Shop

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.1 Mobile/15E148 Safari/604.1"
)
ANN = {
    "browser": FIREFOX,
    "address": "203.0.113.7",
    "pages": ["https://shop.example/", "https://shop.example/pricing"],
    "profile": "ann",
    "pays": 2500,
}
BOB = {"browser": SAFARI, "address": "203.0.113.8", "pages": ["https://shop.example/"]}


def _soon(ask: Callable[[], Any], wanted: Any, seconds: float = 5.0) -> None:
    """Until the answer is the wanted one: events are visible within a second or so."""
    until = time.monotonic() + seconds
    while (found := ask()) != wanted and time.monotonic() < until:
        time.sleep(0.1)
    assert found == wanted


@pytest.mark.parametrize("version", ["1.3.1", "1.0.4"])
def test_a_backend_tracks_identifies_counts_and_earns(shop: Shop, drive: Drive, version: str) -> None:
    drive(f"sdk-{version}")
    stored = shop.stored()
    assert stored.names[:3] == ["server_started", "invoice_sent", "revenue"]
    started = stored.one("server_started")
    assert started["properties"] == {"release": "7.1", "nested.region": "eu"}
    assert (started["sdk_name"], started["sdk_version"], started["device"]) == ("node", version, "server")
    assert started["session_id"] == "", "a program makes no session"
    assert stored.one("invoice_sent")["profile_id"] == "ada"
    revenue = stored.one("revenue")
    assert (revenue["revenue"], revenue["currency"], revenue["profile_id"]) == (4999, "EUR", "ada")
    ada = stored.profiles["ada"]
    assert (ada["first_name"], ada["last_name"], ada["email"]) == ("Ada", "Lovelace", "ada@shop.example")
    assert ada["is_external"] is True
    assert ada["properties"]["plan"] == "pro"
    assert ada["properties"]["logins"] == "2", "3 logins more, 1 less"
    assert stored.sessions == []


def test_a_backend_groups_its_people(shop: Shop, drive: Drive) -> None:
    drive("sdk-1.3.1")
    stored = shop.stored()
    acme = stored.groups["acme"]
    assert (acme["type"], acme["name"], acme["properties"]) == ("company", "Acme", {"seats": "5"})
    assert stored.profiles["ada"]["groups"] == ["acme"]
    opened = stored.one("report_opened")
    assert opened["groups"] == ["acme"]
    assert opened["profile_id"] == "42", "a numeric profile id is as good as its text"


def test_visitors_that_a_backend_speaks_for_are_counted(shop: Shop, drive: Drive) -> None:
    said = drive("visitors", visitors=[ANN, BOB])["found"]
    assert all(one["deviceId"] == one["fetched"] and one["sessionId"] for one in said)
    assert said[0]["deviceId"] != said[1]["deviceId"]
    _soon(
        lambda: {
            name: shop.insights("metrics")["metrics"][name]
            for name in ("unique_visitors", "total_sessions", "total_screen_views", "bounce_rate")
        },
        {"unique_visitors": 2, "total_sessions": 2, "total_screen_views": 3, "bounce_rate": 50},
    )
    assert {row["path"]: row["sessions"] for row in shop.insights("pages")} == {"/": 2, "/pricing": 1}
    assert {row["name"]: row["sessions"] for row in shop.insights("browser")} == {
        "Firefox": 1,
        "Mobile Safari": 1,
    }
    stored = shop.stored()
    paid = stored.one("revenue")
    assert paid["device"] == "desktop", "a payment is of its visitor, though a program tells it"
    assert paid["session_id"] == said[0]["sessionId"]
    session = stored.session_of(paid)
    assert (session["revenue"], session["profile_id"]) == (2500, "ann")
    assert (session["screen_view_count"], session["event_count"]) == (2, 1)
    view = next(event for event in stored.events if event["path"] == "/pricing")
    assert (view["title"], view["origin"]) == (
        "Title of https://shop.example/pricing",
        "https://shop.example",
    )


def test_the_older_client_asks_which_device_it_is(shop: Shop, drive: Drive) -> None:
    said = drive("device-id", visitors=[ANN])
    assert said["before"] == said["after"] != ""
    assert shop.stored().one("screen_view")["device_id"] == said["after"]


def test_a_queue_that_is_sent_later_keeps_its_order(shop: Shop, drive: Drive) -> None:
    said = drive("queued", visitors=[ANN])
    stored = shop.stored()
    assert sorted(stored.names) == ["added_to_cart", "screen_view"]
    assert stored.one("screen_view")["created_at"] <= stored.one("added_to_cart")["created_at"]
    assert {event["device_id"] for event in stored.events} == {said["deviceId"]}
    assert len(stored.sessions) == 1


def test_a_page_with_the_web_client_needs_no_secret(shop: Shop, drive: Drive) -> None:
    said = drive("web-1.4.1", secret=False, visitors=[ANN])
    _soon(lambda: shop.insights("metrics")["metrics"]["total_screen_views"], 2)
    assert shop.insights("live")["visitors"] == 1
    stored = shop.stored()
    assert stored.names[:2] == ["screen_view", "screen_view"]
    first, second = stored.events[:2]
    assert (first["path"], first["title"], first["sdk_name"]) == ("/", "Home", "web")
    assert (second["path"], second["title"]) == ("/pricing", "Pricing")
    left = stored.one("link_out")
    assert left["properties"]["href"] == "https://elsewhere.example/"
    assert left["properties"]["text"] == "Elsewhere"
    chosen = stored.one("plan_chosen")
    assert chosen["properties"]["planName"] == "pro"
    (session,) = stored.sessions
    assert (session["id"], session["device_id"]) == (said["sessionId"], said["deviceId"])
    assert (session["referrer_name"], session["utm_source"]) == ("newsletter", "newsletter")
    assert (session["screen_view_count"], session["event_count"], session["exit_path"]) == (2, 2, "/pricing")
