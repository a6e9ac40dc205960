"""`__identify`: what an event says of the person behind it. Source: openpanel contract §3.4, §3.5.

It is a property, so nothing in it is refused: what can't be used is left out.
"""

from collections.abc import Mapping
from math import inf
from typing import Any

from msgspec import Struct

from footfall.ingest.enrich.properties import clean_text, number_text

MAX_PROFILE_ID = 512


class Told(Struct, frozen=True):
    """The readable part of an `__identify`. `has_traits`: it names more than the person's id."""

    profile_id: str
    has_traits: bool
    first_name: str
    last_name: str
    email: str
    avatar: str
    properties: dict[str, Any]


def inline_identify(value: object) -> Told | None:
    """What it says; None if it is not an object."""
    if not isinstance(value, dict):
        return None
    properties = value.get("properties")
    profile_id = profile_text(value.get("profileId"))
    return Told(
        profile_id=profile_id if len(profile_id) <= MAX_PROFILE_ID else "",
        has_traits=len(value) > 1,
        first_name=_text(value, "firstName"),
        last_name=_text(value, "lastName"),
        email=_text(value, "email"),
        avatar=_text(value, "avatar"),
        properties=properties if isinstance(properties, dict) else {},
    )


def profile_text(value: object) -> str:
    """A profile id as clean text of any length, a number as JavaScript prints it; '' if it is none."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value) if isinstance(value, int) and abs(value) < 10**21 else number_text(_float(value))


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return inf


def _text(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""
