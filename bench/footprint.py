"""Footprint: bytes on disk for an event, memory when idle, and how long a start takes."""

import argparse
import subprocess
import sys
import time
from statistics import median
from typing import Any

import duckdb

from bench.fill import Filled, describe, filled, folder
from bench.processes import Connection, Footfall
from bench.projects import scratch
from bench.query import ENDPOINTS
from bench.report import keep, machine, note, progress, table, verdict
from bench.storage import sizes

_DEAREST = 16
_STARTS = 3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.footprint", description=__doc__)
    parser.add_argument("--events", default="1000000,10000000", help="sizes of the stores (1000000,10000000)")
    parser.add_argument("--questions", type=int, default=1000, help="before memory is looked at again (1000)")
    options = parser.parse_args()
    result: dict[str, Any] = {"imports_ms": _import_times(), "empty": _empty()}
    with folder() as base:
        result["stores"] = [
            _store(filled(base, int(size)), options.questions) for size in options.events.split(",")
        ]
    _print(result)
    keep("footprint", result)


def _import_times() -> dict[str, float]:
    """Ms to import, beside Python's own start."""
    progress("import times")

    def run(code: str) -> float:
        took = []
        for _ in range(5):
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            took.append(time.perf_counter() - started)
        return median(took) * 1000

    bare = run("pass")
    return {"python": bare, "footfall.cli.main": run("import footfall.cli.main") - bare}


def _empty() -> dict[str, Any]:
    """A server on an empty folder."""
    progress("an empty server")
    with scratch() as base, Footfall(base / "data") as footfall:
        time.sleep(2)
        return {"started_in": footfall.started_in, **footfall.memory()}


def _store(store: Filled, questions: int) -> dict[str, Any]:
    progress(f"{store.events:,} events")
    starts = []
    for _ in range(_STARTS):
        with Footfall(store.folder) as footfall:
            starts.append(footfall.started_in)
    with Footfall(store.folder) as footfall:
        time.sleep(2)
        idle = footfall.memory()
        _ask(footfall, store, questions)
        time.sleep(2)
        after = footfall.memory()
    return {
        **describe(store), "start_s": median(starts), "idle": idle, "after": after, "questions": questions,
        **_on_disk(store),
    }  # fmt: skip


def _ask(footfall: Footfall, store: Filled, number: int) -> None:
    """Every endpoint in turn, of the large and the small project."""
    with Connection(footfall.port) as connection:
        for turn in range(number):
            reader = (store.reader, store.small_reader)[turn % 2]
            path = f"/insights/{reader.project}/{ENDPOINTS[turn // 2 % len(ENDPOINTS)]}?range=30d"
            connection.get(path, reader.headers)


def _on_disk(store: Filled) -> dict[str, Any]:
    path = store.folder / "events.duckdb"
    with duckdb.connect(str(path), read_only=True) as file:
        rows = {
            name: int((file.execute(f"SELECT count(*) FROM {name}").fetchone() or (0,))[0])
            for name in ("events", "sessions", "dwells", "profiles")
        }
    found = sizes(path)
    columns = sorted(found.columns.items(), key=lambda item: -item[1])
    return {
        "file_bytes": path.stat().st_size,
        "free_bytes": found.free,
        "rows": rows,
        "table_bytes": {name: found.of(name) + found.of(f"{name}_data") for name in rows},  # behind a view
        "column_bytes": [
            {"table": key[0], "column": key[1], "bytes": size, "compression": found.compression[key]}
            for key, size in columns
        ],
    }


def _print(result: dict[str, Any]) -> None:
    times, empty = result["imports_ms"], result["empty"]
    largest = result["stores"][-1]
    rows: list[tuple[object, ...]] = []
    for store in result["stores"]:
        name = f"{store['events'] / 1e6:g} M events"
        per_event = store["file_bytes"] / store["events"]
        rows += [
            (f"{name}: bytes/event on disk", per_event, "≤ 60", verdict(per_event <= 60)),
            ("… by what questions count, starts and ends of sessions too", store["file_bytes"] / store["rows"]["events"],
             "", ""),
            (f"{name}: start, s", store["start_s"], "≤ 2", verdict(store["start_s"] <= 2)),
            (f"{name}: resident, idle, MB", store["idle"]["resident"], "≤ 180",
             verdict(store["idle"]["resident"] <= 180)),
            (f"{name}: … after {store['questions']:,} questions, MB", store["after"]["resident"], "", ""),
        ]  # fmt: skip
    rows += [
        ("empty store: start, s", empty["started_in"], "≤ 2", verdict(empty["started_in"] <= 2)),
        ("empty store: resident, idle, MB", empty["resident"], "≤ 180", verdict(empty["resident"] <= 180)),
        ("… of it of no file, MB", empty["anonymous"], "", ""),
        ("import footfall.cli.main, ms", times["footfall.cli.main"], "", ""),
        ("(Python's own start, ms)", times["python"], "", ""),
    ]
    table(f"Footprint ({machine()})", ("what", "found", "target", ""), rows)
    events = largest["events"]
    table(
        f"On disk, {events / 1e6:g} M events",
        ("table", "rows", "MB", "bytes/row", "bytes/event"),
        [
            (name, number, size / 1e6, size / max(1, number), size / events)
            for name, number in largest["rows"].items()
            for size in [largest["table_bytes"][name]]
        ],
    )
    dearest = largest["column_bytes"][:_DEAREST]
    table(
        "The dearest columns",
        ("column", "bytes/event", "share %", "compression"),
        [
            (f"{each['table']}.{each['column']}", each["bytes"] / events,
             100 * each["bytes"] / largest["file_bytes"], each["compression"])
            for each in dearest
        ],
    )  # fmt: skip
    note(f"bytes/event: by the {events:,} events that came in; the table also holds their sessions' marks.")
    for store in result["stores"]:
        note(f"{store['events']:,}: {store['how']}; {store['free_bytes'] / 1e6:.0f} MB of the file are free.")


if __name__ == "__main__":
    main()
