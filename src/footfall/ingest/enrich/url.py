"""Page addresses: what a browser's URL parser would make of them, as far as a report needs it.

Percent-encoding and trailing slashes stay as they were sent, so that two spellings of a page are two
pages here exactly when they are in the browser. Contract: openpanel.md §4.5.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote

import msgspec

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
_ABSOLUTE = re.compile(r"(https?):[/\\]*([^/\\?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"[^\x00-\x20#%/:<>?@\[\\\]^|\x7f]+")
_IPV6 = re.compile(r"\[[0-9A-Fa-f:.]+\]")
_PORT = re.compile(r"0*[0-9]{1,5}")
_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
_SAFE_PATH = "/%!$&'()*+,-.:;=@_~[]|"  # what the WHATWG path set leaves alone; the rest is percent-encoded
_SAFE_HASH = _SAFE_PATH + "?#{}^\\"
_NEWLINES = str.maketrans("", "", "\t\r\n")  # a URL parser drops these wherever they stand
_CACHED_LENGTH = 1024  # longer addresses are rare and would make the cache's size unpredictable


class Page(msgspec.Struct, frozen=True):
    """One page address, taken apart. Every part is '' (or empty) where the address has none.

    path    pathname, or the name of a screen, or the raw text if it can't be parsed
    origin  scheme://host[:port], '' for screens and addresses without a host
    hash    the fragment with its '#'
    query   decoded parameters, the last value per key
    """

    path: str
    origin: str = ""
    hash: str = ""
    query: Mapping[str, str] = msgspec.field(default_factory=dict)


def parse_page(text: str) -> Page:
    """Take a page address or screen name apart. Never raises. The result is shared: don't change `query`.

    Empty → an empty page; neither '/' nor 'http' at the start → a screen's name; '/' → a path without
    an origin; otherwise an absolute address. Contract §4.5.
    """
    return _parse_cached(text) if len(text) <= _CACHED_LENGTH else _parse(text)


def host_of(url: str) -> str:
    """The host name in a URL of any scheme, lower-case, without user and port; '' if there is none."""
    return _host_cached(url) if len(url) <= _CACHED_LENGTH else _host_in(url)


def _host_in(url: str) -> str:
    _, separator, rest = url.strip().partition("://")
    if not separator:
        return ""
    authority = re.split(r"[/\\?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    if authority.startswith("["):
        return authority.partition("]")[0].lower() + "]"
    return authority.partition(":")[0].lower()


_host_cached = lru_cache(maxsize=16_384)(_host_in)


def _parse(text: str) -> Page:
    if not text:
        return Page("")
    if text.startswith("/"):
        return _relative(text)
    if text[:4].lower() != "http":
        return Page(text)
    match = _ABSOLUTE.fullmatch(text.strip().translate(_NEWLINES))
    origin = origin_of(match[1].lower(), match[2]) if match else ""
    if not match or not origin:
        return Page(text)
    return _page(origin, match[3])


_parse_cached = lru_cache(maxsize=8_192)(_parse)


def _relative(text: str) -> Page:
    cleaned = text.strip().translate(_NEWLINES)
    if cleaned[:2] in ("//", "/\\"):
        # Against any base this names another host: what is left of it is its path.
        match = _ABSOLUTE.fullmatch("http:" + cleaned)
        return _page("", match[3]) if match and origin_of("http", match[2]) else Page(text)
    return _page("", cleaned)


def _page(origin: str, rest: str) -> Page:
    before, mark, fragment = rest.partition("#")
    path, _, query = before.partition("?")
    return Page(
        pathname(path),
        origin,
        mark + _escape(fragment, _SAFE_HASH) if fragment else "",
        _query(query) if query else {},
    )


def _query(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True))
    except ValueError:
        return {}


def pathname(path: str) -> str:
    """The path as a browser would send it: with a slash before it, without dots, percent-encoded."""
    if "\\" in path:
        path = path.replace("\\", "/")
    if not path.startswith("/"):
        path = "/" + path
    if _DOTS.search(path):
        path = _without_dots(path)
    return _escape(path, _SAFE_PATH)


def _escape(text: str, safe: str) -> str:
    if text.isascii() and text.isalnum():
        return text
    return quote(text, safe=safe, errors="replace")


def _without_dots(path: str) -> str:
    """Resolve '.' and '..' segments, in either spelling, as a browser does before it sends them."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for place, segment in enumerate(segments):
        plain = unquote(segment) if "%" in segment else segment
        is_last = place == len(segments) - 1
        if plain == "..":
            if kept:
                kept.pop()
        elif plain != ".":
            kept.append(segment)
            continue
        if is_last:
            kept.append("")
    return "/" + "/".join(kept)


def origin_of(scheme: str, authority: str) -> str:
    """scheme://host[:port] of an authority, without user and the scheme's own port; '' if no host is named so."""
    host, port = _split_port(authority.rpartition("@")[2])
    host = host_name(host)
    if not host or (port and not (_PORT.fullmatch(port) and int(port) <= 65_535)):
        return ""
    if not port or int(port) == _DEFAULT_PORTS.get(scheme):
        return f"{scheme}://{host}"
    return f"{scheme}://{host}:{int(port)}"


def _split_port(authority: str) -> tuple[str, str]:
    if authority.endswith("]"):
        return authority, ""
    host, colon, port = authority.rpartition(":")
    return (host, port) if colon else (authority, "")


def host_name(host: str) -> str:
    """The host as a browser spells it: lower-case, non-ASCII names in their ASCII form; '' if impossible."""
    if host.startswith("["):
        return host.lower() if _IPV6.fullmatch(host) else ""
    if "%" in host:
        host = unquote(host)
    if not _HOST.fullmatch(host):
        return ""
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
