"""The least SQL that gives the answer of an Insights endpoint, written by hand for one project and range."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

_PREFIXES = {"region": "country", "city": "country", "browser_version": "browser", "os_version": "os"}
_DAY_MS = 86_400_000
_MS = "epoch_us(created_at::TIMESTAMP) // 1000"  # epoch_ms takes four times as long
_HOST = (
    "regexp_replace(lower(CASE WHEN contains({0}, '://') THEN split_part({0}, '/', 3) "
    "ELSE split_part({0}, '/', 1) END), '^www[.]', '')"
)


class Asked(Struct, frozen=True):
    """A project and a range of whole days in a time zone."""

    project: str
    since_ms: int
    until_ms: int
    zone: str

    def where(self, time: str = "created_at") -> str:
        """Rows of the project in the range."""
        since, until = (f"TIMESTAMP_MS '{_text(ms)}'" for ms in (self.since_ms, self.until_ms))
        return f"project_id = '{self.project}' AND {time} >= {since} AND {time} < {until}"

    def sessions(self, columns: str) -> str:
        """Those that are over and those that are not."""
        each = (f"SELECT {columns} FROM {name} WHERE {self.where()}" for name in ("sessions", "open_sessions"))
        return f"({' UNION ALL '.join(each)})"

    def day(self) -> str:
        """The day of a row on the project's clock."""
        branches = ""
        zone = ZoneInfo(self.zone)
        before = _offset(self.since_ms, zone)
        otherwise = before
        for ms in range(self.since_ms, self.until_ms, 3_600_000):
            offset = _offset(ms, zone)
            if offset != before:
                branches += f" WHEN {_MS} < {ms} THEN {before}"
                before = otherwise = offset
        offset_sql = f"CASE{branches} ELSE {otherwise} END" if branches else str(otherwise)
        return f"({_MS} + {offset_sql}) // {_DAY_MS}"


def statements(endpoint: str, asked: Asked, now_ms: int) -> list[str]:
    """What is to be run one after the other; the rows of the first are compared with the endpoint's answer."""
    match endpoint:
        case "metrics":
            return _metrics(asked)
        case "live":
            return [
                "SELECT count(DISTINCT profile_id) FROM events WHERE name NOT IN ('session_start', 'session_end') "
                f"AND project_id = '{asked.project}' AND created_at > TIMESTAMP_MS '{_text(now_ms - 300_000)}'"
            ]
        case "pages":
            return _pages(asked)
        case _:
            return [_breakdown(asked, endpoint)]


def _metrics(asked: Asked) -> list[str]:
    columns = f"{asked.day()} AS day, is_bounce, duration, screen_view_count, visitor"
    return [
        "SELECT day, count(*), countif(is_bounce), sum(duration), countif(duration > 0), sum(screen_view_count), "
        f"count(DISTINCT visitor) FROM {asked.sessions(columns)} GROUP BY ROLLUP (day) ORDER BY day NULLS FIRST",
        f"SELECT {asked.day()} AS day, sum(revenue) FROM events WHERE {asked.where()} AND name = 'revenue' GROUP BY 1",
    ]


def _breakdown(asked: Asked, column: str) -> str:
    measures = (
        "count(*), countif(is_bounce), sum(duration), countif(duration > 0), sum(screen_view_count), sum(revenue)"
    )
    above = _PREFIXES.get(column, "''")
    columns = f"{above} AS prefix, {column} AS label, is_bounce, duration, screen_view_count, revenue"
    label = _HOST.format("label") if column == "referrer" else "label"
    return (
        f"SELECT {label} AS name, prefix, {measures} FROM {asked.sessions(columns)} "
        "GROUP BY 1, 2 ORDER BY 3 DESC, 2, 1 LIMIT 10"
    )


def _pages(asked: Asked) -> list[str]:
    """The pages, then of these alone: time spent, entries, revenue, titles."""
    is_view = f"{asked.where()} AND name = 'screen_view' AND path <> ''"
    top = (
        f"SELECT path, countif(first_view) AS sessions, count(*) AS views FROM events WHERE {is_view} "
        "GROUP BY origin, path ORDER BY 2 DESC, 3 DESC, 1 LIMIT 10"
    )
    of_these = f"(SELECT path FROM ({top}))"
    return [
        top,
        f"SELECT path, sum(duration) FROM dwells WHERE {asked.where('viewed_at')} AND path IN {of_these} GROUP BY 1",
        f"SELECT entry_path, count(*), countif(is_bounce) FROM {asked.sessions('entry_path, is_bounce')} "
        f"WHERE entry_path IN {of_these} GROUP BY 1",
        f"SELECT path, sum(revenue) FROM events WHERE {asked.where()} AND name = 'revenue' GROUP BY 1",
        f"SELECT path, arg_max(title, created_at) FROM events WHERE {is_view} AND title <> '' AND path IN {of_these} "
        "GROUP BY 1",
    ]


def _offset(ms: int, zone: ZoneInfo) -> int:
    moment = datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone)
    offset = moment.utcoffset()
    assert offset is not None
    return int(offset.total_seconds() * 1000)


def _text(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
