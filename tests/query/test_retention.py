"""Who comes back: weeks, cohorts, days since the last visit, rolling active users."""

from zoneinfo import ZoneInfo

import pytest

from footfall.model.errors import BadRequest
from footfall.query.active_users import ActiveUsers
from footfall.query.activity import People
from footfall.query.buckets import Interval
from footfall.query.engagement import Engagement
from footfall.query.retention import Cohorts, Criterion, WeeklyRetention
from support.facts import did, ms
from support.stores import Site

BERLIN = ZoneInfo("Europe/Berlin")


def weekly(site: Site, start: str, end: str) -> list[tuple[str, int, int, float]]:
    weeks = site.ask(WeeklyRetention(site.span(start=start, end=end)))
    return [(each.bucket.label[:10], each.active_users, each.retained_users, each.retention) for each in weeks]


def cohorts(site: Site, start: str, end: str, **more: object) -> list[tuple[str, int, list[int]]]:
    question = Cohorts(site.span(start=start, end=end), ms(site.now), **more)  # type: ignore[arg-type]
    return [(each.bucket.label[:10], each.sum, each.values) for each in site.ask(question).cohorts]


def active(site: Site, days: int, start: str, end: str) -> list[int]:
    return [users for _, users in site.ask(ActiveUsers(site.span(start=start, end=end), days))]


# -- week over week


def test_who_is_back_in_the_next_week_is_retained(site: Site) -> None:
    facts = site.facts()
    for day in ("2024-02-26", "2024-03-03", "2024-03-04"):  # a Monday, the Sunday after, the Monday after
        facts.visit("phone", f"{day} 10:00", "/", user="ann")
    facts.visit("tablet", "2024-02-28 10:00", "/", user="bob")
    facts.visit("laptop", "2024-02-29 10:00", "/", user="cid")
    facts.visit("laptop", "2024-03-12 10:00", "/", user="cid")
    facts.visit("kiosk", "2024-02-28 10:00", "/")
    facts.visit("kiosk", "2024-03-05 10:00", "/")
    site.write(facts)
    assert weekly(site, "2024-02-26", "2024-03-17") == [
        ("2024-02-26", 3, 1, 100 / 3),
        ("2024-03-04", 1, 0, 0),
        ("2024-03-11", 1, 0, 0),
    ]


def test_a_session_over_the_end_of_a_week_is_of_both(site: Site) -> None:
    site.write(site.facts().visit("phone", "2024-03-03 23:59:50", "/", 20, "/a", user="ann"))
    assert weekly(site, "2024-02-26", "2024-03-10") == [("2024-02-26", 1, 1, 100), ("2024-03-04", 1, 0, 0)]


def test_what_a_person_does_without_a_session_is_activity(site: Site) -> None:
    facts = site.facts().event("renewed", "2024-02-27 10:00", profile_id="ann")
    facts.event("renewed", "2024-03-05 10:00", profile_id="ann")
    facts.event("cron", "2024-03-05 10:00")
    site.write(facts)
    assert weekly(site, "2024-02-26", "2024-03-10") == [("2024-02-26", 1, 1, 100), ("2024-03-04", 1, 0, 0)]


def test_weeks_begin_on_monday_on_the_projects_clock(site: Site) -> None:
    site.zone = BERLIN
    facts = site.facts()
    facts.visit("phone", "2024-03-31 21:59:59", "/", user="ann")  # Sunday, summer time since that morning
    facts.visit("phone", "2024-03-31 22:00:00", "/", user="ann")  # Monday
    site.write(facts)
    assert weekly(site, "2024-03-25", "2024-04-07") == [("2024-03-25", 1, 1, 100), ("2024-04-01", 1, 0, 0)]


def test_an_empty_project_has_empty_weeks(site: Site) -> None:
    assert weekly(site, "2024-03-04", "2024-03-10") == [("2024-03-04", 0, 0, 0)]
    assert cohorts(site, "2024-03-04", "2024-03-10") == []
    assert site.ask(Engagement(site.span("30d"))).distribution == []
    assert active(site, 7, "2024-03-04", "2024-03-05") == [0, 0]


# -- cohorts


def write_cohorts(site: Site) -> None:
    """Four people of two weeks: ann comes 0, 1 and 3 weeks later, bob 2, cid never again; dan a week later."""
    facts = site.facts()
    for day in ("02-20", "02-27", "03-12"):
        facts.visit("phone", f"2024-{day} 10:00", "/", did("buy"), user="ann")
    for day in ("02-21", "03-05"):
        facts.visit("tablet", f"2024-{day} 10:00", "/", user="bob")
    facts.visit("laptop", "2024-02-22 10:00", "/", user="cid")
    for day in ("02-28", "03-06"):
        facts.visit("desktop", f"2024-{day} 10:00", "/", user="dan")
    facts.visit("kiosk", "2024-02-20 10:00", "/")
    site.write(facts)


def test_cohorts_count_who_was_back_then_or_later(site: Site) -> None:
    write_cohorts(site)
    assert cohorts(site, "2024-02-19", "2024-03-17") == [
        ("2024-02-19", 3, [3, 2, 2, 1]),
        ("2024-02-26", 1, [1, 1, 0, 0]),
    ]


def test_cohorts_count_who_was_back_just_then(site: Site) -> None:
    write_cohorts(site)
    assert cohorts(site, "2024-02-19", "2024-03-17", criterion=Criterion.ON) == [
        ("2024-02-19", 3, [3, 1, 1, 1]),
        ("2024-02-26", 1, [1, 1, 0, 0]),
    ]


def test_cohorts_of_events(site: Site) -> None:
    write_cohorts(site)
    span = ("2024-02-19", "2024-03-17")
    assert cohorts(site, *span, first=("buy",)) == [("2024-02-19", 1, [1, 1, 1, 1])]
    on_buying = {"second": ("buy", "rent"), "criterion": Criterion.ON}
    assert cohorts(site, *span, **on_buying) == [
        ("2024-02-19", 3, [1, 1, 0, 1]),
        ("2024-02-26", 1, [0, 0, 0, 0]),
    ]
    assert cohorts(site, *span, first=("unknown",)) == []


def test_cohorts_by_day_and_by_month(site: Site) -> None:
    write_cohorts(site)
    by_day = cohorts(site, "2024-02-20", "2024-02-22", interval=Interval.DAY)
    assert by_day == [("2024-02-20", 1, [1, 0, 0]), ("2024-02-21", 1, [1, 0, 0]), ("2024-02-22", 1, [1, 0, 0])]
    assert cohorts(site, "2024-02-01", "2024-03-31", interval=Interval.MONTH) == [("2024-02-01", 4, [4, 3])]


def test_days_with_23_and_25_hours_are_one_day_each(site: Site) -> None:
    site.zone = BERLIN
    facts = site.facts()
    for at in ("2024-03-30 22:30", "2024-03-31 21:30", "2024-04-01 21:30"):  # 23:30 of three days in Berlin
        facts.visit("phone", at, "/", user="ann")
    site.write(facts)
    assert cohorts(site, "2024-03-30", "2024-04-01", interval=Interval.DAY, criterion=Criterion.ON) == [
        ("2024-03-30", 1, [1, 1, 1])
    ]


def test_umamis_retention_is_of_devices_by_day(site: Site) -> None:
    facts = site.facts()
    facts.visit("a", "2024-03-04 10:00", "/").visit("a", "2024-03-04 12:00", "/").visit(
        "a", "2024-03-06 10:00", "/"
    )
    facts.visit("b", "2024-03-04 10:00", "/", user="ann").visit("c", "2024-03-05 10:00", "/", user="ann")
    site.write(facts)
    question = {"interval": Interval.DAY, "criterion": Criterion.ON, "people": People.DEVICES}
    assert cohorts(site, "2024-03-04", "2024-03-06", **question) == [
        ("2024-03-04", 2, [2, 0, 1]),
        ("2024-03-05", 1, [1, 0, 0]),
    ]


def test_the_average_pools_cohorts_that_are_old_enough(site: Site) -> None:
    write_cohorts(site)  # now is Friday, 15 March: the week of the 11th is not over
    answer = site.ask(Cohorts(site.span(start="2024-02-19", end="2024-03-17"), ms(site.now)))
    assert answer.average_sum == 2
    # 4 of 4 and 3 of 4; the second week after is over for the first cohort alone, 2 of 3; the third for none
    assert answer.average == [1, 0.75, 0.67, 0]
    assert [each.percentages for each in answer.cohorts] == [[1, 0.67, 0.67, 0.33], [1, 1, 0, 0]]


def test_too_many_cohorts_are_refused(site: Site) -> None:
    with pytest.raises(BadRequest, match="400 days"):
        cohorts(site, "2020-01-01", "2024-03-01", interval=Interval.DAY)


# -- days since


def test_people_by_the_days_since_they_were_there(site: Site) -> None:
    facts = site.facts()
    for number, day in enumerate(
        ("03-15", "03-08", "03-07", "03-01", "02-29", "02-14", "02-13", "01-15", "01-14")
    ):
        facts.visit(f"d{number}", f"2024-{day} 23:30", "/", user=f"user {number}")
    facts.visit("d9", "2023-01-01 10:00", "/", user="user 0")
    facts.visit("kiosk", "2024-03-15 10:00", "/")
    site.write(facts)
    answer = site.ask(Engagement(site.span(start="2023-01-01", end="2024-03-15")))
    days = [0, 7, 8, 14, 15, 30, 31, 60, 61]
    assert answer.distribution == [(each, 1) for each in days]
    assert answer.people == 9
    bounds = [(0, 7), (8, 14), (15, 30), (31, 60), (61, None)]
    assert [answer.between(*each) for each in bounds] == [2, 2, 2, 2, 1]


def test_a_session_counts_until_its_end(site: Site) -> None:
    site.write(site.facts().visit("phone", "2024-03-13 23:59:50", "/", 20, "/a", user="ann"))
    assert site.ask(Engagement(site.span("30d"))).distribution == [(1, 1)]


# -- rolling active users


def test_a_visitor_counts_for_as_many_days_as_the_window_has(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", "/").visit("ann", "2024-03-04 20:00", "/")
    facts.visit("ann", "2024-03-06 10:00", "/")
    facts.visit("bob", "2024-03-05 10:00", "/")
    facts.visit("cid", "2024-03-01 10:00", "/")
    site.write(facts)
    assert active(site, 1, "2024-03-04", "2024-03-07") == [1, 1, 1, 0]
    assert active(site, 2, "2024-03-04", "2024-03-07") == [1, 2, 2, 1]
    assert active(site, 4, "2024-03-04", "2024-03-10") == [2, 2, 2, 2, 2, 1, 0]  # bob until the 8th, ann the 9th
    assert active(site, 90, "2024-03-07", "2024-03-08") == [3, 3]


def test_active_users_are_people_not_devices(site: Site) -> None:
    facts = site.facts()
    facts.visit("phone", "2024-03-04 10:00", "/", user="ann").visit("laptop", "2024-03-04 11:00", "/", user="ann")
    facts.event("renewed", "2024-03-04 12:00", profile_id="ann").event(
        "renewed", "2024-03-05 12:00", profile_id="ann"
    )
    site.write(facts)
    assert active(site, 1, "2024-03-04", "2024-03-05") == [1, 1]


@pytest.mark.parametrize(("days", "label"), [(1, "DAU"), (7, "WAU"), (30, "MAU"), (14, "14d active")])
def test_windows_have_names(site: Site, days: int, label: str) -> None:
    assert ActiveUsers(site.span("7d"), days).label == label
