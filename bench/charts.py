"""Charts (`GET /export/charts`) over HTTP, warm, beside the least SQL for the same numbers.

As `bench.query`: 30 days, one client, the same file and settings. The targets are half of what OpenPanel's own
queries took on ClickHouse with ten million events on a machine of this size (issue 3).
"""

import json
from functools import partial
from typing import Any
from urllib.parse import quote

import duckdb
from msgspec import Struct

from bench.bare import Asked
from bench.fill import Filled, describe
from bench.projects import ZONE
from bench.query import AGAIN, compare, day, getting, last_days, over_http, run, settings_of_server, timed
from bench.report import machine, note, progress, table, verdict

UTM = "properties.__query.utm_source"
_UTM_SQL = "coalesce(variant_extract(properties, '__query.utm_source')::VARCHAR, '')"


class Case(Struct, frozen=True):
    """What is asked, SQL for the same numbers, and what OpenPanel took for ten million events, in ms."""

    query: str
    sql: str
    openpanel_ms: int = 0


def main() -> None:
    """Measure and print."""
    compare("charts", __doc__, _measure, _print)


def _measure(store: Filled, times: int) -> dict[str, Any]:
    span = last_days(store.end_ms)
    project = store.reader.project
    cases = _cases(Asked(project, *span, ZONE))
    progress(f"asking {store.events:,} events")
    dates = f"startDate={day(span[0])}&endDate={day(span[1] - 1)}"
    questions = {
        name: getting(f"/export/charts?projectId={project}&{case.query}&{dates}") for name, case in cases.items()
    }
    ours = over_http(store.folder, store.reader.headers, questions, times)
    progress("the same in bare SQL")
    with duckdb.connect(
        str(store.folder / "events.duckdb"), read_only=True, config=settings_of_server()
    ) as opened:
        bare = {name: timed(partial(run, opened, [case.sql]), times) for name, case in cases.items()}
    rows = [
        {
            "chart": name,
            "ms": round(ours[name].ms, 2),
            "again_ms": round(ours[name].again_ms, 2),
            "bare_ms": round(bare[name][0], 2),
            "openpanel_ms": cases[name].openpanel_ms if store.events >= 10_000_000 else 0,
            "same": _is_same(ours[name].answer, bare[name][1]),
        }
        for name in cases
    ]
    return {**describe(store), "rows": rows}


def _cases(asked: Asked) -> dict[str, Case]:
    where, slot = f"{asked.where()} AND name = 'screen_view'", asked.day()
    select = f"SELECT {slot} AS slot, count(*) AS n"
    seen = f"SELECT {slot} AS slot, hash(profile_id) AS v"
    people = f"SELECT slot, count(*) AS n FROM ({seen} FROM events WHERE {where} GROUP BY 1, 2)"
    carts = f"{asked.where()} AND name = 'add_to_cart'"
    utm = [{"name": UTM, "operator": "is", "value": ["newsletter"]}]
    quantity = "try_cast(variant_extract(properties, 'quantity')::VARCHAR AS DOUBLE)"
    return {
        "events by day": Case(_events(), f"{select} FROM events WHERE {where} GROUP BY 1", 54),
        "users by day": Case(_events(segment="user"), f"{people} GROUP BY 1", 131),
        "events by country": Case(
            _events() + _by("country"), f"{select}, country FROM events WHERE {where} GROUP BY 1, 3", 71
        ),
        "events by a property": Case(
            _events() + _by(UTM), f"{select}, {_UTM_SQL} AS p FROM events_data WHERE {where} GROUP BY 1, 3", 181
        ),
        "with a property filter": Case(
            _events(filters=utm),
            f"{select} FROM events WHERE {where} AND {_UTM_SQL} = 'newsletter' GROUP BY 1",
            141,
        ),
        "users by country": Case(
            _events(segment="user") + _by("country"),
            f"SELECT slot, count(*) AS n, c FROM ({seen}, country AS c FROM events WHERE {where} GROUP BY 1, 2, 3) "
            "GROUP BY 1, 3",
        ),
        "sessions by day": Case(
            _events(segment="session"),
            f"SELECT {slot} AS slot, count(DISTINCT hash(session_id)) AS n FROM events WHERE {where} GROUP BY 1",
        ),
        "sum of a property": Case(
            _events("add_to_cart", segment="property_sum", property="properties.quantity"),
            f"SELECT {slot} AS slot, sum({quantity}) AS n FROM events_data WHERE {carts} GROUP BY 1",
        ),
        "events by path": Case(_events() + _by("path"), f"{select}, path FROM events WHERE {where} GROUP BY 1, 3"),
    }


def _events(name: str = "screen_view", **more: object) -> str:
    return f"events={quote(json.dumps([{'name': name, **more}]))}"


def _by(name: str) -> str:
    return f"&breakdowns={quote(json.dumps([{'name': name}]))}"


def _is_same(body: dict[str, Any], rows: list[tuple[Any, ...]]) -> bool:
    found = sum(point["count"] for series in body["series"] for point in series["data"])
    return bool(abs(found - sum(row[1] for row in rows)) < 1e-6 * max(1, found))


def _print(store: dict[str, Any]) -> None:
    rows = []
    for row in store["rows"]:
        target = row["openpanel_ms"] / 2
        is_met = verdict(row["ms"] <= target) if target else ""
        shown = (row["openpanel_ms"], f"≤ {target:g}") if target else ("", "")
        rows.append(
            (
                row["chart"],
                row["ms"],
                row["again_ms"],
                row["bare_ms"],
                *shown,
                is_met,
                "yes" if row["same"] else "NO",
            )
        )
    columns = ("chart", "ms", "again", "bare ms", "OpenPanel ms", "target", "", "same")
    table(f"Charts of {store['events']:,} events, 30 days ({machine()})", columns, rows)
    note(f"The store: {store['how']}.")
    note(AGAIN)
    note(
        "ms: median over HTTP with everything. bare ms: hand-written SQL for the same numbers, same file and settings."
    )


if __name__ == "__main__":
    main()
