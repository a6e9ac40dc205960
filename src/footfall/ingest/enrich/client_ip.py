"""Which address a request comes from: the socket's, or the one that a trusted proxy names.

A header is only as true as who sent it, so headers count when the socket's peer is a trusted proxy;
anyone else is taken at their socket's word. Contract: openpanel.md §3.2; whom to trust: docs/enrichment.md.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

# §3.2, in this order; the first whose value is a public address wins.
DEFAULT_ORDER: tuple[str, ...] = (
    "openpanel-client-ip",
    "true-client-ip",
    "x-client-ip",
    "cf-connecting-ip",
    "x-forwarded-for",
    "x-real-ip",
    "fastly-client-ip",
    "x-cluster-client-ip",
    "x-appengine-user-ip",
    "do-connecting-ip",
    "x-nf-client-connection-ip",
    "x-forwarded",
    "forwarded",
)
CLIENT_HEADER = "openpanel-client-ip"

DEFAULT_TRUSTED = (
    *("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
    *("169.254.0.0/16", "fc00::/7", "fe80::/10"),
)
"""§3.2's list of what is nobody's public address."""

_PRIVATE = tuple(map(ip_network, (*DEFAULT_TRUSTED, "0.0.0.0/8", "::/128")))  # with both forms of "this host"
_PRIVATE_V4 = tuple(block for block in _PRIVATE if isinstance(block, IPv4Network))
_PRIVATE_V6 = tuple(block for block in _PRIVATE if isinstance(block, IPv6Network))

_FORWARDED_FOR = re.compile(r'(?:^|[;,\s])for\s*=\s*("[^"]*"|[^;,\s]*)', re.IGNORECASE)
_KNOWN_PEERS = 16_384
_LONGEST = 64  # no address in any spelling is longer; a kilobyte of header is not worth parsing


@lru_cache(maxsize=16_384)
def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """The address in `text`, an IPv4-mapped one as IPv4, or None."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.scope_id:
            return None
        return address.ipv4_mapped or address
    return address


def is_public(text: str) -> bool:
    """Whether `text` is an address that a visitor on the internet may have. Contract §3.2."""
    return len(text) <= _LONGEST and _is_public(text)


@lru_cache(maxsize=16_384)
def _is_public(text: str) -> bool:
    address = _parse(text)
    if address is None:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _PRIVATE_V4)
    return not any(address in block for block in _PRIVATE_V6)


class TrustedProxies:
    """The networks whose forwarded-for headers are believed (setting `trusted_proxies`)."""

    __slots__ = ("_known", "networks")

    def __init__(self, networks: tuple[IPv4Network | IPv6Network, ...]) -> None:
        self.networks = networks
        self._known: dict[str, bool] = {}  # peers are few: proxies, or one look per visitor

    @classmethod
    def parse(cls, text: str = ", ".join(DEFAULT_TRUSTED)) -> Self:
        """Read a comma list of CIDRs or single addresses; empty trusts nobody.

        Raises ValueError that names the item which is neither.
        """
        networks = []
        for item in filter(None, (part.strip() for part in text.split(","))):
            try:
                networks.append(ip_network(item, strict=False))
            except ValueError:
                reason = f"trusted_proxies: {item!r} is neither an address nor a CIDR such as 10.0.0.0/8"
                raise ValueError(reason) from None
        return cls(tuple(networks))

    def __contains__(self, peer: str) -> bool:
        """Whether the socket address `peer` belongs to a trusted proxy."""
        if not self.networks:
            return False
        known = self._known.get(peer)
        if known is None:
            if len(self._known) >= _KNOWN_PEERS:
                self._known.clear()
            known = self._known[peer] = self._covers(peer)
        return known

    def _covers(self, peer: str) -> bool:
        address = _parse(peer)
        return address is not None and any(address in network for network in self.networks)


DEFAULT_PROXIES = TrustedProxies.parse()


def client_ip(
    peer: str,
    headers: Mapping[str, str],
    trusted: TrustedProxies = DEFAULT_PROXIES,
    order: Iterable[str] = DEFAULT_ORDER,
    secret_ok: bool = False,
) -> str:
    """The visitor's public address, or '' when nobody who may name one did.

    `peer` is the socket's address, `headers` have lower-case keys. From a trusted proxy the first
    header of `order` with a public address wins. Otherwise a request that bore a valid client secret
    (`secret_ok`) may name its visitor in `openpanel-client-ip`, and failing that it is the peer itself
    if that is public. Never raises. Contract §3.2.
    """
    if peer in trusted:
        found = _from_headers(headers, order)
        if found:
            return found
    elif secret_ok:
        named = address_in(CLIENT_HEADER, headers.get(CLIENT_HEADER, ""))
        if named:
            return named
    return _one_spelling(peer) if is_public(peer) else ""


def client_address(
    peer: str, headers: Mapping[str, str], trusted: TrustedProxies, order: Iterable[str] = DEFAULT_ORDER
) -> str:
    """As `client_ip`, but an address of a private network is as good: it tells visitors of an intranet apart.

    A trusted proxy that names nobody speaks for nobody: ''. Contract: umami.md §1.6.
    """
    found = client_ip(peer, headers, trusted, order)
    if not found:
        is_proxy = peer in trusted
        named = (_named(name, headers[name]) for name in order if name in headers)
        found = next((text for text in named if _parse(text)), "") if is_proxy else peer
    return _one_spelling(found)


def nearest_address(peer: str, forwarded_for: str, trusted: TrustedProxies) -> str:
    """The address that the last proxy we trust has seen itself; `forwarded_for` are all such headers together.

    Whoever sends a request may name any address in it; a proxy that sets or appends one puts its own word last.
    """
    found = peer
    for item in reversed(forwarded_for.split(",")):
        named = _bare(item[: 2 * _LONGEST].strip())
        if found not in trusted or _parse(named) is None:
            break
        found = named
    return _one_spelling(found)


def _one_spelling(text: str) -> str:
    """An IPv4 address as such, also where an IPv6 socket or header names it."""
    address = _parse(text) if text.startswith("::") else None
    return text if address is None else str(address)


def _from_headers(headers: Mapping[str, str], order: Iterable[str]) -> str:
    lookup = headers if isinstance(headers, dict) else _first_values(headers)
    for name in order:
        value = lookup.get(name)
        if value:
            found = address_in(name, value)
            if found:
                return found
    return ""


def _first_values(headers: Mapping[str, str]) -> dict[str, str]:
    """One pass over headers whose own `get` is a linear search; the first of a repeated name counts."""
    values: dict[str, str] = {}
    for name, value in headers.items():
        values.setdefault(name, value)
    return values


def address_in(name: str, value: str) -> str:
    """The public address that header `name` carries in `value`, without port and brackets, or ''."""
    return _address_cached(name, value) if len(value) <= _LONGEST else _address_in(name, value)


def _address_in(name: str, value: str) -> str:
    address = _named(name, value)
    return _one_spelling(address) if is_public(address) else ""


def _named(name: str, value: str) -> str:
    if name == "forwarded":
        match = _FORWARDED_FOR.search(value[:1024])
        item = match[1].strip('"') if match else ""
    else:
        # Only X-Forwarded-For is a list by its definition, but proxies join repeated headers with commas too.
        item = value.split(",", 1)[0]
    return _bare(item[: 2 * _LONGEST].strip())


_address_cached = lru_cache(maxsize=16_384)(_address_in)


def _bare(item: str) -> str:
    if item.startswith("["):
        return item[1:].partition("]")[0]
    if item.count(":") == 1:  # an IPv4 address with a port; a bare IPv6 address has at least two colons
        return item.partition(":")[0]
    return item
