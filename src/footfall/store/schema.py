"""The tables of the store, once, for both engines: columns, their kinds, and how rows become columns.

A kind is what a column holds, not how an engine spells it; `ENGINE_TYPES` spells it.
Source of the columns: openpanel contract §6.1–§6.3; `title`, `first_view` and `dwells` are ours
(docs/decisions/002-dwell-and-first-view.md).
"""

from collections.abc import Sequence
from enum import StrEnum
from operator import attrgetter

from msgspec import Struct


class Kind(StrEnum):
    """What a column holds."""

    ID = "id"  # UUID
    TEXT = "text"  # never null; '' is none
    LABEL = "label"  # text with few distinct values
    TIME = "time"  # UTC instant, ms
    TIME_OR_NONE = "time?"
    INT = "int"  # 64 bit
    FLOAT_OR_NONE = "float?"
    BOOL = "bool"
    TEXTS = "texts"  # list of text
    MAP = "map"  # flat text → text


ENGINE_TYPES: dict[str, dict[Kind, str]] = {
    "duckdb": {
        Kind.ID: "UUID",
        Kind.TEXT: "VARCHAR",
        Kind.LABEL: "VARCHAR",
        Kind.TIME: "TIMESTAMP_MS",
        Kind.TIME_OR_NONE: "TIMESTAMP_MS",
        Kind.INT: "BIGINT",
        Kind.FLOAT_OR_NONE: "FLOAT",
        Kind.BOOL: "BOOLEAN",
        Kind.TEXTS: "VARCHAR[]",
        Kind.MAP: "VARIANT",
    },
    "clickhouse": {
        Kind.ID: "UUID",
        Kind.TEXT: "String",
        Kind.LABEL: "LowCardinality(String)",
        Kind.TIME: "DateTime64(3, 'UTC')",
        Kind.TIME_OR_NONE: "Nullable(DateTime64(3, 'UTC'))",
        Kind.INT: "Int64",
        Kind.FLOAT_OR_NONE: "Nullable(Float32)",
        Kind.BOOL: "Bool",
        Kind.TEXTS: "Array(String)",
        Kind.MAP: "Map(String, String)",
    },
}


class Column(Struct, frozen=True):
    """One column: its name and what it holds."""

    name: str
    kind: Kind


class Table(Struct, frozen=True):
    """One table: its name, its columns in order, and the columns its rows are clustered by."""

    name: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(column.name for column in self.columns)

    def columns_of(self, rows: Sequence[object]) -> list[tuple[object, ...]]:
        """Turn row structs into one tuple per column, in column order; `rows` has at least one."""
        return list(zip(*map(attrgetter(*self.names), rows), strict=True))


def _table(name: str, order: str, spec: str) -> Table:
    """Read a table from lines of `kind: column column …`."""
    columns = [
        Column(column, Kind(kind.strip()))
        for line in spec.strip().splitlines()
        for kind, _, names in [line.partition(":")]
        for column in names.split()
    ]
    return Table(name, tuple(columns), tuple(order.split()))


_GEO_AND_AGENT = """
label: country region city
float?: longitude latitude
label: os os_version browser browser_version device brand model
"""

EVENTS = _table(
    "events",
    "project_id created_at",
    f"""
id: id
label: project_id name
time: created_at
text: device_id profile_id session_id path origin title referrer referrer_name
label: referrer_type
int: revenue
label: currency
{_GEO_AND_AGENT.strip()}
label: sdk_name sdk_version
texts: groups
time?: imported_at
bool: first_view
map: properties
""",
)

_SESSION_COLUMNS = f"""
text: id
label: project_id
text: device_id profile_id
time: created_at ended_at
bool: is_bounce
text: entry_origin entry_path exit_origin exit_path
int: screen_view_count event_count revenue duration
text: referrer referrer_name
label: referrer_type
{_GEO_AND_AGENT.strip()}
text: utm_source utm_medium utm_campaign utm_term utm_content
texts: groups
id: start_id
text: start_title
label: start_sdk_name start_sdk_version
map: start_properties
int: marks
"""

SESSIONS = _table("sessions", "project_id created_at", _SESSION_COLUMNS)

# Sessions that may still grow: the same columns and the state the sessionizer needs after a restart.
OPEN_SESSIONS = _table(
    "open_sessions",
    "project_id created_at",
    _SESSION_COLUMNS.strip()
    + """
time: received_at
text: last_view_id
time: last_view_at
text: last_view_origin last_view_path
""",
)

DWELLS = _table(
    "dwells",
    "project_id viewed_at",
    """
id: view_id
label: project_id
time: viewed_at
text: session_id origin path
int: duration
""",
)

PROFILES = _table(
    "profiles",
    "project_id id",
    """
text: id
label: project_id
bool: is_external
text: first_name last_name email avatar
map: properties
texts: groups
time: created_at last_seen_at
""",
)

GROUPS = _table(
    "groups",
    "project_id id",
    """
text: id
label: project_id type
text: name
map: properties
time: created_at
""",
)

DROPS = _table(
    "drops",
    "project_id day",
    """
label: project_id day reason
int: count
""",
)

TABLES = (EVENTS, SESSIONS, OPEN_SESSIONS, DWELLS, PROFILES, GROUPS, DROPS)
