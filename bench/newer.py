"""The newer Insights endpoints on visits, pages, people and groups: over HTTP, warm, beside the least SQL.

As `bench.query`: 30 days, one client, the same file and settings. People are asked about all time.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
from msgspec import Struct

from bench.bare import Asked, statements
from bench.fill import Filled, describe
from bench.projects import ZONE
from bench.query import AGAIN, compare, day, getting, last_days, over_http, run, settings_of_server, timed
from bench.report import machine, note, progress, table, verdict

_TARGET_MS = 150


class Case(Struct, frozen=True):
    """A path below the project, with its query, and SQL for the same answer."""

    path: str
    sql: list[str]


def main() -> None:
    """Measure and print."""
    compare("newer", __doc__, _measure, _print)


def _measure(store: Filled, times: int) -> dict[str, Any]:
    span = last_days(store.end_ms)
    asked = Asked(store.reader.project, *span, ZONE)
    with _opened(store.folder) as opened:
        cases = {**_of_pages(asked), **_of_people(asked, *_somebody(opened, asked))}
    progress(f"asking {store.events:,} events")
    dates = f"startDate={day(span[0])}&endDate={day(span[1] - 1)}"
    questions = {
        name: getting(f"/insights/{asked.project}/{case.path}{'&' if '?' in case.path else '?'}{dates}")
        for name, case in cases.items()
    }
    ours = over_http(store.folder, store.reader.headers, questions, times)
    progress("the same in bare SQL")
    with _opened(store.folder) as opened:
        bare = {name: timed(partial(run, opened, case.sql), times)[0] for name, case in cases.items()}
    rows = [
        {
            "endpoint": name,
            "ms": round(ours[name].ms, 2),
            "again_ms": round(ours[name].again_ms, 2),
            "bare_ms": round(bare[name], 2),
        }
        for name in cases
    ]
    return {**describe(store), "rows": rows}


def _opened(data: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(data / "events.duckdb"), read_only=True, config=settings_of_server())


def _of_pages(asked: Asked) -> dict[str, Case]:
    where = asked.sessions("entry_origin, entry_path, screen_view_count, revenue")
    entries = (
        f"SELECT entry_origin, entry_path, count(*), sum(screen_view_count), sum(revenue) FROM {where} "
        "WHERE entry_path <> '' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 1000"
    )
    pages = [statement.replace("LIMIT 10", "LIMIT 1000") for statement in statements("pages", asked, 0)]
    return {
        "overview": Case("overview?interval=day", statements("metrics", asked, 0)),
        "pages/top": Case("pages/top", pages),
        "pages/entry_exit": Case("pages/entry_exit", [entries]),
        "pages/performance": Case("pages/performance?sortBy=bounce_rate", pages),
        "traffic/referrers": Case("traffic/referrers", statements("referrer_name", asked, 0)),
        "traffic/geo": Case("traffic/geo", statements("country", asked, 0)),
        "traffic/devices": Case("traffic/devices?breakdown=browser", statements("browser", asked, 0)),
    }


def _somebody(store: duckdb.DuckDBPyConnection, asked: Asked) -> tuple[str, str, str]:
    """A known person of many sessions, an anonymous device, a group; all of the project."""
    mine = f"project_id = '{asked.project}'"
    known = f"SELECT profile_id FROM sessions WHERE {mine} AND profile_id <> device_id GROUP BY 1 ORDER BY count(*) DESC"
    anonymous = f"SELECT device_id FROM sessions WHERE {mine} AND profile_id = device_id ORDER BY created_at DESC"
    groups = f"SELECT id FROM groups WHERE {mine} ORDER BY id"
    found = [store.execute(f"{sql} LIMIT 1").fetchall()[0][0] for sql in (known, anonymous, groups)]
    return found[0], found[1], found[2]


def _of_people(asked: Asked, known: str, device: str, group: str) -> dict[str, Case]:
    mine = f"project_id = '{asked.project}'"
    newest = f"SELECT * FROM profiles WHERE {mine} ORDER BY last_seen_at DESC, id LIMIT 20"
    often = (
        f"SELECT profile_id FROM sessions WHERE {mine} AND profile_id <> device_id GROUP BY 1 HAVING count(*) >= 3"
    )
    events = "SELECT * FROM events WHERE {0} AND profile_id = '{1}' ORDER BY created_at DESC LIMIT 20"
    sessions = f"SELECT * FROM sessions WHERE {mine} AND profile_id = '{known}' ORDER BY created_at DESC LIMIT 20"
    counted = (
        "SELECT count(*), countif(name = 'screen_view'), sum(revenue), min(created_at), max(created_at) "
        f"FROM events WHERE {mine} AND profile_id = '{known}'"
    )
    members = f"SELECT * FROM profiles WHERE {mine} AND list_contains(groups, '{group}') LIMIT 10"
    return {
        "profiles": Case("profiles", [newest]),
        "profiles of a country": Case(
            "profiles?country=DE",
            [newest.replace(mine, f"{mine} AND variant_extract(properties, 'country')::VARCHAR = 'DE'")],
        ),
        "profiles of 3 sessions": Case("profiles?minSessions=3", [often, newest]),
        "profiles/known": Case(f"profiles/{quote(known, safe='')}", [events.format(mine, known)]),
        "profiles/anonymous": Case(f"profiles/{device}", [events.format(mine, device)]),
        "profiles/known/sessions": Case(f"profiles/{quote(known, safe='')}/sessions", [sessions]),
        "profiles/known/metrics": Case(f"profiles/{quote(known, safe='')}/metrics", [counted, sessions]),
        "groups": Case("groups", [f"SELECT * FROM groups WHERE {mine} ORDER BY created_at DESC LIMIT 20"]),
        "groups/one": Case(f"groups/{quote(group, safe='')}", [members]),
    }


def _print(store: dict[str, Any]) -> None:
    rows: Sequence[tuple[Any, ...]] = [
        (
            *(row[name] for name in ("endpoint", "ms", "again_ms", "bare_ms")),
            f"≤ {_TARGET_MS}",
            verdict(row["ms"] <= _TARGET_MS),
        )
        for row in store["rows"]
    ]
    title = f"Newer questions of {store['events']:,} events, 30 days ({machine()})"
    table(title, ("endpoint", "ms", "again", "bare ms", "target", ""), rows)
    note(f"The store: {store['how']}.")
    note(AGAIN)


if __name__ == "__main__":
    main()
