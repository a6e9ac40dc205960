"""Instants as other programs write them: ISO 8601, ClickHouse's text, seconds or milliseconds since 1970."""

from datetime import UTC, datetime

_FIRST_MS = 100_000_000_000  # a number below is in seconds: as ms it would be before March 1973
LAST_MS = 4_102_444_800_000
"""2100-01-01: what is later is a mistake of units."""


def instant_ms(value: object) -> int | None:
    """`value` in ms UTC, None if it is no instant between 1970 and 2100. Text without an offset is UTC."""
    if isinstance(value, datetime):
        return _moment_ms(value)
    if isinstance(value, str):
        return _text_ms(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number_ms(value)
    return None


def _moment_ms(moment: datetime) -> int | None:
    try:
        ms = round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    except (OverflowError, ValueError):
        return None
    return ms if 0 <= ms < LAST_MS else None


def _text_ms(text: str) -> int | None:
    text = text.strip()
    if text.isdigit() and len(text) > 8:  # eight digits are a date
        return _number_ms(int(text[:20]))
    try:
        return _moment_ms(datetime.fromisoformat(text))
    except ValueError:
        return None


def _number_ms(value: int | float) -> int | None:
    if not 0 <= value < LAST_MS:  # also not a number
        return None
    return int(value) if value >= _FIRST_MS else round(value * 1000)
