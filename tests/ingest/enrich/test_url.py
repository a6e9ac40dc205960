"""Page addresses: openpanel.md §4.5."""

import pytest

from footfall.ingest.enrich.url import Page, host_of, parse_page


def test_an_absolute_address_is_taken_apart():
    page = parse_page("https://shop.example/a%20b/?x=1&x=2&q=a+b#top")
    assert page == Page("/a%20b/", "https://shop.example", "#top", {"x": "2", "q": "a b"})


@pytest.mark.parametrize(
    ("text", "path", "origin"),
    [
        ("", "", ""),
        ("/", "/", ""),
        ("/pricing/", "/pricing/", ""),
        ("Settings screen", "Settings screen", ""),
        ("settings/profile?x=1", "settings/profile?x=1", ""),
        ("https://shop.example", "/", "https://shop.example"),
        ("https://shop.example?x=1", "/", "https://shop.example"),
        ("HTTPS://Shop.Example:443/A", "/A", "https://shop.example"),
        ("http://shop.example:80/", "/", "http://shop.example"),
        ("http://shop.example:8080/", "/", "http://shop.example:8080"),
        ("http://localhost:3000/x", "/x", "http://localhost:3000"),
        ("https://user:pw@shop.example/x", "/x", "https://shop.example"),
        ("http://[::1]:3000/x", "/x", "http://[::1]:3000"),
        ("https://münchen.example/straße", "/stra%C3%9Fe", "https://xn--mnchen-3ya.example"),
        ("https://shop.example/a b", "/a%20b", "https://shop.example"),
        ("https://shop.example/a/../b/./c", "/b/c", "https://shop.example"),
        ("https://shop.example/a/%2e%2e/b/..", "/", "https://shop.example"),
        ("https://shop.example\\a\\b", "/a/b", "https://shop.example"),
        ("https://shop.example/a\n", "/a", "https://shop.example"),
        (" https://shop.example/a", " https://shop.example/a", ""),
        ("//other.example/x", "/x", ""),
        ("http://", "http://", ""),
        ("http://a b/x", "http://a b/x", ""),
        ("http://shop.example:99999/x", "http://shop.example:99999/x", ""),
        ("httpScreen", "httpScreen", ""),
        ("http://[zz]/", "http://[zz]/", ""),
    ],
)
def test_path_and_origin_are_what_a_browser_says(text, path, origin):
    page = parse_page(text)
    assert (page.path, page.origin) == (path, origin)


def test_a_path_keeps_its_query_and_fragment_apart():
    assert parse_page("/a?b=c#d") == Page("/a", "", "#d", {"b": "c"})
    assert parse_page("/a?#") == Page("/a")


def test_an_empty_parameter_is_a_parameter():
    assert parse_page("/?utm_source=&flag").query == {"utm_source": "", "flag": ""}


def test_broken_encoding_does_not_break_the_page():
    assert parse_page("/?q=%ff%zz").query == {"q": "\ufffd%zz"}


def test_a_long_address_is_read_like_a_short_one():
    assert parse_page("/a?x=" + "y" * 5000).query["x"] == "y" * 5000


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://WWW.Example.com:8080/x?y", "www.example.com"),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("https://user@host.example", "host.example"),
        ("http://[::1]:80/", "[::1]"),
        ("example.com", ""),
        ("", ""),
    ],
)
def test_the_host_of_any_address(url, host):
    assert host_of(url) == host
