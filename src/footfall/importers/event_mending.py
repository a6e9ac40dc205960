"""A row of events that fits no shape, made to fit key by key, or refused with the field at fault.

Numbers stand in for text and text for numbers, null is nothing, text over its cap is cut.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from footfall.importers.event_shapes import (
    IDS,
    MAX_GROUPS,
    MAX_ID,
    MAX_INT,
    MAX_NAME,
    TEXTS,
    Plain,
)
from footfall.ingest.enrich.properties import clean_text, number_text
from footfall.model.countries import country_code
from footfall.model.errors import BadRequest

INSTANT = "a time such as 2024-05-17T10:05:03.000Z, or milliseconds since 1970"
_UNFIT = (msgspec.MsgspecError, UnicodeError, RecursionError)


def mended(found: Mapping[str, Any]) -> Any:
    """The row in the plain shape, key by key."""
    values: dict[str, Any] = {key: _text(found.get(key), key)[:cap].rstrip() for key, cap in TEXTS.items()}
    values |= {key: _id(found.get(key), key, MAX_ID) for key in IDS}
    values["longitude"] = _degrees(found.get("longitude"), "longitude", 180)
    values["latitude"] = _degrees(found.get("latitude"), "latitude", 90)
    name = _id(found.get("name"), "name", MAX_NAME)
    if not name:
        raise BadRequest("name is missing: every event has one, such as screen_view.", "name")
    if "created_at" not in found:
        raise BadRequest(f"created_at is missing: every event has {INSTANT}.", "created_at")
    revenue = found.get("revenue")
    return Plain(
        **values,
        name=name,
        created_at=found["created_at"],
        id=_text(found.get("id"), "id"),
        country=country_of(_text(found.get("country"), "country")),
        currency=currency(_text(found.get("currency"), "currency")),
        revenue=None if revenue is None or revenue == "" else minor_units(revenue, "revenue"),
        groups=_groups(found.get("groups")),
        properties=_properties(found.get("properties")),
        imported_at=found.get("imported_at") or None,
    )


def _text(value: object, field: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return format(value, "d") if abs(value) < 10**21 else number_text(float("inf"))
    if isinstance(value, float):
        return number_text(value)
    raise BadRequest(f"{field} must be text.", field)


def _id(value: object, field: str, cap: int) -> str:
    """Text that is compared, so it is refused rather than cut."""
    text = _text(value, field)
    if len(text) > cap:
        raise BadRequest(f"{field} must be at most {cap} characters.", field)
    return text


def _number(value: object, field: str) -> int | float:
    if isinstance(value, str):
        try:
            return int(value[:40]) if value.strip().lstrip("+-").isdecimal() else float(value)
        except ValueError:
            pass
    elif isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise BadRequest(f"{field} must be a number.", field)


def minor_units(value: object, field: str) -> int:
    """Money in cents or the like. Raises BadRequest."""
    number = _number(value, field)
    if not 0 <= number <= MAX_INT or number != int(number):
        raise BadRequest(f"{field} must be a whole number of minor units (cents), 0 or more.", field)
    return int(number)


def _degrees(value: object, field: str, most: int) -> float | None:
    if value is None or value == "":
        return None
    number = _number(value, field)
    if not -most <= number <= most:
        raise BadRequest(f"{field} must be between -{most} and {most} degrees.", field)
    return float(number)


@lru_cache(maxsize=1_024)
def country_of(text: str) -> str:
    """An alpha-2 code from a code or an English name; '' for what is neither."""
    if len(text) == 2 and text.isascii() and text.isalpha():
        return text.upper()
    return country_code(text) or "" if text else ""


@lru_cache(maxsize=1_024)
def currency(text: str) -> str:
    """An ISO 4217 code in capitals; '' for what is none."""
    return text.upper() if len(text) == 3 and text.isascii() and text.isalpha() else ""


def _groups(value: object) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    if not isinstance(value, list):
        raise BadRequest("groups must be a list of group ids.", "groups")
    names = (_id(item, "groups", MAX_ID) for item in value[:MAX_GROUPS])
    return tuple(name for name in names if name)


def _properties(value: object) -> dict[str, Any]:
    if isinstance(value, str) and value.strip():
        try:
            value = msgspec.json.decode(value)
        except _UNFIT:
            value = False
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise BadRequest("properties must be an object.", "properties")
    return value
