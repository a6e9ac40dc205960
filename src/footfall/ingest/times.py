"""Instants as callers write them: what a JavaScript `Date` would read, to ms UTC."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MAX_MS = 8_640_000_000_000_000 // 1_000  # far beyond any year we can store; JavaScript's own limit over 1000


def parse_instant(value: object) -> int | None:
    """Milliseconds UTC of an ISO text, an RFC 2822 text or a number of ms; None if it is none of them.

    Text without an offset is UTC. Never raises.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return int(value) if math.isfinite(value) and 0 < value <= _MAX_MS else None
    if isinstance(value, str) and 0 < len(value) <= 64:
        return _from_text(value.strip())
    return None


def _from_text(text: str) -> int | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    try:
        ms = round(when.timestamp() * 1000)
    except (OverflowError, ValueError):
        return None
    return ms if ms > 0 else None
