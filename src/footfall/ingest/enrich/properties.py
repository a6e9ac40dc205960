"""Properties on their way in and out: any JSON object becomes text under dotted keys, and back.

Hostile input costs no more than its size: depth, number of keys and lengths are capped, and what is
over a cap is cut or left out, never refused. Contract: openpanel.md §6.4.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from math import isfinite

import msgspec

MAX_DEPTH = 16
MAX_KEYS = 256
MAX_VALUE_LENGTH = 10_000  # characters
MAX_KEY_LENGTH = 200  # characters, the whole dotted key

# Never part of a word, and refused or mangled somewhere between here and a report: NUL, the controls
# but tab and line ends, and halves of surrogate pairs.
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BOM = "\ufeff"
_JSON_ENDS = {"{": "}", "[": "]"}


def flatten(properties: Mapping[str, object], *, reads_json: bool = True) -> dict[str, str]:
    """One flat mapping of non-empty text, dotted keys for what was nested. Never raises. Contract §6.4.

    null and empty text are left out; numbers and booleans become the text that JavaScript would print;
    text is trimmed; text that looks like a JSON object or array is read as one, and left out if it is
    not valid, unless `reads_json` is false. At most MAX_KEYS keys, the first ones.
    """
    flat: dict[str, str] = {}
    for key, value in properties.items():
        if type(value) is str and key.isprintable() and 0 < len(key) <= MAX_KEY_LENGTH:
            text = value.strip()
            # Nearly every value is short plain text; the rest takes the careful road below.
            if text and text.isprintable() and len(text) <= MAX_VALUE_LENGTH and text[0] not in _JSON_ENDS:
                if len(flat) >= MAX_KEYS and key not in flat:
                    break
                flat[key] = text
                continue
        _put(flat, _clean(key), value, 1, reads_json)
    return flat


def unflatten(flat: Mapping[str, str]) -> dict[str, object]:
    """Nested objects from dotted keys, as profile properties are read. Contract §6.4.

    A key that can't be nested, because its parent is a value already, stays dotted at the top.
    """
    nested: dict[str, object] = {key: value for key, value in flat.items() if "." not in key}
    for key, value in flat.items():
        if "." in key and not _nest(nested, key.split("."), value):
            nested[key] = value
    return nested


def clean_text(text: str) -> str:
    """`text` without NUL, control characters and lone surrogates, trimmed."""
    if not text.isprintable():
        text = _UNWANTED.sub("", text)
    return text.strip().strip(_BOM)


def _put(flat: dict[str, str], key: str, value: object, depth: int, reads_json: bool) -> None:
    """Add one value of any kind under `key`, with all that is below it."""
    if value is None or not key or len(flat) >= MAX_KEYS:
        return
    if isinstance(value, str):
        text = clean_text(value)
        if reads_json and text and text[0] in _JSON_ENDS:
            _put(flat, key, _json(text), depth, reads_json)
        elif text:
            flat[key[:MAX_KEY_LENGTH]] = text[:MAX_VALUE_LENGTH].rstrip()
    elif isinstance(value, Mapping):
        _put_all(flat, key, value, depth, reads_json)
    elif isinstance(value, list | tuple):
        _put_all(flat, key, dict(enumerate(value[: MAX_KEYS + 1])), depth, reads_json)
    else:
        text = scalar_text(value)
        if text:
            flat[key[:MAX_KEY_LENGTH]] = text


def _put_all(
    flat: dict[str, str], prefix: str, values: Mapping[object, object], depth: int, reads_json: bool
) -> None:
    if depth >= MAX_DEPTH:
        return
    for key, value in values.items():
        if len(flat) >= MAX_KEYS:
            return
        name = _clean(str(key))
        if name:
            _put(flat, f"{prefix}.{name}", value, depth + 1, reads_json)


def _clean(key: str) -> str:
    return key if key.isprintable() else _UNWANTED.sub("", key).strip()


def _json(text: str) -> object:
    """What JSON-looking text says, None if it is not JSON after all."""
    if not text.endswith(_JSON_ENDS[text[0]]):
        return None
    try:
        value: object = msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return value


def scalar_text(value: object) -> str:
    """A number or boolean as JavaScript prints it; '' for what has no text. Never raises."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        # Python refuses to print integers of thousands of digits; JavaScript has none beyond 1e21.
        return str(value) if -(10**21) < value < 10**21 else _big(value)
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return ""
    try:
        return clean_text(str(value))[:MAX_VALUE_LENGTH]
    except (ValueError, RecursionError):
        return ""


def _big(value: int) -> str:
    try:
        return number_text(float(value))
    except OverflowError:
        return "Infinity" if value > 0 else "-Infinity"


def number_text(value: float) -> str:
    """A float as JavaScript prints it: 1.0 → 1, 1e21 → 1e+21, 0.00001 → 0.00001."""
    if not isfinite(value):
        return "NaN" if value != value else ("Infinity" if value > 0 else "-Infinity")
    if value == 0:
        return "0"
    size = abs(value)
    if size < 1e21 and value.is_integer():
        return str(int(value))
    text = repr(value)
    if "e" not in text:
        return text
    if 1e-6 <= size < 1e21:
        return format(Decimal(text), "f")
    return text.replace("e-0", "e-")


def _nest(nested: dict[str, object], parts: list[str], value: str) -> bool:
    """Put `value` at the end of the path `parts`; False, and nothing changed, where a value bars the way."""
    node = nested
    for part in parts[:-1]:
        below = node.get(part)
        if isinstance(below, dict):
            node = below
        elif below is None:
            fresh: dict[str, object] = {}
            node[part] = fresh
            node = fresh
        else:
            return False
    if parts[-1] in node:
        return False
    node[parts[-1]] = value
    return True
