"""Addresses as Umami reads them: relative to the page's host, with decoded paths. Contract: umami.md §1.1, §1.5.

OpenPanel's rules (url.py) keep a path as it was sent and take a text that is no address for a screen's name; here
everything is an address or refused.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import parse_qsl

from msgspec import Struct

from footfall.ingest.enrich.properties import MAX_KEY_LENGTH, MAX_KEYS, MAX_VALUE_LENGTH, clean_text
from footfall.ingest.enrich.url import host_name, origin_of, pathname

LONGEST_PART = 500  # characters of a path, a query and a title
_LONGEST = 8_192  # characters of an address, and of a title, that are looked at
_CACHED_LENGTH = 1_024
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_WEB = ("http", "https", "ws", "wss", "ftp")
_AUTHORITY = re.compile(r"[/\\]*([^/\\?#]*)(.*)", re.DOTALL)
_OTHER_AUTHORITY = re.compile(r"//([^/?#]*)(.*)", re.DOTALL)
_NO_HOST = re.compile(r"[\x00-\x20<>\[\]^|\\%]")
_NEWLINES = str.maketrans("", "", "\t\r\n")

_BROKEN = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
# The escapes of the last character of a text that was cut, which may lack some.
_LAST_ESCAPE = re.compile(r"(?:%[c-f][0-9a-f](?:%[89ab][0-9a-f]){0,2})?(?:%[0-9a-f]?)?\Z", re.IGNORECASE)
# What decodeURI leaves alone: ; / ? : @ & = + $ , #
_DATA_ESCAPES = re.compile(r"(?:%(?!2[346BCFbcf]|3[ABDFabdf]|40)[0-9A-Fa-f]{2})+")


class Address(Struct, frozen=True):
    """An address, taken apart: the path decoded, the query as it was sent without `?`, the fragment with `#`.

    `origin` is '' for a relative address and for those of other schemes.
    """

    path: str
    origin: str = ""
    search: str = ""
    hash: str = ""


def resolve(text: str) -> Address | None:
    """What an address means on a page, None if it is none. The result is shared. Contract §1.1."""
    return _resolve_cached(text) if len(text) <= _CACHED_LENGTH else _resolve(text[:_LONGEST])


def origin_at(address: Address, hostname: str) -> str:
    """Where the page is: the address's own origin, unless the sender names another host."""
    host = _host_cached(hostname) if hostname else ""
    if not host or address.origin.partition("://")[2].partition(":")[0] == host:
        return address.origin
    return f"https://{host}"


def parameters(search: str) -> Mapping[str, str]:
    """The decoded parameters of a query that have a value, of a repeated name the first; at most MAX_KEYS.

    The result is shared.
    """
    return _parameters_cached(search) if len(search) <= _CACHED_LENGTH else _parameters(search)


def _parameters(search: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in parse_qsl(search, keep_blank_values=True):
        key = clean_text(name)[:MAX_KEY_LENGTH]
        if key and key not in found and len(found) < MAX_KEYS:
            found[key] = clean_text(value)[:MAX_VALUE_LENGTH]
    return {key: value for key, value in found.items() if value}


_parameters_cached = lru_cache(16_384)(_parameters)
_host_cached = lru_cache(16_384)(host_name)  # a host in a payload has at most 100 characters


def decode_title(title: str) -> str:
    """A title, percent-decoded if that gives a text, cut to 500 characters."""
    if len(title) > _LONGEST:
        title = _LAST_ESCAPE.sub("", title[:_LONGEST])
    return clean_text(_decoded(title, _ESCAPES))[:LONGEST_PART].rstrip()


def _resolve(text: str) -> Address | None:
    text = text.strip("".join(map(chr, range(0x21)))).translate(_NEWLINES)
    named = _SCHEME.fullmatch(text)
    if named is None:
        return _of_web("https", text) if _is_elsewhere(text) else _address("", text)
    scheme, rest = named[1].lower(), named[2]
    if scheme == "https" and rest[:1] not in ("/", "\\"):
        return _address("", rest)
    if scheme in _WEB:
        return _of_web(scheme, rest)
    found = _OTHER_AUTHORITY.fullmatch(rest)
    if found is not None and scheme != "file" and _NO_HOST.search(found[1]):
        return None
    return _address("", found[2] if found is not None else rest, is_plain=True)


_resolve_cached = lru_cache(16_384)(_resolve)


def _is_elsewhere(text: str) -> bool:
    return text[:1] in ("/", "\\") and text[1:2] in ("/", "\\")


def _of_web(scheme: str, rest: str) -> Address | None:
    found = _AUTHORITY.fullmatch(rest)
    origin = origin_of(scheme, found[1]) if found is not None else ""
    return _address(origin, found[2]) if found is not None and origin else None


def _address(origin: str, rest: str, *, is_plain: bool = False) -> Address:
    before, mark, fragment = rest.partition("#")
    path, _, search = before.partition("?")
    return Address(
        path=clean_text(_decoded(path if is_plain else pathname(path), _DATA_ESCAPES))[:LONGEST_PART],
        origin=origin,
        search=clean_text(search),
        hash=clean_text(mark + fragment)[:LONGEST_PART] if fragment else "",
    )


def _decoded(text: str, escapes: re.Pattern[str]) -> str:
    """Without these escapes; as it is if one of them stands for no character."""
    if "%" not in text or _BROKEN.search(text):
        return text
    try:
        return escapes.sub(lambda found: bytes.fromhex(found[0].replace("%", "")).decode(), text)
    except UnicodeDecodeError:
        return text
