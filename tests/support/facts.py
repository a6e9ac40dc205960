"""What happened on a site, told visit by visit, as the rows that the drain would store.

    facts = Facts()
    facts.visit("ann", "2024-03-04 10:00", "/", 60, "/pricing", country="DE")

A text is a page view, a number the seconds until the next thing, `did(...)` another event.
"""

from datetime import UTC, datetime
from itertools import count, pairwise
from typing import Any, NamedTuple
from uuid import UUID

from footfall.model.event import (
    BROUGHT_END,
    BROUGHT_START,
    MADE_MARKS,
    REVENUE,
    SCREEN_VIEW,
    Dwell,
    Event,
    Group,
    Profile,
    Session,
)
from footfall.store.base import Batch

ORIGIN = "https://shop.example"
STEP = 10  # seconds between two things when no number says otherwise
_ON_EVENTS = {"sdk_name", "sdk_version", "currency"}
_ON_SESSIONS = {"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"}


class Did(NamedTuple):
    """An event in a visit."""

    name: str
    properties: dict[str, str]
    columns: dict[str, Any]


def did(name: str, properties: dict[str, str] | None = None, **columns: Any) -> Did:
    """A custom event; `path` and other columns may be given."""
    return Did(name, properties or {}, columns)


def viewed(path: str, title: str = "", properties: dict[str, str] | None = None, **columns: Any) -> Did:
    """A page view with a title or properties."""
    return Did(SCREEN_VIEW, properties or {}, {"path": path, "title": title, **columns})


def paid(amount: int, **columns: Any) -> Did:
    """A revenue event, in cents."""
    return Did(REVENUE, {}, {"revenue": amount, "currency": "EUR", **columns})


def ms(text: str) -> int:
    """`2024-03-04 10:00`, UTC unless it says otherwise, in milliseconds."""
    time = datetime.fromisoformat(text)
    return round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)


class Facts:
    """The rows of one project."""

    _numbers = count(1)

    def __init__(self, project: str = "shop") -> None:
        self.project = project
        self.events: list[Event] = []
        self.sessions: list[Session] = []
        self.dwells: list[Dwell] = []
        self.profiles: list[Profile] = []
        self.groups: list[Group] = []

    def visit(
        self,
        who: str,
        at: str,
        *things: str | int | Did,
        user: str = "",
        is_open: bool = False,
        origin: str = ORIGIN,
        marks: bool = False,
        **columns: Any,
    ) -> "Facts":
        """A session of a device. `user`: who signed in. `marks`: with its start and end events."""
        start = ms(at)
        session = Session(
            id=f"session-{next(self._numbers)}",
            project_id=self.project,
            device_id=who,
            profile_id=user or who,
            created_at=start,
            ended_at=start,
            is_open=is_open,
            start_id=str(UUID(int=4 * next(self._numbers) + 1 << 32)),
            marks=MADE_MARKS if marks else BROUGHT_START | BROUGHT_END,
            **{name: value for name, value in columns.items() if name not in _ON_EVENTS},
        )
        now, views, waited = start, [], True
        for thing in things:
            if isinstance(thing, int):
                now, waited = now + thing * 1000, True
                continue
            now, waited = now if waited else now + STEP * 1000, False
            event = self._event(session, now, viewed(thing) if isinstance(thing, str) else thing, origin, columns)
            if event.is_view:
                views.append(event)
        session.duration = session.ended_at - session.created_at
        session.is_bounce = session.screen_view_count < 2
        self._dwell(views)
        self.sessions.append(session)
        return self

    def event(self, name: str, at: str, **columns: Any) -> "Facts":
        """An event without a session."""
        self.events.append(
            Event(
                id=str(UUID(int=next(self._numbers))),
                project_id=self.project,
                name=name,
                created_at=ms(at),
                **columns,
            )
        )
        return self

    def person(self, id: str, since: str, last: str = "", **known: Any) -> "Facts":
        """A profile; `known` are its columns, its properties among them."""
        self.profiles.append(
            Profile(
                id=id,
                project_id=self.project,
                created_at=ms(since),
                last_seen_at=ms(last or since),
                **{"is_external": True, **known},
            )
        )
        return self

    def group(self, id: str, since: str, **known: Any) -> "Facts":
        """A group: `type`, `name` and perhaps `properties`."""
        self.groups.append(Group(id=id, project_id=self.project, created_at=ms(since), **known))
        return self

    def batch(self, position: int) -> Batch:
        """All of it, to write."""
        return Batch(
            position=position,
            events=list(self.events),
            sessions=list(self.sessions),
            dwells=list(self.dwells),
            profiles=list(self.profiles),
            groups=list(self.groups),
        )

    def _event(self, session: Session, at: int, what: Did, origin: str, columns: dict[str, Any]) -> Event:
        page = session.last_view_path or (what.columns.get("path") or "")
        given = {name: value for name, value in columns.items() if name not in _ON_SESSIONS} | {
            "path": page,
            "origin": origin if what.columns.get("path") or page else "",
            "profile_id": session.profile_id,
            **what.columns,
        }
        event = Event(
            id=str(UUID(int=next(self._numbers))),
            project_id=self.project,
            name=what.name,
            created_at=at,
            device_id=session.device_id,
            session_id=session.id,
            properties=dict(what.properties),
            **given,
        )
        session.ended_at = max(session.ended_at, at)
        session.revenue += event.revenue
        if event.is_view:
            self._view(session, event)
        else:
            session.event_count += 1
        self.events.append(event)
        return event

    @staticmethod
    def _view(session: Session, event: Event) -> None:
        event.first_view = (event.origin, event.path) not in session.pages
        session.pages.add((event.origin, event.path))
        session.screen_view_count += 1
        if not session.entry_path:
            session.entry_origin, session.entry_path = event.origin, event.path
        session.exit_origin, session.exit_path = event.origin, event.path
        session.last_view_path = event.path

    def _dwell(self, views: list[Event]) -> None:
        for view, following in pairwise(views):
            self.dwells.append(
                Dwell(
                    view_id=view.id,
                    project_id=self.project,
                    viewed_at=view.created_at,
                    session_id=view.session_id,
                    origin=view.origin,
                    path=view.path,
                    duration=following.created_at - view.created_at,
                )
            )
