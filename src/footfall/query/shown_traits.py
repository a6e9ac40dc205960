"""Traits as lists show them and filters find them, where that is not what is stored (see `view_traits.py`).

Source: umami contract §4.1, §4.3.

referrer  the referring host without `www.`; '' also for the page's own host
language  in lower case, up to the first `-`
"""

from footfall.query.reader import Reader
from footfall.query.sql import Expr, column, differ, equal, word
from footfall.query.view_traits import Trait, trait

NEVER_MISSING = (Trait.PATH, Trait.QUERY)
"""Traits whose '' is a value like any other."""


def shown(reader: Reader, name: Trait) -> Expr:
    """The trait of a row of `events`."""
    if name is Trait.REFERRER:
        return _foreign_referrer(reader)
    if name is Trait.LANGUAGE:
        return reader.engine.lower(reader.engine.part(trait(reader, name), "-", 1))
    return trait(reader, name)


def _foreign_referrer(reader: Reader) -> Expr:
    engine = reader.engine
    host = engine.host(column("referrer"))
    is_foreign = differ(host, engine.host(column("origin")))
    # Most views have none, and what takes the time is to take texts apart.
    is_none = equal(column("referrer"), word(""))
    return engine.case([(is_none, word("")), (is_foreign, host.copy())], word(""))
