"""Whose address counts: openpanel.md §3.2, and docs/enrichment.md."""

import pytest
from starlette.datastructures import Headers

from footfall.ingest.enrich.client_ip import TrustedProxies, client_ip, is_public

PROXIES = TrustedProxies.parse()


def test_a_visitor_without_a_proxy_is_known_by_the_socket():
    assert client_ip("203.0.113.9", {}, PROXIES) == "203.0.113.9"


def test_a_stranger_cannot_name_another_address():
    headers = {"x-forwarded-for": "198.51.100.1", "openpanel-client-ip": "198.51.100.2"}
    assert client_ip("203.0.113.9", headers, PROXIES) == "203.0.113.9"


def test_a_server_with_a_secret_names_its_visitor_in_the_openpanel_header_only():
    headers = {"x-forwarded-for": "198.51.100.1", "openpanel-client-ip": "198.51.100.2"}
    assert client_ip("203.0.113.9", headers, PROXIES, secret_ok=True) == "198.51.100.2"
    assert client_ip("203.0.113.9", {"x-real-ip": "198.51.100.1"}, PROXIES, secret_ok=True) == "203.0.113.9"


def test_a_local_proxy_names_the_visitor():
    assert client_ip("127.0.0.1", {"x-forwarded-for": "198.51.100.1, 10.0.0.2"}, PROXIES) == "198.51.100.1"


def test_the_first_header_of_the_order_with_a_public_address_wins():
    headers = {"x-real-ip": "198.51.100.3", "cf-connecting-ip": "198.51.100.2", "true-client-ip": "10.1.1.1"}
    assert client_ip("10.0.0.5", headers, PROXIES) == "198.51.100.2"


def test_the_order_can_be_another():
    headers = {"x-real-ip": "198.51.100.3", "cf-connecting-ip": "198.51.100.2"}
    assert client_ip("10.0.0.5", headers, PROXIES, order=("x-real-ip",)) == "198.51.100.3"


def test_nobody_is_known_behind_a_proxy_that_names_nobody():
    assert client_ip("127.0.0.1", {}, PROXIES) == ""
    assert client_ip("127.0.0.1", {"x-forwarded-for": "unknown"}, PROXIES) == ""
    assert client_ip("testclient", {}, PROXIES) == ""


def test_a_proxy_with_a_public_address_is_trusted_once_it_is_listed():
    headers = {"x-forwarded-for": "198.51.100.1"}
    assert client_ip("203.0.113.7", headers, TrustedProxies.parse("203.0.113.0/24")) == "198.51.100.1"
    assert client_ip("10.0.0.1", headers, TrustedProxies.parse("")) == ""


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("x-real-ip", "198.51.100.1:8080", "198.51.100.1"),
        ("x-real-ip", "[2001:db8::1]:443", "2001:db8::1"),
        ("x-real-ip", "2001:db8::1", "2001:db8::1"),
        ("x-real-ip", " 198.51.100.1 ", "198.51.100.1"),
        ("x-real-ip", "::ffff:10.0.0.1", ""),
        ("x-real-ip", "198.51.100.1; drop table", ""),
        ("x-real-ip", "9" * 5000, ""),
        ("forwarded", "for=198.51.100.1;proto=https;by=203.0.113.4", "198.51.100.1"),
        ("forwarded", 'By=203.0.113.4; For="[2001:db8::7]:4711"', "2001:db8::7"),
        ("forwarded", "for=unknown", ""),
        ("forwarded", "for=_hidden, for=198.51.100.1", ""),
    ],
)
def test_ports_brackets_and_rfc_7239_are_understood(name, value, expected):
    assert client_ip("127.0.0.1", {name: value}, PROXIES) == expected


def test_of_a_repeated_header_the_first_counts():
    headers = Headers(raw=[(b"x-forwarded-for", b"198.51.100.1"), (b"x-forwarded-for", b"198.51.100.2")])
    assert client_ip("127.0.0.1", headers, PROXIES) == "198.51.100.1"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.1.1", "::1", "fc00::1",
    "fd12::1", "fe80::1",
     "::ffff:192.168.0.1", "0.0.0.0", "", "localhost", "1.2.3", "fe80::1%eth0"],
)  # fmt: skip
def test_private_and_impossible_addresses_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "203.0.113.9", "2001:4860::8888", "::ffff:8.8.8.8"])
def test_the_rest_is_public(address):
    assert is_public(address)


def test_a_setting_that_is_no_network_is_refused_by_name():
    with pytest.raises(ValueError, match="'my-proxy' is neither an address nor a CIDR"):
        TrustedProxies.parse("10.0.0.0/8, my-proxy")
