"""Event ids: UUIDs (version 8) made of the journal's node and position.

The same journal position always gives the same id, so a drain repeated after a crash makes the same
rows; and ids that count up compress to a few bytes where random ones take sixteen.
"""

# Each record may make its own event and a session; the session's end has the id after its start's.
EVENT, START = 0, 1

_PLACES = 1 << 16
"""Records per group at the most; the journal's writers stay below it."""


class EventIds:
    """Makes ids for one node (a random 48-bit number)."""

    def __init__(self, node: int) -> None:
        text = f"{node:012x}"
        self._prefix = f"{text[:8]}-{text[8:]}-8000-"

    def of(self, seq: int, place: int, which: int) -> str:
        """The id of what record `place` of group `seq` makes."""
        number = (seq * _PLACES + place) * 4 + which
        text = f"{number | 1 << 63:016x}"
        return f"{self._prefix}{text[:4]}-{text[4:]}"
