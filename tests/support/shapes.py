"""The shape of a JSON answer as a document prints it: keys and types, more keys being fine.

assert misfits(body, {"meta": {"count": WHOLE}, "data": [{"id": str, "createdAt": INSTANT}]}) == []
"""

import re
from collections.abc import Callable
from typing import Any

INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
"""As the documents print times, also where a bucket begins in a UTC project."""


def WHOLE(value: Any) -> bool:
    """A whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def NUMBER(value: Any) -> bool:
    """Any number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def maybe(shape: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """That or null."""
    return lambda value: value is None or shape(value)


def misfits(value: Any, shape: Any, where: str = "answer") -> list[str]:
    """Where the value is not like the shape. A list of one shape: at least one such thing."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{where} is no object: {value!r}"]
        missing = [f"{where}.{key} is missing" for key in shape if key not in value]
        return missing + [
            each for key in shape if key in value for each in misfits(value[key], shape[key], f"{where}.{key}")
        ]
    if isinstance(shape, list):
        if not isinstance(value, list) or not value:
            return [f"{where} is no list of anything: {value!r}"]
        return [each for n, item in enumerate(value) for each in misfits(item, shape[0], f"{where}[{n}]")]
    return [] if _is(value, shape) else [f"{where} is {value!r}"]


def _is(value: Any, shape: Any) -> bool:
    if isinstance(shape, re.Pattern):
        return isinstance(value, str) and shape.fullmatch(value) is not None
    return isinstance(value, shape) if isinstance(shape, type) else bool(shape(value))
