"""Sources of visits: openpanel.md §4.4."""

import pytest

from footfall.ingest.enrich.referrer import NO_REFERRER, Referrer, classify, lookup


@pytest.mark.parametrize(
    ("host", "name", "kind"),
    [
        ("google.com", "Google", "search"),
        ("www.google.co.uk", "Google", "search"),
        ("www.google.com.br", "Google", "search"),
        ("bing.com", "Bing", "search"),
        ("duckduckgo.com", "DuckDuckGo", "search"),
        ("de.search.yahoo.com", "Yahoo!", "search"),
        ("yandex.ru", "Yandex", "search"),
        ("baidu.com", "Baidu", "search"),
        ("t.co", "Twitter", "social"),
        ("twitter.com", "Twitter", "social"),
        ("x.com", "Twitter", "social"),
        ("facebook.com", "Facebook", "social"),
        ("m.facebook.com", "Facebook", "social"),
        ("l.facebook.com", "Facebook", "social"),
        ("news.ycombinator.com", "Hacker News", "social"),
        ("youtube.com", "Youtube", "social"),
        ("old.reddit.com", "Reddit", "social"),
        ("linkedin.com", "LinkedIn", "social"),
        ("producthunt.com", "Product Hunt", "social"),
        ("github.com", "GitHub", "tech"),
        ("dev.to", "Dev.to", "tech"),
        ("mail.google.com", "Gmail", "email"),
        ("com.google.android.gm", "Gmail", "email"),
        ("medium.com", "Medium", "content"),
        ("en.m.wikipedia.org", "Wikipedia", "content"),
        ("chatgpt.com", "ChatGPT", "ai"),
        ("perplexity.ai", "Perplexity", "ai"),
        ("claude.ai", "Claude", "ai"),
        ("www.amazon.co.jp", "Amazon", "commerce"),
    ],
)
def test_a_known_host_has_a_name_and_a_kind(host, name, kind):
    assert lookup(host) == (name, kind)


@pytest.mark.parametrize(
    "host", ["", "example.org", "docs.google.com", "google.example.org", "notgoogle.com", "com"]
)
def test_other_hosts_are_unknown(host):
    assert lookup(host) is None


def test_a_referrer_is_kept_without_its_last_slashes():
    assert classify("https://www.google.com/", "shop.example", {}) == Referrer(
        "https://www.google.com", "Google", "search"
    )


def test_an_unknown_referrer_is_its_own_name():
    assert classify("https://blog.example/post/", "shop.example", {}) == Referrer(
        "https://blog.example/post", "https://blog.example/post", ""
    )


def test_an_app_can_refer_too():
    assert classify("android-app://com.google.android.gm/", "", {}).name == "Gmail"


def test_a_sites_own_pages_are_no_referrers():
    assert classify("https://shop.example/cart", "shop.example", {}) == NO_REFERRER
    assert classify("https://Shop.example:443/", "SHOP.example", {}) == NO_REFERRER
    assert classify("https://blog.shop.example/", "shop.example", {}).url == "https://blog.shop.example"


def test_nobody_referred():
    assert classify("", "shop.example", {"x": "1"}) == NO_REFERRER


@pytest.mark.parametrize(
    ("query", "name", "kind"),
    [
        ({"utm_source": "google"}, "Google", "search"),
        ({"utm_source": "GitHub.com"}, "GitHub", "tech"),
        ({"utm_source": "hacker news"}, "Hacker News", "social"),
        ({"ref": "producthunt"}, "Product Hunt", "social"),
        ({"utm_referrer": "chatgpt.com"}, "ChatGPT", "ai"),
        ({"utm_source": "Spring-Newsletter"}, "spring-newsletter", ""),
        ({"utm_source": "newsletter", "ref": "google"}, "newsletter", ""),
        ({"utm_source": "", "ref": "google"}, "", ""),
    ],
)
def test_a_campaign_names_its_source(query, name, kind):
    assert classify("", "shop.example", query) == Referrer("", name, kind)


def test_a_campaign_overrides_the_address_and_an_unknown_one_leaves_its_kind():
    assert classify("https://t.co/x", "", {"utm_source": "google"}) == Referrer(
        "https://t.co/x", "Google", "search"
    )
    assert classify("https://t.co/x", "", {"utm_source": "may"}) == Referrer("https://t.co/x", "may", "social")
    assert classify("https://t.co/x", "", {"utm_source": ""}) == Referrer("https://t.co/x", "Twitter", "social")


def test_a_long_or_broken_referrer_does_no_harm():
    assert classify("https://" + "x" * 10_000, "shop.example", {"ref": "y" * 10_000}).name == "y" * 200
    assert classify("not an address", "shop.example", {}) == Referrer("not an address", "not an address", "")
