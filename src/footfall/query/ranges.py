"""Time ranges: a keyword or two dates become two instants in the project's time zone.

A range is half open, [start, end), in UTC milliseconds. Source: openpanel contract §7.5 (keywords of all
generations) and README decisions (inclusive ends, 400 for what can't be read).

date only        startDate from its midnight, endDate to the end of that day
date and time    with an offset that instant, without one the project's wall clock; an end includes its
                 instant, and `…:59` its whole second; an end at midnight ends the day before
one date alone   endDate: from the keyword's start; startDate: until the end of today
"""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from msgspec import Struct

from footfall.model.errors import BadRequest

EARLIEST = date(1970, 1, 1)
LATEST = date(2100, 1, 1)
"""Outside of these nothing can be stored: a range is cut to them."""

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


class TimeRange(Struct, frozen=True):
    """From `start_ms`, inclusive, to `end_ms`, exclusive, with the zone whose days and weeks count."""

    start_ms: int
    end_ms: int
    zone: ZoneInfo

    @property
    def first_day(self) -> date:
        """The local date on which it starts."""
        return local(self.start_ms, self.zone).date()

    @property
    def last_day(self) -> date:
        """The local date of its last millisecond."""
        return local(self.end_ms - 1, self.zone).date()

    def parted(self, since_ms: float | None) -> "tuple[TimeRange, TimeRange] | None":
        """Before and from the local midnight that precedes an instant; None if that leaves either empty."""
        if since_ms is None or not self.start_ms < since_ms < self.end_ms:
            return None
        edge_ms = to_ms(local(int(since_ms), self.zone).date(), self.zone)
        if edge_ms <= self.start_ms:
            return None
        return TimeRange(self.start_ms, edge_ms, self.zone), TimeRange(edge_ms, self.end_ms, self.zone)

    def before(self) -> "TimeRange":
        """The range of the same length that ends where this one starts."""
        return TimeRange(self.start_ms - (self.end_ms - self.start_ms), self.start_ms, self.zone)


class RangeName(StrEnum):
    """The keywords of all generations (openpanel contract §7.5, D2, D3)."""

    MIN_30 = "30min"
    LAST_HOUR = "lastHour"
    LAST_24H = "last24h"
    TODAY = "today"
    YESTERDAY = "yesterday"
    DAYS_7 = "7d"
    DAYS_30 = "30d"
    DAYS_90 = "90d"
    MONTHS_3 = "3m"
    MONTHS_6 = "6m"
    MONTHS_12 = "12m"
    MONTH_TO_DATE = "monthToDate"
    LAST_MONTH = "lastMonth"
    YEAR_TO_DATE = "yearToDate"
    LAST_YEAR = "lastYear"
    ALL_TIME = "all_time"


ALIASES = {
    "last_7_days": RangeName.DAYS_7,
    "last_30_days": RangeName.DAYS_30,
    "this_month": RangeName.MONTH_TO_DATE,
    "last_month": RangeName.LAST_MONTH,
    "this_year": RangeName.YEAR_TO_DATE,
    "last_year": RangeName.LAST_YEAR,
    "allTime": RangeName.ALL_TIME,
}

ALL_TIME_NAMES = (RangeName.ALL_TIME, "allTime")
"""The keywords for which the first event must be known."""

RANGE_NAMES = (*RangeName, *ALIASES, "custom")

_DAYS_BACK = {RangeName.DAYS_7: 7, RangeName.DAYS_30: 30, RangeName.DAYS_90: 90}
_MONTHS_BACK = {RangeName.MONTHS_3: 3, RangeName.MONTHS_6: 6}
_MINUTES_BACK = {RangeName.MIN_30: 30, RangeName.LAST_HOUR: 60, RangeName.LAST_24H: 24 * 60}


def resolve(
    zone: ZoneInfo,
    now_ms: int,
    *,
    name: str = "",
    start: str = "",
    end: str = "",
    default: RangeName = RangeName.DAYS_7,
    first_ms: int | None = None,
) -> TimeRange:
    """The range that these words mean; empty text is absent. `first_ms`: where `all_time` begins.

    Raises BadRequest with the field `range`, `startDate` or `endDate`.
    """
    keyword = _keyword(name, default)
    start_ms = _start(start, zone) if start else None
    end_ms = _end(end, zone) if end else None
    if start_ms is None or end_ms is None:
        named = _named(keyword, zone, now_ms, first_ms)
        end_of_today = to_ms(local(now_ms, zone).date() + DAY, zone)
        if start_ms is not None:
            end_ms = end_of_today
        else:
            start_ms = named.start_ms
            end_ms = named.end_ms if end_ms is None else end_ms
    if start_ms >= end_ms:
        raise BadRequest("startDate is after endDate", "startDate" if start else "endDate", "reversed")
    return TimeRange(start_ms, end_ms, zone)


def between(zone: ZoneInfo, start: str = "", end: str = "") -> TimeRange:
    """From one date or time to another; an end that is empty text is open. For lists, which need no range.

    Raises BadRequest with the field `start` or `end`.
    """
    start_ms = _start(start, zone, "start") if start else to_ms(EARLIEST + DAY, zone)
    end_ms = _end(end, zone, "end") if end else to_ms(LATEST + DAY, zone)
    if start_ms >= end_ms:
        raise BadRequest("start is after end", "start", "reversed")
    return TimeRange(start_ms, end_ms, zone)


def local(ms: int, zone: ZoneInfo) -> datetime:
    """That instant on the zone's wall clock."""
    return datetime.fromtimestamp(ms // 1000, zone).replace(microsecond=ms % 1000 * 1000)


def to_ms(day: date, zone: ZoneInfo) -> int:
    """The instant at which a local day begins; where there is no midnight, the first that there is."""
    return _ms(datetime(day.year, day.month, day.day, tzinfo=zone))


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last."""
    number = day.year * 12 + day.month - 1 - months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _keyword(name: str, default: RangeName) -> RangeName:
    if name in ("", "custom"):
        return default
    if name in ALIASES:
        return ALIASES[name]
    try:
        return RangeName(name)
    except ValueError:
        raise BadRequest(f"range is one of {', '.join(RANGE_NAMES)}", "range", "invalid_enum_value") from None


def _named(name: RangeName, zone: ZoneInfo, now_ms: int, first_ms: int | None) -> TimeRange:
    now = local(now_ms, zone)
    if name in _MINUTES_BACK:
        minute_ms = now_ms // 60_000 * 60_000
        return TimeRange(minute_ms - _MINUTES_BACK[name] * 60_000, minute_ms + 60_000, zone)
    start, end = _days(name, now.date(), zone, first_ms)
    return TimeRange(to_ms(start, zone), to_ms(end, zone), zone)


def _days(name: RangeName, today: date, zone: ZoneInfo, first_ms: int | None) -> tuple[date, date]:
    """First day, and the day after the last."""
    month = today.replace(day=1)
    year = month.replace(month=1)
    if name in _DAYS_BACK:
        return today - _DAYS_BACK[name] * DAY, today + DAY
    if name in _MONTHS_BACK:
        return months_before(today, _MONTHS_BACK[name]), today + DAY
    match name:
        case RangeName.YESTERDAY:
            return today - DAY, today
        case RangeName.MONTHS_12:
            return months_before(month, 12), months_before(month, -1)
        case RangeName.MONTH_TO_DATE:
            return month, today + DAY
        case RangeName.LAST_MONTH:
            return months_before(month, 1), month
        case RangeName.YEAR_TO_DATE:
            return year, today + DAY
        case RangeName.LAST_YEAR:
            return months_before(year, 12), year
        case RangeName.ALL_TIME:
            first = today if first_ms is None else local(max(first_ms, 0), zone).date()
            return min(max(first, EARLIEST), today), today + DAY
        case _:
            return today, today + DAY


# Digits, `-` and the rest of ISO 8601; a `+` that came through a query string is a space.
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?([.,]\d{1,9})?(Z|[+\- ]\d{2}(?::?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)


def _start(text: str, zone: ZoneInfo, field: str = "startDate") -> int:
    if _DATE.fullmatch(text.strip()):
        return to_ms(_cut(_read_date(text.strip(), field)), zone)
    return _cut_ms(_ms(_read_time(text, zone, field)), zone)


def _end(text: str, zone: ZoneInfo, field: str = "endDate") -> int:
    if _DATE.fullmatch(text.strip()):
        return to_ms(_cut(_read_date(text.strip(), field)) + DAY, zone)
    time = _read_time(text, zone, field)
    wall = time.astimezone(zone) if EARLIEST < time.date() < LATEST else time
    if wall.hour == wall.minute == wall.second == wall.microsecond == 0:
        return _cut_ms(_ms(time), zone)
    if wall.second == 59 and wall.microsecond == 0:
        return _cut_ms(_ms(time) + 1000, zone)
    return _cut_ms(_ms(time) + 1, zone)


def _read_date(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _unreadable(field) from None


def _read_time(text: str, zone: ZoneInfo, field: str) -> datetime:
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise _unreadable(field)
    day, clock, seconds, fraction, offset = found.groups()
    micros = (fraction or ".0")[1:7].ljust(6, "0")
    offset = (offset or "").replace(" ", "+").upper().replace("Z", "+00:00")
    try:
        time = datetime.fromisoformat(f"{day}T{clock}{seconds or ':00'}.{micros}{offset}")
    except ValueError:
        raise _unreadable(field) from None
    return time if time.tzinfo else time.replace(tzinfo=zone)


def _unreadable(field: str) -> BadRequest:
    return BadRequest(f"{field} is a date, YYYY-MM-DD, or an ISO 8601 time", field, "invalid_date")


def _cut(day: date) -> date:
    return min(max(day, EARLIEST + DAY), LATEST)


def _cut_ms(ms: int, zone: ZoneInfo) -> int:
    return min(max(ms, to_ms(EARLIEST + DAY, zone)), to_ms(LATEST + DAY, zone))


def _ms(time: datetime) -> int:
    """Exact, also for years that `timestamp` gets wrong or refuses."""
    naive = time.replace(tzinfo=None)
    offset = time.utcoffset() or timedelta()
    return (naive - datetime(1970, 1, 1) - offset) // timedelta(milliseconds=1)  # noqa: DTZ001
