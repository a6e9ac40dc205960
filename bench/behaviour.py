"""Funnels, retention, active users and user flow: over HTTP, warm, beside the least SQL for the same answer.

As `bench.query`: 30 days, one client, the same file and settings. Retention and engagement are of all time.
"""

from functools import partial
from typing import Any
from urllib.parse import quote

import duckdb
import msgspec

from bench.bare import Asked
from bench.fill import Filled, describe
from bench.newer import Case
from bench.projects import ZONE
from bench.query import AGAIN, compare, day, getting, last_days, over_http, run, settings_of_server, timed
from bench.report import machine, note, progress, table, verdict

_TARGETS = {"funnel by session": 191, "funnel by profile": 709}
"""What a real OpenPanel took for these, in ms, at 10 million events (issue 3)."""

_DAY_MS = 86_400_000
_STEPS: tuple[tuple[str, str], ...] = (("session_start", ""), ("screen_view", "/pricing"), ("signup", ""))


def main() -> None:
    """Measure and print."""
    compare("behaviour", __doc__, _measure, _print)


def _measure(store: Filled, times: int) -> dict[str, Any]:
    span = last_days(store.end_ms)
    cases = _cases(
        Asked(store.reader.project, *span, ZONE), f"startDate={day(span[0])}&endDate={day(span[1] - 1)}"
    )
    progress(f"asking {store.events:,} events")
    questions = {name: getting(case.path) for name, case in cases.items()}
    ours = over_http(store.folder, store.reader.headers, questions, times)
    progress("the same in bare SQL")
    path = str(store.folder / "events.duckdb")
    with duckdb.connect(path, read_only=True, config=settings_of_server()) as opened:
        bare = {name: timed(partial(run, opened, case.sql), times)[0] for name, case in cases.items()}
    rows = [
        {
            "question": name,
            "ms": round(ours[name].ms, 2),
            "again_ms": round(ours[name].again_ms, 2),
            "bare_ms": round(bare[name], 2),
        }
        for name in cases
    ]
    return {**describe(store), "rows": rows}


def _cases(asked: Asked, dates: str) -> dict[str, Case]:
    insights = f"/insights/{asked.project}"
    views = [
        {"name": name, "filters": [{"name": "path", "operator": "is", "value": [path]}] if path else []}
        for name, path in _STEPS
    ]
    events = quote(msgspec.json.encode(views).decode())
    export = f"/export/funnel?projectId={asked.project}&{dates}&events={events}&funnelGroup="
    shop = f"{insights}/funnel?{dates}&steps=screen_view,add_to_cart,revenue"
    flow = f"{insights}/user_flow?{dates}&startEvent="
    mine = f"project_id = '{asked.project}'"
    people = f"SELECT visitor AS who, epoch_us(created_at::TIMESTAMP) // 1000 AS t FROM sessions WHERE {mine}"
    known = f"{people} AND profile_id <> device_id"
    return {
        "funnel by session": Case(f"{export}session_id", [_funnel(asked, "session_id", _STEPS)]),
        "funnel by profile": Case(f"{export}profile_id", [_funnel(asked, "profile_id", _STEPS)]),
        "funnel of a shop": Case(
            shop, [_funnel(asked, "session_id", (("screen_view", ""), ("add_to_cart", ""), ("revenue", "")))]
        ),
        "retention": Case(f"{insights}/retention", [_weeks(known)]),
        "retention/cohort": Case(f"{insights}/retention/cohort", [_cohorts(known)]),
        "engagement": Case(
            f"{insights}/engagement",
            [
                f"SELECT last // {_DAY_MS}, count(*) FROM (SELECT max(t) AS last FROM ({known}) GROUP BY who) GROUP BY 1"
            ],
        ),
        "active_users": Case(
            f"{insights}/active_users?days=7&{dates}",
            [
                f"SELECT d + n, count(DISTINCT who) FROM (SELECT DISTINCT who, t // {_DAY_MS} AS d FROM "
                f"(SELECT visitor AS who, epoch_us(created_at::TIMESTAMP) // 1000 AS t FROM sessions WHERE {asked.where()})), "
                "range(7) AS days(n) GROUP BY 1"
            ],
        ),
        "user_flow after a cart": Case(f"{flow}add_to_cart", [_flow(asked, "add_to_cart")]),
        "user_flow after a view": Case(f"{flow}screen_view", [_flow(asked, "screen_view")]),
    }


def _funnel(asked: Asked, key: str, steps: tuple[tuple[str, str], ...]) -> str:
    """Without a window's later starts: each step's first event after that of the step before."""
    tests = [f"name = '{name}'" + (f" AND path = '{path}'" if path else "") for name, path in steps]
    passes = " OR ".join(f"({test})" for test in tests)
    marks = ", ".join(f"({test}) AS m{number}" for number, test in enumerate(tests))
    levels = ["a0 AS MATERIALIZED (SELECT who, min(t) AS t FROM e WHERE m0 GROUP BY who)"]
    levels += [
        f"a{number} AS MATERIALIZED (SELECT e.who, min(e.t) AS t FROM e JOIN a{number - 1} AS a "
        f"ON e.who = a.who AND e.t > a.t WHERE m{number} GROUP BY e.who)"
        for number in range(1, len(steps))
    ]
    counts = ", ".join(f"(SELECT count(*) FROM a{number})" for number in range(len(steps)))
    return (
        f"WITH e AS MATERIALIZED (SELECT hash({key}) AS who, epoch_us(created_at::TIMESTAMP) // 1000 AS t, {marks} FROM events "
        f"WHERE {asked.where()} AND ({passes})), {', '.join(levels)} SELECT {counts}"
    )


def _weeks(people: str) -> str:
    week = f"SELECT DISTINCT who, t // {7 * _DAY_MS} AS week FROM ({people})"
    return (
        f"WITH w AS MATERIALIZED ({week}) SELECT a.week, count(*), count(b.who) FROM w AS a "
        "LEFT JOIN w AS b ON a.who = b.who AND b.week = a.week + 1 GROUP BY 1 ORDER BY 1"
    )


def _cohorts(people: str) -> str:
    return (
        "SELECT first, last - first, count(*) FROM (SELECT min(week) AS first, max(week) AS last FROM "
        f"(SELECT who, t // {7 * _DAY_MS} AS week FROM ({people})) GROUP BY who) GROUP BY 1, 2"
    )


def _flow(asked: Asked, start: str) -> str:
    return (
        "WITH s AS (SELECT list(name ORDER BY created_at) AS names FROM events WHERE name NOT IN "
        f"('session_start', 'session_end') AND {asked.where()} AND hash(session_id) IN (SELECT hash(session_id) "
        f"FROM events WHERE name = '{start}' AND {asked.where()}) GROUP BY hash(session_id)) "
        f"SELECT names[list_position(names, '{start}'):][:5], count(*) FROM s GROUP BY 1 ORDER BY 2 DESC LIMIT 1000"
    )


def _print(store: dict[str, Any]) -> None:
    is_large = store["events"] >= 10_000_000
    rows = []
    for row in store["rows"]:
        target = _TARGETS.get(row["question"], 0) if is_large else 0
        rows.append(
            (
                row["question"], row["ms"], row["again_ms"], row["bare_ms"], f"≤ {target}" if target else "",
                verdict(not target or row["ms"] <= target),
            )
        )  # fmt: skip
    title = f"Questions on behaviour of {store['events']:,} events, 30 days ({machine()})"
    table(title, ("question", "ms", "again", "bare ms", "OpenPanel", ""), rows)
    note(f"The store: {store['how']}.")
    note(AGAIN)


if __name__ == "__main__":
    main()
