"""Whatever visitors do, in whatever order it arrives: sessions hold all of it, and dwells are the true gaps."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.footfall import ORIGIN, READER, SECRET, Footfall

MINUTE = 60


class Step(NamedTuple):
    """After a pause, one of three visitors did something, so many seconds before it arrives."""

    pause: int
    who: int
    path: str
    ago: int
    settles: bool


steps = st.lists(
    st.builds(
        Step,
        pause=st.sampled_from([0, 1, 30, 5 * MINUTE, 29 * MINUTE, 31 * MINUTE, 3 * 60 * MINUTE]),
        who=st.integers(0, 2),
        path=st.sampled_from(["/a", "/b", "/c", ""]),
        ago=st.sampled_from([0, 0, 0, 1, 20, 10 * MINUTE, 16 * MINUTE, 45 * MINUTE, 4 * 60 * MINUTE]),
        settles=st.booleans(),
    ),
    min_size=1,
    max_size=25,
)
SOME = settings(
    max_examples=int(os.environ.get("HISTORIES", "12")), deadline=None, suppress_health_check=list(HealthCheck)
)


def hangs_together(footfall: Footfall, views: int, others: int) -> None:
    """What must be true of any store."""
    footfall.advance(hours=9)
    stored, everything = footfall.sessions(), footfall.events(marks=True)
    events = [event for event in everything if event.name in ("screen_view", "click")]
    sessions = {session.id: session for session in stored}
    assert len(events) == views + others
    assert len({event.id for event in everything}) == len(everything)
    assert len(sessions) == len(stored), "no session is stored twice"
    assert sum(session.screen_view_count for session in sessions.values()) == views
    assert sum(session.event_count for session in sessions.values()) == others

    by_session = defaultdict(list)
    for event in events:
        by_session[event.session_id].append(event)
    gaps: Counter[tuple[str, int]] = Counter()
    for id, of_session in by_session.items():
        session = sessions.pop(id)
        pages = [event for event in of_session if event.path]
        gaps.update(
            (a.path, b.created_at - a.created_at) for a, b in pairwise(pages) if a.created_at < b.created_at
        )
        assert (session.created_at, session.ended_at) == (of_session[0].created_at, of_session[-1].created_at)
        assert session.duration == session.ended_at - session.created_at
        assert session.is_bounce == (len(pages) < 2)
        assert {event.device_id for event in of_session} == {session.device_id}
        assert Counter(e.path for e in pages if e.first_view) == Counter({e.path for e in pages})
        marks = [event for event in everything if event.session_id == id and event not in of_session]
        assert sorted(mark.name for mark in marks) == ["session_end", "session_start"]
        assert marks[-1].created_at == session.ended_at + 1_000
        assert not session.is_open
    assert not sessions, "no session is without events"
    dwells = Counter((path, gap) for path, found in footfall.dwells().items() for gap in found if gap)
    assert dwells == gaps


@SOME
@given(steps=steps)
def test_live(make_footfall: Callable[..., Footfall], steps: list[Step]) -> None:
    footfall = make_footfall()
    visitors = [footfall.visitor() for _ in range(3)]
    # Each visitor is one device for good, so that his days hang together.
    for number, step in enumerate(steps):
        footfall.advance(seconds=step.pause)
        name = "screen_view" if step.path else "click"
        page = {"__path": ORIGIN + step.path} if step.path else {}
        visitors[step.who].tracks(name, ago=step.ago, n=number, __deviceId=f"d{step.who}", **page)
        if step.settles:
            footfall.settle()
    hangs_together(footfall, sum(bool(step.path) for step in steps), sum(not step.path for step in steps))
    footfall.stop()


@SOME
@given(steps=steps, cut=st.integers(0, 25))
def test_imported(make_footfall: Callable[..., Footfall], steps: list[Step], cut: int) -> None:
    footfall = make_footfall()
    rows = []
    for number, step in enumerate(steps):
        footfall.advance(seconds=step.pause)
        name = "screen_view" if step.path else "click"
        page = {"path": step.path, "origin": ORIGIN} if step.path else {}
        when = footfall.clock.iso(seconds=-step.ago)
        rows.append({"name": name, "created_at": when, "device_id": f"d{step.who}", "n": number, **page})
    headers = {"openpanel-client-id": READER, "openpanel-client-secret": SECRET}
    for part in (rows[:cut], rows[cut:]):
        for index, line in enumerate(part):
            line["id"] = f"00000000-0000-8000-8000-{rows.index(line):012x}"
            part[index] = line
        assert footfall.request("POST", "/import/events", json=part, headers=headers).status_code == 200
        footfall.settle()
    hangs_together(footfall, sum(bool(step.path) for step in steps), sum(not step.path for step in steps))
    footfall.stop()
