"""Ingest: acknowledged single-event POSTs a second, beside an empty handler in the same run.

The load comes from one of two cores. The empty handler has the other one; Footfall has both, as on a machine of its
own: what it does beside answering goes where the load leaves room. With `--one-core` it shares the empty handler's,
with everything it does: requests, journal, disk, drain, store. They take turns, so what else goes on here hits both.
"""

import argparse
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from bench.load import Generator, Load
from bench.processes import Connection, Footfall, Process, cores
from bench.projects import make_client, make_projects, scratch
from bench.recording import record, record_umami
from bench.report import keep, machine, note, progress, table, verdict
from footfall.demo.traffic import origin_of
from footfall.model.project import ClientMode

CONNECTIONS = (8, 64, 256)
_RECORDED = 20_000
_PROJECT, _PROBED = "bench", "probe"
_DRAINED_WITHIN = 120.0


def main() -> None:
    """Measure and print."""
    options = _options()
    with ExitStack() as stack:
        data = stack.enter_context(scratch()) / "data"
        make_projects(data, [_PROJECT, _PROBED])
        writer = make_client(data, _PROJECT, ClientMode.WRITE)
        served, driven = cores()
        origin = origin_of(_PROJECT)
        recorded = (
            record_umami(_RECORDED, _PROJECT, origin) if options.umami else record(_RECORDED, writer.id, origin)
        )
        generator = Generator(recorded, driven, own=options.own)
        stack.callback(generator.close)
        empty = stack.enter_context(Process((sys.executable, "-m", "bench.empty"), served))
        with Footfall(data, served if options.one_core else served | {min(driven)}) as footfall:
            result = _measure(footfall, empty, generator, data, options)
        result["cores"] = "one core" if options.one_core else "two cores, one of them with the load"
        result["path"] = "/api/send" if options.umami else "/track"
        result["stored"] = _stored(data)
        result["bytes_per_event"] = (data / "events.duckdb").stat().st_size / result["stored"]
    _print(result, generator)
    keep("ingest-umami" if options.umami else "ingest", result)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.ingest", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5, help="of one load (5)")
    parser.add_argument("--rounds", type=int, default=3, help="of both servers at each number of connections (3)")
    parser.add_argument(
        "--steady", type=float, default=30, help="seconds of the load under which the drain is watched"
    )
    parser.add_argument("--one-core", action="store_true", help="Footfall on the empty handler's core alone")
    parser.add_argument("--umami", action="store_true", help="send to /api/send, not to /track")
    parser.add_argument("--own", action="store_true", help="use our own client even where wrk is")
    return parser.parse_args()


def _measure(
    footfall: Footfall, empty: Process, generator: Generator, data: Path, options: argparse.Namespace
) -> dict[str, Any]:
    generator.send(empty.port, 8, 2)
    # A busy drain gets a helper (decision 023) after two to four seconds.
    acknowledged = generator.send(footfall.port, 64, 2 if options.one_core else 6).answered
    rows = []
    for connections in CONNECTIONS:
        progress(f"{connections} connections")
        loads: dict[str, list[Load]] = {"empty": [], "footfall": []}
        cpu = 0.0
        for _ in range(options.rounds):
            loads["empty"].append(generator.send(empty.port, connections, options.seconds))
            before = footfall.cpu_seconds()
            loads["footfall"].append(generator.send(footfall.port, connections, options.seconds))
            cpu += footfall.cpu_seconds() - before
            _wait_for_drain(footfall)
        rows.append(_row(connections, loads, cpu))
        acknowledged += sum(load.answered for load in loads["footfall"])
    progress("the drain under a steady load")
    steady = _steady(footfall, generator, options.steady)
    progress("how long until an event can be seen")
    reader = Prober(footfall, data)
    idle = reader.lags(10)
    with _under_load(generator, footfall.port, 8):
        busy = reader.lags(8)
    return {
        "generator": generator.name, "rates": rows, "steady": steady, "visible_ms": {"idle": idle, "busy": busy},
        "acknowledged_at_least": acknowledged + steady["answered"],
    }  # fmt: skip


def _row(connections: int, loads: dict[str, list[Load]], cpu: float) -> dict[str, Any]:
    empty, footfall = (median(load.per_second for load in loads[name]) for name in ("empty", "footfall"))
    ours = loads["footfall"]
    return {
        "connections": connections,
        "empty_per_s": empty,
        "footfall_per_s": footfall,
        "ratio": footfall / empty,
        "p50_ms": median(load.p50 for load in ours),
        "p99_ms": median(load.p99 for load in ours),
        "longest_ms": max(load.longest for load in ours),
        "refused": sum(load.refused for load in ours),
        "cpu_us": cpu / sum(load.answered for load in ours) * 1e6,
        "empty_p50_ms": median(load.p50 for load in loads["empty"]),
        "empty_p99_ms": median(load.p99 for load in loads["empty"]),
    }


def _steady(footfall: Footfall, generator: Generator, seconds: float) -> dict[str, Any]:
    """One long load at 64 connections: the backlog as it goes on, and how long until it is gone."""
    found: list[Load] = []
    thread = threading.Thread(target=lambda: found.append(generator.send(footfall.port, 64, seconds)))
    thread.start()
    backlog = []
    while thread.is_alive():
        thread.join(2)
        backlog.append(int(footfall.gauge("journal_backlog_records")))
    load = found[0]
    return {
        "seconds": load.seconds, "answered": load.answered, "per_s": load.per_second, "p99_ms": load.p99,
        "refused": load.refused, "backlog": backlog, "backlog_at_end": backlog[-1],
        "empty_after_s": _wait_for_drain(footfall),
    }  # fmt: skip


def _wait_for_drain(footfall: Footfall) -> float:
    """Seconds until nothing waits in the journal."""
    started = time.perf_counter()
    while footfall.gauge("journal_backlog_records"):
        if time.perf_counter() - started > _DRAINED_WITHIN:
            raise RuntimeError(f"the drain is not done after {_DRAINED_WITHIN:.0f} s")
        time.sleep(0.05)
    return time.perf_counter() - started


@contextmanager
def _under_load(generator: Generator, port: int, connections: int) -> Iterator[None]:
    thread = threading.Thread(target=generator.send, args=(port, connections, 10))
    thread.start()
    time.sleep(1)
    try:
        yield
    finally:
        thread.join()


class Prober:
    """Sends one event of a new visitor and asks `live` until it counts one more."""

    def __init__(self, footfall: Footfall, data: Path) -> None:
        self._port = footfall.port
        self._writer = make_client(data, _PROBED, ClientMode.WRITE)
        self._reader = make_client(data, _PROBED, ClientMode.READ)
        self._sent = 0
        time.sleep(1.5)  # a server sees a new client within a second

    def lags(self, number: int) -> list[float]:
        """Ms from the acknowledgement to the answer that counts the event, sorted."""
        with (
            Connection(self._port, self._writer.headers) as sender,
            Connection(self._port, self._reader.headers) as asker,
        ):
            return sorted(self._lag(sender, asker) for _ in range(number))

    def _lag(self, sender: Connection, asker: Connection) -> float:
        time.sleep(0.3)
        self._sent += 1
        headers = {"content-type": "application/json", "x-forwarded-for": f"73.15.0.{self._sent}"}
        headers["user-agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
        sender.post("/track", b'{"type":"track","payload":{"name":"probe"}}', headers)
        acknowledged = time.perf_counter()
        while asker.get_json(f"/insights/{_PROBED}/live")["visitors"] < self._sent:
            if time.perf_counter() - acknowledged > 30:
                raise RuntimeError("an acknowledged event was not to be seen for 30 s")
            time.sleep(0.005)
        return round((time.perf_counter() - acknowledged) * 1000, 1)


def _stored(data: Path) -> int:
    """The events in the store, without the marks of sessions, once the server is gone."""
    with duckdb.connect(str(data / "events.duckdb"), read_only=True) as store:
        marks = "('session_start', 'session_end')"
        found = store.execute(
            f"SELECT count(*) FROM events WHERE project_id = ? AND name NOT IN {marks}", [_PROJECT]
        )
        return int((found.fetchone() or (0,))[0])


def _print(result: dict[str, Any], generator: Generator) -> None:
    columns = ("connections", "empty/s", "footfall/s", "ratio", "p50 ms", "p99 ms", "longest", "µs CPU", "refused")
    names = (
        "connections",
        "empty_per_s",
        "footfall_per_s",
        "ratio",
        "p50_ms",
        "p99_ms",
        "longest_ms",
        "cpu_us",
        "refused",
    )
    rows = [[str(row["connections"]), *(row[name] for name in names[1:])] for row in result["rates"]]
    table(
        f"Ingest: POST {result['path']}, acknowledged = on disk ({machine()}; Footfall on {result['cores']}; "
        f"load by {generator.name})",
        columns,
        rows,
    )
    at_64 = next(row for row in result["rates"] if row["connections"] == 64)
    steady, visible = result["steady"], result["visible_ms"]
    note(
        "The µs of CPU are all that Footfall used meanwhile, with drain, helper and store, by the requests answered."
    )
    targets = [
        ("acknowledged/s at 64", at_64["footfall_per_s"], "≥ 8,000", verdict(at_64["footfall_per_s"] >= 8000)),
        ("p99 at 64, ms", at_64["p99_ms"], "≤ 30", verdict(at_64["p99_ms"] <= 30)),
        ("of the empty handler's rate at 64", at_64["ratio"], "≥ 0.40", verdict(at_64["ratio"] >= 0.4)),
        (f"backlog after {steady['seconds']:.0f} s at 64 ({steady['per_s']:,.0f}/s)", steady["backlog_at_end"],
         "≤ 1 s of load", verdict(steady["backlog_at_end"] <= steady["per_s"])),
        ("… gone after, s", steady["empty_after_s"], "≤ 1", verdict(steady["empty_after_s"] <= 1)),
        ("visible after, idle, ms (median)", median(visible["idle"]), "≤ 1,000", verdict(visible["idle"][-1] <= 1000)),
        ("visible after, under load, ms (median)", median(visible["busy"]), "≤ 1,000", verdict(visible["busy"][-1] <= 1000)),
        ("events stored of those acknowledged", result["stored"], f"≥ {result['acknowledged_at_least']:,}",
         verdict(result["stored"] >= result["acknowledged_at_least"])),
    ]  # fmt: skip
    table("Targets", ("what", "found", "target", ""), targets)
    note(f"On disk, once stopped: {result['bytes_per_event']:.0f} bytes an event.")
    note(f"Backlog every 2 s of the steady load: {', '.join(f'{each:,}' for each in steady['backlog'])}")
    note(
        f"Visible after at most {visible['idle'][-1]} ms idle, {visible['busy'][-1]} ms under load at 8 connections."
    )


if __name__ == "__main__":
    main()
