"""Event data: the types of properties, which are stored as text. Source: umami contract §1.5.

A property's type shows in its text: 19.99 is a number, `true` a boolean, a whole ISO time in UTC with milliseconds
a date, `[1,2]` or `null` an array; anything else is a string. A text that was a string and looks like one of the
others is named in the property STRINGS, between line ends: `\\nzip\\nfloor\\n`. So nothing is added to the usual
event, and properties that came by an API without types have types as well.
"""

import re
from collections.abc import Iterable, Mapping
from enum import IntEnum

STRINGS = "__strings"
"""The property that lists, each between two line ends, the keys whose values are strings in any case."""

OWN = "__"
"""How the properties begin that are Footfall's own; they are no event data."""


UMAMI = "umami"
"""The name of the SDK that events of Umami's dialect bear, whose properties are event data."""


class DataType(IntEnum):
    """What a value is, by the number that Umami has for it."""

    STRING = 1
    NUMBER = 2
    BOOLEAN = 3
    DATE = 4
    ARRAY = 5


PATTERNS: tuple[tuple[DataType, str], ...] = (
    (DataType.NUMBER, r"^-?[0-9]+([.][0-9]+)?(e[+-][0-9]+)?$"),
    (DataType.BOOLEAN, r"^(true|false)$"),
    (DataType.DATE, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$"),
    (DataType.ARRAY, r"^(\[(.|\n)*\]|null)$"),
)
"""By what a text shows its type, in the syntax that RE2 and Python share; what fits none is a string."""

_COMPILED = tuple((kind, re.compile(pattern.removesuffix("$") + r"\Z")) for kind, pattern in PATTERNS)
_PLAIN = frozenset("-0123456789tfn[")


def shown_type(text: str) -> DataType:
    """The type that a text shows."""
    if text[:1] in _PLAIN:
        for kind, pattern in _COMPILED:
            if pattern.match(text):
                return kind
    return DataType.STRING


def strings_of(properties: Mapping[str, str]) -> frozenset[str]:
    """The keys whose values are strings whatever they look like."""
    return frozenset(properties.get(STRINGS, "").split("\n")) - {""}


def list_of(keys: Iterable[str]) -> str:
    """The text of STRINGS that names these keys; '' for none."""
    listed = "\n".join(sorted(keys))
    return f"\n{listed}\n" if listed else ""


def data_type(key: str, properties: Mapping[str, str]) -> DataType:
    """The type of one of the properties."""
    return DataType.STRING if key in strings_of(properties) else shown_type(properties[key])


def merge(properties: dict[str, str], news: Mapping[str, str], most: int) -> None:
    """Put newer data in place of the older, key by key; new keys come in while there are fewer than `most`."""
    room = most - len(properties)
    fresh = [key for key in news if key not in properties and key != STRINGS]
    left_out = frozenset(fresh[max(room, 0) :])
    strings = (strings_of(properties) - news.keys()) | (strings_of(news) - left_out)
    properties.update((key, value) for key, value in news.items() if key not in left_out)
    properties.pop(STRINGS, None)
    if strings:
        properties[STRINGS] = list_of(strings)
