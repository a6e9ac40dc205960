"""Imports: event rows and log lines a second, by the wall clock of the whole command, start and end included.

Beside each, in the same run, the least that could be done with the same file: DuckDB reads the rows into a
table of the same columns, and Python matches every line with one regular expression.
"""

import argparse
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from bench.processes import Ran
from bench.projects import make_projects, scratch
from bench.report import keep, machine, note, progress, table, verdict
from footfall.demo.access_log import write_access_log
from footfall.demo.traffic import events, ndjson
from footfall.store.schema import ENGINE_TYPES, EVENTS, Kind

# A real log that is kept beside the repository; where it is not, it is left out.
APACHE_LOG = Path(__file__).parents[2] / "shared" / "data" / "apache_logs"
_PROJECT = "bench"
_DAYS = 30
_LINE = re.compile(
    r'(\S+) \S+ \S+ \[([^\]]+)\] "(\S+) ([^" ]*)[^"]*" (\d+) \S+ "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"'
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.imports", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=500_000, help="event rows, and lines of the log (500,000)")
    rows = parser.parse_args().rows
    with scratch() as folder:
        measured = [_events(folder, rows), _log(folder, rows)]
        if APACHE_LOG.exists():
            measured.append(_apache(folder, rows))
    result = {"imports": measured}
    _print(result)
    keep("imports", result)


def _events(folder: Path, rows: int) -> dict[str, Any]:
    progress(f"{rows:,} event rows")
    file = folder / "events.ndjson"
    now = time.time_ns() // 1_000_000
    with file.open("wb") as out:
        for batch in events(3, rows, _DAYS, now, [_PROJECT]):
            out.write(ndjson(batch))
    return _measured(
        "event rows (NDJSON)", "events", folder, file, rows, 100_000, lambda: _read_rows(folder, file)
    )


def _log(folder: Path, lines: int) -> dict[str, Any]:
    progress(f"{lines:,} log lines")
    file = folder / "access.log"
    write_access_log(3, lines, file)
    return _measured("log lines, made up", "access-log", folder, file, lines, 50_000, lambda: _match_lines(file))


def _apache(folder: Path, lines: int) -> dict[str, Any]:
    """The real log again and again, each time a fortnight later, until there are enough lines."""
    progress(f"{APACHE_LOG.name}, repeated")
    file = folder / "apache.log"
    text = APACHE_LOG.read_text()
    times = max(1, lines // text.count("\n"))
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    with file.open("w") as out:
        for number in range(times):
            out.write(text.replace("/May/2015:", f"/{months[number % 12]}/{2000 + number // 12}:"))
    lines = times * text.count("\n")
    return _measured(
        "log lines, apache_logs", "access-log", folder, file, lines, 50_000, lambda: _match_lines(file)
    )


def _measured(
    what: str, kind: str, folder: Path, file: Path, lines: int, target: int, least: Callable[[], int]
) -> dict[str, Any]:
    data = folder / file.stem
    make_projects(data, [_PROJECT])
    ran = Ran("import", kind, str(file), "--project", _PROJECT, "--data", str(data), "--json")
    assert ran.answer["lines"] == lines, ran.answer
    started = time.perf_counter()
    read = least()
    least_seconds = time.perf_counter() - started
    assert read == lines, (read, lines)
    megabytes = file.stat().st_size / 1e6
    on_disk = (data / "events.duckdb").stat().st_size / ran.answer["added"]
    file.unlink()
    return {
        "what": what, "lines": lines, "megabytes": megabytes, "added": ran.answer["added"], "seconds": ran.seconds,
        "per_s": lines / ran.seconds, "cpu_us": ran.cpu_seconds / lines * 1e6, "cores_percent": ran.per_core,
        "least_per_s": lines / least_seconds, "ratio": least_seconds / ran.seconds, "target": target,
        "bytes_per_event": on_disk,
    }  # fmt: skip


def _read_rows(folder: Path, file: Path) -> int:
    """DuckDB alone: the file's rows into an events table of a new file."""
    with duckdb.connect(str(folder / "least.duckdb")) as store:
        names = [column for column in EVENTS.columns if column.name != "first_view"]
        types = {
            **ENGINE_TYPES["duckdb"],
            Kind.MAP: "JSON",
            Kind.TIME: "TIMESTAMP",
            Kind.TIME_OR_NONE: "TIMESTAMP",
        }
        columns = ", ".join(f"{column.name}: '{types[column.kind]}'" for column in names)
        select = ", ".join(
            f"{column.name}::{ENGINE_TYPES['duckdb'][column.kind]} AS {column.name}" for column in names
        )
        store.execute(
            f"CREATE TABLE events AS SELECT {select} FROM read_ndjson(?, columns = {{{columns}}}) "
            "ORDER BY project_id, created_at",
            [str(file)],
        )
        return int((store.execute("SELECT count(*) FROM events").fetchone() or (0,))[0])


def _match_lines(file: Path) -> int:
    """Python alone: one regular expression a line."""
    match = _LINE.match
    with file.open(encoding="utf-8", errors="replace") as lines:
        return sum(1 for line in lines if match(line) or True)


def _print(result: dict[str, Any]) -> None:
    columns = (
        "what",
        "lines",
        "added",
        "s",
        "lines/s",
        "target",
        "",
        "µs CPU",
        "cores %",
        "least/s",
        "ratio",
        "B/event",
    )
    rows = [
        (
            each["what"], each["lines"], each["added"], each["seconds"], int(each["per_s"]), f"≥ {each['target']:,}",
            verdict(each["per_s"] >= each["target"]), each["cpu_us"],
            "+".join(map(str, each["cores_percent"])), int(each["least_per_s"]), each["ratio"],
            each["bytes_per_event"],
        )
        for each in result["imports"]
    ]  # fmt: skip
    table(f"Imports: the whole command, nothing else running ({machine()})", columns, rows)
    note("µs CPU: of all the command's processes, a line. cores %: how busy each core was, whoever kept it so.")
    note(
        "least/s: DuckDB's own reader into a table of the same columns, or one regular expression a line in Python."
    )


if __name__ == "__main__":
    main()
