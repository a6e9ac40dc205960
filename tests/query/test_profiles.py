"""People and groups, by hand."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from footfall.query.groups import GroupList, GroupTypes, OneGroup
from footfall.query.operators import Filters, parse_filters
from footfall.query.profile import OnePerson, PersonAnswer, SessionsOfPerson
from footfall.query.profile_metrics import MetricsOfPerson, PersonNumbers
from footfall.query.profiles import ProfileList
from footfall.store.base import Store
from support.facts import did, ms, paid, viewed
from support.stores import NOW, Site, only

ODD = "a/b%2F 'ü\"?#"


@pytest.fixture(scope="module")
def shop(store: Store) -> Iterator[Site]:
    """Ann, Bob and a Ωmega whose id is odd; the devices tab, phone, kiosk and lone."""
    site = Site(store)
    facts = site.facts()
    facts.person(
        "ann", "2024-03-01 10:00", "2024-03-14 10:00", first_name="Ann", last_name="Ångström",
        email="ann@Shop.example", properties={"country": "DE", "device": "mobile", "city": "Munich", "plan": "pro"},
        groups=("acme", "beta"),
    )  # fmt: skip
    facts.person("bob", "2024-03-02 10:00", first_name="Bob", properties={"country": "US", "browser": "Firefox"})
    facts.person(ODD, "2024-03-03 10:00", last_name="Ωmega", groups=("acme",))
    facts.person("tab", "2024-03-04 10:00", is_external=False, groups=("acme",))
    facts.group("acme", "2024-03-01 10:00", type="company", name="Acme AG", properties={"size": "12"})
    facts.group("beta", "2024-03-02 10:00", type="team", name="Βeta 100%")
    facts.group("x/y", "2024-03-03 10:00", type="company", name="Slash")

    facts.visit("tab", "2024-03-10 09:00", "/", 30, "/a")  # before she signs in
    facts.visit("tab", "2024-03-10 10:00", "/", 60, did("login"), paid(500), 120, "/a", user="ann", marks=True)
    facts.visit("phone", "2024-03-11 23:30", "/b", user="ann")
    facts.event("invoice", "2024-03-12 08:00", profile_id="ann")  # a program's
    # She signs in on a kiosk and leaves it to Bob.
    facts.visit(
        "kiosk", "2024-03-13 10:00",
        viewed("/", profile_id="kiosk"), did("login", profile_id="ann"), did("login", profile_id="bob"), "/bob",
        user="bob",
    )  # fmt: skip
    facts.visit("lone", "2024-03-13 11:00", "/", country="FR", browser="Chrome", is_open=True)
    facts.visit("lone", "2024-03-14 11:00", "/", 10, "/c", country="DE", browser="Chrome", referrer_name="Google")
    facts.event("job", "2024-03-12 08:00", profile_id="cron")
    site.write(facts)
    return site


def ids(site: Site, filters: Filters | None = None, **asked: object) -> list[str]:
    question = ProfileList(now_ms=ms(NOW), filters=filters or Filters(), **asked)  # type: ignore[arg-type]
    return [profile.id for profile in site.ask(question)]


def test_the_last_seen_come_first(shop: Site) -> None:
    assert ids(shop) == ["ann", "tab", ODD, "bob"]
    assert ids(shop, is_ascending=True) == ["bob", ODD, "tab", "ann"]
    assert ids(shop, limit=2, offset=1) == ["tab", ODD]


def test_a_row_is_what_is_known(shop: Site) -> None:
    ann = shop.ask(ProfileList(now_ms=ms(NOW), limit=1))[0]
    assert (ann.first_name, ann.last_name, ann.groups) == ("Ann", "Ångström", ("acme", "beta"))
    assert (ann.created_at, ann.last_seen_at) == (ms("2024-03-01 10:00"), ms("2024-03-14 10:00"))
    assert ann.properties == {"country": "DE", "device": "mobile", "city": "Munich", "plan": "pro"}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"name": "ÅNG"}, ["ann"]),
        ({"name": "ann å"}, ["ann"]),
        ({"name": "ωMEGA"}, [ODD]),
        ({"name": "%"}, []),
        ({"email": "@shop.EXAMPLE"}, ["ann"]),
        ({"country": "Germany"}, ["ann"]),
        ({"country": "us"}, ["bob"]),
        ({"country": "Atlantis"}, []),
        ({"city": "Munich"}, ["ann"]),
        ({"device": "Mobile"}, ["ann"]),
        ({"browser": "Firefox"}, ["bob"]),
        ({"inactive_days": 12}, [ODD, "bob"]),  # now is the 15th
        ({"inactive_days": 40_000}, []),
        ({"min_sessions": 1}, ["ann", "bob"]),
        ({"min_sessions": 2}, ["ann"]),
        ({"min_sessions": 3}, []),
        ({"performed_event": "login"}, ["ann", "bob"]),
        ({"performed_event": "invoice"}, ["ann"]),
        ({"performed_event": "nothing"}, []),
        ({"country": "DE", "browser": "Firefox"}, []),
    ],
)
def test_what_can_be_asked(shop: Site, asked: dict[str, object], found: list[str]) -> None:
    assert ids(shop, **asked) == found


@pytest.mark.parametrize(
    ("name", "operator", "values", "found"),
    [
        ("plan", "is", ["pro"], ["ann"]),
        ("properties.plan", "isNot", ["pro"], ["tab", ODD, "bob"]),
        ("profile.properties.plan", "isNotNull", [], ["ann"]),
        ("email", "contains", ["Shop"], ["ann"]),
        ("profile.email", "isNull", [], ["tab", ODD, "bob"]),
        ("country", "is", ["Germany", "US"], ["ann", "bob"]),
        ("device", "isNot", ["MOBILE"], ["tab", ODD, "bob"]),
        ("has_profile", "is", ["true"], ["ann", ODD, "bob"]),
        ("profile_id", "is", [ODD], [ODD]),
        ("last_seen_at", "gt", ["2024-03-03T00:00:00Z"], ["ann", "tab", ODD]),
    ],
)
def test_filters(shop: Site, name: str, operator: str, values: list[object], found: list[str]) -> None:
    assert ids(shop, only(name, operator, *values)) == found


def test_all_filters_must_hold(shop: Site) -> None:
    filters = [
        {"name": "plan", "operator": "is", "value": ["pro"]},
        {"name": "id", "operator": "is", "value": "bob"},
    ]
    assert ids(shop, parse_filters(filters)) == []


def one(site: Site, *names: str, limit: int = 20) -> PersonAnswer | None:
    return site.ask(OnePerson(names, site.project, ms(NOW), limit))


def did_what(site: Site, name: str, limit: int = 20) -> list[tuple[str, str]]:
    found = one(site, name, limit=limit)
    assert found is not None
    return [(event.name, event.path) for event, _ in found.events]


def test_a_person_is_what_the_person_did_and_the_devices_did_anonymously(shop: Site) -> None:
    assert did_what(shop, "ann") == [
        ("login", "/"),  # on the kiosk, and nothing else there: that visit is Bob's
        ("invoice", ""),
        ("screen_view", "/b"),
        ("screen_view", "/a"),
        ("revenue", "/"),
        ("login", "/"),
        ("screen_view", "/"),
        ("screen_view", "/a"),  # before she signed in
        ("screen_view", "/"),
    ]
    assert did_what(shop, "ann", limit=2) == [("login", "/"), ("invoice", "")]


def test_another_ones_doings_are_not_shown(shop: Site) -> None:
    assert did_what(shop, "bob") == [("screen_view", "/bob"), ("login", "/"), ("screen_view", "/")]


def test_how_long_a_page_was_looked_at(shop: Site) -> None:
    found = one(shop, "ann")
    assert found is not None
    lasting = [(event.path, duration) for event, duration in found.events if event.is_view]
    assert lasting == [("/b", 0), ("/a", 0), ("/", 190_000), ("/a", 0), ("/", 30_000)]


def test_old_events_are_found_too(site: Site) -> None:
    facts = site.facts().visit("old", "2021-03-10 09:00", "/", 5, "/a", user="zoe")
    facts.visit("new", "2024-03-10 09:00", "/b", user="zoe")
    site.write(facts)
    assert [path for _, path in did_what(site, "zoe")] == ["/b", "/a", "/"]
    assert [path for _, path in did_what(site, "zoe", limit=2)] == ["/b", "/a"]


def test_events_of_one_moment_are_in_the_order_of_their_ids(site: Site) -> None:
    facts = site.facts()
    for number in (3, 1, 2):
        facts.event(f"e{number}", "2024-03-10 09:00", profile_id="zoe")
        # ClickHouse on its own compares the second half first.
        facts.events[-1].id = f"0000000{number}-0000-4000-8000-00000000000{4 - number}"
    site.write(facts)
    assert [name for name, _ in did_what(site, "zoe")] == ["e1", "e2", "e3"]


def test_an_anonymous_visitor_is_made_of_the_sessions(shop: Site) -> None:
    found = one(shop, "lone")
    assert found is not None
    profile = found.profile
    assert (profile.id, profile.is_external, profile.email) == ("lone", False, "")
    assert profile.properties == {"country": "DE", "browser": "Chrome", "referrer_name": "Google"}
    assert (profile.created_at, profile.last_seen_at) == (ms("2024-03-13 11:00"), ms("2024-03-14 11:00:10"))
    assert [event.path for event, _ in found.events] == ["/c", "/", "/"]


def test_somebody_whom_only_a_program_names(shop: Site) -> None:
    found = one(shop, "cron")
    assert found is not None
    assert (found.profile.id, found.profile.created_at) == ("cron", ms("2024-03-12 08:00"))
    assert [event.name for event, _ in found.events] == ["job"]


def test_nobody(shop: Site, store: Store) -> None:
    assert one(shop, "zed") is None
    assert shop.ask(SessionsOfPerson(("zed",))) is None
    assert shop.ask(MetricsOfPerson(("zed",), ZoneInfo("UTC"))) is None
    assert one(Site(store), "ann") is None  # another project's


def test_the_first_id_that_is_known_counts(shop: Site) -> None:
    found = one(shop, "a%2Fb", ODD)
    assert found is not None
    assert found.profile.id == ODD
    assert did_what(shop, ODD) == []


def test_sessions_of_a_person(shop: Site) -> None:
    found = shop.ask(SessionsOfPerson(("ann",)))
    assert found is not None
    assert [(each.device_id, each.profile_id, each.screen_view_count) for each in found] == [
        ("phone", "ann", 1),
        ("tab", "ann", 2),
        ("tab", "tab", 2),
    ]
    page = shop.ask(SessionsOfPerson(("ann",), limit=1, offset=1))
    assert page is not None
    assert [each.duration for each in page] == [190_000]
    lone = shop.ask(SessionsOfPerson(("lone",)))
    assert lone is not None
    assert [each.created_at for each in lone] == [ms("2024-03-14 11:00"), ms("2024-03-13 11:00")]


def test_a_person_in_numbers(shop: Site) -> None:
    found = shop.ask(MetricsOfPerson(("ann",), ZoneInfo("Europe/Berlin"), ("login", "invoice")))
    assert found == PersonNumbers(
        profile_id="ann",
        first_seen_ms=ms("2024-03-10 09:00"),
        last_seen_ms=ms("2024-03-13 10:00:10"),
        sessions=3,
        screen_views=5,
        total_events=9,
        conversion_events=3,
        unique_days_active=3,  # the 10th, in Berlin the 12th twice, the 13th
        avg_session_minutes=1.83,  # 30 and 190 s
        p90_session_minutes=3.17,
        avg_events_per_session=3.0,
        avg_seconds_between_sessions=69_300,  # 38.5 hours by 2
        bounce_rate=33.33,  # the phone's
        revenue=500,
    )


def test_days_are_those_of_the_time_zone(shop: Site) -> None:
    found = shop.ask(MetricsOfPerson(("ann",), ZoneInfo("UTC")))
    assert found is not None
    assert (found.unique_days_active, found.conversion_events) == (4, 0)


def test_nine_in_ten_sessions_are_no_longer(site: Site) -> None:
    facts = site.facts()
    for minutes in range(1, 11):
        facts.visit("tab", f"2024-03-{minutes:02} 10:00", "/", minutes * 60, "/a", user="ann")
    facts.visit("tab", "2024-03-11 10:00", "/", user="ann")  # has no duration
    site.write(facts)
    found = site.ask(MetricsOfPerson(("ann",), ZoneInfo("UTC")))
    assert found is not None
    assert (found.p90_session_minutes, found.avg_session_minutes) == (9.0, 5.5)
    assert found.avg_seconds_between_sessions == 86_400


def test_a_person_who_did_nothing_yet(shop: Site) -> None:
    found = shop.ask(MetricsOfPerson((ODD,), ZoneInfo("UTC")))
    assert found is not None
    assert found.first_seen_ms == found.last_seen_ms == ms("2024-03-03 10:00")
    assert (found.sessions, found.total_events, found.bounce_rate, found.avg_events_per_session) == (0, 0, 0, 0)
    assert (found.p90_session_minutes, found.avg_seconds_between_sessions) == (0, 0)


def test_groups(shop: Site, store: Store) -> None:
    assert shop.ask(GroupTypes()) == ["company", "team"]
    assert Site(store).ask(GroupTypes()) == []
    assert [group.id for group in shop.ask(GroupList())] == ["x/y", "beta", "acme"]
    assert [group.id for group in shop.ask(GroupList(type="company"))] == ["x/y", "acme"]
    assert [group.id for group in shop.ask(GroupList(search="ACME a"))] == ["acme"]
    assert [group.id for group in shop.ask(GroupList(search="βETA"))] == ["beta"]
    assert [group.id for group in shop.ask(GroupList(search="%"))] == ["beta"]
    assert [group.id for group in shop.ask(GroupList(limit=1, offset=1))] == ["beta"]


def test_a_group_and_its_members(shop: Site) -> None:
    found = shop.ask(OneGroup(("acme",), member_limit=2))
    assert found is not None
    assert (found.group.name, found.group.type, found.group.properties) == ("Acme AG", "company", {"size": "12"})
    assert (found.member_count, [member.id for member in found.members]) == (3, ["ann", "tab"])
    empty = shop.ask(OneGroup(("x%2Fy", "x/y")))
    assert empty is not None
    assert (empty.group.id, empty.member_count, empty.members) == ("x/y", 0, [])
    assert shop.ask(OneGroup(("nothing",))) is None
