"""Bots: who says in the user agent that it is one, and what makes a browser doubtful.

The names are those of the `crawler-user-agents` package (crawlers.py). Contract: openpanel.md §3.7 and §4.6.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

import msgspec

from footfall.ingest.enrich.crawlers import Crawlers, known_crawlers
from footfall.ingest.enrich.ua import UserAgent, parse

UNKNOWN_TYPE = "Unknown"  # §3.7

_TYPES = {
    "academic": "Academic",
    "advertising": "Advertising",
    "ai-crawler": "AI crawler",
    "archiver": "Archiver",
    "browser-automation": "Browser automation",
    "feed-reader": "Feed reader",
    "http-library": "HTTP library",
    "monitoring": "Monitoring",
    "scanner": "Scanner",
    "search-engine": "Search engine",
    "seo": "SEO",
    "social-preview": "Social preview",
}
_LIBRARY = "http-library"
# §3.7 and §4.3: libraries that somebody's server sends events with; what crawls with them names itself.
_CLIENT_LIBRARIES = re.compile(
    r"ahc/|aiohttp|apache-httpclient|axios|^curl|go-http-client|httpie/|httpurlconnection|httpx|libwww-perl"
    r"|lwp-trivial|node-fetch|okhttp|php-curl-class|python-requests|python-urllib|sindresorhus/got|wget",
    re.IGNORECASE,
)
# Patterns of the list that also fit people, and what fits only the bot: an Android build number (nothing
# does), and a maker of browsers that has a spider too.
_TOO_BROAD = {r"AP3A\.240617\.008": "", "Sogou": r"Sogou [\w ]*[sS]pider"}
# Bots that no list knows yet. Cubot makes telephones.
_GENERIC = re.compile(r"(?<!cu)bot(?![a-z])|crawler|spider|scraper", re.IGNORECASE)
_PROGRAM = re.compile(r"[\w.+-]+(?:/\S*)?|Mozilla/[\d.]+ Node(?:\.js)?/.*", re.DOTALL)
_LONGEST = 1_024
_BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0"
_COMMON = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_BLINK} Safari/537.36 Edg/120.0.0.0",
    f"Mozilla/5.0 (Linux; Android 10; K) {_BLINK} Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 13; SM-S901B Build/TP1A) {_BLINK} Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:121.0) Gecko/20100101 Firefox/121.0",
)


class Bot(msgspec.Struct, frozen=True):
    """A user agent that is no person's: its name as it spells it, and what it does."""

    name: str
    type: str = UNKNOWN_TYPE


def bot(ua: str) -> Bot | None:
    """The bot that `ua` says it is, or None. Server libraries are not bots. Contract §3.7.

    Headless browsers are bots: nobody looks at their pages.
    """
    return _bot(ua[:_LONGEST]) if ua else None


def is_automated(ua: str) -> bool:
    """Whether no person's browser or app sends `ua`, as Umami sees it: server libraries are bots there.

    A user agent that names one program and no system it runs on is a program's. Contract: umami.md §1.6.
    """
    return _is_automated(ua[:_LONGEST]) if ua else False


@lru_cache(maxsize=20_000)
def _is_automated(ua: str) -> bool:
    return bool(_PROGRAM.fullmatch(ua)) or bool(_CLIENT_LIBRARIES.search(ua)) or _bot(ua) is not None


def warm() -> None:
    """Build the pattern tables now rather than at the first request, and the patterns that most visitors need."""
    for ua in _COMMON:
        bot(ua)
        parse(ua)


@lru_cache(maxsize=20_000)
def _bot(ua: str) -> Bot | None:
    ua = ua.encode("utf-8", "replace").decode("utf-8")  # the engine refuses lone surrogates
    found = _crawlers().find(ua)
    if found is not None:
        name, tag = found
        if tag != _LIBRARY or not (_CLIENT_LIBRARIES.search(ua) and parse(ua).is_server):
            return Bot(name.strip(" /;()[]^"), _TYPES.get(tag, UNKNOWN_TYPE))
        return None
    generic = _GENERIC.search(ua)
    return Bot(_word_at(ua, generic.start(), generic.end())) if generic else None


def _word_at(ua: str, start: int, end: int) -> str:
    """The whole word around ua[start:end]; by hand, since a pattern for it takes quadratic time to fail."""
    while start > 0 and (ua[start - 1].isalnum() or ua[start - 1] in "._-"):
        start -= 1
    while end < len(ua) and (ua[end].isalnum() or ua[end] in "._-"):
        end += 1
    return ua[start:end].strip(".-")


@cache
def _crawlers() -> Crawlers:
    # The first pattern that fits wins, and a library's name says least about who uses it.
    known = sorted(known_crawlers(), key=lambda entry: entry.tag == _LIBRARY)
    patterns = ((_TOO_BROAD.get(entry.pattern, entry.pattern), entry.tag) for entry in known)
    return Crawlers([(pattern, tag) for pattern, tag in patterns if pattern])


# First versions that send the headers in question; older ones and web views are not suspicious without.
_CHROMIUM = re.compile(r"Chrome/(\d+)")
_FIREFOX = re.compile(r"Firefox/(\d+)")
_SAFARI = re.compile(r"Version/(\d+)\.(\d+).* Safari/")
_HINTS_SINCE_CHROMIUM = 89
_FETCH_SINCE_CHROMIUM = 80
_FETCH_SINCE_FIREFOX = 90
_FETCH_SINCE_SAFARI = (16, 4)
_BLINK_SYSTEMS = frozenset({"Windows", "macOS", "Linux", "Chrome OS", "Android", "Ubuntu", "Fedora", "Debian"})


HEADERS_READ = ("sec-ch-ua", "sec-fetch-mode", "sec-fetch-site", "accept-language")
"""Those by which `suspicion` judges."""


def suspicion(headers: Mapping[str, str], ua: UserAgent, ua_text: str) -> list[str]:
    """Why a request that claims to come from a browser may not: reasons `header:…`, in a fixed order.

    `headers` have lower-case keys. Programs (`ua.is_server`) and apps are not judged; the caller leaves
    out requests with a secret too. The contract's `datacenter_ip:AS<n>` is not among the reasons:
    Footfall carries no list of networks, so headers alone never make the two categories that `mark`
    wants for `__bot`. Browsers send the hint and fetch headers over HTTPS only, so a site on plain HTTP
    sees these reasons for everyone. Contract §4.6.
    """
    if ua.is_server or not ua.browser or not ua_text.startswith("Mozilla/"):
        return []
    ua_text = ua_text[:_LONGEST]
    reasons = []
    if "sec-ch-ua" not in headers and _sends_hints(ua, ua_text):
        reasons.append("header:missing_sec_ch_ua")
    if not ("sec-fetch-mode" in headers or "sec-fetch-site" in headers) and _sends_fetch(ua_text):
        reasons.append("header:missing_sec_fetch")
    if not headers.get("accept-language"):
        reasons.append("header:missing_accept_language")
    return reasons


def mark(reasons: Sequence[str]) -> dict[str, str]:
    """The properties that record `reasons`; `__bot` only for two categories or more. Contract §4.6."""
    if not reasons:
        return {}
    marks = {"__bot_reasons": ",".join(reasons)}
    if len({reason.partition(":")[0] for reason in reasons}) >= 2:
        marks["__bot"] = "1"
    return marks


def _sends_hints(ua: UserAgent, ua_text: str) -> bool:
    version = _CHROMIUM.search(ua_text)
    return (
        version is not None
        and int(version[1][:6]) >= _HINTS_SINCE_CHROMIUM
        and ua.os in _BLINK_SYSTEMS
        and "; wv)" not in ua_text
    )


def _sends_fetch(ua_text: str) -> bool:
    if chromium := _CHROMIUM.search(ua_text):
        return int(chromium[1][:6]) >= _FETCH_SINCE_CHROMIUM and "; wv)" not in ua_text
    if firefox := _FIREFOX.search(ua_text):
        return int(firefox[1][:6]) >= _FETCH_SINCE_FIREFOX
    if safari := _SAFARI.search(ua_text):
        return (int(safari[1][:6]), int(safari[2][:6])) >= _FETCH_SINCE_SAFARI
    return False
