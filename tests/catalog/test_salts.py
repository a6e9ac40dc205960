"""The daily salts: two at a time, turned at midnight UTC, gone after 48 hours (openpanel §4.1)."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from footfall.catalog import Catalog

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 11, tzinfo=UTC)
DAY = timedelta(days=1)


def test_two_salts_are_there_from_the_first_day(catalog: Catalog) -> None:
    current, previous = catalog.salts(NOON)
    assert re.fullmatch(r"[0-9a-f]{32}", current)
    assert re.fullmatch(r"[0-9a-f]{32}", previous)
    assert current != previous


def test_salts_stay_the_day_through_and_turn_at_midnight(catalog: Catalog) -> None:
    today = catalog.salts(NOON)
    assert catalog.salts(MIDNIGHT - timedelta(microseconds=1)) == today
    tomorrow = catalog.salts(MIDNIGHT)
    assert tomorrow.previous == today.current
    assert tomorrow.current not in today


def test_midnight_is_utc_whatever_zone_the_question_comes_in(catalog: Catalog) -> None:
    today = catalog.salts(NOON)
    in_tokyo = (MIDNIGHT - timedelta(hours=1)).astimezone(ZoneInfo("Asia/Tokyo"))
    assert catalog.salts(in_tokyo) == today


def test_a_clock_a_little_behind_does_not_turn_them_back(catalog: Catalog) -> None:
    after = catalog.salts(MIDNIGHT)
    assert catalog.salts(MIDNIGHT - timedelta(seconds=1)) == after
    assert catalog.salts(MIDNIGHT) == after


def test_a_salt_of_48_hours_is_deleted_from_the_file(catalog: Catalog, path: Path) -> None:
    old = catalog.salts(NOON).current
    catalog.salts(NOON + DAY)
    assert any(old.encode() in file.read_bytes() for file in path.parent.iterdir())
    catalog.salts(MIDNIGHT + DAY)
    assert all(old.encode() not in file.read_bytes() for file in path.parent.iterdir())


def test_after_a_long_sleep_both_are_new(catalog: Catalog) -> None:
    before = catalog.salts(NOON)
    after = catalog.salts(NOON + 5 * DAY)
    assert not set(before) & set(after)


def test_a_clock_that_was_once_years_ahead_does_no_harm(catalog: Catalog) -> None:
    catalog.salts(NOON + 3650 * DAY)
    today = catalog.salts(NOON)
    assert catalog.salts(NOON + DAY).previous == today.current


def test_every_process_has_the_same_salts(catalog: Catalog, path: Path) -> None:
    with Catalog(path) as other:
        assert other.salts(NOON) == catalog.salts(NOON)
        assert other.salts(MIDNIGHT) == catalog.salts(MIDNIGHT)
