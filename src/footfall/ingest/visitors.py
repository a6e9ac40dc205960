"""Who is here: the session each device is in, as the accepting side knows it. Source: contract §4.2, §5.

The answer to a hit names its session before the hit is drained, so this small state runs ahead of the
store's; after a restart it is made again from the sessions that were open.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from footfall.ingest.sessions import new_session_id
from footfall.model.event import Session


class Visit(Struct, gc=False):
    """The session a device is in: its id and the times of its oldest and newest event, ms UTC."""

    device_id: str
    session_id: str
    first_at: int
    last_at: int


class Visitors:
    """Open sessions by device and by profile, for one process."""

    def __init__(self, timeout_ms: int) -> None:
        self._timeout_ms = timeout_ms
        self._by_device: dict[tuple[str, str], Visit] = {}
        self._by_profile: dict[tuple[str, str], Visit] = {}

    def restore(self, sessions: Iterable[Session]) -> None:
        """Know the sessions that were open when the server stopped."""
        for session in sessions:
            visit = Visit(session.device_id, session.id, session.created_at, session.ended_at)
            self._by_device[session.project_id, session.device_id] = visit
            if session.profile_id != session.device_id:
                self._by_profile[session.project_id, session.profile_id] = visit

    def find(self, project_id: str, device_id: str, at: int) -> Visit | None:
        """The visit of this device that an event at that time belongs to."""
        visit = self._by_device.get((project_id, device_id))
        return visit if visit is not None and at - visit.last_at <= self._timeout_ms else None

    def of_profile(self, project_id: str, profile_id: str, at: int) -> Visit | None:
        """The visit that this person is in."""
        visit = self._by_profile.get((project_id, profile_id))
        return visit if visit is not None and at - visit.last_at <= self._timeout_ms else None

    def peek(self, project_id: str, candidates: Sequence[str], at: int) -> tuple[str, str]:
        """The device and session that an event would have; changes nothing."""
        for device_id in candidates:
            visit = self.find(project_id, device_id, at)
            if visit is not None:
                return visit.device_id, visit.session_id
        return candidates[0], self.new_id(project_id, candidates[0], at)

    def enter(self, project_id: str, candidates: Iterable[str], profile_id: str, at: int) -> tuple[Visit, bool]:
        """The visit of the first candidate device that is in one, else a new one of the first candidate.

        Returns it and whether it is new.
        """
        found, first = None, ""
        for device_id in candidates:
            first = first or device_id
            found = self.find(project_id, device_id, at)
            if found is not None:
                found.first_at, found.last_at = min(found.first_at, at), max(found.last_at, at)
                break
        visit = found
        if visit is None:
            visit = Visit(first, self.new_id(project_id, first, at), at, at)
            self._by_device[project_id, first] = visit
        if profile_id:
            self._by_profile[project_id, profile_id] = visit
        return visit, found is None

    def note(self, project_id: str, device_id: str, session_id: str, profile_id: str, at: int) -> None:
        """A device is in a session that its dialect named by rules of its own."""
        visit = self._by_device.get((project_id, device_id))
        if visit is None or visit.session_id != session_id:
            visit = self._by_device[project_id, device_id] = Visit(device_id, session_id, at, at)
        else:
            visit.first_at, visit.last_at = min(visit.first_at, at), max(visit.last_at, at)
        if profile_id:
            self._by_profile[project_id, profile_id] = visit

    def join_late(self, project_id: str, candidates: Sequence[str], at: int) -> Visit | None:
        """The running visit that covers a time in the past, which then counts as a part of it."""
        for device_id in candidates:
            visit = self.find(project_id, device_id, at)
            if visit is not None and visit.first_at - at <= self._timeout_ms:
                visit.first_at, visit.last_at = min(visit.first_at, at), max(visit.last_at, at)
                return visit
        return None

    def new_id(self, project_id: str, device_id: str, at: int) -> str:
        """The id of the session that a device begins at that time."""
        return new_session_id(project_id, device_id, at, self._timeout_ms)

    def forget_idle(self, now: int) -> None:
        """Drop the visits that no event can join any more (called now and then)."""
        oldest = now - self._timeout_ms * 2
        for state in (self._by_device, self._by_profile):
            for key in [key for key, visit in state.items() if visit.last_at < oldest]:
                del state[key]
