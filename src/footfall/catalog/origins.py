"""Which origins a project's `cors` list lets in (openpanel contract §2.3).

Both sides lose `http(s)://`, `www.` and trailing slash; another scheme, an app's or an extension's, stays.
A `*` stands for one or more characters of host names, and a rule always matches the whole host: `*.foo.com`
takes `a.foo.com`, neither `foo.com` nor `foo.com.evil`.
No rule ever becomes a regular expression.
"""

import re

Decisions = dict[tuple[tuple[str, ...], str], bool]

_MAX_DECISIONS = 16_384
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://")


class OriginRules:
    """Remembers what it decided; the key holds the whole `cors` list, so a changed list is decided anew."""

    def __init__(self) -> None:
        self._decisions: Decisions = {}

    def allow(self, cors: tuple[str, ...], origin: str) -> bool:
        """Whether a page of that origin may send without a secret; an empty origin may not."""
        if not origin:
            return False
        known = self._decisions.get((cors, origin))
        if known is None:
            known = any(matches(rule, origin) for rule in cors)
            if len(self._decisions) >= _MAX_DECISIONS:
                self._decisions = {}
            self._decisions[cors, origin] = known
        return known


def matches(rule: str, origin: str) -> bool:
    """Whether one entry of a `cors` list takes this `Origin` header."""
    if rule == "*":
        return True
    wanted, host = _bare(rule), _bare(origin)
    if "*" not in wanted:
        return _without_www(wanted) == _without_www(host) != ""
    return is_origin_rule(rule) and _fits(wanted, host)


def is_origin_rule(rule: str) -> bool:
    """Whether an entry can be meant: `*`, a host, or wildcards in front of a literal host or for a port.

    `foo.*` can't: it would let in `foo.evil.example`. A scheme such as `capacitor://` may stand before the host.
    """
    if rule == "*":
        return True
    host = _SCHEME.sub("", _bare(rule))
    if not host or not host.isprintable() or any(character in host for character in " /?#@\\"):
        return False
    name, separator, port = host.rpartition(":")
    if separator and (port == "*" or port.isdigit()):
        host = name
    return host.rpartition("*")[2] != "" and "**" not in rule


def _bare(origin: str) -> str:
    """Lower case, without scheme and one trailing slash; an IDN host as the browser would send it."""
    host = origin.strip().lower().removeprefix("http://").removeprefix("https://").removesuffix("/")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def _without_www(host: str) -> str:
    return host.removeprefix("www.")


def _fits(pattern: str, host: str) -> bool:
    """Match from both ends: each `*` takes one or more characters, in one pass without backtracking."""
    first, *middle, last = pattern.split("*")
    if not host.startswith(first) or not host.endswith(last):
        return False
    position, end = len(first) + 1, len(host) - len(last)
    for part in middle:
        found = host.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part) + 1
    return position <= end
