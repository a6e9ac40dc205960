"""Bots and doubtful browsers: openpanel.md §3.7 and §4.6."""

import pytest

from footfall.ingest.enrich.bots import Bot, bot, mark, suspicion
from footfall.ingest.enrich.ua import parse

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) "
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0"
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.1 Safari/605.1.15"
)


@pytest.mark.parametrize(
    ("ua", "name", "kind"),
    [
        (
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Googlebot",
            "Search engine",
        ),
        (
            "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
            "bingbot",
            "Search engine",
        ),
        ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "AhrefsBot", "SEO"),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2)",
            "GPTBot",
            "AI crawler",
        ),
        ("Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)", "ClaudeBot", "AI crawler"),
        ("facebookexternalhit/1.1", "facebookexternalhit", "Social preview"),
        (CHROME.replace("Chrome/", "HeadlessChrome/"), "HeadlessChrome", "Browser automation"),
        ("Sogou web spider/4.0", "Sogou web spider", "Search engine"),
        ("Scrapy/2.11 (+https://scrapy.org)", "Scrapy", "HTTP library"),
        ("MyOwnBot/1.0 (+https://me.example)", "MyOwnBot", "Unknown"),
        ("acme-crawler", "acme-crawler", "Unknown"),
    ],
)
def test_who_says_to_be_a_bot_is_one(ua, name, kind):
    assert bot(ua) == Bot(name, kind)


@pytest.mark.parametrize(
    "ua",
    [
        "", "curl/8.5.0", "python-requests/2.31.0", "axios/1.6.2", "undici", "node", "PostmanRuntime/7.36.0",
        "got (https://github.com/sindresorhus/got)", "okhttp/4.12.0", "Go-http-client/1.1", "node-fetch/1.0",
        "Python-urllib/3.11", "python-httpx/0.27", "Python/3.11 aiohttp/3.9.1", "unknown/1.0",
    ],
)  # fmt: skip
def test_server_libraries_are_no_bots(ua):
    assert bot(ua) is None


@pytest.mark.parametrize(
    "ua",
    [
        CHROME,
        FIREFOX,
        SAFARI,
        "Mozilla/5.0 (Linux; Android 9; CUBOT X18) AppleWebKit/537.36 Chrome/100.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 15; CPH2581 Build/AP3A.240617.008; wv) AppleWebKit/537.36 Chrome/130.0.0.0",
        "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/90.0.0.0 Mobile "
        "Safari/537.36 SogouMobileBrowser/6",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 "
        "Mobile/15E148 [Pinterest/iOS]",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 "
        "Mobile/15E148 MicroMessenger/8.0",
        "MyApp/1.0 CFNetwork/1410.0.3 Darwin/22.6.0",
    ],
)
def test_people_are_no_bots(ua):
    assert bot(ua) is None


def test_a_broken_header_is_no_bot():
    assert bot("\ud800\x00" * 10) is None


def doubts(ua, **headers):
    return suspicion({name.replace("_", "-"): value for name, value in headers.items()}, parse(ua), ua)


def test_a_browser_that_sends_what_it_should_is_beyond_doubt():
    assert doubts(CHROME, sec_ch_ua='"Chromium";v="120"', sec_fetch_mode="cors", accept_language="en") == []
    assert doubts(SAFARI, sec_fetch_site="cross-site", accept_language="en") == []


def test_what_is_missing_is_named():
    assert doubts(CHROME) == [
        "header:missing_sec_ch_ua",
        "header:missing_sec_fetch",
        "header:missing_accept_language",
    ]
    assert doubts(FIREFOX) == ["header:missing_sec_fetch", "header:missing_accept_language"]


def test_old_browsers_web_views_and_programs_are_not_asked_for_new_headers():
    assert doubts(CHROME.replace("120.0.0.0", "70.0.0.0"), accept_language="en") == []
    assert doubts(FIREFOX.replace("121.0", "60.0"), accept_language="en") == []
    web_view = (
        "Mozilla/5.0 (Linux; Android 13; Pixel 7 Build/X; wv) AppleWebKit/537.36 Version/4.0 Chrome/120.0.0.0"
    )
    assert doubts(web_view, accept_language="en") == []
    assert doubts("curl/8.5.0") == []


def test_one_category_of_doubt_is_recorded_and_two_make_a_bot():
    assert mark([]) == {}
    assert mark(["header:a", "header:b"]) == {"__bot_reasons": "header:a,header:b"}
    assert mark(["datacenter_ip:AS1", "header:b"]) == {
        "__bot_reasons": "datacenter_ip:AS1,header:b",
        "__bot": "1",
    }
