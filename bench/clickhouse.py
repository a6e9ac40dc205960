"""The same questions to Footfall, over HTTP, and to ClickHouse's engine, on the same events of the same machine.

How fast a machine is changes all times, so what a peer's store takes right beside is the fairer measure. The engine
runs in this process (`chdb`), on a table of the events in the order in which OpenPanel keeps them (openpanel contract
§6.1), with the least SQL for each answer. People are counted by `uniq`, as OpenPanel does, which is near and not exact,
and by `uniqExact`, which tells what Footfall tells. A funnel by profile asks for the profile of an event's session in
the end (§9.3), so that steps before the sign-in count.
"""

import tempfile
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import msgspec
from chdb.session import Session
from msgspec import Struct

from bench.charts import UTM
from bench.fill import Filled, describe
from bench.projects import ZONE
from bench.query import AGAIN, compare, day, getting, last_days, over_http, timed
from bench.report import machine, note, progress, table, verdict

_CORES = 2
_COPIED = """
COPY (
  SELECT project_id, name, created_at::TIMESTAMP AS created_at, device_id, session_id, path, country,
    CASE WHEN profile_id = '' THEN device_id ELSE profile_id END AS profile_id,
    from_json(properties::JSON, '"MAP(VARCHAR,VARCHAR)"') AS properties
  FROM events_data
) TO '{}' (FORMAT parquet)
"""
_COPIED_SESSIONS = """
COPY (SELECT project_id, id, created_at::TIMESTAMP AS created_at, profile_id FROM sessions_data WHERE profile_id <> '')
TO '{}' (FORMAT parquet)
"""
_TABLE = """
CREATE TABLE events (
  project_id String, name LowCardinality(String), created_at DateTime64(3, 'UTC'), device_id String,
  session_id String, path String, country LowCardinality(String), profile_id String, properties Map(String, String)
) ENGINE = MergeTree PARTITION BY toYYYYMM(created_at) ORDER BY (project_id, toDate(created_at), created_at, name)
"""
_SESSIONS_TABLE = """
CREATE TABLE sessions (project_id String, id String, created_at DateTime64(3, 'UTC'), profile_id String)
ENGINE = MergeTree ORDER BY (project_id, created_at, id)
"""
_STEPS = ("screen_view", "add_to_cart", "revenue")
_PERSON = "if(known = '', profile_id, known)"
_DAY_SECONDS = 86_400


class Case(Struct, frozen=True):
    """What is asked of Footfall, and of ClickHouse."""

    path: str
    sql: str


def main() -> None:
    """Measure and print."""
    compare("clickhouse", __doc__, _measure, _print)


def _measure(store: Filled, times: int) -> dict[str, Any]:
    span = last_days(store.end_ms)
    cases = _cases(store.reader.project, span)
    progress(f"asking {store.events:,} events")
    questions = {name: getting(case.path) for name, case in cases.items()}
    ours = over_http(store.folder, store.reader.headers, questions, times)
    with tempfile.TemporaryDirectory(prefix="footfall-clickhouse-") as folder:
        progress("the same events in ClickHouse's engine")
        session = _filled(store, Path(folder))
        theirs = {name: timed(partial(_ask, session, case.sql), times)[0] for name, case in cases.items()}
        session.close()
    rows = [
        {
            "question": name,
            "ms": round(ours[name].ms, 2),
            "again_ms": round(ours[name].again_ms, 2),
            "clickhouse_ms": round(theirs[name], 2),
        }
        for name in cases
    ]
    return {**describe(store), "rows": rows}


def _filled(store: Filled, folder: Path) -> Session:
    """An engine that has the store's events, and its sessions of known people."""
    copied, sessions = folder / "events.parquet", folder / "sessions.parquet"
    with duckdb.connect(str(store.folder / "events.duckdb"), read_only=True) as opened:
        opened.execute(_COPIED.format(copied))
        opened.execute(_COPIED_SESSIONS.format(sessions))
    session = Session(str(folder / "engine"))
    for statement in (
        "CREATE DATABASE peer",
        "USE peer",
        _TABLE,
        f"INSERT INTO events SELECT * FROM file('{copied}', Parquet)",
        "OPTIMIZE TABLE events FINAL",
        _SESSIONS_TABLE,
        f"INSERT INTO sessions SELECT * FROM file('{sessions}', Parquet)",
    ):
        session.query(statement)
    return session


def _ask(session: Session, sql: str) -> str:
    return str(session.query(f"{sql} SETTINGS max_threads = {_CORES}", "CSV"))


def _cases(project: str, span: tuple[int, int]) -> dict[str, Case]:
    since, until = (f"fromUnixTimestamp64Milli({ms})" for ms in span)
    here = f"project_id = '{project}' AND created_at >= {since} AND created_at < {until}"
    views, slot = f"{here} AND name = 'screen_view'", f"toStartOfDay(created_at, '{ZONE}') AS slot"
    utm = f"properties['{UTM.removeprefix('properties.')}']"
    is_letter = [{"name": UTM, "operator": "is", "value": ["newsletter"]}]
    dates = f"startDate={day(span[0])}&endDate={day(span[1] - 1)}"
    last = f"SELECT id AS visit, profile_id AS known FROM sessions WHERE {here}"
    known = f"LEFT ANY JOIN ({last}) AS s ON visit = session_id"
    chart = partial(_chart, f"/export/charts?projectId={project}&{dates}")
    return {
        "events by day": Case(chart(), f"SELECT {slot}, count() FROM events WHERE {views} GROUP BY 1"),
        **{
            f"users by day{words}": Case(
                chart(segment="user"), f"SELECT {slot}, {count}(profile_id) FROM events WHERE {views} GROUP BY 1"
            )
            for words, count in ((" (near)", "uniq"), ("", "uniqExact"))
        },
        "events by country": Case(
            chart("country"), f"SELECT {slot}, country, count() FROM events WHERE {views} GROUP BY 1, 2"
        ),
        "events by a property": Case(
            chart(UTM), f"SELECT {slot}, {utm} AS p, count() FROM events WHERE {views} GROUP BY 1, 2"
        ),
        "with a property filter": Case(
            chart(filters=is_letter),
            f"SELECT {slot}, count() FROM events WHERE {views} AND {utm} = 'newsletter' GROUP BY 1",
        ),
        "pages": Case(
            f"/insights/{project}/pages?{dates}",
            f"SELECT path, count() AS n, uniq(session_id) FROM events WHERE {views} GROUP BY 1 ORDER BY n DESC LIMIT 10",
        ),
        **{
            f"funnel by {group.removesuffix('_id')}": Case(
                f"/export/funnel?projectId={project}&{dates}&funnelGroup={group}"
                f"&events={_query([{'name': name} for name in _STEPS])}",
                _funnel(here, *asked),
            )
            for group, asked in (("session_id", ("session_id",)), ("profile_id", (_PERSON, known)))
        },
    }


def _chart(path: str, breakdown: str = "", **series: object) -> str:
    by = f"&breakdowns={_query([{'name': breakdown}])}" if breakdown else ""
    return f"{path}&events={_query([{'name': 'screen_view', **series}])}{by}"


def _funnel(here: str, who: str, joined: str = "") -> str:
    tests = ", ".join(f"name = '{name}'" for name in _STEPS)
    level = f"windowFunnel({_DAY_SECONDS * 1000})(toUInt64(toUnixTimestamp64Milli(created_at)), {tests})"
    names = ", ".join(f"'{name}'" for name in _STEPS)
    rows = f"SELECT {level} AS level FROM events {joined} WHERE {here} AND name IN ({names}) GROUP BY {who}"
    return f"SELECT level, count() FROM ({rows}) GROUP BY 1"


def _query(value: object) -> str:
    return quote(msgspec.json.encode(value).decode())


def _print(store: dict[str, Any]) -> None:
    rows = [
        (
            row["question"],
            row["ms"],
            row["again_ms"],
            row["clickhouse_ms"],
            row["ms"] / row["clickhouse_ms"],
            verdict(row["ms"] <= row["clickhouse_ms"]),
        )
        for row in store["rows"]
    ]
    columns = ("question", "ms", "again", "ClickHouse ms", "ratio", "")
    table(f"Footfall and ClickHouse's engine, {store['events']:,} events, 30 days ({machine()})", columns, rows)
    note(f"The store: {store['how']}.")
    note(AGAIN)
    note("ms: median over HTTP with everything. ClickHouse ms: the least SQL, in process.")


if __name__ == "__main__":
    main()
