"""What happened and who did it: the rows of the store, as frozen words without I/O.

Times are milliseconds since the epoch, UTC (`*_ms`, or `created_at` in rows that go to the store);
durations are milliseconds; ids of events are UUIDs in canonical text; money is an integer of minor
units with its currency.
Source: openpanel contract §6.
"""

from msgspec import Struct, field

SCREEN_VIEW = "screen_view"
SESSION_START = "session_start"
SESSION_END = "session_end"
REVENUE = "revenue"

MARKS = (SESSION_START, SESSION_END)
"""Where a session begins and ends (contract §5): told by the session itself, unless an import brought them."""

PERFORMANCE = "__performance"
ENGAGEMENT = "__engagement"
ERROR = "__error"
ASIDES = (PERFORMANCE, ENGAGEMENT, ERROR)
"""What a page measures of itself (umami contract §1.1): told beside a visit, and nothing that its visitor did.

They never make, extend or change a session, and lists of what visitors did leave them out.
"""

NOT_DONE = (*MARKS, *ASIDES)
"""What is told of a visit, and nothing that its visitor did."""


class Event(Struct, kw_only=True, array_like=True, gc=False):
    """One event, enriched and placed in its session: a row of `events` (contract §6.1).

    `properties` is flat, text to text, without `__title`, which is the column `title`.
    `first_view` marks a screen view that is the first of its page in its session, so that
    sessions per page are counted without a distinct.
    """

    id: str
    project_id: str
    name: str
    created_at: int
    device_id: str = ""
    profile_id: str = ""
    session_id: str = ""
    path: str = ""
    origin: str = ""
    title: str = ""
    referrer: str = ""
    referrer_name: str = ""
    referrer_type: str = ""
    revenue: int = 0
    currency: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    longitude: float | None = None
    latitude: float | None = None
    os: str = ""
    os_version: str = ""
    browser: str = ""
    browser_version: str = ""
    device: str = ""
    brand: str = ""
    model: str = ""
    sdk_name: str = ""
    sdk_version: str = ""
    groups: tuple[str, ...] = ()
    imported_at: int | None = None
    first_view: bool = False
    properties: dict[str, str] = field(default_factory=dict)

    @property
    def is_view(self) -> bool:
        """A screen view with a path; one without counts as an event (contract §5)."""
        return self.name == SCREEN_VIEW and self.path != ""


START_LEAD_MS = 100
END_LAG_MS = 1_000
"""A session's marks stand so long before its first event and after its last one (contract §5)."""

MADE_MARKS = 0
"""Both marks of a session are made of its row."""
BROUGHT_START = 1
BROUGHT_END = 2
"""An import brought this mark, which is stored as the event that it is."""
NO_MARKS = 4
"""Nothing has happened in the session yet: so far an import brought only marks of it."""


class Session(Struct, kw_only=True, gc=False):
    """One visit of one device: a row of `sessions` (contract §5, §6.2), and its state while it is open.

    `created_at`, `ended_at` are event times in ms; `duration` their difference in ms.
    `received_at` is the wall clock of the last hit, by which the reaper closes it.
    `start_*` is what its `session_start` tells, which is not stored but read from here, as `session_end` is;
    `marks` says which of the two are not: `MADE_MARKS`, or the sum of the flags above.
    `last_view_*` is the view whose dwell is still running. `pages` are the (origin, path) pairs seen;
    it is not a column but rebuilt from the events of open sessions after a restart.
    """

    id: str
    project_id: str
    device_id: str
    profile_id: str
    created_at: int
    ended_at: int
    start_id: str
    is_bounce: bool = True
    entry_origin: str = ""
    entry_path: str = ""
    exit_origin: str = ""
    exit_path: str = ""
    screen_view_count: int = 0
    event_count: int = 0
    revenue: int = 0
    duration: int = 0
    referrer: str = ""
    referrer_name: str = ""
    referrer_type: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    longitude: float | None = None
    latitude: float | None = None
    os: str = ""
    os_version: str = ""
    browser: str = ""
    browser_version: str = ""
    device: str = ""
    brand: str = ""
    model: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    groups: tuple[str, ...] = ()
    start_title: str = ""
    start_sdk_name: str = ""
    start_sdk_version: str = ""
    start_properties: dict[str, str] = field(default_factory=dict)
    marks: int = MADE_MARKS
    received_at: int = 0
    last_view_id: str = ""
    last_view_at: int = 0
    last_view_origin: str = ""
    last_view_path: str = ""
    pages: set[tuple[str, str]] = field(default_factory=set)
    is_open: bool = True
    is_stored: bool = False


class Dwell(Struct, frozen=True, kw_only=True, gc=False):
    """How long one screen view was looked at: the gap to the session's next view, in ms.

    Written when the next view arrives, so the last view of a session has none (it counts as 0).
    `view_id` is the view's event id, `viewed_at` its time in ms.
    """

    view_id: str
    project_id: str
    viewed_at: int
    session_id: str
    origin: str
    path: str
    duration: int


class Profile(Struct, kw_only=True):
    """A known person (`is_external`) or a device that was given a group: a row of `profiles` (§6.3).

    `properties` is flat, text to text. Times in ms. Anonymous visitors have no row: they are
    the sessions of their device.
    """

    id: str
    project_id: str
    is_external: bool = False
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    avatar: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    created_at: int = 0
    last_seen_at: int = 0


DESCRIBED = (
    *("path", "country", "city", "region", "longitude", "latitude"),
    *("os", "os_version", "browser", "browser_version", "device", "brand", "model"),
    *("referrer", "referrer_name", "referrer_type"),
)
"""The properties of a profile by which Footfall says where it was last seen and with what; nobody told them."""


class Group(Struct, kw_only=True):
    """A company, team or the like that profiles belong to: a row of `groups` (§6.5). Times in ms."""

    id: str
    project_id: str
    type: str
    name: str
    properties: dict[str, str] = field(default_factory=dict)
    created_at: int = 0


class DropCount(Struct, frozen=True, kw_only=True):
    """How many hits of one project were not counted on one UTC day, and why: a row of the drop ledger."""

    project_id: str
    day: str
    reason: str
    count: int
