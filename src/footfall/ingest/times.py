"""Instants as callers write them: what a JavaScript `Date` would read, to ms UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_MAX_MS = 8_640_000_000_000_000 // 1_000  # ms: the year 2243; a larger number is no time in ms
_LONGEST = 100  # characters; the name of a zone stands in brackets behind what a browser prints
_COMMENT = re.compile(r"\s*\([^()]*\)$")
_ZONE = re.compile(r"\s*(?:\b(?:UTC|GMT)|Z)?\s*([+-])(\d\d):?(\d\d)(?: [A-Z]{1,5})?$|\s*(?:\b(?:UTC|GMT)|Z)$")
_MONTH = re.compile(r"\d{4}[-/]\d\d")
_MONTH_FIRST = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})(?:,?\s+(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:\s*([AaPp][Mm]))?)?", re.ASCII
)


def parse_instant(value: object) -> int | None:
    """Milliseconds UTC of an ISO text, an RFC 2822 text or a number of ms; None if it is none of them.

    Text without an offset is UTC. Never raises.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return int(value) if 0 < value <= _MAX_MS else None  # NaN is not, and an integer need not fit a float
    if isinstance(value, str) and 0 < len(value) <= _LONGEST:
        return _from_text(value.strip())
    return None


def _read_loosely(text: str) -> datetime:
    """A time as programs print it: `Tue Mar 10 2026 12:00:00 GMT+0100 (CET)`, `2026-03-10 12:00:00 +0100`,
    `3/10/2026, 1:00:00 PM`, `Mar 10, 2026`, `2026-03`. Raises ValueError, TypeError or IndexError.
    """
    text = _COMMENT.sub("", text)
    zone = _ZONE.search(text)
    if zone is None:
        return _read_date(text)
    sign, hours, minutes = zone[1] or "+", int(zone[2] or 0), int(zone[3] or 0)
    if hours > 23 or minutes > 59:
        raise ValueError(text)
    offset = timedelta(hours=hours, minutes=minutes)
    return _read_date(text[: zone.start()]).replace(tzinfo=timezone(-offset if sign == "-" else offset))


def _read_date(text: str) -> datetime:
    """A time without its offset."""
    if (found := _MONTH_FIRST.fullmatch(text)) is not None:
        month, day, year, hour, minute, second, half = found.groups()
        if half and not 1 <= int(hour) <= 12:
            raise ValueError(text)
        hours = int(hour or 0) % 12 + (12 if half.upper() == "PM" else 0) if half else int(hour or 0)
        return datetime(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0), tzinfo=UTC)
    if text[:4].isdecimal():
        return datetime.fromisoformat(text.replace("/", "-") + ("-01" if _MONTH.fullmatch(text) else ""))
    return parsedate_to_datetime(text if ":" in text else f"{text} 00:00:00")


def _from_text(text: str) -> int | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        try:
            when = _read_loosely(text)
        except (ValueError, TypeError, IndexError):
            return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    try:
        ms = round(when.timestamp() * 1000)
    except (OverflowError, ValueError):
        return None
    return ms if ms > 0 else None
