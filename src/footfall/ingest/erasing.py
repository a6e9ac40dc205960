"""Deletions go through the journal like hits, so that what was accepted before one is in the store by then.

An `Erase` stands alone in its group. The drain writes it as a batch of its own: what goes is found, the
report is noted in the journal, and the rows leave with the batch's position in one transaction. Cut short
anywhere, the next start does it again from the beginning, or finds it done; there is no half of it.
Several processes may append to the journal, so a command can ask for a deletion beside a server.
"""

import sqlite3
import uuid
from collections.abc import Callable
from contextlib import suppress

import msgspec

from footfall.ingest.journal import Journal
from footfall.ingest.records import Dropped, Erase, Record, Row, decode_group, encode
from footfall.model.erasure import Erased, Erasure, Removed, Scope
from footfall.model.errors import NotFound, Overloaded

PATIENCE_SECONDS = 10.0
SUBJECTS = (Scope.PROFILE, Scope.VISITOR)

_decode_record = msgspec.msgpack.Decoder(Record).decode


def append_erasure(journal: Journal, record: Erase) -> int:
    """Make a deletion durable; its position in the journal. Raises Overloaded when the disk refuses."""
    try:
        return journal.append(encode([record]), 1)
    except sqlite3.Error as error:
        raise Overloaded(f"the journal can't be written: {error}", retry_after=5) from error


def under_way(record: Erase, removed: Removed) -> Erased:
    """The report of a deletion that is not done yet."""
    return Erased(
        id=record.id,
        project_id=record.project_id,
        scope=record.scope,
        at=record.at,
        removed=removed,
        is_done=False,
    )


class Erasing:
    """Asks for deletions, in a process whose drain does them."""

    def __init__(
        self,
        journal: Journal,
        wake: Callable[[], None],
        wait_for: Callable[[int, float], bool],
        now_ms: Callable[[], int],
    ) -> None:
        self._journal = journal
        self._wake = wake
        self._wait_for = wait_for
        self._now_ms = now_ms

    def begin(
        self, project_id: str, scope: Scope, subject: str = "", *, before_ms: int = 0, id: str = ""
    ) -> Erase:
        """Make it durable and return at once. Raises Overloaded; then nothing is deleted."""
        return self._begin(project_id, scope, subject, before_ms, id)[0]

    def run(self, project_id: str, scope: Scope, subject: str = "") -> Erased:
        """The report, after the deletion; one that is not done if the drain is too far behind to wait for.

        Blocks. Raises Overloaded; then nothing is deleted.
        """
        record, position = self._begin(project_id, scope, subject, 0, "")
        self._wait_for(position, PATIENCE_SECONDS)
        return self.report(record.id) or under_way(record, Removed())

    def report(self, id_: str) -> Erased | None:
        """The report of a deletion; None before the drain came to it."""
        return self._journal.erasure(id_)

    def reports(self, project_id: str) -> list[Erased]:
        """The reports of a project's last hundred deletions, newest first."""
        return self._journal.erasures(project_id)

    def _begin(self, project_id: str, scope: Scope, subject: str, before_ms: int, id_: str) -> tuple[Erase, int]:
        if scope in SUBJECTS and not subject:
            raise NotFound(f"{scope.capitalize()} not found")
        record = Erase(
            id=id_ or str(uuid.uuid4()),
            project_id=project_id,
            scope=scope,
            subject=subject,
            before_ms=before_ms,
            at=self._now_ms(),
        )
        position = append_erasure(self._journal, record)
        self._wake()
        return record, position


def concerns(erasure: Erasure, payload: bytes) -> bool:
    """Whether a record or group that was set aside holds something that is to be deleted."""
    return any(_is_about(erasure, record) for record in _records_in(payload))


def _records_in(payload: bytes) -> list[Record]:
    """What can be read of it: a group, a record, or nothing."""
    for decode in (decode_group, lambda data: [_decode_record(data)]):
        with suppress(msgspec.DecodeError):
            return decode(payload)
    return []


def _is_about(erasure: Erasure, record: Record) -> bool:
    if isinstance(record, Dropped):
        return False
    told = record.event if isinstance(record, Row) else record
    if told.project_id != erasure.project_id:
        return False
    match erasure.scope:
        case Scope.PROJECT:
            return True
        case Scope.AGE:
            return _time_of(told) < erasure.before_ms
        case Scope.PROFILE:
            named = getattr(told, "profile_id", "") == erasure.subject
        case Scope.VISITOR:
            named = getattr(told, "device_id", "") == erasure.subject
    return named or getattr(told, "session_id", "") in erasure.session_ids


def _time_of(told: object) -> int:
    at = getattr(told, "at", None)
    return int(getattr(told, "created_at", 0) if at is None else at)
