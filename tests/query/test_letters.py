"""Letters in any case, of any script: found and told alike by both engines."""

import pytest

from footfall.query.breakdown import Breakdown, Dimension
from footfall.query.groups import GroupList
from footfall.query.page_performance import PagePerformance
from footfall.query.profiles import ProfileList
from support.facts import ms, viewed
from support.stores import NOW, Site, only

SPAN = {"start": "2024-03-01", "end": "2024-03-10"}


@pytest.fixture
def shop(site: Site) -> Site:
    facts = site.facts().visit(
        "ann", "2024-03-04 10:00", viewed("/", "ΟΔΟΣ"), referrer="https://WWW.STRAßE.Café-É.example/x"
    )
    facts.visit(
        "bob",
        "2024-03-04 11:00",
        viewed("/b", "Ἥλιος"),
        referrer="https://straße.café-é.example/y",
        device="Überhandy",
    )
    facts.person("ann", "2024-03-01", first_name="Ἄννα", last_name="ΠΑΠΠΑΣ").group(
        "acme", "2024-03-01", type="company", name="ΟΔΟΣ"
    )
    site.write(facts)
    return site


def test_what_is_looked_for_as_it_is_written_is_found(shop: Site) -> None:
    pages = shop.ask(PagePerformance(shop.span(**SPAN), search="ΟΔΟΣ")).pages
    assert [page.path for page, _ in pages] == ["/"]
    assert [group.id for group in shop.ask(GroupList(search="ΟΔΟΣ"))] == ["acme"]
    assert [one.id for one in shop.ask(ProfileList(now_ms=ms(NOW), name="ΠΑΠΠΑΣ"))] == ["ann"]


def test_a_host_is_told_in_lower_case(shop: Site) -> None:
    span, host = shop.span(**SPAN), "straße.café-é.example"
    assert [(row.name, row.sessions) for row in shop.ask(Breakdown(span, Dimension.REFERRER))] == [(host, 2)]
    (row,) = shop.ask(Breakdown(span, Dimension.REFERRER, only("referrer", "is", host.capitalize())))
    assert row.sessions == 2


def test_a_device_is_asked_for_in_any_case(shop: Site) -> None:
    (row,) = shop.ask(Breakdown(shop.span(**SPAN), Dimension.DEVICE, only("device", "is", "ÜBERHANDY")))
    assert (row.name, row.sessions) == ("Überhandy", 1)
