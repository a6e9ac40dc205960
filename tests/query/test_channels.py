"""Channels: by what kind of door a page view came in, with words in its address and without."""

from typing import Any

from footfall.query.trait_values import Channel, TraitValues
from support.facts import viewed
from support.stores import Site


def came(host: str = "", kind: str = "", search: str = "", **query: str) -> Any:
    """A page view that this kind of site sent, with this query."""
    words = {f"__query.{name}": value for name, value in query.items()}
    properties = {**words, **({"__search": search} if search else {})}
    referrer = f"https://{host}/" if host else ""
    return viewed("/", properties=properties, referrer=referrer, referrer_type=kind)


DOORS = [
    (came(), "direct"),
    (came(utm_campaign="Shop week"), "direct"),  # the campaign alone is not asked for
    (came("google.com", "search"), "organicSearch"),
    (came("t.co", "social"), "organicSocial"),
    (came("mail.example.org"), "email"),
    (came("bazaar.example", "commerce"), "organicShopping"),
    (came("www.youtube.com", "social"), "organicVideo"),  # as the lists of referrers have it
    (came("twitch.tv", "social", utm_medium="ppc"), "paidVideo"),
    (came("other.example"), "referral"),
    (came("other.example", utm_campaign="Shop week"), "organicShopping"),
    (came("google.com", "search", utm_medium="CPC"), "paidAds"),
    (came("google.com", "search", search="gclid=1"), "paidAds"),
    (came("t.co", "social", utm_medium="paid-social"), "paidSocial"),
    (came(utm_medium="email"), "email"),
    (came(utm_source="sms"), "sms"),
    (came(search="a=1"), ""),  # neither direct nor anything else
]


def test_the_first_door_that_fits_is_the_channel(site: Site) -> None:
    facts = site.facts()
    for number, (view, _) in enumerate(DOORS):
        facts.visit(f"visitor {number}", "2024-03-04 10:00", view)
    site.write(facts)
    asked = TraitValues(
        range=site.span(start="2024-03-04", end="2024-03-05"), told=Channel.CHANNEL, with_none=True
    )
    assert {each.name: each.visitors for each in site.ask(asked)} == {
        "direct": 2,
        "organicSearch": 1,
        "organicSocial": 1,
        "email": 2,
        "organicShopping": 2,
        "organicVideo": 1,
        "referral": 1,
        "paidAds": 2,
        "paidSocial": 1,
        "paidVideo": 1,
        "sms": 1,
        "": 1,
    }
