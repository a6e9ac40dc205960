"""What nobody should send: odd values for parameters and bodies, put into good requests one by one.

The choice is random but the same each time.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from random import Random
from typing import Any

TEXTS: tuple[str, ...] = (
    *("", " ", "0", "-1", "1.5", "9" * 40, "-" + "9" * 40, "1e999", "NaN", "Infinity", "1_000", "0x10", "١٢"),
    *("\x00", "a\x00b", "ünïcödé 💡", "\u202e", "%", "%00", "_", "*", "**", "/", "..", "../../etc/passwd"),
    *("'; DROP TABLE events; --", "' OR '1'='1", '"', "`", "\\", "$1", "{v0: String}", "${x}", "{{7*7}}"),
    *("null", "true", "[]", "{}", "[[[[", '{"a":1}', "a,b," * 50, "re.(", "re.(a+)+$", "eq.", "neq.,", "!~", "c."),
    *("Mars/Phobos", "UTC+99:99", "0000-00-00", "1970-01-01", "9999-12-31T23:59:60Z", "x" * 10_000),
    *("00000000-0000-4000-8000-000000000000", "__search", "__proto__", "screen_view", "session_start"),
)

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**31, 2**53, 2**70, -(2**70), 1e308, 10**400),
    *([], [[]], [None], {}, {"": ""}, {"$ne": 1}, ["x"] * 2000, {"a": {"b": {"c": []}}}),
    *TEXTS,
)


def nested(levels: int) -> dict[str, Any]:
    """An object in an object, so many times."""
    return {"a": nested(levels - 1)} if levels else {}


def queries(seed: str, names: list[str], good: Mapping[str, Any], rounds: int) -> Iterator[dict[str, Any]]:
    """Good queries with one to three values that are not."""
    random = Random(seed)
    for _ in range(rounds):
        known = {name: good[name] for name in names if name in good}
        bad = random.sample(names, min(len(names), random.randint(1, 3)))
        yield {**known, **{name: random.choice(TEXTS) for name in bad}}


def bodies(seed: str, good: Any, rounds: int) -> Iterator[Any]:
    """Bodies with one value, however deep, that is not good, and some that are no objects at all."""
    random = Random(seed)
    yield from ([], None, 7, "x", {}, [good], {"": good})
    places = list(_places(good))
    for _ in range(rounds if places else 0):
        body = deepcopy(good)
        *way, last = random.choice(places)
        parent = body
        for step in way:
            parent = parent[step]
        parent[last] = random.choice(VALUES)
        yield body


def _places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield (*way, step)
        yield from _places(inner, (*way, step))
