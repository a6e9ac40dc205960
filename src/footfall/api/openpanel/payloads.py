"""What `/track` takes, as types, and the rules that types can't say. Source: openpanel contract §3.3.

`null` is absent everywhere (§0.1 D21); unknown keys are ignored (§16.3).
"""

import re
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from footfall.ingest.enrich.properties import clean_text
from footfall.ingest.enrichment import minor_units
from footfall.ingest.inline import MAX_PROFILE_ID
from footfall.model.errors import BadRequest
from footfall.model.event import MARKS, REVENUE

Text = Annotated[str, Meta(min_length=1)]
ProfileId = Annotated[str, Meta(min_length=1)] | int | float

MAX_NAME = 80
MAX_GROUPS = 64
MAX_ID = 255
MAX_STEP = 2**53
MAX_REPLAY = 2 * 1024 * 1024


class TrackPayload(Struct):
    """An event."""

    name: Text
    properties: dict[str, Any] | None = None
    profileId: ProfileId | None = None  # noqa: N815
    groups: list[Text] | None = None


class IdentifyPayload(Struct):
    """A person's traits."""

    profileId: ProfileId  # noqa: N815
    firstName: str | None = None  # noqa: N815
    lastName: str | None = None  # noqa: N815
    email: str | None = None
    avatar: str | None = None
    properties: dict[str, Any] | None = None


Number = Annotated[int, Meta(ge=-MAX_STEP, le=MAX_STEP)] | Annotated[float, Meta(ge=-MAX_STEP, le=MAX_STEP)]


class IncrementPayload(Struct):
    """A step of a numeric profile property."""

    profileId: ProfileId  # noqa: N815
    property: Text
    value: Annotated[int, Meta(gt=0, le=MAX_STEP)] | Annotated[float, Meta(gt=0, le=MAX_STEP)] | None = None


class AliasPayload(Struct):
    """Another name for a profile; refused."""

    profileId: ProfileId  # noqa: N815
    alias: Text


class GroupPayload(Struct):
    """A company, team or the like."""

    id: Text
    type: Text
    name: Text
    properties: dict[str, Any] | None = None


class AssignGroupPayload(Struct):
    """Groups for a profile or the device."""

    groupIds: list[Text]  # noqa: N815
    profileId: ProfileId | None = None  # noqa: N815


class ReplayPayload(Struct):
    """A piece of a session's recording; refused."""

    chunk_index: Annotated[int, Meta(ge=0, le=65535)]
    events_count: Annotated[int, Meta(ge=1)]
    is_full_snapshot: bool
    started_at: str
    ended_at: str
    payload: Annotated[str, Meta(max_length=MAX_REPLAY)]
    sessionId: Annotated[str, Meta(max_length=64)] | None = None  # noqa: N815


class _Request(Struct, tag_field="type"):
    clientId: str | None = None  # noqa: N815
    clientSecret: str | None = None  # noqa: N815


class Track(_Request, tag="track", kw_only=True):
    """`{type: track}`"""

    payload: TrackPayload


class Identify(_Request, tag="identify", kw_only=True):
    """`{type: identify}`"""

    payload: IdentifyPayload


class Increment(_Request, tag="increment", kw_only=True):
    """`{type: increment}`"""

    payload: IncrementPayload


class Decrement(_Request, tag="decrement", kw_only=True):
    """`{type: decrement}`"""

    payload: IncrementPayload


class Alias(_Request, tag="alias", kw_only=True):
    """`{type: alias}`"""

    payload: AliasPayload


class GroupRequest(_Request, tag="group", kw_only=True):
    """`{type: group}`"""

    payload: GroupPayload


class AssignGroup(_Request, tag="assign_group", kw_only=True):
    """`{type: assign_group}`"""

    payload: AssignGroupPayload


class Replay(_Request, tag="replay", kw_only=True):
    """`{type: replay}`"""

    payload: ReplayPayload


Request = Track | Identify | Increment | Decrement | Alias | GroupRequest | AssignGroup | Replay

decode_request = msgspec.json.Decoder(Request).decode


def check_profile(profile_id: str, field: str, *, required: bool = True) -> None:
    """A profile id that can be kept. Raises BadRequest."""
    if len(profile_id) > MAX_PROFILE_ID:
        raise BadRequest(f"{field} is longer than {MAX_PROFILE_ID} characters.", field, "too_big")
    if required and not profile_id:
        raise BadRequest(f"{field} must not be empty.", field, "too_small")


def id_text(value: str, field: str) -> str:
    """The id of a group or the name of a property, clean. Raises BadRequest if it is too long or empty."""
    text = clean_text(value)
    if not 0 < len(text) <= MAX_ID:
        raise BadRequest(f"{field} must be 1 to {MAX_ID} characters that show.", field)
    return text


def group_ids(values: list[str] | None, field: str) -> tuple[str, ...]:
    """Group ids without repeats, the first MAX_GROUPS. Raises BadRequest if one can't be kept."""
    return tuple(dict.fromkeys(id_text(value, field) for value in values[:MAX_GROUPS])) if values else ()


# Marks of attacks and scanners, in our own words: nobody names an event so by accident. Words alone are none.
_BLOCKED = re.compile(
    "|".join(
        [
            r"\.\./|\.\.\\|%2e%2e",
            r"<script|javascript:|onerror\s*=|onload\s*=|<!entity|<!doctype|<\?xml|<iframe|<svg",
            r"\$\{|\{\{|<%|#\{",
            r"union\s+(all\s+)?select|select\s+(\*|@@)|\(\s*select\s*[('\d]|select\s.+\sfrom\s.+\swhere\s|"
            r"insert\s+into\s+\S+\s*(\(|values)|drop\s+table|information_schema|"
            r"sleep\s*\(\s*\d+\s*\)|benchmark\s*\(|pg_sleep|waitfor\s+delay|xp_cmdshell|'\s*or\s+'?\d|or\s+1\s*=\s*1",
            r"/etc/passwd|/etc/shadow|/proc/self|win\.ini|boot\.ini|cmd\.exe|/bin/(ba)?sh|powershell|"
            r"\b(wget|curl)\s+http|nslookup|[|;]\s*id\s*$",
            r"oast\.(pro|live|site|online|fun|me)|interact\.sh|burpcollaborator|bxss\.me|acunetix|dnslog\.|r87\.me",
            r"jndi:|ldap://|php://|file://|gopher://|expect://|phar://",
            r"\.env\b|\.git/|\.aws/|\.ssh/|id_rsa|wp-config|phpinfo|web\.config|\.htaccess",
            r"^/wp-|/wp-(admin|login|content|includes)|/phpmyadmin|^/.*\.php\b",
            r"^/[\w.-]+\.(env|yml|yaml|json|xml|config|ini|bak|sql|log)$",
        ]
    ),
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_URL = re.compile(
    r"https?://[^\s/?#]+\S*|(?!https?:|javascript:|vbscript:)[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE | re.ASCII
)


def check_name(name: str) -> str:
    """An event's name. Raises BadRequest for reserved, long or hostile ones (§3.3)."""
    if len(name) > MAX_NAME:
        raise BadRequest(f"payload.name is longer than {MAX_NAME} characters.", "payload.name", "too_big")
    if "\n" in name or "\r" in name or _BLOCKED.search(name):
        raise BadRequest("Event name contains blocked content", "payload.name", "blocked")
    clean = clean_text(name)
    if not clean:
        raise BadRequest("payload.name must not be empty.", "payload.name", "too_small")
    if clean in MARKS:
        raise BadRequest(f"payload.name {clean} is reserved.", "payload.name", "reserved")
    return clean


_known_names: set[str] = set()


def check_known_name(name: str) -> str:
    """`check_name`, remembered: a site has few names and sends them all day."""
    if name in _known_names:
        return name
    clean = check_name(name)
    if clean == name and len(_known_names) < 10_000:
        _known_names.add(name)
    return clean


def check_revenue(name: str, properties: dict[str, Any]) -> None:
    """Revenue is a non-negative integer of minor units (§3.3). Raises BadRequest."""
    if name != REVENUE:
        return
    amount = properties.get("__revenue")
    if amount is None:
        return
    if minor_units(amount) is None:
        raise BadRequest(
            "payload.properties.__revenue must be a non-negative integer of minor units (cents).",
            "payload.properties.__revenue",
            "invalid_type",
        )


def check_traits(payload: IdentifyPayload) -> None:
    """E-mail and avatar address look like what they are. Raises BadRequest."""
    if payload.email and not _EMAIL.fullmatch(payload.email):
        raise BadRequest("payload.email must be an e-mail address.", "payload.email", "invalid_format")
    if payload.avatar and not _URL.fullmatch(payload.avatar):
        raise BadRequest("payload.avatar must be a URL.", "payload.avatar", "invalid_format")
