"""Deletions: what goes, and what went. The report counts rows and names nobody."""

from enum import StrEnum

from msgspec import Struct


class Scope(StrEnum):
    """What a deletion is about."""

    PROFILE = "profile"  # a person, known by a profile id
    VISITOR = "visitor"  # a device
    AGE = "age"  # whatever is older than a time
    PROJECT = "project"  # everything


class Erasure(Struct, frozen=True, kw_only=True):
    """Rows of one project to be deleted.

    profile   its row, its events, and every session it took part in, with all events and dwells of them
    visitor   the same of a device id
    age       events and dwells before `before_ms`, sessions whose last event is before it; none that is open
    project   every row

    `subject` is the profile or device id, `session_ids` are its sessions. Times in ms, UTC.
    """

    project_id: str
    scope: Scope
    subject: str = ""
    before_ms: int = 0
    session_ids: tuple[str, ...] = ()


class Removed(Struct, frozen=True, kw_only=True):
    """How many rows a deletion took from each table."""

    events: int = 0
    sessions: int = 0
    dwells: int = 0
    profiles: int = 0
    groups: int = 0
    drops: int = 0

    def __bool__(self) -> bool:
        return any((self.events, self.sessions, self.dwells, self.profiles, self.groups, self.drops))


class Erased(Struct, frozen=True, kw_only=True):
    """The report of a deletion. `at` is when it was asked for, ms UTC; until `is_done` it is under way."""

    id: str
    project_id: str
    scope: Scope
    at: int
    removed: Removed
    is_done: bool
