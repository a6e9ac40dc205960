"""Answers are kept until something changes them: whatever happens, they are what would be worked out anew."""

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from footfall.store import answers, duckdb_links
from footfall.store.base import Linked
from support.footfall import ORIGIN, READER, ROOT, SECRET, Footfall

MINUTE, DAY = 60, 24 * 60 * 60
NIGHT = 12 * 60 * 60 - 10 * MINUTE
"""From the clock's noon until shortly before midnight."""


class Step(NamedTuple):
    """After a pause one of three visitors does something that happened so many seconds ago; then somebody looks."""

    pause: int
    what: str
    who: int
    path: str
    ago: int


steps = st.lists(
    st.builds(
        Step,
        pause=st.sampled_from([1, 5 * MINUTE, 31 * MINUTE, DAY]),
        what=st.sampled_from(["view", "view", "click", "import", "import in a session", "identify", "erase"]),
        who=st.integers(0, 2),
        path=st.sampled_from(["/a", "/b"]),
        ago=st.sampled_from([0, 0, 20, 16 * MINUTE, 45 * MINUTE, DAY, 3 * DAY]),
    ),
    min_size=2,
    max_size=7,
)
SPANS = [
    ("2026-03-07", "2026-03-09"),
    ("2026-03-10", "2026-03-10"),
    ("2026-03-11", "2026-03-20"),
    ("2026-03-09", "2026-03-12"),
]
QUESTIONS = [
    *(f"/insights/shop/{name}" for name in ("metrics", "pages", "profiles")),
    '/export/charts?projectId=shop&events=[{"name":"*"},{"name":"session_start"},{"name":"session_end"}]',
    '/export/charts?projectId=shop&events=[{"name":"*","filters":[{"name":"profile.properties.n",'
    '"operator":"is","value":["1"]}]}]',
]


def look(footfall: Footfall) -> list[Any]:
    """What all questions about all spans answer."""
    found = []
    for question in QUESTIONS:
        for start, end in SPANS:
            joint = "&" if "?" in question else "?"
            path = f"{question}{joint}startDate={start}&endDate={end}"
            headers = {"openpanel-client-id": READER, "openpanel-client-secret": SECRET}
            answer = footfall.request("GET", path, headers=headers)
            assert answer.status_code == 200, (path, answer.text)
            found.append((path, answer.json()))
    return found


def take(footfall: Footfall, number: int, step: Step) -> None:
    """One step of the story."""
    footfall.advance(seconds=step.pause)
    device, page = f"d{step.who}", {"__path": ORIGIN + step.path}
    visitor = footfall.visitor(ip=f"203.0.113.{step.who}")
    root = {"openpanel-client-id": ROOT, "openpanel-client-secret": SECRET}
    match step.what:
        case "view":
            visitor.tracks("screen_view", ago=step.ago, __deviceId=device, **page)
        case "click":
            visitor.tracks("click", ago=step.ago, __deviceId=device, profile=f"p{step.who}")
        case "identify":
            visitor.identifies(f"p{step.who}", properties={"n": number})
        case "erase":
            footfall.request("DELETE", f"/manage/projects/shop/visitors/{device}", headers=root)
        case _:
            row = {
                "name": "screen_view",
                "device_id": device,
                "created_at": footfall.clock.iso(seconds=-step.ago),
                "path": step.path,
                "origin": ORIGIN,
                **({"session_id": f"s{step.who}"} if step.what.endswith("session") else {}),
            }
            footfall.request("POST", "/import/events", json=[row], headers=root)
    footfall.settle()


@settings(
    max_examples=int(os.environ.get("HISTORIES", "3")), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(story=steps)
@example(story=[Step(1, "view", 0, "/a", 0), Step(60, "view", 0, "/b", 0), Step(60, "erase", 0, "", 0)])
@example(story=[Step(1, "import", 0, "/a", 3 * DAY), Step(1, "import", 0, "/b", 3 * DAY - 60)])
@example(story=[Step(1, "click", 0, "", 0), Step(1, "identify", 0, "", 0), Step(1, "identify", 0, "", 0)])
@example(story=[Step(1, "import", 0, "/a", 3 * DAY), Step(1, "view", 0, "/b", DAY)])
@example(story=[Step(NIGHT, "view", 0, "/a", 0), Step(15 * MINUTE, "click", 0, "", 0)])
@example(
    story=[Step(NIGHT, "view", 0, "/a", 0), Step(15 * MINUTE, "view", 0, "/a", 0), Step(1, "view", 1, "/b", 0)]
)
@example(
    story=[Step(NIGHT, "view", 0, "/a", 0), Step(15 * MINUTE, "view", 0, "/b", 0), Step(1, "view", 1, "/a", 0)]
)
def test_kept_answers_are_what_would_be_worked_out(
    make_footfall: Callable[..., Footfall], monkeypatch: pytest.MonkeyPatch, story: list[Step]
) -> None:
    monkeypatch.setattr(answers, "_QUICK_SECONDS", 0)
    monkeypatch.setattr(answers, "_SLOW_SECONDS", 0)
    monkeypatch.setattr(duckdb_links, "_WORTH_IT", 1)
    monkeypatch.setattr(duckdb_links, "_SETTLED_MS", 0)
    footfall = make_footfall(reads=True, rate_limit_insights="100000/1s", rate_limit_export="100000/1s")
    store = footfall.runtime.store
    keeping, forgetful = store.answers, answers.Answers(0)
    look(footfall)
    for number, step in enumerate(story):
        take(footfall, number, step)
        kept = look(footfall)
        store.answers = forgetful
        with monkeypatch.context() as counting:
            counting.setattr(store, "linked", lambda _: Linked())
            for said, true in zip(kept, look(footfall), strict=True):
                assert said == true
        store.answers = keeping
        store.maintain()
    assert keeping.counted["memory"]
    footfall.stop()


def test_what_is_over_is_told_from_memory_however_much_later(
    make_footfall: Callable[..., Footfall], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_QUICK_SECONDS", 0)
    footfall = make_footfall(reads=True)
    headers = {"openpanel-client-id": READER, "openpanel-client-secret": SECRET}
    take(footfall, 0, Step(1, "import", 0, "/a", 2 * DAY))
    names = ("overview", "pages/top", "retention/cohort", "active_users", "user_flow?startEvent=click", "events")

    def ask_all() -> None:
        for name in (*names, "funnel?steps=screen_view,click", "traffic/geo"):
            joint = "&" if "?" in name else "?"
            path = f"/insights/shop/{name}{joint}startDate=2026-03-07&endDate=2026-03-09"
            assert footfall.request("GET", path, headers=headers).status_code == 200, name

    counted = footfall.runtime.store.answers.counted
    ask_all()
    worked_out = counted["store"]
    footfall.advance(hours=7)
    take(footfall, 1, Step(1, "view", 1, "/b", 0))
    ask_all()
    assert counted["store"] == worked_out
