"""Buckets of every length, in zones that are hard."""

from zoneinfo import ZoneInfo

import pytest

from footfall.model.errors import BadRequest
from footfall.query.buckets import Interval, automatic, bucket_key, buckets
from footfall.query.ranges import resolve
from footfall.query.reader import Reader
from footfall.query.sql import column, named, read
from footfall.store.base import Store
from support.facts import ms
from support.stores import Site

NOW = "2024-03-15 12:34:56"


def labels(zone: str, interval: Interval, start: str, end: str) -> list[str]:
    span = resolve(ZoneInfo(zone), ms(NOW), start=start, end=end)
    return [bucket.label for bucket in buckets(span, interval)]


@pytest.mark.parametrize(
    ("name", "interval", "number"),
    [
        ("30min", Interval.HOUR, 1),
        ("today", Interval.HOUR, 24),
        ("yesterday", Interval.HOUR, 24),
        ("7d", Interval.DAY, 8),
        ("30d", Interval.DAY, 31),
        ("90d", Interval.DAY, 91),
        ("3m", Interval.DAY, 92),
        ("6m", Interval.WEEK, 27),
        ("12m", Interval.MONTH, 13),
        ("lastMonth", Interval.DAY, 29),
        ("lastYear", Interval.MONTH, 12),
    ],
)
def test_the_interval_fits_the_range(name: str, interval: Interval, number: int) -> None:
    span = resolve(ZoneInfo("UTC"), ms(NOW), name=name)
    assert automatic(span) is interval
    assert len(buckets(span, interval)) == number


def test_half_an_hour_of_minutes() -> None:
    span = resolve(ZoneInfo("Europe/Berlin"), ms(NOW), name="30min")
    found = [bucket.label for bucket in buckets(span, Interval.MINUTE)]
    assert (len(found), found[0], found[-1]) == (
        31,
        "2024-03-15T13:04:00.000+01:00",
        "2024-03-15T13:34:00.000+01:00",
    )


def test_the_first_bucket_is_whole() -> None:
    assert labels("UTC", Interval.DAY, "2024-03-04T10:30:00", "2024-03-05") == [
        "2024-03-04T00:00:00.000Z",
        "2024-03-05T00:00:00.000Z",
    ]
    assert labels("UTC", Interval.WEEK, "2024-03-10", "2024-03-11") == [
        "2024-03-04T00:00:00.000Z",
        "2024-03-11T00:00:00.000Z",
    ]


def test_an_offset_of_zero_is_only_z_in_utc() -> None:
    assert labels("Europe/London", Interval.DAY, "2024-03-30", "2024-04-01") == [
        "2024-03-30T00:00:00.000+00:00",
        "2024-03-31T00:00:00.000+00:00",
        "2024-04-01T00:00:00.000+01:00",
    ]


def test_a_day_that_was_skipped_is_no_bucket() -> None:
    assert labels("Pacific/Apia", Interval.DAY, "2011-12-29", "2011-12-31") == [
        "2011-12-29T00:00:00.000-10:00",
        "2011-12-31T00:00:00.000+14:00",
    ]


def test_a_day_without_midnight_starts_later() -> None:
    assert labels("America/Santiago", Interval.DAY, "2023-09-02", "2023-09-04") == [
        "2023-09-02T00:00:00.000-04:00",
        "2023-09-03T01:00:00.000-03:00",
        "2023-09-04T00:00:00.000-03:00",
    ]


def test_a_clock_that_moves_half_an_hour() -> None:
    assert labels("Australia/Lord_Howe", Interval.HOUR, "2024-04-07T00:00:00", "2024-04-07T03:00:00")[:5] == [
        "2024-04-07T00:00:00.000+11:00",
        "2024-04-07T01:00:00.000+11:00",
        "2024-04-07T01:30:00.000+10:30",
        "2024-04-07T02:00:00.000+10:30",
        "2024-04-07T03:00:00.000+10:30",
    ]


def test_a_clock_that_moves_at_a_minute_past_midnight() -> None:
    assert labels("America/St_Johns", Interval.HOUR, "2011-03-12T23:00:00", "2011-03-13T03:00:00")[:4] == [
        "2011-03-12T23:00:00.000-03:30",
        "2011-03-13T00:00:00.000-03:30",
        "2011-03-13T02:00:00.000-02:30",
        "2011-03-13T03:00:00.000-02:30",
    ]


def test_too_many_buckets() -> None:
    with pytest.raises(BadRequest) as raised:
        labels("UTC", Interval.MINUTE, "2024-03-01", "2024-03-31")
    assert raised.value.field == "interval"


@pytest.mark.parametrize("interval", list(Interval))
@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("UTC", "2024-02-28", "2024-03-01"),
        ("Europe/Berlin", "2024-10-26", "2024-10-28"),
        ("Europe/Berlin", "2024-03-30", "2024-04-01"),
        ("America/Santiago", "2023-09-02", "2023-09-04"),
        ("Australia/Lord_Howe", "2024-04-06", "2024-04-08"),
        ("America/St_Johns", "2011-03-12", "2011-03-14"),
        ("Asia/Kathmandu", "2024-12-31", "2025-01-01"),
        ("Pacific/Apia", "2011-12-29", "2011-12-31"),
        ("Africa/Casablanca", "2024-03-09", "2024-04-15"),
    ],
)
def test_every_instant_falls_into_the_bucket_it_is_in(
    site: Site, store: Store, zone: str, start: str, end: str, interval: Interval
) -> None:
    """SQL and Python agree, for events on and just before each bucket's start."""
    span = resolve(ZoneInfo(zone), ms(NOW), start=start, end=end)
    if interval is Interval.MINUTE and zone == "Africa/Casablanca":
        pytest.skip("too many minutes")
    slots = buckets(span, interval)
    starts = [slot.start_ms for slot in slots][:: max(1, len(slots) // 150)]
    edges = sorted({at for each in starts for at in (each, each - 1) if span.start_ms <= at < span.end_ms})
    facts = site.facts()
    for at in edges:
        facts.event("tick", "2024-01-01", profile_id=str(at))
        facts.events[-1].created_at = at
    site.write(facts)
    reader = Reader(store, site.project)
    key = named(bucket_key(reader.engine, column("created_at"), span, interval), "slot")
    found = {int(at): int(slot) for at, slot in reader.rows(read("events", [column("profile_id"), key]))}

    def slot_of(at: int) -> int:
        return max((slot for slot in slots if slot.start_ms <= at), key=lambda slot: slot.start_ms).key

    assert found == {at: slot_of(at) for at in edges}
