"""Events in a row, and numbers in bounds, as funnels and user flow are asked for (openpanel contract §8.6, §9.3).

A list of events is a repeated parameter, a comma list, JSON or `events[0][name]=…`; an item is a name or an
object `{name, filters?, displayName?, id?}`.
"""

import math

from msgspec import Struct

from footfall.api.openpanel.nested import objects, text_of
from footfall.model.errors import BadRequest
from footfall.query.funnel import Step
from footfall.query.operators import NO_FILTERS, parse_filters

MAX_STEPS = 10
MAX_NAME_CHARS = 1000
HOUR_MS = 3_600_000


class AskedStep(Struct, frozen=True):
    """A step, and how whoever asks calls it; `filters` as they came."""

    step: Step
    id: str
    display_name: str
    filters: list[object]


def steps_of(raw: object, field: str, least: int) -> list[AskedStep]:
    """The steps that a parameter gives. Raises BadRequest, also for too few or too many."""
    items = _items(raw, field)
    if not least <= len(items) <= MAX_STEPS:
        code = "too_small" if len(items) < least else "too_big"
        raise BadRequest(f"{field} has {least} to {MAX_STEPS} events", field, code)
    return [_step(item, f"{field}.{place}", place) for place, item in enumerate(items)]


def number_between(text: str, field: str, default: int, least: int, most: int) -> int:
    """A whole number in these bounds. Raises BadRequest."""
    text = text.strip() or str(default)
    is_whole = text.isascii() and text.isdecimal() and len(text) < 20
    if not is_whole or not least <= int(text) <= most:
        raise BadRequest(f"{field} is a whole number from {least} to {most}", field, "invalid_number")
    return int(text)


def hours_ms(text: str, field: str, default: int, most: int) -> int:
    """Hours, also parts of one, as milliseconds. Raises BadRequest."""
    try:
        hours = float(text.strip() or default)
    except ValueError:
        hours = math.nan
    if not 0 < hours <= most:
        raise BadRequest(f"{field} is a number of hours, up to {most}", field, "invalid_number")
    return max(1, round(hours * HOUR_MS))


def _items(raw: object, field: str) -> list[object]:
    """JSON as it is; other text is a list with commas. Raises BadRequest, also for nothing."""
    if raw is None:
        raise BadRequest("Required", field, "invalid_type")
    found: list[object] = []
    for item in raw if isinstance(raw, list) else [raw]:
        if isinstance(item, str) and item.strip()[:1] not in ("[", "{"):
            found.extend(part for part in item.split(",") if part.strip())
        else:
            found.extend(objects(item, field))
    return found


def _step(item: object, field: str, place: int) -> AskedStep:
    asked = item if isinstance(item, dict) else {}
    raw = list(objects(asked.get("filters"), f"{field}.filters"))
    filters = parse_filters(raw, f"{field}.filters") if raw else NO_FILTERS
    name = _name(item, field)
    return AskedStep(
        Step(name, filters),
        text_of(asked.get("id"), f"{field}.id") or "ABCDEFGHIJ"[place],
        text_of(asked.get("displayName"), f"{field}.displayName") or name,
        raw,
    )


def _name(item: object, field: str) -> str:
    if isinstance(item, dict):
        field = f"{field}.name"
        item = item.get("name")
    if not isinstance(item, str):
        raise BadRequest("Required" if item is None else "Expected string", field, "invalid_type")
    name = text_of(item, field).strip()
    if not name or len(name) > MAX_NAME_CHARS:
        code = "too_big" if name else "too_small"
        raise BadRequest(f"an event's name has 1 to {MAX_NAME_CHARS} characters", field, code)
    return name
