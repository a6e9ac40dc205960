"""Attribution: which touch gets the credit, to the millisecond."""

from typing import Any

from footfall.query.attribution import Attributed, Attribution, Model
from footfall.query.conditions import Check, Condition, Conditions
from footfall.query.view_traits import Trait
from support.facts import did, viewed
from support.stores import Site

FIRST, LAST = Model.FIRST_CLICK, Model.LAST_CLICK


def attributed(site: Site, model: Model, step: str, **more: Any) -> Attributed:
    span = site.span(start="2024-03-04", end="2024-03-06")
    return site.ask(Attribution(span, model, step, **more))


def from_(referrer: str, path: str = "/", **query: str) -> Any:
    """A page view that somebody sent."""
    properties = {f"__query.{name}": value for name, value in query.items()}
    return viewed(path, properties=properties, referrer=referrer)


def test_the_first_and_the_last_click(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", from_("https://www.google.com", gclid="1"), "/a")
    facts.visit("ann", "2024-03-05 10:00", from_("https://t.co/x", utm_source="x"), did("signup"))
    facts.visit("bob", "2024-03-04 10:00", from_("https://www.google.com"), did("signup"), did("signup"))
    facts.visit("cid", "2024-03-04 10:00", from_("https://bing.com"))  # did not sign up
    site.write(facts)
    first = attributed(site, FIRST, "signup", is_event=True)
    assert first.sources["referrer"] == [("google.com", 2)]
    assert first.sources["paid_ads"] == [("gclid", 1)]
    assert first.sources["utm_source"] == []
    assert (first.pageviews, first.visitors, first.visits) == (3, 2, 2)
    # bob's last conversion comes after another one, which nobody sent
    last = attributed(site, LAST, "signup", is_event=True)
    assert last.sources["referrer"] == [("t.co", 1)]
    assert last.sources["paid_ads"] == []
    assert last.sources["utm_source"] == [("x", 1)]
    assert (last.pageviews, last.visitors, last.visits) == (3, 2, 2)


def test_who_converts_at_once_is_his_own_first_click_and_has_no_last(site: Site) -> None:
    site.write(site.facts().visit("ann", "2024-03-04 10:00", from_("https://bing.com", "/offer")))
    assert attributed(site, FIRST, "/offer").sources["referrer"] == [("bing.com", 1)]
    last = attributed(site, LAST, "/offer")
    assert last.sources["referrer"] == []
    assert last.visitors == 1


def test_the_last_click_is_strictly_earlier(site: Site) -> None:
    facts = site.facts()
    facts.visit(
        "ann", "2024-03-04 10:00", from_("https://a.example"), 60, from_("https://b.example"), 0, did("buy")
    )
    site.write(facts)
    assert attributed(site, LAST, "buy", is_event=True).sources["referrer"] == [("a.example", 1)]


def test_touches_at_the_same_instant_count_together_and_each_name_once(site: Site) -> None:
    facts = site.facts()
    same = "https://a.example"
    facts.visit(
        "ann",
        "2024-03-04 10:00",
        from_(same, utm_source="x"),
        0,
        from_(same, "/b", utm_source="y"),
        0,
        from_("https://c.example"),
        60,
        did("buy"),
    )
    facts.visit("bob", "2024-03-04 10:00", from_(same, utm_source="x"), did("buy"))
    site.write(facts)
    for model in (FIRST, LAST):
        answer = attributed(site, model, "buy", is_event=True)
        assert answer.sources["referrer"] == [("a.example", 2), ("c.example", 1)]
        assert answer.sources["utm_source"] == [("x", 2), ("y", 1)]


def test_events_outside_the_range_are_no_touches_and_no_conversions(site: Site) -> None:
    facts = site.facts()
    facts.visit(
        "ann", "2024-03-03 23:59:59", from_("https://early.example"), 1, from_("https://in.example"), did("buy")
    )
    facts.visit("bob", "2024-03-06 23:59:59", from_("https://late.example"), 1, did("buy"))
    site.write(facts)
    answer = attributed(site, FIRST, "buy", is_event=True)
    assert answer.sources["referrer"] == [("in.example", 1)]
    assert (answer.pageviews, answer.visitors, answer.visits) == (1, 1, 1)


def test_a_path_counts_with_its_views_alone_and_an_event_with_its_name(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", "/", did("buy", path="/offer"), marks=True)
    facts.visit("bob", "2024-03-04 10:00", "/offer", did("/offer"), marks=True)
    site.write(facts)
    assert attributed(site, FIRST, "/offer").pageviews == 1
    assert attributed(site, FIRST, "/offer", is_event=True).pageviews == 1
    assert attributed(site, FIRST, "screen_view", is_event=True).pageviews == 0
    assert attributed(site, FIRST, "/off%").pageviews == 0


def test_the_own_site_and_no_site_are_no_referrers(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", from_("https://www.shop.example/a"), did("buy"))
    facts.visit("bob", "2024-03-04 10:00", from_(""), did("buy"))
    site.write(facts)
    assert attributed(site, FIRST, "buy", is_event=True).sources["referrer"] == []


def test_the_first_click_id_in_order_names_the_ad(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", from_("", twclid="1", fbclid="2"), did("buy"))
    facts.visit("bob", "2024-03-04 10:00", from_("", twclid="1"), did("buy"))
    site.write(facts)
    assert attributed(site, FIRST, "buy", is_event=True).sources["paid_ads"] == [("fbclid", 1), ("twclid", 1)]


def test_a_currency_gives_what_was_earned(site: Site) -> None:
    facts = site.facts()
    paid = {"currency": "EUR", "path": "/thanks"}
    facts.visit("ann", "2024-03-04 10:00", from_("https://a.example"), did("buy", revenue=1999, **paid))
    facts.visit("ann", "2024-03-05 10:00", "/", did("buy", revenue=1, **paid))
    facts.visit("bob", "2024-03-04 10:00", from_("https://a.example"), did("buy", revenue=500, **paid))
    facts.visit("cid", "2024-03-04 10:00", did("buy", revenue=700, **paid))
    facts.visit("dan", "2024-03-04 10:00", from_("https://a.example"), did("buy", revenue=900, currency="USD"))
    facts.visit("eve", "2024-03-04 10:00", from_("https://www.shop.example"), did("buy", revenue=100, **paid))
    facts.visit("fay", "2024-03-04 10:00", from_("https://a.example"), did("buy"))
    site.write(facts)
    first = attributed(site, FIRST, "buy", is_event=True, currency="EUR")
    assert first.sources["referrer"] == [("a.example", 25.0), ("", 7.0), ("shop.example", 1.0)]
    assert first.sources["utm_source"] == [("", 33.0)]
    assert (first.pageviews, first.visitors, first.visits) == (7, 6, 7)
    # ann's last click is the page before her second purchase; cid did nothing before his
    last = attributed(site, LAST, "buy", is_event=True, currency="EUR")
    assert last.sources["referrer"] == [("", 20.0), ("a.example", 5.0), ("shop.example", 1.0)]
    # on the path, nobody viewed the page, but money was earned there
    there = attributed(site, FIRST, "/thanks", currency="EUR")
    assert there.sources["referrer"] == first.sources["referrer"]
    assert (there.pageviews, there.visitors, there.visits) == (0, 0, 0)


def test_conditions_choose_the_conversions_not_the_touches(site: Site) -> None:
    facts = site.facts()
    facts.visit("ann", "2024-03-04 10:00", from_("https://a.example"), did("buy", country="DE"))
    facts.visit("bob", "2024-03-04 10:00", from_("https://a.example"), did("buy", country="FR"))
    site.write(facts)
    german = Conditions((Condition(Trait.COUNTRY, Check.EQ, ("DE",)),))
    answer = attributed(site, LAST, "buy", is_event=True, conditions=german)
    assert answer.sources["referrer"] == [("a.example", 1)]
    assert answer.visitors == 1


def test_a_list_has_twenty_names_equal_ones_in_order(site: Site) -> None:
    facts = site.facts()
    for number in range(22):
        facts.visit(f"d{number}", "2024-03-04 10:00", from_(f"https://{number:02}.example"), did("buy"))
    facts.visit("more", "2024-03-04 10:00", from_("https://21.example"), did("buy"))
    site.write(facts)
    answer = attributed(site, FIRST, "buy", is_event=True)
    names = [name for name, _ in answer.sources["referrer"]]
    assert names == ["21.example", *(f"{number:02}.example" for number in range(19))]


def test_nobody_is_nobody(site: Site) -> None:
    site.write(site.facts().event("buy", "2024-03-04 10:00"))  # a server's event is no visitor's
    answer = attributed(site, LAST, "buy", is_event=True)
    assert not any(answer.sources.values())
    assert (answer.pageviews, answer.visitors, answer.visits) == (0, 0, 0)
