"""Channels: by what kind of door a page view came in.

Source: umami contract §4.3, in this order; the first that fits is the view's channel. What kind of site a
referring host is, is known by the kind of its referrer (openpanel contract §4.4).

direct     no foreign referrer and no query
paidAds    a click id in the query, utm_source google, or utm_medium cpc, paid or paid_social
referral   utm_medium referral, app or link
affiliate  utm_medium has affiliate
sms        utm_source or utm_medium sms
…Search    a search engine or an assistant, or utm_medium organic
…Social    a social network, not one of videos, or a utm_medium that says so
email      a mail service, or a utm_medium that says so
…Shopping  a shop, or a utm_campaign with shop in it
…Video     a site of videos, or utm_medium with video in it
referral   any other foreign referrer
''         anything else

… is `paid` if utm_medium has cp, ppc, retargeting or paid in it, else `organic`.
"""

from sqlglot import exp

from footfall.query.engine import Engine
from footfall.query.reader import Reader
from footfall.query.shown_traits import shown
from footfall.query.sql import Expr, both, column, differ, either, equal, named, negate, one_of, word
from footfall.query.view_traits import PROPERTIES, Trait

CHANNELS = (
    *("direct", "referral", "affiliate", "email", "sms"),
    *("organicSearch", "organicSocial", "organicShopping", "organicVideo"),
    *("paidAds", "paidSearch", "paidSocial", "paidShopping", "paidVideo"),
)

_CLICK_ID = (
    "(^|&)(gclid|fbclid|msclkid|dclid|twclid|li_fat_id|epik|ttclid|scid|aid|pc_id|ad_id|rdt_cid|ob_click_id)="
)
_SOCIAL = "^(social|social[-_ ](network|media)|sm)$"
_MAIL = "^e[-_ ]?mail$"
_MAIL_HOST = "(^|[.])(gmail|hotmail|outlook|proton|protonmail)[.]|^mail[.]"
_VIDEO_HOST = "(^|[.])(youtube[.]com|youtu[.]be|vimeo[.]com|dailymotion[.]com|twitch[.]tv)$"


def told_by(reader: Reader, opened: Expr | None = None) -> list[Expr]:
    """What a row of `events` tells of its channel: columns for `channel`, each worked out once.

    `opened`: its properties, if these are opened already.
    """
    engine = reader.engine

    def in_address(name: Trait) -> Expr:
        return shown(reader, name) if opened is None else engine.looked_up(opened.copy(), PROPERTIES[name])

    return [
        named(shown(reader, Trait.REFERRER), "domain_"),
        named(column("referrer_type"), "kind_"),
        named(in_address(Trait.QUERY), "search_"),
        named(engine.lower(in_address(Trait.UTM_SOURCE)), "source_"),
        named(engine.lower(in_address(Trait.UTM_MEDIUM)), "medium_"),
        named(engine.lower(in_address(Trait.UTM_CAMPAIGN)), "campaign_"),
    ]


def channel(engine: Engine) -> Expr:
    """The channel by the columns of `told_by`; '' if there is none."""
    words = [column(name) for name in ("search_", "source_", "medium_", "campaign_")]
    has_none = both(*(equal(each.copy(), word("")) for each in words))
    assert has_none is not None
    # Most addresses have no query, and an engine tests what it knows to be '' once and not in every row.
    plain = _Door(engine, *(word("") for _ in words)).channel()
    return engine.case([(has_none, plain)], _Door(engine, *words).channel())


class _Door:
    """Through which a view came."""

    def __init__(self, engine: Engine, query: Expr, source: Expr, medium: Expr, campaign: Expr) -> None:
        self._engine = engine
        self._domain = column("domain_")
        self._query, self._source, self._medium, self._campaign = query, source, medium, campaign

    def channel(self) -> Expr:
        words = (self._domain, self._query, self._source, self._medium)
        is_direct = both(*(equal(each.copy(), word("")) for each in words))
        assert is_direct is not None
        return self._engine.case(
            [
                (is_direct, word("direct")),
                (self._is_ad(), word("paidAds")),
                (self._medium_is("referral", "app", "link"), word("referral")),
                (self._fits(self._medium, "affiliate"), word("affiliate")),
                (either([equal(self._source.copy(), word("sms")), self._medium_is("sms")]), word("sms")),
                (either([self._comes_from("search", "ai"), self._medium_is("organic")]), self._either("Search")),
                (self._is_social(), self._either("Social")),
                (self._is_mail(), word("email")),
                (self._is_shop(), self._either("Shopping")),
                (self._is_video(), self._either("Video")),
                (differ(self._domain.copy(), word("")), word("referral")),
            ],
            word(""),
        )

    def _is_ad(self) -> Expr:
        return either(
            [
                self._medium_is("cpc", "paid", "paid_social"),
                equal(self._source.copy(), word("google")),
                self._fits(self._query, _CLICK_ID),
            ]
        )

    def _is_social(self) -> Expr:
        # The lists of referrers call the sites of videos networks.
        network = exp.and_(self._comes_from("social"), negate(self._is_video_host()), copy=False)
        return either([network, self._fits(self._medium, _SOCIAL)])

    def _is_mail(self) -> Expr:
        by_host = self._fits(self._domain, _MAIL_HOST)
        return either([self._comes_from("email"), self._fits(self._medium, _MAIL), by_host])

    def _is_shop(self) -> Expr:
        return either([self._comes_from("commerce"), self._fits(self._campaign, "shop")])

    def _is_video(self) -> Expr:
        return either([self._is_video_host(), self._fits(self._medium, "video")])

    def _is_video_host(self) -> Expr:
        return self._fits(self._domain, _VIDEO_HOST)

    def _either(self, name: str) -> Expr:
        is_paid = self._fits(self._medium, "cp|ppc|retargeting|paid")
        return self._engine.case([(is_paid, word(f"paid{name}"))], word(f"organic{name}"))

    def _comes_from(self, *kinds: str) -> Expr:
        return one_of(column("kind_"), map(word, kinds))

    def _medium_is(self, *words: str) -> Expr:
        return one_of(self._medium.copy(), map(word, words))

    def _fits(self, value: Expr, pattern: str) -> Expr:
        return self._engine.matches(value.copy(), word(pattern))
