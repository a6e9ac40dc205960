"""Umami's rules of addresses, bots and places, by their functions (umami contract §1.6)."""

import pytest

from footfall.ingest.enrich.bots import is_automated
from footfall.ingest.enrich.client_ip import TrustedProxies, client_address
from footfall.ingest.enrich.provider_geo import provided_place
from footfall.ingest.records import NOWHERE, Place

PROXY = TrustedProxies.parse("10.0.0.0/8")
ORDER = ("x-real-ip", "x-forwarded-for", "forwarded")


@pytest.mark.parametrize(
    ("peer", "headers", "address"),
    [
        ("10.0.0.1", {"x-forwarded-for": "203.0.113.5, 10.0.0.2"}, "203.0.113.5"),
        ("10.0.0.1", {"x-real-ip": "192.168.1.7"}, "192.168.1.7"),
        ("10.0.0.1", {"x-real-ip": "192.168.1.7", "x-forwarded-for": "203.0.113.5:443"}, "203.0.113.5"),
        ("10.0.0.1", {"forwarded": "for=192.0.2.60;proto=http"}, "192.0.2.60"),
        ("10.0.0.1", {"x-forwarded-for": "::ffff:203.0.113.5"}, "203.0.113.5"),
        ("10.0.0.1", {"x-forwarded-for": "unknown"}, ""),
        ("10.0.0.1", {}, ""),
        ("203.0.113.9", {"x-forwarded-for": "203.0.113.5"}, "203.0.113.9"),
        ("192.168.1.9", {"x-forwarded-for": "203.0.113.5"}, "192.168.1.9"),
    ],
)
def test_the_address_of_a_visitor(peer: str, headers: dict[str, str], address: str) -> None:
    assert client_address(peer, headers, PROXY, ORDER) == address


@pytest.mark.parametrize(
    "agent",
    [
        *(
            "Mozilla/5.0",
            "Mozilla/5.0 Node/20.1",
            "python-httpx/0.25",
            "Wget/1.21",
            "Go-http-client/1.1",
            "axios/1.6",
        ),
        *("node", "okhttp/4.9", "PostmanRuntime/7.36", "facebookexternalhit/1.1 (+http://www.facebook.com/x)"),
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0 Safari/537.36",
    ],
)
def test_programs_are_bots(agent: str) -> None:
    assert is_automated(agent)


@pytest.mark.parametrize(
    "agent",
    [
        *("", "Mozilla/5.0 Umami/v20.1.0", "Umami-Client v1.0.0 / Python 3.12.1"),
        "Dalvik/2.1.0 (Linux; U; Android 13; Pixel 6 Build/TQ1A.230205.002)",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    ],
)
def test_browsers_apps_and_umamis_clients_are_none(agent: str) -> None:
    assert not is_automated(agent)


def test_a_network_says_where_its_visitor_is() -> None:
    known = Place("DE", "Berlin", "Berlin", 13.4, 52.5)
    assert provided_place({}, known) == known
    assert provided_place({"cf-ipcountry": "XX"}, known) == known
    assert provided_place({"cf-ipcountry": "de"}, known) == known, "a database may know more of the same country"
    assert provided_place({"cf-ipcountry": "FR"}, known) == Place("FR")
    vercel = {
        "x-vercel-ip-country": "US",
        "x-vercel-ip-country-region": "US-NY",
        "x-vercel-ip-city": "New%20York",
    }
    assert provided_place(vercel, NOWHERE) == Place("US", "US-NY", "New York")
