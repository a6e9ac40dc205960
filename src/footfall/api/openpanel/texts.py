"""Parameters that are texts or lists of them, and what a client accepts (openpanel contract §7.1, §9.1)."""

from collections.abc import Iterable, Sequence

import msgspec

from footfall.api.openpanel.parameters import plain_text
from footfall.model.errors import BadRequest

MAX_TEXTS = 500


def read_list(texts: Iterable[str], field: str) -> list[str]:
    """One text each: repeated, with commas between, or a JSON array. Raises BadRequest."""
    found = [plain_text(part) for text in texts for part in _parts(text.strip())]
    found = list(dict.fromkeys(part for part in found if part))
    if len(found) > MAX_TEXTS:
        raise BadRequest(f"{field} takes {MAX_TEXTS} values at most", field, "too_big")
    return found


def _parts(text: str) -> list[str]:
    if text[:1] not in ("[", '"'):
        return text.split(",")
    try:
        decoded = msgspec.json.decode(text, type=list[str | int | float | bool] | str)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return text.split(",")
    return [decoded] if isinstance(decoded, str) else [_text(value) for value in decoded]


def _text(value: str | float | bool) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def read_pairs(parameters: Iterable[tuple[str, str]], field: str) -> dict[str, str]:
    """Texts by key, of `field={"key":"text"}` and `field[key]=text`. Raises BadRequest."""
    found: dict[str, str] = {}
    for name, text in parameters:
        if name == field and text.strip():
            found |= {key: _text(value) for key, value in _object(text, field).items()}
        elif name.startswith(f"{field}[") and name.endswith("]"):
            found[name[len(field) + 1 : -1]] = text
    if len(found) > MAX_TEXTS:
        raise BadRequest(f"{field} takes {MAX_TEXTS} values at most", field, "too_big")
    return {plain_text(key): plain_text(value) for key, value in found.items()}


def _object(text: str, field: str) -> dict[str, str | int | float | bool]:
    try:
        return msgspec.json.decode(text, type=dict[str, str | int | float | bool])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise BadRequest(f"{field} is a JSON object of texts", field, "invalid_json") from None


def preferred(accept: str, offered: Sequence[str]) -> str:
    """The first of the offered media types that the header names and wants most; '' if it wants another more."""
    best, chosen = 0.0, ""
    for part in accept.split(","):
        name, *parameters = (word.strip().lower() for word in part.split(";"))
        weight = next((_weight(word[2:]) for word in parameters if word.startswith("q=")), 1.0)
        if weight > best:
            best, chosen = weight, name
    return chosen if chosen in offered else ""


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
