"""Is it true? ../shared/data/apache_logs counted here, by hand, and by Footfall: both side by side.

The counting below shares no code with Footfall: regular expressions and counters, written from the rules in
words. A page view is a GET with a 2xx or 304, of no asset, endpoint or feed, by a browser. A visitor is an
address with a user agent. A session ends when the visitor is silent for more than half an hour, and its
referrer is that of its first page, if another site's.
"""

import argparse
import json
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from statistics import fmean
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import crawleruseragents

from bench.imports import APACHE_LOG
from bench.processes import COMMAND, Connection, Footfall
from bench.projects import scratch
from bench.report import keep, note, progress, table

_SITE = "semicomplete.com"
_SILENCE = 30 * 60
_LINE = re.compile(
    r'(?P<ip>\S+) \S+ \S+ \[(?P<time>[^\]]+)\] "(?P<method>\S+) (?P<uri>.*?)(?: HTTP/[\d.]+)?" '
    r'(?P<status>\d+) \S+ "(?P<referrer>[^"]*)" "(?P<agent>.*)"$'
)
_ASSET = re.compile(
    r"\.(css|js|mjs|map|json|xml|rss|atom|rdf|xsl|txt|csv|ico|png|jpe?g|gif|svg|webp|bmp|tiff?|woff2?|ttf|otf|eot"
    r"|swf|flv|avi|mov|mp[34g]|mpe?g|m4[av]|og[gv]|wav|wmv|webm|pdf|ps|docx?|xlsx?|pptx?|od[tsp]|rtf|epub"
    r"|zip|t?gz|t?bz2?|t?xz|tar|rar|7z|jar|war|exe|msi|dmg|pkg|deb|rpm|apk|iso|img|bin|asc|sig|md5|sha1|sha256"
    r"|ya?ml|toml|ini|conf|log|sql|bak|env|manifest)$",
    re.IGNORECASE,
)
_FEED_PATH = re.compile(r"/(feeds?|rss2?|atom)(/(rss2?|atom|rdf|default))?/?$", re.IGNORECASE)
_FEED_QUERY = re.compile(r"(^|&)(feed|flav)=(feed|rss|atom|rdf)", re.IGNORECASE)
_ENDPOINT = re.compile(
    r"/(wp-json|wp-cron\.php|xmlrpc\.php|wp-admin/admin-ajax\.php|server-status|healthz?|favicon)(/|$)",
    re.IGNORECASE,
)
_GENERIC_BOT = re.compile(r"(?<!cu)bot(?![a-z])|crawler|spider|scraper", re.IGNORECASE)
_TOO_BROAD = (r"AP3A\.240617\.008", "Sogou")  # they fit people's telephones and a browser too
_BOTS = [
    re.compile(each["pattern"])
    for each in crawleruseragents.CRAWLER_USER_AGENTS_DATA
    if each["pattern"] not in _TOO_BROAD
]
_PERSON = re.compile(
    r"windows|macintosh|mac os|linux|android|iphone|ipad|ipod|x11|bsd|sunos|symbian|blackberry|nokia|opera|firefox"
    r"|chrome|safari|msie|dalvik|samsung|playstation|webos|j2me|darwin",
    re.IGNORECASE,
)
"""An agent that names neither a system nor a browser is a program."""


class View(NamedTuple):
    """One page view."""

    at: int
    path: str
    referrer: str


class Counted(NamedTuple):
    """All that is compared; names as Insights has them."""

    numbers: dict[str, float]
    views_by_path: Counter[str]
    sessions_by_path: Counter[str]
    sessions_by_host: Counter[str]
    sessions_by_day: Counter[str]


def main() -> None:
    """Count twice and compare."""
    argparse.ArgumentParser(
        prog="python -m bench.access_log_check", description=__doc__.splitlines()[0]
    ).parse_args()
    if not APACHE_LOG.exists():
        note(f"There is no {APACHE_LOG}: nothing to check.")
        return
    progress("counting by hand")
    by_hand = _count(APACHE_LOG.read_text(encoding="utf-8", errors="replace").split("\n"))
    progress("importing and asking")
    by_footfall, imported = _ask()
    result = {"import": imported, **_compare(by_hand, by_footfall)}
    keep("access_log_check", result)


# -- by hand


def _count(lines: list[str]) -> Counted:
    visitors: dict[tuple[str, str], list[View]] = defaultdict(list)
    for visitor, view in _views(lines):
        visitors[visitor].append(view)
    sessions = [session for views in visitors.values() for session in _sessions(views)]
    views = sum(map(len, sessions))
    timed = [session[-1].at - session[0].at for session in sessions if session[-1].at > session[0].at]
    return Counted(
        {
            "total_screen_views": views,
            "unique_visitors": len(visitors),
            "total_sessions": len(sessions),
            "bounce_rate": round(100 * sum(len(session) == 1 for session in sessions) / len(sessions), 2),
            "avg_session_duration": round(fmean(timed), 2),
            "views_per_session": round(views / len(sessions), 2),
        },
        Counter(view.path for session in sessions for view in session),
        Counter(path for session in sessions for path in {view.path for view in session}),
        Counter(_foreign_host(session[0].referrer) for session in sessions),
        Counter(datetime.fromtimestamp(session[0].at, UTC).date().isoformat() for session in sessions),
    )


def _views(lines: list[str]) -> Iterator[tuple[tuple[str, str], View]]:
    for line in lines:
        found = _LINE.match(line)
        if found is None or found["method"] != "GET" or not _is_shown(int(found["status"])):
            continue
        path, _, query = found["uri"].partition("?")
        if _is_page(path, query) and not _is_bot(found["agent"]):
            at = int(datetime.strptime(found["time"], "%d/%b/%Y:%H:%M:%S %z").timestamp())
            yield (found["ip"], found["agent"]), View(at, path, _unescaped(found["referrer"]))


def _unescaped(text: str) -> str:
    r"""What Apache wrote as \xhh, read as UTF-8; what is none becomes a replacement character."""
    raw = re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes.fromhex(found[1].decode()), text.encode())
    return raw.decode("utf-8", "replace")


def _is_shown(status: int) -> bool:
    return 200 <= status < 300 or status == 304


def _is_page(path: str, query: str) -> bool:
    unwanted = _ASSET.search(path) or _FEED_PATH.search(path) or _FEED_QUERY.search(query) or _ENDPOINT.match(path)
    return path.startswith("/") and "/." not in path and not unwanted


_known: dict[str, bool] = {}


def _is_bot(agent: str) -> bool:
    if agent not in _known:
        _known[agent] = (
            not _PERSON.search(agent)
            or _GENERIC_BOT.search(agent) is not None
            or any(pattern.search(agent) for pattern in _BOTS)
        )
    return _known[agent]


def _sessions(views: list[View]) -> Iterator[list[View]]:
    views = sorted(views, key=lambda view: view.at)
    session = views[:1]
    for before, view in pairwise(views):
        if view.at - before.at > _SILENCE:
            yield session
            session = []
        session.append(view)
    yield session


def _foreign_host(referrer: str) -> str:
    try:
        host = (urlsplit(referrer).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    return "" if host == _SITE else host


# -- by Footfall


def _ask() -> tuple[Counted, dict[str, Any]]:
    with scratch() as base:
        data = base / "data"
        project = _run(
            "project", "create", "Apache", "--domain", f"https://{_SITE}", "--json", "--data", str(data)
        )
        name = project["id"]
        client = _run("client", "create", name, "--mode", "read", "--json", "--data", str(data))
        imported = _run("import", "access-log", str(APACHE_LOG), "--project", name, "--json", "--data", str(data))
        again = _run("import", "access-log", str(APACHE_LOG), "--project", name, "--json", "--data", str(data))
        headers = {"openpanel-client-id": client["id"], "openpanel-client-secret": client["secret"]}
        with Footfall(data) as footfall, Connection(footfall.port, headers) as connection:
            days = "startDate=2015-05-17&endDate=2015-05-20"
            metrics = connection.get_json(f"/insights/{name}/metrics?{days}")
            pages = _all(connection, f"/insights/{name}/pages?{days}")
            hosts = _all(connection, f"/insights/{name}/referrer?{days}")
    numbers = metrics["metrics"]
    del numbers["total_revenue"]
    counted = Counted(
        numbers,
        Counter({row["path"]: row["pageviews"] for row in pages}),
        Counter({row["path"]: row["sessions"] for row in pages}),
        Counter({row["name"] or "": row["sessions"] for row in hosts}),
        Counter({row["date"][:10]: row["total_sessions"] for row in metrics["series"]}),
    )
    return counted, {**imported, "added_again": again["added"]}


def _all(connection: Connection, path: str) -> list[dict[str, Any]]:
    """Every page of a list."""
    rows: list[dict[str, Any]] = []
    cursor = 1
    while found := connection.get_json(f"{path}&limit=50&cursor={cursor}"):
        rows += found
        cursor += 1
    return rows


def _run(*arguments: str) -> dict[str, Any]:
    done = subprocess.run([*COMMAND, *arguments], stdout=subprocess.PIPE, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


# -- side by side


def _compare(by_hand: Counted, by_footfall: Counted) -> dict[str, Any]:
    columns = ("", "by hand", "Footfall", "difference")
    differences: dict[str, Any] = {}
    table("apache_logs: the headline numbers", columns, _rows(by_hand.numbers, by_footfall.numbers))
    for what, hand, ours in (
        ("sessions by day", by_hand.sessions_by_day, by_footfall.sessions_by_day),
        ("page views by page", by_hand.views_by_path, by_footfall.views_by_path),
        ("sessions by page", by_hand.sessions_by_path, by_footfall.sessions_by_path),
        ("sessions by referrer's host", by_hand.sessions_by_host, by_footfall.sessions_by_host),
    ):
        top = [key for key, _ in hand.most_common(10)]
        table(f"{what}, the first of {len(hand)}", columns, _rows({key: hand[key] for key in top}, ours))
        unlike = {key: (hand[key], ours[key]) for key in hand.keys() | ours.keys() if hand[key] != ours[key]}
        differences[what] = unlike
        note(f"{len(hand.keys() | ours.keys()) - len(unlike)} the same, {len(unlike)} not: {_some(unlike)}")
    return {"by_hand": by_hand.numbers, "footfall": by_footfall.numbers, "differences": differences}


def _rows(hand: dict[str, Any], ours: Any) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for key, value in hand.items():
        found = ours.get(key, 0)
        rows.append((key or "(none)", value, found, "=" if found == value else round(found - value, 2)))
    return rows


def _some(unlike: dict[str, tuple[int, int]]) -> str:
    shown = [f"{key or '(none)'} {hand}→{ours}" for key, (hand, ours) in sorted(unlike.items())[:10]]
    return ", ".join(shown) or "none"


if __name__ == "__main__":
    main()
