"""Dwells: how long each view lasted, up to the next view of its session (contract §5, last view none).

Views in order end one another as they come; one that comes out of order has them all made anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from footfall.model.event import Dwell, Event, Session
from footfall.store.base import Batch, Past, Revision


def dwell_between(session: Session, event: Event) -> Dwell | None:
    """The dwell that a view ends, and the start of its own. None for the first view, and for one that
    comes out of order: then the session's dwells must be made anew (`rebuild_dwells`).
    """
    dwell = None
    if session.last_view_id and event.created_at >= session.last_view_at:
        dwell = Dwell(
            view_id=session.last_view_id,
            project_id=session.project_id,
            viewed_at=session.last_view_at,
            session_id=session.id,
            origin=session.last_view_origin,
            path=session.last_view_path,
            duration=event.created_at - session.last_view_at,
        )
    if event.created_at >= session.last_view_at:
        session.last_view_id, session.last_view_at = event.id, event.created_at
        session.last_view_origin, session.last_view_path = event.origin, event.path
    return dwell


def dwells_of(session: Session, views: Iterable[Event]) -> list[Dwell]:
    """The dwell of each view that has a next one; `views` in time order."""
    return [
        Dwell(
            view_id=view.id,
            project_id=session.project_id,
            viewed_at=view.created_at,
            session_id=session.id,
            origin=view.origin,
            path=view.path,
            duration=following.created_at - view.created_at,
        )
        for view, following in pairwise(views)
    ]


def rebuild_dwells(store: Past, sessions: Sequence[Session], batch: Batch) -> None:
    """Make the dwells of these sessions anew, because a view came out of order.

    Their views are those in the store and those in the batch; both lose the old dwells.
    """
    if not sessions:
        return
    views = _views(store, sessions, batch)
    keys = {(session.project_id, session.id) for session in sessions}
    batch.dwells = [dwell for dwell in batch.dwells if (dwell.project_id, dwell.session_id) not in keys]
    for session in sessions:
        seen = views[session.project_id, session.id]
        seen.sort(key=lambda view: view.created_at)
        batch.revisions.append(
            Revision(
                project_id=session.project_id,
                session_id=session.id,
                from_ms=session.created_at,
                to_ms=session.ended_at,
            )
        )
        batch.dwells.extend(dwells_of(session, seen))
        if seen:
            last = seen[-1]
            session.last_view_id, session.last_view_at = last.id, last.created_at
            session.last_view_origin, session.last_view_path = last.origin, last.path


def _views(store: Past, sessions: Sequence[Session], batch: Batch) -> dict[tuple[str, str], list[Event]]:
    found: dict[tuple[str, str], list[Event]] = {(session.project_id, session.id): [] for session in sessions}
    by_project: dict[str, list[Session]] = defaultdict(list)
    for session in sessions:
        by_project[session.project_id].append(session)
    for project_id, of_project in by_project.items():
        lo = min(session.created_at for session in of_project)
        hi = max(session.ended_at for session in of_project)
        for view in store.views_of(project_id, [session.id for session in of_project], lo, hi):
            found[project_id, view.session_id].append(view)
    for event in batch.events:
        if event.is_view and (event.project_id, event.session_id) in found:
            found[event.project_id, event.session_id].append(event)
    return found
