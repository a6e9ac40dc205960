"""What a name in a filter or breakdown stands for: a closed registry, per kind of row.

Source: openpanel contract §7.2. A name that is in no registry is a property of the event (D18), so no text of
a user ever becomes an identifier. A `*` or `[*]` in place of a part of a property's key stands for any such part:
`properties.items.*.name` and `properties.tags[*]` are the values of all keys that fit.
"""

import re
from enum import StrEnum

from msgspec import Struct

from footfall.store.schema import EVENTS, GROUPS, PROFILES, SESSIONS, Kind, Table


class FieldKind(StrEnum):
    """How a field's values compare."""

    TEXT = "text"
    ID = "id"  # a UUID, compared as text
    NUMBER = "number"
    NUMBER_OR_NONE = "number?"
    TIME = "time"
    FLAG = "flag"  # a boolean, `true` or `false`
    COUNTRY = "country"  # stored as a code, asked for by code or name
    DEVICE = "device"  # in any case (D9)
    REFERRER = "referrer"  # a URL, also asked for by its host (D10)
    HAS_PROFILE = "has_profile"
    PROPERTY = "property"  # `name` is the key
    PROPERTIES = "properties"  # the values of all keys that match; `name` is a pattern (RE2)


class Field(Struct, frozen=True):
    """A column by its name, or a property by its key."""

    kind: FieldKind
    name: str


ALIASES = {
    "referrerName": "referrer_name",
    "referrerType": "referrer_type",
    "sessionId": "session_id",
    "deviceId": "device_id",
    "profileId": "profile_id",
    "projectId": "project_id",
    "osVersion": "os_version",
    "browserVersion": "browser_version",
    "sdkName": "sdk_name",
    "sdkVersion": "sdk_version",
    "createdAt": "created_at",
    "importedAt": "imported_at",
    "entryPath": "entry_path",
    "exitPath": "exit_path",
}

PROFILE_ALIASES = {
    "firstName": "first_name",
    "lastName": "last_name",
    "isExternal": "is_external",
    "createdAt": "created_at",
    "lastSeenAt": "last_seen_at",
}
"""As the Export API calls what is known of a person."""

PROPERTY_PREFIX = "properties."
PROFILE_PREFIX = "profile."
GROUP_PREFIX = "group."
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
PAGE_FIELDS = ("path", "origin")

_KINDS = {
    Kind.ID: FieldKind.ID,
    Kind.TEXT: FieldKind.TEXT,
    Kind.LABEL: FieldKind.TEXT,
    Kind.TIME: FieldKind.TIME,
    Kind.INT: FieldKind.NUMBER,
    Kind.FLOAT_OR_NONE: FieldKind.NUMBER_OR_NONE,
    Kind.BOOL: FieldKind.FLAG,
}
IN_32_BITS = {column.name for column in EVENTS.columns if column.kind is Kind.FLOAT_OR_NONE}
"""Columns that are read as decimals: no 32 bits are 13.4."""

_SPECIAL = {
    "country": FieldKind.COUNTRY,
    "device": FieldKind.DEVICE,
    "referrer": FieldKind.REFERRER,
}
_HIDDEN = {"first_view", "start_id", "start_title", "start_sdk_name", "start_sdk_version", "marks"}
_HAS_PROFILE = {"has_profile": Field(FieldKind.HAS_PROFILE, "has_profile")}


def _registry(columns: dict[str, Kind]) -> dict[str, Field]:
    fields = {
        name: Field(_SPECIAL.get(name) or _KINDS[kind], name)
        for name, kind in columns.items()
        if kind in _KINDS and name not in _HIDDEN
    }
    return {**fields, **_HAS_PROFILE}


EVENT_FIELDS = {
    **_registry({column.name: column.kind for column in EVENTS.columns}),
    "properties.__title": Field(FieldKind.TEXT, "title"),
    **{name: Field(FieldKind.PROPERTY, f"__query.{name}") for name in UTM},
}

_SESSION_COLUMNS = _registry({column.name: column.kind for column in SESSIONS.columns})
SESSION_FIELDS = {
    **{name: field for name, field in _SESSION_COLUMNS.items() if name != "id"},
    "session_id": _SESSION_COLUMNS["id"],
}


def _columns(table: Table) -> dict[str, Field]:
    return {
        column.name: Field(_KINDS[column.kind], column.name)
        for column in table.columns
        if column.kind in _KINDS and column.name != "project_id"
    }


_PROFILE_COLUMNS = _columns(PROFILES)
_GROUP_COLUMNS = _columns(GROUPS)

ENTRY_FIELDS = {
    "path": Field(FieldKind.TEXT, "entry_path"),
    "origin": Field(FieldKind.TEXT, "entry_origin"),
}
"""What a page's name means of a session as a whole: the page it began on."""


_ONES_OWN = {"id", "profile_id", "device_id", "session_id"}


def is_about_all(name: str) -> bool:
    """Whether a field tells of visits in general, not of one person: who holds a share link may ask by it.

    What the site itself sends (properties, profiles, groups) may name people, so only campaigns are.
    """
    if name in _ONES_OWN:
        return False
    campaigns = {f"{PROPERTY_PREFIX}__query.{utm}" for utm in UTM}
    return name in EVENT_FIELDS or name in SESSION_FIELDS or name in campaigns


def canonical(name: str) -> str:
    """The name in the registry's spelling; a bare name that nothing knows is a property's (D18)."""
    name = ALIASES.get(name, name)
    if name.startswith(PROFILE_PREFIX):
        own = name.removeprefix(PROFILE_PREFIX)
        name = PROFILE_PREFIX + PROFILE_ALIASES.get(own, own)
    if name in EVENT_FIELDS or name in SESSION_FIELDS or name.startswith(PROPERTY_PREFIX):
        return name
    return name if profile_field(name) or group_field(name) else PROPERTY_PREFIX + name


def event_field(name: str) -> Field | None:
    """The field of an event; None if only sessions have it. `name` is canonical."""
    if name in EVENT_FIELDS:
        return EVENT_FIELDS[name]
    if name.startswith(PROPERTY_PREFIX):
        return _property(name.removeprefix(PROPERTY_PREFIX))
    return None


def profile_field(name: str) -> Field | None:
    """The field of the person behind an event or session; None if the name is not one of a profile."""
    return _beside(name, PROFILE_PREFIX, _PROFILE_COLUMNS)


def group_field(name: str) -> Field | None:
    """The field of a group that the event or session belongs to; None if the name is not one of a group."""
    return _beside(name, GROUP_PREFIX, _GROUP_COLUMNS)


def session_field(name: str) -> Field | None:
    """The field of a session; None if only its events have it. `name` is canonical."""
    return SESSION_FIELDS.get(name)


def _beside(name: str, prefix: str, columns: dict[str, Field]) -> Field | None:
    own = name.removeprefix(prefix)
    if own == name:
        return None
    if own.startswith(PROPERTY_PREFIX):
        return _property(own.removeprefix(PROPERTY_PREFIX))
    return columns.get(own)


def _property(key: str) -> Field:
    parts = key.replace("[*]", ".*").split(".")
    if "*" not in parts:
        return Field(FieldKind.PROPERTY, key)
    pattern = "[.]".join("[^.]+" if part == "*" else re.escape(part) for part in parts)
    return Field(FieldKind.PROPERTIES, f"^{pattern}$")
