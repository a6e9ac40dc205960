"""Query strings with structure: `events=[{…}]`, `events[0][name]=x`, `events[]=x` and repeats of a key.

Every value stays text until something asks for a list or an object, so that an id of digits is never a number
(openpanel contract §7.1, §16.10).
"""

import re
from collections.abc import Iterable

import msgspec

from footfall.model.errors import BadRequest
from footfall.model.text import storable

MAX_PARAMETERS = 2000
MAX_DEPTH = 8

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")

_Tree = dict[str, object]


def nested(parameters: Iterable[tuple[str, str]]) -> dict[str, object]:
    """Texts, and where brackets or repeats say so, lists and objects of them. Raises BadRequest."""
    root: _Tree = {}
    for number, (key, value) in enumerate(parameters):
        if number >= MAX_PARAMETERS:
            raise BadRequest(f"there can be {MAX_PARAMETERS} parameters at most", "", "too_big")
        found = _KEY.fullmatch(key)
        path = [found[1], *_PART.findall(found[2])] if found else [key]
        if len(path) > MAX_DEPTH:
            raise BadRequest(f"brackets go {MAX_DEPTH} deep at most", path[0], "too_big")
        _put(root, path, value)
    return {name: _listed(value) for name, value in root.items()}


def listed(pairs: Iterable[tuple[str, str]], name: str) -> object:
    """What a query string says of one list, as `name`, `name[]` or `name[0][…]`. Raises BadRequest."""
    return nested((key, value) for key, value in pairs if key == name or key.startswith(f"{name}[")).get(name)


def objects(raw: object, field: str) -> list[object]:
    """The items of what should be a list: JSON text, several of these, one object, or one text each.

    Raises BadRequest for text that begins like JSON and is none.
    """
    if raw is None or raw == "":
        return []
    items = raw if isinstance(raw, list) else [raw]
    found: list[object] = []
    for item in items:
        decoded = _decoded(item, field) if isinstance(item, str) else item
        found.extend(decoded if isinstance(decoded, list) else [decoded])
    return found


def text_of(raw: object, field: str) -> str:
    """A text that may be missing or null, the first of several. Raises BadRequest."""
    if isinstance(raw, list):
        raw = raw[0] if raw else None
    if raw is None:
        return ""
    if not isinstance(raw, str):
        raise BadRequest("Expected string", field, "invalid_type")
    return storable(raw)


def _decoded(text: str, field: str) -> object:
    if text.strip()[:1] not in ("[", "{"):
        return text
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise BadRequest(f"{field} is not valid JSON", field, "invalid_json") from None


def _put(tree: _Tree, path: list[str], value: str) -> None:
    for part in path[:-1]:
        below = tree.setdefault(part, {})
        if not isinstance(below, dict):
            below = tree[part] = {"": below}
        tree = below
    last = path[-1]
    here = tree.get(last)
    if here is None:
        tree[last] = value
    elif isinstance(here, list):
        here.append(value)
    elif isinstance(here, dict):
        _put(here, [""], value)
    else:
        tree[last] = [here, value]


def _listed(value: object) -> object:
    """Objects whose keys are all numbers, or none, are lists."""
    if not isinstance(value, dict):
        return value
    if all(key == "" or (key.isascii() and key.isdecimal()) for key in value):
        items: list[object] = []
        for key in sorted(value, key=lambda key: int(key[:9] or 10**9)):
            below = _listed(value[key])
            items.extend(below if key == "" and isinstance(below, list) else [below])
        return items
    return {key: _listed(below) for key, below in value.items()}
