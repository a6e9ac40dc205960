"""Questions: each Insights endpoint over HTTP, 30 days, one client, warm; beside the least SQL for its answer.

The SQL runs on the same file with the same settings of DuckDB, in this process, once the server is gone.
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from msgspec import Struct

from bench.bare import Asked, statements
from bench.fill import Filled, describe, filled, folder
from bench.processes import KEEPING, Connection, Footfall
from bench.projects import ZONE
from bench.report import keep, machine, note, progress, table, verdict
from footfall.query.breakdown import Dimension
from footfall.server.settings import Settings

ENDPOINTS = ("metrics", "live", "pages", *map(str, Dimension))
_DAYS = 30
_WARM_UP = 3
AGAIN = "ms: worked out anew each time. again: kept, as no event came since (answer_memory)."
_QUICK_MS = 15
"""An answer this quick is mostly HTTP and Python; by how much it is over the SQL says nothing."""


def main() -> None:
    """Measure and print."""
    compare("query", __doc__, _measure, _print)


def compare(
    name: str,
    about: str,
    measure: Callable[[Filled, int], dict[str, Any]],
    show: Callable[[dict[str, Any]], None],
    *,
    umami: bool = False,
) -> None:
    """The measurement `name` on stores of the sizes that are asked for: `measure(store, times)`, shown and kept."""
    parser = argparse.ArgumentParser(prog=f"python -m bench.{name}", description=about.splitlines()[0])
    parser.add_argument("--events", default="1000000,10000000", help="sizes of the stores (1000000,10000000)")
    parser.add_argument("--times", type=int, default=15, help="of each question (15)")
    options = parser.parse_args()
    with folder() as base:
        stores = [
            measure(filled(base, int(size), umami=umami), options.times) for size in options.events.split(",")
        ]
    for store in stores:
        show(store)
    keep(name, {"stores": stores})


def _measure(store: Filled, times: int) -> dict[str, Any]:
    span = last_days(store.end_ms)
    progress(f"asking {store.events:,} events")
    large, small = (
        over_http(store.folder, reader.headers, _questions(reader.project, span), times)
        for reader in (store.reader, store.small_reader)
    )
    progress("the same in bare SQL")
    bare = {
        credentials.project: _bare(store.folder, Asked(credentials.project, *span, ZONE), times)
        for credentials in (store.reader, store.small_reader)
    }
    rows = [
        {
            "endpoint": endpoint,
            "target_ms": _target(store.events, endpoint),
            "large": _compared(large[endpoint], bare[store.reader.project][endpoint], endpoint),
            "small": _compared(small[endpoint], bare[store.small_reader.project][endpoint], endpoint),
        }
        for endpoint in ENDPOINTS
    ]
    return {**describe(store), "rows": rows}


def _target(events: int, endpoint: str) -> int:
    return (60 if endpoint == "metrics" else 150) if events >= 10_000_000 else 0


def last_days(end_ms: int) -> tuple[int, int]:
    """The last 30 whole days of the store on the project's clock, in ms."""
    zone = ZoneInfo(ZONE)
    last = datetime.fromtimestamp(end_ms / 1000, UTC).astimezone(zone).date()
    ends = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (last - timedelta(_DAYS), last))
    since, until = (int(end.timestamp()) * 1000 for end in ends)
    return since, until


def day(ms: int) -> str:
    """That day on the project's clock, as a parameter."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(ZONE)).date().isoformat()


class Answered(Struct, frozen=True):
    """Median ms over HTTP, worked out anew each time and from memory, and the answer."""

    ms: float
    again_ms: float
    answer: Any


def over_http(
    data: Path, headers: Mapping[str, str], questions: Mapping[str, Callable[[Connection], Any]], times: int
) -> dict[str, Answered]:
    """Every question to a server that works all answers out, and to one that keeps them."""
    took: list[dict[str, tuple[float, Any]]] = []
    for settings in ({}, KEEPING):
        with Footfall(data, settings=settings) as footfall, Connection(footfall.port, headers) as connection:
            took.append({name: timed(partial(ask, connection), times) for name, ask in questions.items()})
    anew, again = took
    return {name: Answered(anew[name][0], again[name][0], anew[name][1]) for name in questions}


def getting(path: str) -> Callable[[Connection], Any]:
    """The question that a GET of this path is."""
    return lambda connection: connection.get_json(path)


def _questions(project: str, span: tuple[int, int]) -> dict[str, Callable[[Connection], Any]]:
    asked = f"startDate={day(span[0])}&endDate={day(span[1] - 1)}"
    return {endpoint: getting(f"/insights/{project}/{endpoint}?{asked}") for endpoint in ENDPOINTS}


def _bare(data: Path, asked: Asked, times: int) -> dict[str, tuple[float, Any]]:
    with duckdb.connect(str(data / "events.duckdb"), read_only=True, config=settings_of_server()) as store:
        now_ms = time.time_ns() // 1_000_000
        return {
            endpoint: timed(partial(run, store, statements(endpoint, asked, now_ms)), times)
            for endpoint in ENDPOINTS
        }


def settings_of_server() -> dict[str, Any]:
    """What the server opens DuckDB with."""
    return {"memory_limit": f"{Settings().memory_bytes // 1_000_000}MB", "preserve_insertion_order": "false"}


def run(store: duckdb.DuckDBPyConnection, sql: Sequence[str]) -> list[tuple[Any, ...]]:
    """The rows of the first statement; all are run."""
    return [store.execute(statement).fetchall() for statement in sql][0]  # noqa: RUF015


def timed(work: Callable[[], Any], times: int) -> tuple[float, Any]:
    """Median ms and the last answer, after warming up."""
    took = []
    answer = None
    for number in range(_WARM_UP + times):
        started = time.perf_counter()
        answer = work()
        if number >= _WARM_UP:
            took.append((time.perf_counter() - started) * 1000)
    return median(took), answer


def _compared(ours: Answered, bare: tuple[float, Any], endpoint: str) -> dict[str, Any]:
    return {
        "ms": round(ours.ms, 2),
        "again_ms": round(ours.again_ms, 2),
        "bare_ms": round(bare[0], 2),
        "ratio": round(ours.ms / bare[0], 2),
        "same": _is_same(endpoint, ours.answer, bare[1]),
    }


def _is_same(endpoint: str, answer: Any, rows: Sequence[tuple[Any, ...]]) -> bool:
    """Whether both found the same numbers; a page's sessions may differ by those over the ends of the range."""
    if endpoint == "live":
        return bool(answer["visitors"] == rows[0][0])
    if endpoint == "metrics":
        totals = answer["metrics"]
        ours = [totals["total_sessions"], totals["total_screen_views"], totals["unique_visitors"]]
        return ours == [rows[0][1], rows[0][5], rows[0][6]]
    if endpoint == "pages":
        return sorted(row["pageviews"] for row in answer) == sorted(row[2] for row in rows)
    return [row["sessions"] for row in answer] == [row[2] for row in rows]  # names are shown in words


def _print(store: dict[str, Any]) -> None:
    columns = (
        "endpoint",
        "ms",
        "again",
        "bare ms",
        "ratio",
        "target",
        "",
        "small: ms",
        "again",
        "bare ms",
        "ratio",
        "target",
        "",
        "same",
    )
    rows = []
    for row in store["rows"]:
        large, small, target = row["large"], row["small"], row["target_ms"]
        is_met = not target or (large["ms"] <= target and (large["ratio"] <= 2 or large["ms"] <= _QUICK_MS))
        rows.append(
            (
                row["endpoint"], large["ms"], large["again_ms"], large["bare_ms"], large["ratio"],
                f"≤ {target}, 2×" if target else "", verdict(is_met), small["ms"], small["again_ms"],
                small["bare_ms"], small["ratio"], "≤ 15", verdict(small["ms"] <= 15),
                "yes" if large["same"] and small["same"] else "NO",
            )
        )  # fmt: skip
    table(f"Questions of {store['events']:,} events, 30 days ({machine()})", columns, rows)
    note(f"The store: {store['how']}.")
    note(
        "ms: median over HTTP with everything. bare ms: hand-written SQL for the same answer, same file and settings."
    )
    note(AGAIN)
    note("same: both found the same numbers. small: a project with 0.2 % of the events.")


if __name__ == "__main__":
    main()
