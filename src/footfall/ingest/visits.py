"""Sessions for columns that name none: each visitor's rows in order of time, parted where he was silent too long.

It says for all rows at once what history.py says for one device that has no other session near; a property test
holds the two to the same rows.
"""

from array import array
from collections.abc import Sequence

from msgspec import structs

from footfall.ingest.sessions import new_session_id
from footfall.store.base import Bulk
from footfall.store.columns import Coded

_PLACE_BITS, _TIME_BITS = 20, 42
"""A key is a device's number, a time in ms, and the row's place in the batch."""


class Visits:
    """The rows of one project and batch whose sessions follow from their times."""

    def __init__(self, project_id: str, timeout_ms: int) -> None:
        self._project_id = project_id
        self._timeout_ms = timeout_ms
        self._parts: list[Bulk] = []

    def add(self, part: Bulk) -> None:
        """Rows of devices that have no other session near, and none of them names one."""
        self._parts.append(part)

    def name_sessions(self) -> None:
        """Put the ids of the sessions into what was added."""
        sessions = self._sessions()
        at = 0
        for part in self._parts:
            size = part.event_count
            part.columns = structs.replace(part.columns, coded=_renamed(part, sessions[at : at + size]))
            at += size

    def _sessions(self) -> list[str]:
        """For each row its session's id; '' without a device."""
        devices = {"": 0}
        keys: list[int] = []
        for part in self._parts:
            columns = part.columns
            numbers = [devices.setdefault(device, len(devices)) for device in columns.values("device_id")]
            codes, times = columns.numbers("device_id"), columns.times
            for place in part.places:
                time_and_place = times[place] << _PLACE_BITS | len(keys)
                keys.append(numbers[codes[place]] << _TIME_BITS + _PLACE_BITS | time_and_place)
        return self._parted(keys, list(devices))

    def _parted(self, keys: list[int], devices: Sequence[str]) -> list[str]:
        sessions = [""] * len(keys)
        device = last = 0
        session = ""
        for key in sorted(keys):
            number, at = key >> _TIME_BITS + _PLACE_BITS, key >> _PLACE_BITS & (1 << _TIME_BITS) - 1
            if number and (number != device or at - last > self._timeout_ms):
                session = new_session_id(self._project_id, devices[number], at, self._timeout_ms)
            device, last = number, at
            sessions[key & (1 << _PLACE_BITS) - 1] = session
        return sessions


def _renamed(part: Bulk, sessions: Sequence[str]) -> list[Coded]:
    """The combinations of a part's columns, with these sessions in the rows that are kept."""
    columns = part.columns
    visits, *others = columns.coded
    names = [""] * len(columns)
    for place, session in zip(part.places, sessions, strict=True):
        names[place] = session
    known: dict[tuple[str, int], int] = {}
    numbers = [known.setdefault(pair, len(known)) for pair in zip(names, visits.numbers, strict=True)]
    values = [(session, *visits.values[code][1:]) for session, code in known]
    return [Coded(values, array("H", numbers).tobytes()), *others]
