"""Umami's statistics and reports: over HTTP, warm, beside the least SQL for the same answer.

As `bench.query`: 30 days, one client, the same file and settings. What a real Umami on PostgreSQL took for a million
events on a machine of this size is known for some of them (issue 4); of a range of times it is the geometric mean.
"""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from math import exp, log, sqrt
from pathlib import Path
from statistics import fmean
from typing import Any
from urllib.parse import urlencode

import duckdb
import msgspec
from msgspec import Struct

from bench.bare import Asked
from bench.fill import Filled, describe
from bench.processes import Connection
from bench.projects import ZONE
from bench.query import AGAIN, compare, last_days, over_http, run, settings_of_server, timed
from bench.report import machine, note, progress, table, verdict
from footfall.catalog import Catalog
from footfall.model.project import Role

_ADMIN = "bench"
_TARGETS = {"stats": 60, "metrics": 150, "report": 300}
"""Milliseconds at ten million events, by the first word of a case's name."""

_METRICS = sqrt(92 * 1049)
_VISIT = "hash(session_id)"
_WHO = "hash(device_id)"
_FOREIGN = (
    "CASE WHEN referrer = '' THEN '' ELSE regexp_replace(split_part(lower(referrer), '/', 3), '^www[.]', '') END"
)
_TRAITS = {
    "path": "path",
    "title": "title",
    "referrer": _FOREIGN,
    "hostname": "split_part(origin, '/', 3)",
    "query": "coalesce(variant_extract(properties, '__search')::VARCHAR, '')",
    "country": "country",
    "region": "region",
    "city": "city",
    "browser": "browser",
    "os": "os",
    "device": "device",
    "language": "coalesce(variant_extract(properties, '__language')::VARCHAR, '')",
    "utmSource": "coalesce(variant_extract(properties, '__query.utm_source')::VARCHAR, '')",
}


class Case(Struct, frozen=True):
    """A path below the website with its query, or a report with its body; SQL for the numbers; Umami's ms."""

    path: str
    query: dict[str, Any] = {}
    body: dict[str, Any] | None = None
    sql: Sequence[str] = ()
    umami_ms: float = 0


def main() -> None:
    """Measure and print."""
    compare("umami", __doc__, _measure, _print, umami=True)


def _measure(store: Filled, times: int) -> dict[str, Any]:
    span = last_days(store.end_ms)
    cases = _cases(Asked(store.reader.project, *span, ZONE))
    headers = {"x-umami-api-key": _key(store.folder)}
    progress(f"asking {store.events:,} events")
    questions = {
        name: partial(_ask, project=store.reader.project, span=span, case=case) for name, case in cases.items()
    }
    ours = over_http(store.folder, headers, questions, times)
    progress("the same in bare SQL")
    path = str(store.folder / "events.duckdb")
    with duckdb.connect(path, read_only=True, config=settings_of_server()) as opened:
        bare = {name: timed(partial(run, opened, case.sql), times)[0] for name, case in cases.items() if case.sql}
    rows = [
        {
            "question": name,
            "ms": round(ours[name].ms, 2),
            "again_ms": round(ours[name].again_ms, 2),
            "bare_ms": round(bare.get(name, 0), 2),
            "umami_ms": round(cases[name].umami_ms),
        }
        for name in cases
    ]
    return {**describe(store), "rows": rows}


def _key(data: Path) -> str:
    """An API key of an admin of the bench's own."""
    with Catalog(data / "catalog.sqlite3") as catalog:
        found = catalog.snapshot().users_by_name.get(_ADMIN) or catalog.create_user(_ADMIN, "x" * 12, Role.ADMIN)
        return catalog.create_key(found.id, "bench")[1]


def _ask(connection: Connection, project: str, span: tuple[int, int], case: Case) -> object:
    if case.body is None:
        query = {"startAt": span[0], "endAt": span[1] - 1, "timezone": ZONE, **case.query}
        place = case.path if case.path.startswith("/") else f"/websites/{project}/{case.path}"
        return json.loads(connection.get(f"/api{place}?{urlencode(query)}"))
    dates = {"startDate": span[0], "endDate": span[1] - 1, "timezone": ZONE}
    parameters = case.body.get("parameters")
    body = {"websiteId": project, "timezone": ZONE, "dateRange": dates, **case.body}
    if parameters is not None:
        body = {"websiteId": project, "filters": {}, **case.body, "parameters": {**dates, **parameters}}
    return json.loads(connection.post(f"/api/reports/{case.path}", msgspec.json.encode(body), {}))


def _cases(asked: Asked) -> dict[str, Case]:
    views = f"{asked.where()} AND name = 'screen_view'"
    return {
        "stats": Case("stats", sql=[_stats(views), _stats(views)], umami_ms=435),
        "pageviews": Case(
            "pageviews",
            {"unit": "day"},
            sql=[f"SELECT {asked.day()}, count(*), count(DISTINCT {_WHO}) FROM events WHERE {views} GROUP BY 1"],
            umami_ms=669,
        ),
        **_metrics(views),
        **_lists(asked, views),
        **_counting(asked, views),
        **_behaviour(asked),
    }


def _stats(where: str, label: str = "") -> str:
    shown = f"{label} AS label, " if label else ""
    visits = (
        f"SELECT {shown}{_WHO} AS who, {_VISIT} AS visit, count(*) AS n, "
        f"epoch_ms(max(created_at)) - epoch_ms(min(created_at)) AS ms FROM events WHERE {where} GROUP BY ALL"
    )
    numbers = "sum(n), count(DISTINCT who), count(DISTINCT visit), countif(n = 1), sum(ms // 1000)"
    if not label:
        return f"SELECT {numbers} FROM ({visits})"
    return f"SELECT label, {numbers} FROM ({visits}) GROUP BY 1 ORDER BY 3 DESC LIMIT 500"


def _metrics(views: str) -> dict[str, Case]:
    cases = {
        f"metrics {type_}": Case(
            "metrics", {"type": type_}, sql=[_by(label, "count(DISTINCT who)", views)], umami_ms=_METRICS
        )
        for type_, label in _TRAITS.items()
    }
    for type_, pick in (("entry", "arg_min"), ("exit", "arg_max")):
        visits = f"SELECT {pick}(path, created_at) AS label, {_WHO} AS who FROM events WHERE {views} GROUP BY {_VISIT}, who"
        sql = f"SELECT label, count(DISTINCT who) FROM ({visits}) GROUP BY 1 ORDER BY 2 DESC LIMIT 500"
        cases[f"metrics {type_}"] = Case("metrics", {"type": type_}, sql=[sql], umami_ms=_METRICS)
    events = views.replace("name =", "name <>")
    cases["metrics event"] = Case(
        "metrics",
        {"type": "event"},
        sql=[f"SELECT name, count(*) FROM events WHERE {events} GROUP BY 1 ORDER BY 2 DESC"],
        umami_ms=_METRICS,
    )
    cases["metrics channel"] = Case("metrics", {"type": "channel"}, umami_ms=_METRICS)
    cases["expanded path"] = Case("metrics/expanded", {"type": "path"}, sql=[_stats(views, "path")])
    cases["expanded country"] = Case("metrics/expanded", {"type": "country"}, sql=[_stats(views, "country")])
    return cases


def _by(label: str, measure: str, where: str) -> str:
    people = f"SELECT {label} AS label, {_WHO} AS who, count(*) AS n FROM events WHERE {where} GROUP BY 1, 2"
    return f"SELECT label, {measure} FROM ({people}) GROUP BY 1 ORDER BY 2 DESC LIMIT 500"


def _lists(asked: Asked, views: str) -> dict[str, Case]:
    where = asked.where()
    latest = f"SELECT device_id, max(created_at) FROM events WHERE {where} GROUP BY 1 ORDER BY 2 DESC LIMIT 20"
    totals = (
        f"SELECT count(*), count(DISTINCT {_WHO}), count(DISTINCT {_VISIT}), count(DISTINCT country) FROM events"
    )
    events = views.replace("name =", "name <>")
    hour = "(epoch_ms(created_at) // 3600000) % 168"
    return {
        "sessions": Case("sessions", sql=[latest], umami_ms=1555),
        "sessions/stats": Case("sessions/stats", sql=[f"{totals} WHERE {where}"]),
        "sessions/weekly": Case(
            "sessions/weekly", sql=[f"SELECT {hour}, count(DISTINCT {_WHO}) FROM events WHERE {where} GROUP BY 1"]
        ),
        "events": Case("events", sql=[f"SELECT * FROM events WHERE {where} ORDER BY created_at DESC LIMIT 20"]),
        "events/series": Case(
            "events/series",
            {"unit": "day"},
            sql=[f"SELECT {asked.day()}, name, count(*) FROM events WHERE {events} GROUP BY 1, 2"],
        ),
        "events/stats": Case("events/stats", sql=[f"{totals} WHERE {events}"] * 2),
        "event-data/events": Case("event-data/events"),
        "event-data/stats": Case("event-data/stats"),
        "values of path": Case(
            "values",
            {"type": "path"},
            sql=[f"SELECT path, count(*) FROM events WHERE {where} GROUP BY 1 ORDER BY 2 DESC LIMIT 10"],
        ),
        "daterange": Case("daterange"),
        "active": Case("active"),
        "realtime": Case(f"/realtime/{asked.project}"),
    }


def _counting(asked: Asked, views: str) -> dict[str, Case]:
    where = asked.where()
    money = f"{where} AND revenue <> 0 AND currency = 'EUR'"
    earned = (
        "SELECT {0}, sum(revenue), count(*), count(DISTINCT hash(device_id)) FROM events WHERE {1} GROUP BY ALL"
    )
    campaigns = ", ".join(
        f"variant_extract(properties, '__query.utm_{name}')::VARCHAR" for name in ("source", "medium", "campaign")
    )
    goals = [{"type": "url", "value": "/pricing", "goal": 1}, {"type": "event", "value": "signup", "goal": 1}]
    fields = [{"name": name, "type": "string", "label": name} for name in ("url", "country", "browser")]
    insights = sqrt(1700 * 2800)
    parameters = {"type": "path", "value": "/pricing"}
    return {
        "report utm": Case("utm", body={}, sql=[f"SELECT {campaigns}, count(*) FROM events WHERE {views} GROUP BY ALL"]),
        "report utm B": Case("utm", body={"type": "utm", "parameters": {}}),
        "report revenue": Case(
            "revenue",
            body={"currency": "EUR"},
            sql=[earned.format("currency", f"{where} AND revenue <> 0"), earned.format("country, name", money)],
        ),
        "report revenue B": Case("revenue", body={"type": "revenue", "parameters": {"currency": "EUR"}}),
        "report insights url": Case(
            "insights", body={"fields": fields[:1], "filters": []}, sql=[_stats(views, "path")], umami_ms=insights
        ),
        "report insights country": Case(
            "insights", body={"fields": fields[1:], "filters": []}, umami_ms=insights,
            sql=[_stats(views, "(country, browser)")],
        ),
        "report breakdown": Case("breakdown", body={"type": "breakdown", "parameters": {"fields": ["country"]}}),
        "report goals": Case(
            "goals",
            body={"goals": goals},
            sql=[f"SELECT countif(path = '/pricing'), countif(name = 'signup') FROM events WHERE {where}"],
        ),
        "report goal B": Case(
            "goal",
            body={"type": "goal", "parameters": parameters},
            sql=[
                f"SELECT count(DISTINCT {_WHO}) FILTER (path = '/pricing' AND name = 'screen_view'), "
                f"count(DISTINCT {_WHO}) FROM events WHERE {where}"
            ],
        ),
    }  # fmt: skip


def _behaviour(asked: Asked) -> dict[str, Case]:
    where = f"{asked.where()} AND name NOT IN ('session_start', 'session_end')"
    item = "CASE name WHEN 'screen_view' THEN path ELSE name END"
    ways = f"SELECT list({item} ORDER BY created_at)[:5] AS way FROM events WHERE {where} GROUP BY {_VISIT}"
    days = f"SELECT DISTINCT {_WHO} AS who, {asked.day()} AS day FROM events WHERE {where}"
    cohorts = f"SELECT who, day, min(day) OVER (PARTITION BY who) AS first FROM ({days})"
    pages = [{"type": "url", "value": "/"}, {"type": "url", "value": "/pricing"}]
    steps = [*pages, {"type": "event", "value": "signup"}]
    attribution = sqrt(1200 * 6800)
    signup = [{"type": "event", "value": "signup"}]
    page = [{"type": "url", "value": "/pricing"}]
    return {
        "report journey": Case(
            "journey",
            body={"steps": 5},
            sql=[f"SELECT way, count(*) FROM ({ways}) GROUP BY 1 ORDER BY 2 DESC LIMIT 100"],
            umami_ms=2900,
        ),
        "report retention": Case(
            "retention",
            body={},
            sql=[f"SELECT first, day - first, count(*) FROM ({cohorts}) GROUP BY 1, 2"],
            umami_ms=2400,
        ),
        "report funnel": Case(
            "funnel", body={"window": 60, "steps": steps}, sql=[_funnel(where, steps)], umami_ms=sqrt(275 * 1112)
        ),
        "report attribution first": Case(
            "attribution", body={"model": "firstClick", "steps": signup}, umami_ms=attribution,
            sql=[_attribution(where, "name = 'signup'", "min")],
        ),
        "report attribution last": Case(
            "attribution", body={"model": "lastClick", "steps": signup}, umami_ms=attribution,
            sql=[_attribution(where, "name = 'signup'", "max")],
        ),
        "report attribution of a page": Case(
            "attribution", body={"model": "lastClick", "steps": page}, umami_ms=attribution,
            sql=[_attribution(where, "path = '/pricing' AND name = 'screen_view'", "max")],
        ),
    }  # fmt: skip


def _funnel(where: str, steps: Sequence[Mapping[str, str]]) -> str:
    """Without a window's later starts: each step's first event at or after that of the step before."""
    tests = [f"{'path' if step['type'] == 'url' else 'name'} = '{step['value']}'" for step in steps]
    marks = ", ".join(f"({test}) AS m{number}" for number, test in enumerate(tests))
    levels = ["a0 AS MATERIALIZED (SELECT who, min(t) AS t FROM e WHERE m0 GROUP BY who)"]
    levels += [
        f"a{number} AS MATERIALIZED (SELECT e.who, min(e.t) AS t FROM e JOIN a{number - 1} AS a "
        f"ON e.who = a.who AND e.t >= a.t WHERE m{number} GROUP BY e.who)"
        for number in range(1, len(steps))
    ]
    counts = ", ".join(f"(SELECT count(*) FROM a{number})" for number in range(len(steps)))
    passes = " OR ".join(f"({test})" for test in tests)
    events = f"SELECT {_WHO} AS who, created_at AS t, {marks} FROM events WHERE {where} AND ({passes})"
    return f"WITH e AS MATERIALIZED ({events}), {', '.join(levels)} SELECT {counts}"


def _attribution(where: str, test: str, pick: str) -> str:
    """The referrers alone."""
    events = f"SELECT {_WHO} AS who, created_at AS t, referrer FROM events WHERE {where}"
    last = f"SELECT {_WHO} AS who, max(created_at) AS until FROM events WHERE {where} AND {test} GROUP BY 1"
    before = "" if pick == "min" else "WHERE e.t < c.until"
    touch = f"SELECT arg_{pick}(referrer, t) AS referrer FROM ({events}) AS e JOIN ({last}) AS c USING (who) {before} GROUP BY who"
    return f"SELECT referrer, count(*) FROM ({touch}) GROUP BY 1 ORDER BY 2 DESC"


def _print(store: dict[str, Any]) -> None:
    is_large = store["events"] >= 10_000_000
    rows = []
    for row in store["rows"]:
        target = _TARGETS.get(row["question"].split()[0], 0) if is_large else 0
        umami = 0 if is_large else row["umami_ms"]
        rows.append(
            (
                row["question"], row["ms"], row["again_ms"], row["bare_ms"] or "", umami or "", f"{umami / row['ms']:.0f}×" if umami else "",
                f"≤ {target}" if target else "", verdict(not target or row["ms"] <= target),
            )
        )  # fmt: skip
    title = f"Umami's statistics and reports of {store['events']:,} events, 30 days ({machine()})"
    table(title, ("question", "ms", "again", "bare ms", "Umami ms", "faster", "target", ""), rows)
    note(f"The store: {store['how']}.")
    note(AGAIN)
    if not is_large:
        ratios = [log(row["umami_ms"] / row["ms"]) for row in store["rows"] if row["umami_ms"]]
        kept = [log(row["umami_ms"] / row["again_ms"]) for row in store["rows"] if row["umami_ms"]]
        note(f"Faster than Umami on PostgreSQL: {exp(fmean(ratios)):.0f}× (geometric mean, target 50×),")
        note(f"asked again: {exp(fmean(kept)):.0f}×.")


if __name__ == "__main__":
    main()
