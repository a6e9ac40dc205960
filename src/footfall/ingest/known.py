"""What the store knows already of the records of a batch, asked of all of them at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from footfall.ingest.enrich.ids import SESSION_BUCKET_MS
from footfall.ingest.history import NAMED_WINDOW_MS
from footfall.ingest.records import AssignGroups, Hit, Identify, Increment, Record
from footfall.ingest.sessions import OpenSessions
from footfall.model.event import Event, Session
from footfall.store.base import Past


class Known:
    """Looks into the store and the open sessions. Sessions, profiles and events are keyed by project and id."""

    def __init__(self, store: Past, opened: OpenSessions) -> None:
        self._store = store
        self._opened = opened

    def profiles_in(self, records: Iterable[Record]) -> Iterator[tuple[str, str]]:
        """The profiles that these records change: those that they name, and who is new in a session."""
        for record in records:
            if isinstance(record, Hit):
                if record.profile_id and not (record.is_server or record.is_aside):
                    session = self._opened.get(record.project_id, record.session_id)
                    if session is None or session.profile_id != record.profile_id:
                        yield record.project_id, record.profile_id
            elif isinstance(record, Identify | Increment | AssignGroups):
                yield record.project_id, record.profile_id

    def closed_sessions(self, records: Iterable[Record]) -> dict[tuple[str, str], Session]:
        """The stored sessions that are over and that hits of this batch name nevertheless."""
        named: dict[tuple[str, str], int] = {}
        carried: dict[tuple[str, str], int] = {}
        for record in records:
            if isinstance(record, Hit) and _needs_session(record):
                key = (record.project_id, record.session_id)
                if self._opened.get(*key) is None:
                    (carried if record.is_carried else named).setdefault(key, record.at)
        window = 2 * max(self._opened.timeout_ms, SESSION_BUCKET_MS)
        return self._stored_near(named, window) | self._stored_near(carried, NAMED_WINDOW_MS + window)

    def ids(self, events: Sequence[Event]) -> set[tuple[str, str]]:
        """Which of these are stored already."""
        events_of: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            events_of[event.project_id].append(event)
        known: set[tuple[str, str]] = set()
        for project_id, own in events_of.items():
            times = [event.created_at for event in own]
            ids = [event.id for event in own]
            stored = self._store.event_ids_known(project_id, ids, min(times), max(times))
            known.update((project_id, id_) for id_ in stored)
        return known

    def _stored_near(self, times: Mapping[tuple[str, str], int], window: int) -> dict[tuple[str, str], Session]:
        """The closed ones of these sessions that touch the time around these times."""
        if not times:
            return {}
        ids_of: dict[str, list[str]] = defaultdict(list)
        for project_id, session_id in times:
            ids_of[project_id].append(session_id)
        span = (min(times.values()) - window, max(times.values()) + window)
        return {
            (project_id, session.id): session
            for project_id, ids in ids_of.items()
            for session in self._store.sessions_by_id(project_id, ids, *span)
        }


def _needs_session(hit: Hit) -> bool:
    return hit.session_id != "" and not (hit.is_late or hit.is_server or hit.is_aside)
