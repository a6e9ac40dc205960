"""Traits: what Umami calls the things that its visitors and page views can be told apart by.

Source: umami contract §4.1, §5.10. '' is none.

path, title, country, region, city, browser, os, device   the event's column
referrer     the referrer's host without `www.`
hostname     the host of the page
query        the query of the address, as it was sent
event        the event's name; a page view has none
distinct_id  who the visitor said to be
tag, language, screen   what the tracker sent beside it
utm_*        the parameter of the page's address, decoded
"""

from enum import StrEnum

from footfall.model.event import SCREEN_VIEW
from footfall.query.reader import Reader
from footfall.query.sql import Expr, column, differ, equal, word


class Trait(StrEnum):
    """A name that stands for a value of an event."""

    PATH = "path"
    TITLE = "title"
    COUNTRY = "country"
    REGION = "region"
    CITY = "city"
    BROWSER = "browser"
    OS = "os"
    DEVICE = "device"
    REFERRER = "referrer"
    HOSTNAME = "hostname"
    QUERY = "query"
    EVENT = "event"
    DISTINCT_ID = "distinct_id"
    TAG = "tag"
    LANGUAGE = "language"
    SCREEN = "screen"
    UTM_SOURCE = "utm_source"
    UTM_MEDIUM = "utm_medium"
    UTM_CAMPAIGN = "utm_campaign"
    UTM_TERM = "utm_term"
    UTM_CONTENT = "utm_content"


UTM_TRAITS = (Trait.UTM_SOURCE, Trait.UTM_MEDIUM, Trait.UTM_CAMPAIGN, Trait.UTM_TERM, Trait.UTM_CONTENT)

PROPERTIES = {
    Trait.QUERY: "__search",
    Trait.TAG: "__tag",
    Trait.LANGUAGE: "__language",
    Trait.SCREEN: "__screen",
    **{trait: f"__query.{trait}" for trait in UTM_TRAITS},
}
"""The traits that are kept as properties, and under which key."""


def trait(reader: Reader, name: Trait) -> Expr:
    """The value of an event, a text."""
    engine = reader.engine
    if name in PROPERTIES:
        return engine.property(column("properties"), reader.text(PROPERTIES[name]))
    if name is Trait.REFERRER:
        return engine.host(column("referrer"))
    if name is Trait.HOSTNAME:
        return engine.part(engine.part(column("origin"), "/", 3), ":", 1)
    if name is Trait.EVENT:
        return engine.case([(equal(column("name"), word(SCREEN_VIEW)), word(""))], column("name"))
    if name is Trait.DISTINCT_ID:
        is_known = differ(column("profile_id"), column("device_id"))
        return engine.case([(is_known, column("profile_id"))], word(""))
    return column(name)
