"""Dates as JavaScript's `Date` reads them, which is how Umami takes them, and as its answers show them.

Epoch milliseconds or text: ISO 8601 (without an offset UTC, as the server's own zone is there), and what a `Date`
prints itself, `Thu Mar 27 2025 00:00:00 GMT+0100 (Central European Standard Time)` or with the day first.
Source: umami contract §5.0, §5.5, §0.1.
"""

import re
from calendar import month_abbr
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator

from footfall.api.umami.taking import problem
from footfall.query.ranges import EARLIEST, LATEST

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_LARGEST_MS = 8_640_000_000_000_000  # what a Date can hold
_MONTHS = {month_abbr[number].lower(): number for number in range(1, 13)}
_EPOCH_MS = re.compile(r"-?(?:\d{1,3}|\d{5,16})", re.ASCII)  # four digits are a year
_ISO = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+\- ]\d\d:?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_PRINTED = re.compile(
    r"(?:[A-Z][a-z]{2},?\s+)?(?:([A-Z][a-z]{2})\s+(\d{1,2})|(\d{1,2})\s+([A-Z][a-z]{2})),?\s+(\d{4})"
    r"(?:\s+(\d\d):(\d\d)(?::(\d\d))?(?:\s*(?:GMT|UTC|Z)?([+\- ]\d\d:?\d\d)?)?)?(?:\s*\([^()]*\))?",
    re.ASCII,
)


def read_date(value: object) -> int | None:
    """Milliseconds since 1970, None if no date can be read. null is 1970, as it is there; a `+` of an offset
    may have become a space on its way through a query."""
    if value is None or isinstance(value, bool):
        return int(value or 0)
    if isinstance(value, int | float):
        return _whole_ms(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if _EPOCH_MS.fullmatch(text):
        return _whole_ms(int(text))
    found = _ISO.fullmatch(text)
    if found is not None:
        year, month, day, hour, minute, second, fraction, offset = found.groups()
        ms = (fraction or "")[:3].ljust(3, "0")
        return _ms(year, month or 1, day or 1, hour, minute, second, ms, offset)
    found = _PRINTED.fullmatch(text)
    if found is None:
        return None
    name, day, other_day, other_name, year, hour, minute, second, offset = found.groups()
    number = _MONTHS.get((name or other_name).lower(), 0)
    return _ms(year, number, day or other_day, hour, minute, second, 0, offset)


def _whole_ms(value: float) -> int | None:
    return int(value) if abs(value) <= _LARGEST_MS else None  # NaN is not, and an integer need not fit a float


def _ms(*parts: str | int | None) -> int | None:
    """Of year to millisecond and an offset."""
    *numbers, offset = parts
    year, month, day, hour, minute, second, ms = (int(part or 0) for part in numbers)
    try:
        time = datetime(year, month, day, hour, minute, second, ms * 1000, UTC)
    except ValueError:
        return None
    return (time - _EPOCH) // _MS - _offset_ms(str(offset or ""))


def _offset_ms(text: str) -> int:
    if text.upper() in ("", "Z"):
        return 0
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return (-minutes if text.startswith("-") else minutes) * 60_000


def stored_ms(ms: int) -> int:
    """The instant, cut to what can be stored."""
    return min(max(ms, _day_ms(EARLIEST.year)), _day_ms(LATEST.year))


def _day_ms(year: int) -> int:
    return (datetime(year, 1, 1, tzinfo=UTC) - _EPOCH) // _MS


def instant_text(ms: int) -> str:
    """The instant as reports show it: `2025-05-18T22:00:00Z`."""
    return (_EPOCH + ms * _MS).strftime("%Y-%m-%dT%H:%M:%SZ")


def _date(value: object) -> int:
    ms = read_date(value)
    if ms is None:
        raise problem("Invalid date", "Invalid input: expected date, received Date")
    return stored_ms(ms)


JsDate = Annotated[int, BeforeValidator(_date, json_schema_input_type=int | str)]
"""A date in milliseconds, cut to what can be stored."""
