"""Every way to name a range, at one instant (openpanel contract §7.5)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from footfall.model.errors import BadRequest
from footfall.query.ranges import TimeRange, resolve
from support.facts import ms

BERLIN = ZoneInfo("Europe/Berlin")
NOW = "2024-03-31 12:34:56"  # 14:34:56 in Berlin, where the clock went forward this morning


def shown(span: TimeRange) -> tuple[str, str]:
    def text(value: int) -> str:
        return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3].removesuffix(".000")

    return text(span.start_ms), text(span.end_ms)


def at(name: str = "", start: str = "", end: str = "", zone: ZoneInfo = BERLIN, now: str = NOW) -> tuple[str, str]:
    return shown(resolve(zone, ms(now), name=name, start=start, end=end, first_ms=ms("2023-11-05 23:30")))


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("30min", "2024-03-31 12:04:00", "2024-03-31 12:35:00"),
        ("lastHour", "2024-03-31 11:34:00", "2024-03-31 12:35:00"),
        ("last24h", "2024-03-30 12:34:00", "2024-03-31 12:35:00"),
        ("today", "2024-03-30 23:00:00", "2024-03-31 22:00:00"),
        ("yesterday", "2024-03-29 23:00:00", "2024-03-30 23:00:00"),
        ("7d", "2024-03-23 23:00:00", "2024-03-31 22:00:00"),
        ("last_7_days", "2024-03-23 23:00:00", "2024-03-31 22:00:00"),
        ("30d", "2024-02-29 23:00:00", "2024-03-31 22:00:00"),
        ("last_30_days", "2024-02-29 23:00:00", "2024-03-31 22:00:00"),
        ("90d", "2023-12-31 23:00:00", "2024-03-31 22:00:00"),
        ("3m", "2023-12-30 23:00:00", "2024-03-31 22:00:00"),
        ("6m", "2023-09-29 22:00:00", "2024-03-31 22:00:00"),
        ("12m", "2023-02-28 23:00:00", "2024-03-31 22:00:00"),
        ("monthToDate", "2024-02-29 23:00:00", "2024-03-31 22:00:00"),
        ("this_month", "2024-02-29 23:00:00", "2024-03-31 22:00:00"),
        ("lastMonth", "2024-01-31 23:00:00", "2024-02-29 23:00:00"),
        ("last_month", "2024-01-31 23:00:00", "2024-02-29 23:00:00"),
        ("yearToDate", "2023-12-31 23:00:00", "2024-03-31 22:00:00"),
        ("this_year", "2023-12-31 23:00:00", "2024-03-31 22:00:00"),
        ("lastYear", "2022-12-31 23:00:00", "2023-12-31 23:00:00"),
        ("last_year", "2022-12-31 23:00:00", "2023-12-31 23:00:00"),
        ("all_time", "2023-11-05 23:00:00", "2024-03-31 22:00:00"),
        ("", "2024-03-23 23:00:00", "2024-03-31 22:00:00"),
        ("custom", "2024-03-23 23:00:00", "2024-03-31 22:00:00"),
    ],
)
def test_a_keyword(name: str, start: str, end: str) -> None:
    assert at(name) == (start, end)


def test_all_time_of_an_empty_project_is_today() -> None:
    assert shown(resolve(BERLIN, ms(NOW), name="all_time")) == ("2024-03-30 23:00:00", "2024-03-31 22:00:00")


def test_a_month_back_from_its_last_day_is_the_other_months_last() -> None:
    assert at("6m", zone=ZoneInfo("UTC"), now="2024-08-31 10:00")[0] == "2024-02-29 00:00:00"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2024-03-30", "2024-03-31", ("2024-03-29 23:00:00", "2024-03-31 22:00:00")),
        ("2024-03-31T10:00:00Z", "2024-03-31T11:00:00Z", ("2024-03-31 10:00:00", "2024-03-31 11:00:00.001")),
        ("2024-03-31 10:00:00", "2024-03-31 11:00", ("2024-03-31 08:00:00", "2024-03-31 09:00:00.001")),
        ("2024-03-31T10:00:00+05:30", "2024-03-31", ("2024-03-31 04:30:00", "2024-03-31 22:00:00")),
        ("2024-03-31T10:00:00 05:30", "2024-03-31", ("2024-03-31 04:30:00", "2024-03-31 22:00:00")),
        (
            "2024-03-31T00:00:00.000Z",
            "2024-03-31T23:59:59.999Z",
            ("2024-03-31 00:00:00", "2024-04-01 00:00:00"),
        ),
        ("2024-03-30", "2024-03-30T23:59:59", ("2024-03-29 23:00:00", "2024-03-30 23:00:00")),
        ("2024-03-30", "2024-03-31 00:00:00", ("2024-03-29 23:00:00", "2024-03-30 23:00:00")),
        ("2024-03-20", "", ("2024-03-19 23:00:00", "2024-03-31 22:00:00")),
        ("", "2024-03-28", ("2024-03-23 23:00:00", "2024-03-28 23:00:00")),
        ("0001-01-01", "9999-12-31", ("1970-01-01 23:00:00", "2100-01-01 23:00:00")),
    ],
)
def test_dates(start: str, end: str, expected: tuple[str, str]) -> None:
    assert at("7d", start, end) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"name": "8d"}, "range"),
        ({"name": "7D"}, "range"),
        ({"start": "2024-04-02", "end": "2024-04-01"}, "startDate"),
        ({"end": "2024-03-01"}, "endDate"),
        ({"start": "2024-05-01"}, "startDate"),
        ({"start": "2024-13-01"}, "startDate"),
        ({"start": "2024-02-30"}, "startDate"),
        ({"start": "03/31/2024"}, "startDate"),
        ({"start": "1711843200"}, "startDate"),
        ({"start": "2024-03-31T25:00:00"}, "startDate"),
        ({"start": "2024-03-31", "end": "2024-03-31T10:00:00+99:00"}, "endDate"),
        ({"start": "２０２４-03-31"}, "startDate"),
        ({"start": "2024-03-31", "end": "now"}, "endDate"),
    ],
)
def test_what_cant_be_a_range(query: dict[str, str], field: str) -> None:
    with pytest.raises(BadRequest) as raised:
        at(**query)
    assert raised.value.field == field


def test_a_day_without_midnight_begins_at_its_first_instant() -> None:
    santiago = ZoneInfo("America/Santiago")  # 2023-09-03 begins at 01:00
    span = resolve(santiago, ms(NOW), start="2023-09-03", end="2023-09-03")
    assert shown(span) == ("2023-09-03 04:00:00", "2023-09-04 03:00:00")


def test_the_range_before_is_as_long() -> None:
    span = resolve(ZoneInfo("UTC"), ms(NOW), start="2024-03-08", end="2024-03-14")
    assert shown(span.before()) == ("2024-03-01 00:00:00", "2024-03-08 00:00:00")
