"""Time buckets: minutes, hours, days, weeks (from Monday) and months on the project's wall clock.

Inside a stretch of time with one UTC offset, the bucket of an event is integer arithmetic on its
milliseconds; the stretches of a range are found here and become one CASE, so both engines agree to the
millisecond and every day that the clock changes is right. Minutes and hours are told apart by their instant:
the hour that comes twice in autumn gives two buckets. Source: openpanel contract §7.4 and README decisions.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlglot import exp

from footfall.model.errors import BadRequest
from footfall.model.times import DAY_MS
from footfall.query.engine import Engine
from footfall.query.ranges import DAY, TimeRange, local, months_before, to_ms
from footfall.query.sql import Expr, at_least, integer

MAX_BUCKETS = 5000
"""What one answer may hold; a chart of more can't be drawn."""

_PROBE_MS = 5 * DAY_MS  # no zone changes its clock and back within five days
_MONDAY = 3  # 1970-01-01 was a Thursday, three days after a Monday
_FIRST = date(1970, 1, 1).toordinal()
_UTC = {"UTC", "Etc/UTC", "Etc/UCT", "Etc/Zulu", "UCT", "Zulu", "Universal", "Etc/Universal"}


class Interval(StrEnum):
    """How long a bucket is."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_STEP_MS = {Interval.MINUTE: 60_000, Interval.HOUR: 3_600_000}


class Bucket(Struct, frozen=True):
    """One bucket: the number that SQL gives its rows, the instant it starts at, and its label."""

    key: int
    start_ms: int
    label: str


def automatic(span: TimeRange) -> Interval:
    """The Insights interval: one day in hours, three months in days, half a year in weeks (contract §8.2)."""
    days = (span.last_day - span.first_day).days
    if days == 0:
        return Interval.HOUR
    if days <= 92:
        return Interval.DAY
    return Interval.WEEK if days <= 186 else Interval.MONTH


def daily(span: TimeRange) -> Interval:
    """Days, where no interval was asked for; if an answer can't hold so many, what fits the range."""
    return automatic(span) if _is_too_fine(span, Interval.DAY) else Interval.DAY


def buckets(span: TimeRange, interval: Interval) -> list[Bucket]:
    """Every bucket of the range in order, the first one whole though the range may start inside it.

    Raises BadRequest when there would be more than MAX_BUCKETS.
    """
    if _is_too_fine(span, interval):
        raise BadRequest(f"the range has too many {interval}s; take a longer interval", "interval", "too_big")
    found = _clock_buckets(span, interval) if interval in _STEP_MS else _calendar_buckets(span, interval)
    return list(found)


def bucket_key(engine: Engine, time: Expr, span: TimeRange, interval: Interval) -> Expr:
    """The `key` of the bucket that a time falls into."""
    return bucket_of_ms(engine, engine.epoch_ms(time), span, interval)


def bucket_of_ms(engine: Engine, ms: Expr, span: TimeRange, interval: Interval) -> Expr:
    """The same for a time in milliseconds."""
    if interval not in _STEP_MS:
        offset = _by_stretch(engine, ms, span, integer)
        return _day_of(engine, exp.Add(this=ms, expression=offset), interval)
    return _by_stretch(engine, ms, span, lambda offset_ms: _step_of(engine, ms.copy(), offset_ms, interval))


def _by_stretch(engine: Engine, ms: Expr, span: TimeRange, value: Callable[[int], Expr]) -> Expr:
    """A value of the offset that holds at that time. A century has hundreds of them: it should be a short one."""
    first, *later = stretches(span)
    branches = [(at_least(ms.copy(), integer(start)), value(offset)) for start, offset in reversed(later)]
    return engine.case(branches, value(first[1]))


def label(ms: int, zone: ZoneInfo) -> str:
    """ISO 8601 on the zone's wall clock with its offset, `Z` in a UTC project."""
    text = local(ms, zone).isoformat(timespec="milliseconds")
    return f"{text[:-6]}Z" if zone.key in _UTC else text


def stretches(span: TimeRange) -> tuple[tuple[int, int], ...]:
    """The parts of a range with one UTC offset each: where it begins and the offset, in ms."""
    return _stretches(span.zone, span.start_ms, span.end_ms)


@lru_cache(maxsize=256)
def _stretches(zone: ZoneInfo, start_ms: int, end_ms: int) -> tuple[tuple[int, int], ...]:
    found = [(start_ms, _offset_ms(start_ms, zone))]
    at = start_ms
    while at < end_ms - 1:
        ahead = min(at + _PROBE_MS, end_ms - 1)
        if _offset_ms(ahead, zone) != found[-1][1]:
            ahead = _change(zone, at, ahead)
            found.append((ahead, _offset_ms(ahead, zone)))
        at = ahead
    return tuple(found)


def _change(zone: ZoneInfo, before: int, after: int) -> int:
    """The first millisecond with another offset than `before` has."""
    offset = _offset_ms(before, zone)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset_ms(middle, zone) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset_ms(ms: int, zone: ZoneInfo) -> int:
    offset = local(ms, zone).utcoffset() or timedelta()
    return offset // timedelta(milliseconds=1)


def _step_of(engine: Engine, ms: Expr, offset_ms: int, interval: Interval) -> Expr:
    step_ms = _STEP_MS[interval]
    wall = exp.Add(this=ms, expression=integer(offset_ms)) if offset_ms else ms
    start = exp.Mul(this=engine.whole(wall, step_ms), expression=integer(step_ms))
    return exp.Sub(this=start, expression=integer(offset_ms)) if offset_ms else start


def _day_of(engine: Engine, wall: Expr, interval: Interval) -> Expr:
    if interval is Interval.MONTH:
        return engine.month(wall)
    day = engine.whole(wall, DAY_MS)
    if interval is Interval.DAY:
        return day
    return engine.whole(exp.Add(this=day, expression=integer(_MONDAY)), 7)


def _is_too_fine(span: TimeRange, interval: Interval) -> bool:
    step_ms = _STEP_MS.get(interval, 0) or _day_step(interval)
    return (span.end_ms - span.start_ms) // step_ms > MAX_BUCKETS


def _day_step(interval: Interval) -> int:
    return {Interval.DAY: 1, Interval.WEEK: 7, Interval.MONTH: 28}[interval] * DAY_MS


def _clock_buckets(span: TimeRange, interval: Interval) -> Iterator[Bucket]:
    step_ms = _STEP_MS[interval]
    parts = stretches(span)
    starts = [start for start, _ in parts]
    taken = -1
    for (start_ms, offset_ms), end_ms in zip(parts, [*starts[1:], span.end_ms], strict=True):
        first = (start_ms + offset_ms) // step_ms * step_ms - offset_ms
        # Where the clock moves by an hour in the middle of one, the rest of that one belongs to it.
        for key in range(first + step_ms if first == taken else first, end_ms, step_ms):
            taken = key
            # Where the clock moves by half an hour, the new time's first hour is half gone.
            begin_ms = key if start_ms == span.start_ms else max(key, start_ms)
            yield Bucket(key, begin_ms, label(begin_ms, span.zone))


def _calendar_buckets(span: TimeRange, interval: Interval) -> Iterator[Bucket]:
    day = _floor(span.first_day, interval)
    while True:
        start_ms, following = to_ms(day, span.zone), _next(day, interval)
        if start_ms >= span.end_ms:
            return
        if to_ms(following, span.zone) > start_ms:  # a zone that crosses the date line skips a day
            yield Bucket(_day_key(day, interval), start_ms, label(start_ms, span.zone))
        day = following


def _floor(day: date, interval: Interval) -> date:
    if interval is Interval.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if interval is Interval.MONTH else day


def _next(day: date, interval: Interval) -> date:
    if interval is Interval.MONTH:
        return months_before(day, -1)
    return day + (timedelta(days=7) if interval is Interval.WEEK else DAY)


def _day_key(day: date, interval: Interval) -> int:
    if interval is Interval.MONTH:
        return day.year * 12 + day.month - 1
    number = day.toordinal() - _FIRST
    return (number + _MONDAY) // 7 if interval is Interval.WEEK else number
