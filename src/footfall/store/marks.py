"""The marks `session_start` and `session_end` are read from the sessions, where nobody brought his own.

Two rows a session would be four in ten of all events, and tell nothing that the session does not. So the
engines' view `events` adds them to what is stored. A session's columns `start_*` are what its first event said
and a session does not say otherwise; `marks` tells which of the two are stored because an import brought them
(docs/decisions/008-marks-are-read-from-sessions.md). Source: openpanel contract §5.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from footfall.model.event import (
    BROUGHT_END,
    BROUGHT_START,
    END_LAG_MS,
    MADE_MARKS,
    SESSION_END,
    SESSION_START,
    START_LEAD_MS,
)
from footfall.store.schema import EVENTS, OPEN_SESSIONS, SESSIONS


class Spelling(Struct, frozen=True):
    """What an engine spells in its own way; `{0}` stands for a column, `{1}` for milliseconds."""

    later: str  # a time so many ms after that one
    next_id: str  # the UUID after that one
    no_time: str
    bounce: str  # the properties of a session's end
    open_sessions: str = f"{OPEN_SESSIONS.name} AS s"  # where they are read, as `s`


_START = {
    "id": "s.start_id",
    "name": f"'{SESSION_START}'",
    "session_id": "s.id",
    "path": "s.entry_path",
    "origin": "s.entry_origin",
    "title": "s.start_title",
    "sdk_name": "s.start_sdk_name",
    "sdk_version": "s.start_sdk_version",
    "properties": "s.start_properties",
}
_END = {
    "name": f"'{SESSION_END}'",
    "session_id": "s.id",
    "path": "s.exit_path",
    "origin": "s.exit_origin",
    "title": "''",
    "sdk_name": "''",
    "sdk_version": "''",
}
_BOTH = {"revenue": "0", "currency": "''", "first_view": "false"}


def marks(
    spelling: Spelling, since: str = "", until: str = "", names: Sequence[str] = EVENTS.names
) -> Iterator[str]:
    """The selects of the marks, with these columns of `events`; with bounds (half-open) those between.

    An engine cannot tell from a mark's reckoned time which of the stored sessions to leave unread; the bounds can.
    """
    same = {**_BOTH, "imported_at": spelling.no_time}
    start = {**same, **_START, "created_at": spelling.later.format("s.created_at", -START_LEAD_MS)}
    end = {
        **same,
        **_END,
        "id": spelling.next_id.format("s.start_id"),
        "created_at": spelling.later.format("s.ended_at", END_LAG_MS),
        "properties": spelling.bounce.format("s.is_bounce"),
    }
    started = ended = ""
    if since:
        started = _between("s.created_at", spelling, since, until, START_LEAD_MS)
        ended = _between("s.ended_at", spelling, since, until, -END_LAG_MS)
    for values, table, other, between in (
        (start, f"{SESSIONS.name} AS s", BROUGHT_END, started),
        (start, spelling.open_sessions, BROUGHT_END, started),
        (end, f"{SESSIONS.name} AS s", BROUGHT_START, ended),
    ):
        # Columns are named by their table, because the view's have other ones' names.
        columns = ", ".join(f"{values.get(name, f's.{name}')} AS {name}" for name in names)
        yield f"SELECT {columns} FROM {table} WHERE s.marks IN ({MADE_MARKS}, {other}){between}"


def _between(time: str, spelling: Spelling, since: str, until: str, lead_ms: int) -> str:
    first, end = (spelling.later.format(bound, lead_ms) for bound in (since, until))
    return f" AND {time} >= {first} AND {time} < {end}"
