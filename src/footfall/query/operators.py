"""What a filter says: operators of all generations (openpanel contract §7.3), and one filter, validated."""

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct

from footfall.model.errors import BadRequest
from footfall.model.text import storable
from footfall.query.fields import canonical

MAX_FILTERS = 50
MAX_VALUES = 500
MAX_VALUE_CHARS = 4096
MAX_NAME_CHARS = 512
MAX_PATTERN_CHARS = 256


COHORT_OPERATORS = ["inCohort", "notInCohort"]
"""Known to the contract (§7.3) and refused: Footfall keeps no cohorts."""


class Operator(StrEnum):
    """How a field and the values compare."""

    IS = "is"
    IS_NOT = "isNot"
    CONTAINS = "contains"
    DOES_NOT_CONTAIN = "doesNotContain"
    STARTS_WITH = "startsWith"
    ENDS_WITH = "endsWith"
    REGEX = "regex"
    IS_NULL = "isNull"
    IS_NOT_NULL = "isNotNull"
    GREATER = "gt"
    LESS = "lt"
    AT_LEAST = "gte"
    AT_MOST = "lte"


class ValueType(StrEnum):
    """What both sides are read as; without one, what the field is."""

    STRING = "string"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"


class Filter(Struct, frozen=True):
    """One filter. `name` is canonical (`fields.canonical`), the values are trimmed text."""

    name: str
    operator: Operator
    values: tuple[str, ...] = ()
    type: ValueType | None = None

    @property
    def says_something(self) -> bool:
        """Whether it can leave anything out."""
        return bool(self.values) or self.operator in (Operator.IS_NULL, Operator.IS_NOT_NULL)


class Filters(Struct, frozen=True):
    """The filters of a question, each of which must hold."""

    items: tuple[Filter, ...] = ()

    def names(self) -> set[str]:
        """What they look at."""
        return {each.name for each in self.items}

    def patterns(self) -> list[str]:
        """The regular expressions among the values, as they came and as columns take them."""
        found = [value for each in self.items if each.operator is Operator.REGEX for value in each.values]
        return list(dict.fromkeys([*found, *map(bare_pattern, found)]))

    def only(self, names: Sequence[str]) -> "Filters":
        """Those that look at one of these names."""
        return Filters(tuple(each for each in self.items if each.name in names))

    def without(self, names: Sequence[str]) -> "Filters":
        """Those that look at something else."""
        return Filters(tuple(each for each in self.items if each.name not in names))


NO_FILTERS = Filters()


def bare_pattern(pattern: str) -> str:
    """The pattern without the slashes around it."""
    return pattern.removeprefix("/").removesuffix("/")


def parse_filters(raw: object, field: str = "filters") -> Filters:
    """Filters from decoded JSON, a list of objects (contract §7.3). Raises BadRequest that says where."""
    if isinstance(raw, dict):
        raw = [raw]
    if not isinstance(raw, list):
        raise BadRequest("filters is a JSON array of {name, operator, value}", field, "invalid_type")
    if len(raw) > MAX_FILTERS:
        raise BadRequest(f"there can be {MAX_FILTERS} filters at most", field, "too_big")
    parsed = [_filter(each, f"{field}.{index}") for index, each in enumerate(raw)]
    return Filters(tuple(each for each in parsed if each.says_something))


def _filter(raw: object, field: str) -> Filter:
    if not isinstance(raw, dict):
        raise BadRequest("a filter is an object {name, operator, value}", field, "invalid_type")
    if raw.get("operator") in COHORT_OPERATORS:
        raise BadRequest("there are no cohorts here to filter by", f"{field}.operator", "unsupported")
    name = raw.get("name")
    name = name.replace("\0", "") if isinstance(name, str) else name
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_NAME_CHARS:
        raise BadRequest("a filter's name is a text", f"{field}.name", "invalid_type")
    operator = _word(Operator, raw.get("operator", Operator.IS), f"{field}.operator")
    type_ = raw.get("type")
    return Filter(
        canonical(name.strip()),
        operator,
        _values(raw.get("value", raw.get("values")), operator, f"{field}.value"),
        None if type_ is None else _word(ValueType, type_, f"{field}.type"),
    )


def _word(words: Any, raw: object, field: str) -> Any:
    try:
        return words(raw)
    except ValueError:
        raise BadRequest(
            f"Invalid enum value, expected {' | '.join(words)}", field, "invalid_enum_value"
        ) from None


def _values(raw: object, operator: Operator, field: str) -> tuple[str, ...]:
    values = raw if isinstance(raw, list) else [] if raw is None else [raw]
    if len(values) > MAX_VALUES:
        raise BadRequest(f"a filter takes {MAX_VALUES} values at most", field, "too_big")
    texts = tuple(dict.fromkeys(_text(value, field) for value in values))
    longest = MAX_PATTERN_CHARS if operator is Operator.REGEX else MAX_VALUE_CHARS
    if any(len(text) > longest for text in texts):
        raise BadRequest(f"a value has {longest} characters at most", field, "too_big")
    return texts


def _text(value: object, field: str) -> str:
    """As JavaScript would write it, trimmed; null is nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, str):
        return storable(value).strip()
    raise BadRequest("a filter's value is a list of texts, numbers or booleans", field, "invalid_type")
