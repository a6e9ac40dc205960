"""Umami's event data on its way in: nested JSON becomes flat text whose types can still be told (§1.5).

Unlike OpenPanel's properties (properties.py) a list stays one value, and a text is never read as JSON.
Contract: umami.md §1.5; how types are kept: model/event_data.py.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import msgspec

from footfall.ingest.enrich.properties import (
    MAX_DEPTH,
    MAX_KEY_LENGTH,
    MAX_KEYS,
    MAX_VALUE_LENGTH,
    clean_text,
    scalar_text,
)
from footfall.model.event_data import OWN, STRINGS, DataType, list_of, shown_type
from footfall.model.money import to_minor

_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_LINE_ENDS = re.compile(r"\s*[\r\n\t]\s*")
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_LONGEST = 4 * MAX_VALUE_LENGTH  # characters of a text that are looked at
_encode = msgspec.json.Encoder().encode


def flatten_data(data: Mapping[str, object]) -> dict[str, str]:
    """Flat properties of event data, which was JSON: dotted keys for what was nested, at most MAX_KEYS, and
    STRINGS if need be.

    Numbers and booleans as JavaScript prints them, times as ISO in UTC, lists and null as JSON; empty text is left
    out. A key that begins as Footfall's own do loses that beginning. Never raises.
    """
    flat: dict[str, str] = {}
    strings: list[str] = []
    for key, value in _leaves("", data, 1):
        if key in flat:
            continue
        if len(flat) >= MAX_KEYS:
            break
        if isinstance(value, str):
            is_time = value[:1].isdigit() and _DATE.fullmatch(value) is not None
            text = _instant(value) if is_time else clean_text(value[:_LONGEST])[:MAX_VALUE_LENGTH].rstrip()
            if not is_time and shown_type(text) is not DataType.STRING:
                strings.append(key)
        else:
            text = _text(value)
        if text:
            flat[key] = text
    if strings:
        flat[STRINGS] = list_of(strings)
    return flat


def _leaves(prefix: str, values: Mapping[str, object], depth: int) -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        clean = clean_text(name)
        key = prefix + (clean if clean.isprintable() else _LINE_ENDS.sub(" ", clean))
        if key.startswith(OWN):
            key = "_" + key.lstrip("_") if key.strip("_") else ""
        if not key or len(key) > MAX_KEY_LENGTH:
            continue
        if isinstance(value, dict):
            if depth < MAX_DEPTH:
                yield from _leaves(f"{key}.", value, depth + 1)
        else:
            yield key, value


def _text(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        try:
            text = clean_text(_encode(value).decode())
        except (ValueError, RecursionError, msgspec.MsgspecError):
            return ""
        return text if len(text) <= MAX_VALUE_LENGTH else ""
    return scalar_text(value)


def _instant(text: str) -> str:
    """As ISO with milliseconds in UTC, which is also the zone of one that names none; as it is if there is no
    such day."""
    try:
        when = datetime.fromisoformat(text)
        when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return text
    return when.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def revenue_of(data: Mapping[str, object]) -> tuple[int, str]:
    """Minor units and currency of event data with a positive `revenue` and a `currency`; 0 and '' otherwise."""
    amount, currency = data.get("revenue"), data.get("currency")
    if isinstance(amount, bool) or not isinstance(amount, str | int | float) or not isinstance(currency, str):
        return 0, ""
    currency = currency.strip()
    if not _CURRENCY.fullmatch(currency):
        return 0, ""
    text = str(amount).strip()[:40]
    if "_" in text or not text.isascii():  # numbers for Python only
        return 0, ""
    try:
        number = Decimal(text)
    except (InvalidOperation, ValueError):
        return 0, ""
    if not number.is_finite() or number <= 0:
        return 0, ""
    currency = currency.upper()
    return to_minor(number, currency), currency
