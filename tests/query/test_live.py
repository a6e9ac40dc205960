"""Who is there now, and when it all began."""

from footfall.query.first import FirstEvent
from footfall.query.live import Live
from support.facts import did, ms
from support.stores import Site

NOON = ms("2024-03-04 12:00")


def test_five_minutes_and_not_a_moment_more(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 11:55:00", "/")
    facts.visit("bob", "2024-03-04 11:55:01", "/", is_open=True)
    facts.visit("cid", "2024-03-04 12:00:00", did("ping"), "/")
    facts.visit("dan", "2024-03-04 12:00:01", "/")
    site.write(facts)
    assert site.ask(Live(NOON)) == 2


def test_a_visitor_is_counted_once_and_a_session_that_ends_is_none(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 11:58", "/", 5, "/a")
    facts.visit("ann", "2024-03-04 11:59", "/")
    facts.event("session_end", "2024-03-04 11:59", profile_id="bob", device_id="bob")
    facts.event("session_start", "2024-03-04 11:59", profile_id="cid", device_id="cid")
    facts.event("screen_view", "2024-03-04 11:59")
    facts.event("__performance", "2024-03-04 11:59", profile_id="dan", device_id="dan")
    site.write(facts)
    assert site.ask(Live(NOON)) == 1


def test_who_signs_in_counts_once(site: Site) -> None:
    facts = site.facts()
    facts.visit("tab", "2024-03-04 11:57", "/", 30, did("login", profile_id="ann"))
    facts.visit("phone", "2024-03-04 11:58", "/", user="ann")
    facts.visit(
        "kiosk", "2024-03-04 11:58", "/", 5, did("login", profile_id="bob"), did("login", profile_id="cid")
    )
    facts.visit("dan", "2024-03-04 11:58", "/")
    facts.event("paid", "2024-03-04 11:59", profile_id="eve")  # a program's, without a device
    facts.event("ping", "2024-03-04 11:59")
    site.write(facts)
    assert site.ask(Live(NOON)) == 5  # ann, bob, cid, dan, eve


def test_who_signed_in_longer_ago_is_one_visitor_still(site: Site) -> None:
    facts = site.facts()
    facts.visit("tab", "2024-03-04 11:50", did("login", profile_id="ann"), 480, "/", 10, "/a")
    site.write(facts)
    assert site.ask(Live(NOON)) == 1


def test_the_first_event(site: Site) -> None:
    assert site.ask(FirstEvent()) is None
    site.write(site.facts().visit("ann", "2024-03-04 11:58", "/").visit("bob", "2023-01-01", "/"))
    assert site.ask(FirstEvent()) == ms("2023-01-01")
