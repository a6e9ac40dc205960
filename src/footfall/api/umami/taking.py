"""Reads queries and bodies into models and says what is wrong with them in Umami's words (contract §3.6).

Values are coerced as Umami does: numbers may be text, unknown keys are ignored. Beyond it, null is as good as
absent where a field is optional.
"""

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, TypeVar
from zoneinfo import available_timezones

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails, PydanticCustomError

from footfall.api.umami.errors import Invalid, Issue
from footfall.catalog.validation import UUID_TEXT
from footfall.catalog.validation import timezone as valid_timezone
from footfall.model.errors import BadRequest
from footfall.model.text import storable, strict_json

M = TypeVar("M", bound=BaseModel)

_CUSTOM = "umami"
_LARGEST = 2**53
_LONGEST_SHOWN = 100  # characters of what was sent that an error repeats
_TYPES = {"integer": "number"}
# What pydantic calls a value of the wrong type, and what was expected instead.
_WRONG_TYPE = {
    "string_type": "string",
    "list_type": "array",
    "dict_type": "object",
    "model_type": "object",
    "model_attributes_type": "object",
    "bool_type": "boolean",
    "bool_parsing": "boolean",
}
_LIMITS: dict[str, tuple[str, str, str]] = {  # type: (key of the limit, generation 2, generation 3)
    "string_too_long": (
        "max_length",
        "String must contain at most {} character(s)",
        "Too big: expected string to have <={} characters",
    ),
    "string_too_short": (
        "min_length",
        "String must contain at least {} character(s)",
        "Too small: expected string to have >={} characters",
    ),
    "too_short": (
        "min_length",
        "Array must contain at least {} element(s)",
        "Too small: expected array to have >={} items",
    ),
    "too_long": (
        "max_length",
        "Array must contain at most {} element(s)",
        "Too big: expected array to have <={} items",
    ),
    "greater_than": ("gt", "Number must be greater than {}", "Too small: expected number to be >{}"),
    "greater_than_equal": (
        "ge",
        "Number must be greater than or equal to {}",
        "Too small: expected number to be >={}",
    ),
    "less_than": ("lt", "Number must be less than {}", "Too big: expected number to be <{}"),
    "less_than_equal": (
        "le",
        "Number must be less than or equal to {}",
        "Too big: expected number to be <={}",
    ),
}


class Taken(BaseModel):
    """Base of queries and bodies: camelCase outside, unknown keys ignored."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, validate_by_alias=True)


def problem(v2: str, v3: str = "") -> PydanticCustomError:
    """To be raised by a validator: what each generation says."""
    return PydanticCustomError(_CUSTOM, "{v2}", {"v2": v2, "v3": v3 or v2})


def _number(value: object) -> object:
    """As JavaScript's Number: text is read, booleans count, everything else is not a number."""
    if isinstance(value, str):
        try:
            value = float(value.replace("_", "x")) if value.strip() else 0  # only Python reads 1_000
        except ValueError:
            value = math.nan
    if isinstance(value, bool):
        value = int(value)
    # An integer may be larger than any float, and math.isnan makes it one.
    if not isinstance(value, int | float) or (isinstance(value, float) and math.isnan(value)):
        raise problem("Expected number, received nan", "Invalid input: expected number, received NaN")
    if abs(value) > _LARGEST:
        raise problem("Number is out of range", "Invalid input: number is out of range")
    return value


def _whole(value: object) -> object:
    number = _number(value)
    if isinstance(number, float):
        if not number.is_integer():
            raise problem("Expected integer, received float", "Invalid input: expected int, received number")
        return int(number)
    return number


def _uuid(value: str) -> str:
    if not UUID_TEXT.fullmatch(value.lower()):
        raise problem("Invalid uuid", "Invalid UUID")
    return value.lower()


def _website(value: str, info: ValidationInfo) -> str:
    known: Callable[[str], bool] = (info.context or {}).get("knows_website", lambda _ref: False)
    return value if known(value) else _uuid(value)


def _timezone(value: str) -> str:
    """In any case, as JavaScript takes names: Umami's clients say `utc`."""
    try:
        return valid_timezone(_zones().get(value.lower(), value))
    except BadRequest:
        raise problem("Invalid timezone") from None


@cache
def _zones() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


Text = Annotated[str, AfterValidator(storable)]
Number = Annotated[float, BeforeValidator(_number)]
Whole = Annotated[int, BeforeValidator(_whole)]
Uuid = Annotated[str, AfterValidator(_uuid)]
WebsiteRef = Annotated[str, AfterValidator(_website)]
"""A website's UUID, or the slug of one that exists."""
Timezone = Annotated[str, AfterValidator(_timezone)]


def _from_json(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        raise problem("Invalid JSON") from None


FromJson = BeforeValidator(_from_json, json_schema_input_type=str)
"""What a text of JSON in a query holds."""


def one_of(*values: str) -> Any:
    """A text that is one of these."""

    def check(value: object) -> object:
        if value in values:
            return value
        listed = " | ".join(f"'{each}'" for each in values)
        # Of anything else it may take more levels to print it than to read it.
        shown = repr(value[:_LONGEST_SHOWN]) if isinstance(value, str) else _kind(value)
        raise problem(
            f"Invalid enum value. Expected {listed}, received {shown}",
            "Invalid option: expected one of " + "|".join(f'"{each}"' for each in values),
        )

    return BeforeValidator(check, json_schema_input_type=str)


def read_json(raw: bytes) -> object:
    """A body as JSON, whatever its content type says. Raises Invalid without an issue for anything else."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        strict = strict_json(raw)
        if strict != raw:
            return read_json(strict)
        raise Invalid([]) from None


def take_list(value: object) -> list[Any]:
    """The value, which is a list. Raises Invalid."""
    if not isinstance(value, list):
        raise Invalid([_wrong_type((), "array", value)])
    return value


def take(model: type[M], value: object, knows_website: Callable[[str], bool]) -> M:
    """The value as that model. Raises Invalid with every issue."""
    if not isinstance(value, Mapping):
        raise Invalid([_wrong_type((), "object", value)])
    try:
        return model.model_validate(value, context={"knows_website": knows_website})
    except ValidationError as error:
        raise Invalid([_issue(model, each) for each in error.errors(include_url=False)]) from None


def _issue(model: type[BaseModel], error: ErrorDetails) -> Issue:
    path = tuple(error["loc"])
    kind, context = error["type"], error.get("ctx", {})
    if kind == _CUSTOM:
        return Issue(path, context["v2"], context["v3"])
    if kind == "missing":
        return Issue(path, *_missing(model, path))
    if kind in _WRONG_TYPE:
        return _wrong_type(path, _WRONG_TYPE[kind], error["input"])
    if kind in _LIMITS:
        # Behind a validator of ours a text's length is checked as anything's.
        is_text = isinstance(error["input"], str)
        key, v2, v3 = _LIMITS[f"string_{kind}" if is_text and kind.startswith("too_") else kind]
        limit = context[key]
        shown = int(limit) if isinstance(limit, float) and limit.is_integer() else limit
        return Issue(path, v2.format(shown), v3.format(shown))
    return Issue(path, "Invalid", "Invalid input")


def _wrong_type(path: tuple[str | int, ...], expected: str, value: object) -> Issue:
    said = f"xpected {expected}, received {_kind(value)}"
    return Issue(path, f"E{said}", f"Invalid input: e{said}")


def _missing(model: type[BaseModel], path: tuple[str | int, ...]) -> tuple[str, str]:
    properties = model.model_json_schema().get("properties", {}) if len(path) == 1 else {}
    field = properties.get(path[0], {})
    expected = field.get("type", "object" if "$ref" in field else "string")
    if _TYPES.get(expected, expected) == "number":  # an absent number is coerced, and is not one
        return "Expected number, received nan", "Invalid input: expected number, received NaN"
    return "Required", f"Invalid input: expected {expected}, received undefined"


def _kind(value: object) -> str:
    """What JavaScript would call it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"
