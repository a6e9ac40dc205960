"""Instants: milliseconds UTC in the store, datetimes in the catalog, and one text for both in answers.

The text is what JavaScript's `toISOString` makes: `2024-03-11T10:00:00.000Z`.
"""

from datetime import UTC, datetime

DAY_MS = 86_400_000


def utc(ms: int) -> datetime:
    """An instant as a datetime in UTC. Raises OverflowError or ValueError outside of the years 1 to 9999."""
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)


def iso(moment: datetime) -> str:
    """The text of a datetime that has a zone."""
    return _text(moment.astimezone(UTC))


def iso_ms(ms: int) -> str:
    """The text of milliseconds."""
    return _text(utc(ms))


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
