"""Referrers: where a visit came from, by name and kind, with a campaign's word above the address's.

The table is made by tools/make_referrers.py. Contract: openpanel.md §4.4.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files

import msgspec

from footfall.ingest.enrich.url import host_of

Row = tuple[str, str]  # name, type

# §4.4: the first that is present names the source; one that is present and empty ends the search.
SOURCE_KEYS = ("utm_source", "ref", "utm_referrer")

_TOP_LEVEL = re.compile(r"(?:com|net|org|[a-z]{2}|(?:com?|net|org)\.[a-z]{2})")
_COUNTRY = re.compile(r"[a-z]{2}(?:-[a-z]{2})?")
# Doors of one and the same house: mobile and outgoing-link hosts of a site that the table knows.
_DOORS = frozenset({"m", "mobile", "l", "lm", "amp", "out"})
_CACHED_LENGTH = 1_024  # longer addresses are rare and would make the cache's size unpredictable
_LONGEST_HOST = 253  # characters, by the rules of the domain name system
_LONGEST_SOURCE = 200  # characters; a campaign's source is a word, not a letter


class Referrer(msgspec.Struct, frozen=True):
    """Where a visit came from; every field '' when it came from nowhere known.

    url   the referring address without trailing slashes
    name  the source's name, or the address itself when nobody knows it
    type  search, social, email, ai, tech, commerce, content, paid, unknown or ''
    """

    url: str = ""
    name: str = ""
    type: str = ""


NO_REFERRER = Referrer()


def classify(referrer: str, page_host: str, query: Mapping[str, str]) -> Referrer:
    """Name the source of a visit. Never raises. Contract §4.4.

    `referrer` is the referring address, `page_host` the host of the page itself (its own pages are no
    referrers), `query` the page's parameters, of which utm_source, ref and utm_referrer override.
    """
    source = _source(query) if query else ""
    if not referrer and not source:
        return NO_REFERRER
    if len(referrer) > _CACHED_LENGTH:
        return _classify(referrer, page_host, source)
    return _classify_cached(referrer, page_host, source)


def _classify(referrer: str, page_host: str, source: str) -> Referrer:
    url = referrer.strip().rstrip("/")
    host = host_of(referrer)
    if host and host == page_host.partition(":")[0].lower():
        url = host = ""
    by_address = lookup(host) if host else None
    by_campaign = _campaign_row(source) if source else ("", "")
    name = by_campaign[0] or (by_address[0] if by_address else url)
    kind = by_campaign[1] or (by_address[1] if by_address else "")
    return Referrer(url, name, kind)


_classify_cached = lru_cache(maxsize=16_384)(_classify)


def lookup(host: str) -> Row | None:
    """Name and type of a referring host, None if it is in no list."""
    return _lookup(host.lower().rstrip(".")) if len(host) <= _LONGEST_HOST else None


@lru_cache(maxsize=16_384)
def _lookup(host: str) -> Row | None:
    table = _table()
    bare = host.removeprefix("www.")
    return next((table[key] for key in _keys(bare) if key in table), None)


def _keys(host: str) -> Iterator[str]:
    """The spellings under which the table may know `host`, the most particular first."""
    yield host
    first, _, rest = host.partition(".")
    if rest and _COUNTRY.fullmatch(first):
        yield "{}." + rest
    labels = host.split(".")
    for count in (2, 1):
        tail = ".".join(labels[-count:])
        if len(labels) > count and _TOP_LEVEL.fullmatch(tail):
            yield ".".join(labels[:-count]) + ".{}"
    if rest and first in _DOORS:
        yield from _keys(rest)


def _source(query: Mapping[str, str]) -> str:
    for key in SOURCE_KEYS:
        if key in query:
            return query[key].strip().lower()[:_LONGEST_SOURCE]
    return ""


def _campaign_row(source: str) -> Row:
    """A campaign's source as a host, as the start of a .com, as a name; else it is its own name."""
    return lookup(source) or lookup(f"{source}.com") or _names().get(source) or (source, "")


@cache
def _table() -> dict[str, Row]:
    return msgspec.json.decode(_data("referrers.json"), type=dict[str, Row])


@cache
def _names() -> dict[str, Row]:
    """Rows by lower-case name; a name of several kinds is what most of its hosts are."""
    kinds: dict[str, dict[Row, int]] = {}
    for row in _table().values():
        counts = kinds.setdefault(row[0].lower(), {})
        counts[row] = counts.get(row, 0) + 1
    return {name: max(counts, key=lambda row: counts[row]) for name, counts in kinds.items()}


def _data(name: str) -> bytes:
    return (files("footfall") / "data" / name).read_bytes()
