"""The drop ledger: every hit that is refused, marked or filtered, counted by project, day and reason."""

from collections import Counter
from enum import StrEnum

from footfall.ingest.records import Dropped
from footfall.model.event import DropCount

_EVERY_MS = 1_000


class DropReason(StrEnum):
    """Why a hit is not counted as an event."""

    BOT = "bot"
    BLOCKED_EVENT = "blocked_event"
    BLOCKED_IP = "blocked_ip"
    BLOCKED_PROFILE = "blocked_profile"
    DUPLICATE = "duplicate"
    INVALID = "invalid"
    REFUSED_ORIGIN = "refused_origin"
    REPLAY = "replay"
    UNSAFE_REVENUE = "unsafe_revenue"


class Ledger:
    """Counts in memory and hands them to the journal about once a second, with other records."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._totals: Counter[str] = Counter()
        self._taken_at = 0

    def totals(self) -> dict[str, int]:
        """Everything counted since the start, by reason."""
        return dict(self._totals)

    def count(self, project_id: str, day: str, reason: DropReason) -> None:
        """One more of these; `day` is a UTC date."""
        self._counts[project_id, day, reason] += 1
        self._totals[reason] += 1

    def take(self, now: int | None) -> tuple[Dropped, ...]:
        """What has gathered, as records; nothing if it was taken less than a second before `now`."""
        if not self._counts or (now is not None and now - self._taken_at < _EVERY_MS):
            return ()
        self._taken_at = now or self._taken_at
        drops = tuple(
            DropCount(project_id=project_id, day=day, reason=reason, count=count)
            for (project_id, day, reason), count in self._counts.items()
        )
        self._counts.clear()
        return (Dropped(drops),)
