"""Page views of an access log as columns: enriched here, each page, referrer and user agent once.

So the drain is given what event files give it, and the store takes it at once.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from footfall.importers.event_rows import properties_text
from footfall.ingest.enrichment import enrich
from footfall.ingest.records import Hit
from footfall.model.event import Event
from footfall.store.columns import PROPERTIES, TOGETHER, EventColumns, Gathering

_VISIT, _PLACE, _AGENT = range(3)
_OF_PAGE = range(_AGENT + 1, len(TOGETHER))
_read_place = attrgetter(*TOGETHER[_PLACE])


def log_columns(hits: Sequence[Hit]) -> EventColumns:
    """These hits of one project, at most 65,536, as `AccessLog` makes them."""
    to = Gathering()
    to.ids += [hit.id for hit in hits]
    to.created_at.fromlist([hit.at for hit in hits])
    to.imported_at.fromlist([hit.received_at for hit in hits])
    to.revenue.fromlist([0] * len(hits))
    to.add(_VISIT, [("", hit.device_id, hit.device_id) for hit in hits])
    to.add(_PLACE, [_read_place(hit.place) for hit in hits])
    _add_enriched(to, (_AGENT,), hits, lambda hit: hit.user_agent)
    _add_enriched(to, _OF_PAGE, hits, lambda hit: (hit.properties["__path"], hit.properties["__referrer"]))
    return to.done(hits[0].project_id)


def _add_enriched(to: Gathering, columns: Sequence[int], hits: Sequence[Hit], key: Callable[[Hit], Any]) -> None:
    """Add those columns that a hit's `key` alone decides."""
    keys = list(map(key, hits))
    # Of equal keys any hit will do.
    events = {each: enrich(hit, hit.id) for each, hit in dict(zip(keys, hits, strict=True)).items()}
    for which in columns:
        numbers = {each: to.number_of(which, _combination(which, event)) for each, event in events.items()}
        to.add_numbers(which, map(numbers.__getitem__, keys))


def _combination(which: int, event: Event) -> tuple[Any, ...]:
    if which == PROPERTIES:
        return (properties_text(event.properties),)
    return tuple(getattr(event, name) for name in TOGETHER[which])
