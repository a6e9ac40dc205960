"""Rows of events as JSON spells them: the shapes that need no mending, decoded in one step.

`Plain` names the columns of the store (openpanel contract §6.1), `Camel` the keys of an export
(§9.1). What fits neither is read key by key in `event_rows`. Lengths are the caps of a row.
"""

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Raw, UnsetType, defstruct

from footfall.ingest.inline import MAX_PROFILE_ID

MAX_ROW_BYTES = 4 << 20
MAX_NAME = 255
MAX_ID = MAX_PROFILE_ID  # device, profile, session and group ids: what was taken live can be brought back
MAX_LABEL = 255  # countries, browsers, SDKs and the like
MAX_TEXT = 2_048  # addresses
MAX_TITLE = 2_048
MAX_GROUPS = 64
MAX_INT = 2**63 - 1

Id = Annotated[str, Meta(max_length=MAX_ID)]
Label = Annotated[str, Meta(max_length=MAX_LABEL)]
Text = Annotated[str, Meta(max_length=MAX_TEXT)]

IDS = ("device_id", "profile_id", "session_id")
_LABELS = "referrer_type region city os os_version browser browser_version device brand model sdk_name sdk_version"
TEXTS = {
    "path": MAX_TEXT,
    "origin": MAX_TEXT,
    "title": MAX_TITLE,
    "referrer": MAX_TEXT,
    "referrer_name": MAX_TEXT,
    **dict.fromkeys(_LABELS.split(), MAX_LABEL),
}

# Named by the contract and not a column of ours: the project is the caller's, dwell is computed.
_IGNORED = ("project_id", "duration", "profile", "meta")

_FIELDS: list[Any] = [
    ("created_at", datetime | int | float),
    ("name", Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]),
    ("id", str, ""),
    *((name, Id, "") for name in IDS),
    *((name, Annotated[str, Meta(max_length=length)], "") for name, length in TEXTS.items()),
    ("country", Label, ""),
    ("currency", Annotated[str, Meta(max_length=3)], ""),
    ("revenue", Annotated[int, Meta(ge=0, le=MAX_INT)] | None, None),
    ("longitude", Annotated[float, Meta(ge=-180, le=180)] | None, None),
    ("latitude", Annotated[float, Meta(ge=-90, le=90)] | None, None),
    ("groups", Annotated[tuple[Id, ...], Meta(max_length=MAX_GROUPS)], ()),
    ("properties", dict[str, Any], {}),
    ("imported_at", datetime | int | float | None, None),
    *((name, Raw | UnsetType, UNSET) for name in _IGNORED),
]

Plain = defstruct("Plain", _FIELDS, kw_only=True, forbid_unknown_fields=True, gc=False)
Camel = defstruct("Camel", _FIELDS, kw_only=True, forbid_unknown_fields=True, gc=False, rename="camel")

# Every key that a row may have, in either spelling, with its column.
COLUMN_OF = {
    key: column
    for shape in (Plain, Camel)
    for key, column in zip(shape.__struct_encode_fields__, shape.__struct_fields__, strict=True)
    if column not in _IGNORED
}
