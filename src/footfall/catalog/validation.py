"""What a project, a client and a user may be called; every refusal is a BadRequest that names its field."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from ipaddress import ip_address
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

import msgspec

from footfall.catalog.origins import is_origin_rule
from footfall.model.errors import BadRequest
from footfall.model.project import FilterType, ProjectFilter

SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"(?:{LABEL}(?:\.{LABEL})*|\[[0-9a-f:.]+\])(?::[0-9]{{1,5}})?")
UUID_TEXT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NAME_MAX = 255
PASSWORD_MAX = 1024  # argon2 hashes all it is given; nobody types more
CORS_MAX = 100
FRAMES_MAX = 20
FRAME_ORIGIN = re.compile(rf"https?://(?:\*\.)?{HOST.pattern}")
TEXT_MAX = 10_000
JSON_MAX = 64 * 1024
JSON_LEVELS = 50  # what reads and writes JSON gives up at 255 levels or a few more
RETENTION_MAX_DAYS = 36_500
PROJECT_TYPES = ("website", "app", "backend")  # openpanel contract §10.2


def name(value: str, field: str = "name") -> str:
    """A name that shows: 1 to 255 characters, none of them a control character."""
    text = value.strip()
    if not text or len(text) > NAME_MAX or any(unicodedata.category(c) in ("Cc", "Cs") for c in text):
        raise BadRequest(f"The {field} must be 1 to {NAME_MAX} printable characters.", field)
    return text


def text(value: str, field: str) -> str:
    """Text of any lines, at most 10,000 characters, without other control characters."""
    stripped = value.strip()
    controls = (c for c in stripped if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t")
    if len(stripped) > TEXT_MAX or any(controls):
        raise BadRequest(f"The {field} must be at most {TEXT_MAX} characters of text.", field)
    return stripped


def kept(value: Any, field: str) -> Any:
    """JSON to be kept as it is: at most 64 KB, and 50 levels of objects and lists."""
    level = [value]
    for _ in range(JSON_LEVELS):
        level = [below for each in level for below in _below(each)]
    if level or len(msgspec.json.encode(value)) > JSON_MAX:
        raise BadRequest(f"The {field} must be at most {JSON_MAX} bytes and {JSON_LEVELS} levels of JSON.", field)
    return value


def _below(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()


def project_types(values: Sequence[str]) -> list[str]:
    """What a project is: of website, app and backend; no repeats."""
    for value in values:
        if value not in PROJECT_TYPES:
            raise BadRequest(f"The types are of {', '.join(PROJECT_TYPES)}.", "types")
    return list(dict.fromkeys(values))


def filtered(item: ProjectFilter) -> str:
    """What a project filter compares, spelled as a hit has it: trimmed, an address in its shortest form."""
    value = item.value.strip()
    if item.type is FilterType.IP:
        try:
            address = ip_address(value)
        except ValueError:
            raise BadRequest(f"'{value}' is not an IP address such as 203.0.113.7.", "filters") from None
        return str(getattr(address, "ipv4_mapped", None) or address)
    if not value:
        raise BadRequest("A filter needs a value.", "filters")
    return value


def retention_days(value: int | None) -> int | None:
    """For how many days data is kept; None for ever."""
    if value is not None and not 1 <= value <= RETENTION_MAX_DAYS:
        raise BadRequest(f"The retention is 1 to {RETENTION_MAX_DAYS} days, or none.", "retentionDays")
    return value


def slug(value: str) -> str:
    """A project id: lower-case letters, digits, `-` and `_`, at most 64, and not shaped like a UUID."""
    if not SLUG.fullmatch(value) or UUID_TEXT.fullmatch(value):
        raise BadRequest(
            f"The id '{value}' must be 1 to 64 lower-case letters, digits, '-' or '_', start with a letter "
            "or digit and not be a UUID.",
            "id",
        )
    return value


def slug_of(text: str) -> str:
    """The slug that a name suggests: `Žlutý kůň!` gives `zluty-kun`, `漢字` gives `project`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].rstrip("-") or "project"


def timezone(value: str) -> str:
    """An IANA time zone name."""
    if value not in _zones():
        raise BadRequest(f"The time zone '{value}' is not an IANA name such as Europe/Berlin or UTC.", "timezone")
    return value


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def domain(value: str) -> str:
    """`shop.example`, `https://shop.example` or empty; lower case, punycode, without a trailing slash."""
    text = value.strip().lower().rstrip("/")
    scheme, separator, host = text.rpartition("://")
    if not host.isascii():
        host = _punycode(host)
    known_scheme = not separator or scheme in ("http", "https")
    if text and not (known_scheme and HOST.fullmatch(host)):
        raise BadRequest(
            f"The domain '{value}' must be a host such as shop.example or https://shop.example.",
            "domain",
        )
    return scheme + separator + host


def _punycode(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def origins_of(domain_: str) -> tuple[str, ...]:
    """The `cors` list of a project that was given none: its domain, or every origin when it has none."""
    if not domain_:
        return ("*",)
    return (domain_ if "://" in domain_ else f"https://{domain_}",)


def cors(values: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Origins that may send: `https://shop.example`, `*.shop.example`, `localhost:*` or `*`; no repeats."""
    if len(values) > CORS_MAX:
        raise BadRequest(f"The cors list may have {CORS_MAX} origins at most.", "cors")
    tidy = dict.fromkeys(value.strip().rstrip("/") for value in values)
    for value in tidy:
        if not is_origin_rule(value):
            raise BadRequest(
                f"The cors entry '{value}' must be an origin such as https://shop.example or *.shop.example.",
                "cors",
            )
    return tuple(tidy)


def frame_origins(values: Sequence[str]) -> list[str]:
    """Sites that may frame a page: `https://site.example`, `https://*.site.example` or `*`; no repeats."""
    if len(values) > FRAMES_MAX:
        raise BadRequest(f"There may be {FRAMES_MAX} sites at most.", "embedOrigins")
    tidy = list(dict.fromkeys(value.strip().lower().rstrip("/") for value in values))
    for value in tidy:
        # They go into a header as they are.
        if value != "*" and not FRAME_ORIGIN.fullmatch(value):
            raise BadRequest(f"'{value}' must be a site such as https://shop.example, or *.", "embedOrigins")
    return tidy


def uuid_text(value: str | UUID, field: str = "id") -> str:
    """A UUID as lower-case text."""
    text = str(value).lower()
    if not UUID_TEXT.fullmatch(text):
        raise BadRequest(f"The {field} '{value}' must be a UUID.", field)
    return text


def password(value: str) -> str:
    """A password: not empty, and at most 1024 bytes."""
    if not value or len(value.encode()) > PASSWORD_MAX:
        raise BadRequest(f"The password must be 1 to {PASSWORD_MAX} bytes.", "password")
    return value
