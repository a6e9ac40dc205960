"""One line of an access log: common and combined format, a host or forwarded addresses in front, and Caddy's JSON.

Each line is recognised by itself, so files may mix formats. A line that is none of them is None.
"""

import re
from datetime import date
from functools import lru_cache

import msgspec
from msgspec import Struct, field

from footfall.importers.times import LAST_MS, instant_ms
from footfall.ingest.enrich.client_ip import is_public

MAX_LINE_BYTES = 65_536

_MOST_BEFORE = 16  # words before the ident: a virtual host, addresses that proxies forwarded, the peer's
# Quoted text in which \" is a quote. Each part can match in one way only, so hostile lines cost their length.
_QUOTED = r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"'
_LINE = re.compile(
    rf"(\S++(?: \S++){{0,{_MOST_BEFORE}}}?) - [^\[]*+"  # who, ident and user; ident is '-' everywhere
    r"\[([^\]]++)\] "
    rf"{_QUOTED} (\d{{3}}) \S++"
    rf"(?: {_QUOTED} {_QUOTED}(?:\s(.*+))?)?\s*+",
    re.DOTALL,
)
_ESCAPED = re.compile(rb"\\(x[0-9a-fA-F]{2}|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"", b"v": b"", b"f": b""}
_FIRST_NS = 1e17  # a number from here on is in nanoseconds: as ms it would be after the year 5000
_ZONE = re.compile(r"[+-][0-2][0-9][0-5][0-9]")
_MONTH_NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_MONTHS = {name: n for n, name in enumerate(_MONTH_NAMES.split(), 1)}


class LogLine(Struct):
    """One request. `at` in ms UTC; `user_agent` is None in formats without one; '' is '-' or empty.

    `host` and `scheme` are '' where the line does not tell.
    """

    ip: str
    at: int
    method: str
    uri: str
    status: int
    referrer: str = ""
    user_agent: str | None = None
    host: str = ""
    scheme: str = ""


def parse_line(line: bytes) -> LogLine | None:
    """The request that `line` records. Never raises."""
    if len(line) > MAX_LINE_BYTES:
        return None
    return _parse_caddy(line) if line[:1] == b"{" else _parse_text(line.decode("utf-8", "replace"))


def _parse_text(text: str) -> LogLine | None:
    match = _LINE.fullmatch(text)
    if match is None:
        return None
    who, time, request, status, referrer, user_agent, rest = match.groups()
    at = _instant(time)
    led = _host_and_address(who)
    if at is None or led is None:
        return None
    vhost, ip = led
    if "\\" in text:
        request, referrer, user_agent = _unescaped(request) or "", _unescaped(referrer), _unescaped(user_agent)
    method, _, uri = request.partition(" ") if request != "-" else ("", "", "")
    uri = uri.rpartition(" HTTP/")[0] or uri
    host = scheme = ""
    if vhost:
        host, scheme = _virtual_host(vhost)
    if rest and not is_public(ip):
        ip = _forwarded_for(rest) or ip
    if user_agent == "-":
        user_agent = ""
    if referrer is None or referrer == "-":
        referrer = ""
    return LogLine(ip, at, method, uri, int(status), referrer, user_agent, host, scheme)


def _unescaped(text: str | None) -> str | None:
    """A logged field as it was sent: \\" is a quote, \\xhh a byte of UTF-8."""
    return _ESCAPED.sub(_unescape, text.encode()).decode("utf-8", "replace") if text else text


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code[1:], 16)]) if len(code) == 3 else _ESCAPES.get(code, code)


def _host_and_address(who: str) -> tuple[str, str] | None:
    """Virtual host and visitor of the words before the ident: `[vhost] [forwarded-for] address`, `-` for none.

    A public address at the end is not overruled by what was forwarded. None if other words stand there.
    """
    if " " not in who:
        return "", who
    *before, address = who.replace(", ", ",").replace('"', "").split(" ")
    is_behind = not is_public(address)
    forwarded = [word for word in before if "," in word or (is_behind and is_public(word))]
    hosts = [word for word in before if word != "-" and word not in forwarded]
    if is_behind:
        address = _first_public(",".join((*forwarded, address))) or address
    return None if len(hosts) > 1 else ("".join(hosts), address)


def _first_public(addresses: str) -> str:
    """The first address of a comma list that a visitor may have, '' if there is none."""
    return next((each for part in addresses.split(",") if is_public(each := part.strip())), "")


def _virtual_host(text: str) -> tuple[str, str]:
    """Host and scheme of `host:port`, the port left out where the scheme implies it."""
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        return text, ""
    if port in ("80", "443"):
        return host, "https" if port == "443" else "http"
    return text, ""


def _forwarded_for(rest: str) -> str:
    """The visitor whom a proxy names in the field after the user agent (nginx's `main` format)."""
    if not rest.startswith('"'):
        return ""
    return _first_public(rest[1:].partition('"')[0])


@lru_cache(maxsize=4_096)
def _instant(text: str) -> int | None:
    """`17/May/2015:10:05:03 +0200` in ms UTC, or ISO 8601 text; None for what is not between 1970 and 2100."""
    try:
        if text[2:3] != "/":
            return instant_ms(text)
        day = date(int(text[7:11]), _MONTHS[text[3:6]], int(text[:2]))
        clock, _, zone = text[12:].partition(" ")
        hours, minutes, seconds = (int(part) for part in clock.partition(".")[0].split(":"))
        is_clock = 0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds < 61
        if not (is_clock and _ZONE.fullmatch(zone)):
            return None
        offset = (int(zone[1:3]) * 60 + int(zone[3:5])) * (-1 if zone[0] == "-" else 1)
        days = day.toordinal() - _EPOCH_DAY
        at = ((days * 1440 + hours * 60 + minutes - offset) * 60 + seconds) * 1000
        return at if 0 <= at < LAST_MS else None
    except (ValueError, KeyError):
        return None


_EPOCH_DAY = date(1970, 1, 1).toordinal()


class _CaddyRequest(Struct):
    method: str
    uri: str
    remote_ip: str = ""
    client_ip: str = ""
    remote_addr: str = ""  # Caddy < 2.5, with the port
    host: str = ""
    headers: dict[str, list[str]] = field(default_factory=dict)
    tls: msgspec.Raw = msgspec.Raw()


class _CaddyLine(Struct):
    ts: float | str
    status: int
    request: _CaddyRequest


_decode_caddy = msgspec.json.Decoder(_CaddyLine).decode


def _parse_caddy(line: bytes) -> LogLine | None:
    try:
        entry = _decode_caddy(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        try:
            entry = _decode_caddy(line.decode("utf-8", "replace").encode())
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None
    at = _caddy_instant(entry.ts)
    if at is None:
        return None
    request = entry.request
    ip = request.client_ip or request.remote_ip or request.remote_addr.rpartition(":")[0].strip("[]")
    if not is_public(ip):
        ip = _first_public(_header(request, "X-Forwarded-For")) or ip
    return LogLine(
        ip,
        at,
        request.method,
        request.uri,
        entry.status,
        _header(request, "Referer"),
        _header(request, "User-Agent"),
        request.host,
        "https" if request.tls else "http",
    )


def _caddy_instant(ts: float | str) -> int | None:
    """The time in any of Caddy's `time_format`s; that of `wall` has no zone and is taken for UTC."""
    if isinstance(ts, str):
        return _instant(ts.replace("/", "-") if ts[4:5] == "/" else ts)
    return instant_ms(ts / 1e6 if ts >= _FIRST_NS else ts)


def _header(request: _CaddyRequest, name: str) -> str:
    values = request.headers.get(name)
    return values[0] if values else ""
