"""The query parameters of the read APIs: text, so that none is a number by accident (contract §7.1)."""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, TypeVar

import msgspec
from fastapi import Query
from pydantic import WithJsonSchema

from footfall.api.openpanel.nested import listed
from footfall.model.errors import BadRequest
from footfall.model.text import storable
from footfall.query.operators import NO_FILTERS, Filters, Operator, parse_filters

Word = TypeVar("Word", bound=StrEnum)

StartDate = Annotated[
    str,
    Query(
        alias="startDate",
        description="First day, `YYYY-MM-DD`, or an ISO 8601 time. Alone: until the end of today.",
        examples=["2024-01-01"],
    ),
]
EndDate = Annotated[
    str,
    Query(
        alias="endDate",
        description="Last day, inclusive, `YYYY-MM-DD`, or an ISO 8601 time. Alone: from the range's start.",
        examples=["2024-01-31"],
    ),
]
RANGE = Query(alias="range", description="A named range, in the project's time zone; both dates override it.")
FiltersParameter = Annotated[
    list[str],
    Query(
        alias="filters",
        description='A JSON array of `{"name", "operator", "value": []}`, all of which must hold. Operators: '
        + ", ".join(f"`{operator}`" for operator in Operator)
        + ". Also as `filters[0][name]=…`.",
        examples=['[{"name":"path","operator":"is","value":["/home"]}]'],
    ),
]


def plain_text(text: str) -> str:
    """A text to look for, as the store would hold it."""
    return storable(text).strip()


def one_word(words: Iterable[str], default: str) -> dict[str, object]:
    """The JSON schema of a parameter that takes one of these words."""
    return {"type": "string", "enum": list(words), "default": default}


def choose(words: Iterable[Word], text: str, field: str, default: Word) -> Word:
    """The word that the text is. Raises BadRequest."""
    known = {str(each): each for each in words}
    found = known.get(text.strip() or default)
    if found is None:
        raise BadRequest(f"{field} is one of {', '.join(known)}", field, "invalid_enum_value")
    return found


class SortOrder(StrEnum):
    """Which way a list is sorted."""

    DESCENDING = "desc"
    ASCENDING = "asc"


SORT_ORDER = Annotated[str, Query(alias="sortOrder"), WithJsonSchema(one_word(SortOrder, SortOrder.DESCENDING))]


def whole_number(text: str, field: str, default: int, most: int) -> int:
    """A number from 1 on; over `most` it is `most`. Raises BadRequest."""
    text = text.strip()
    if not text:
        return default
    if not re.fullmatch(r"\d{1,300}", text, re.ASCII) or int(text) < 1:
        raise BadRequest(f"{field} is a whole number from 1 on", field, "invalid_number")
    return min(int(text), most)


def read_filters(parameters: Iterable[tuple[str, str]]) -> Filters:
    """The query string's filters: JSON text, or `filters[0][name]=…`; repeats add to them. Raises BadRequest."""
    raw = listed(parameters, "filters")
    found: list[object] = []
    for item in raw if isinstance(raw, list) else [raw]:
        found.extend(_filters_in(item) if isinstance(item, str) else [item] if item is not None else [])
    return parse_filters(found) if found else NO_FILTERS


def _filters_in(text: str) -> list[object]:
    if not text.strip():
        return []
    try:
        decoded = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise BadRequest("filters is not valid JSON", "filters", "invalid_json") from None
    if not isinstance(decoded, list | dict):
        raise BadRequest("filters is a JSON array of {name, operator, value}", "filters", "invalid_type")
    return decoded if isinstance(decoded, list) else [decoded]
