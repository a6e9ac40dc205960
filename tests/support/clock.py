"""A clock that only moves when told."""

from datetime import UTC, datetime

NOON = "2026-03-10T12:00:00+00:00"


class Clock:
    """Milliseconds UTC, as the server's own clock."""

    def __init__(self, at: str = NOON) -> None:
        self.now = 0
        self.set(at)

    def __call__(self) -> int:
        return self.now

    def set(self, at: str) -> None:
        """Be at this instant; UTC unless it says otherwise."""
        when = datetime.fromisoformat(at)
        self.now = round((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1000)

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0, ms: int = 0
    ) -> None:
        """Let time go by."""
        self.now += round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000) + ms

    def iso(self, *, minutes: float = 0, seconds: float = 0) -> str:
        """Now, or that much before (negative) or after, as a browser writes it."""
        at = datetime.fromtimestamp(self.now / 1000 + minutes * 60 + seconds, UTC)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def clock_text(ms: int) -> str:
    """An instant as `2026-03-10 12:00:00.000`."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{ms % 1000:03d}"
