"""The made-up site as it happens: requests as OpenPanel's browser SDK sends them, at a given rate.

Visits overlap as on a real site; the stream begins in the middle of a day, with people already there.
"""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from itertools import count
from random import Random

import msgspec
from msgspec import Struct

from footfall.demo.site import Source
from footfall.demo.visitors import Crowd, Visitor, introduce
from footfall.demo.visits import CURRENCY, Step, Visit, new_visit
from footfall.model.event import REVENUE, SCREEN_VIEW

_EVENTS_PER_VISIT = 3.35
_SAMPLE = 2_000  # visits, of which those under way at the start are chosen
_Due = tuple[int, int, Visitor, Visit, int]  # when, a tie-breaker, who, and which step of which visit

_encode = msgspec.json.Encoder().encode


class Moment(Struct, frozen=True):
    """One step of one visit at `at` ms from the start of the stream."""

    at: int
    visitor: Visitor
    visit: Visit
    place: int

    @property
    def step(self) -> Step:
        """What happens."""
        return self.visit.steps[self.place]


class LiveHit(Struct, frozen=True):
    """A request to `/track`, due `at` seconds from the start. Who sends it adds the client id."""

    at: float
    body: bytes
    headers: dict[str, str]


def hits(seed: int, rate: float, origin: str) -> Iterator[LiveHit]:
    """Endless hits on the site at `origin`, about `rate` in a second, in the order in which they are due."""
    random = Random(f"{seed}:live")
    for moment in moments(random, rate):
        visitor, step = moment.visitor, moment.step
        headers = {
            "content-type": "application/json",
            "user-agent": visitor.user_agent,
            "x-forwarded-for": visitor.ip,
            "origin": origin,
            "openpanel-sdk-name": "web",
            "openpanel-sdk-version": "1.4.1",
        }
        if moment.place == moment.visit.signs_up and not visitor.profile_id:
            introduce(visitor, random)
            yield LiveHit(moment.at / 1000, _identify(visitor), headers)
        yield LiveHit(moment.at / 1000, _track(visitor, step, _properties(moment, origin)), headers)


def moments(random: Random, rate: float) -> Iterator[Moment]:
    """Endless steps of overlapping visits in the order of time, about `rate` in a second from the start."""
    crowd = Crowd(random)
    visits_per_ms = rate / _EVENTS_PER_VISIT / 1000
    due = _under_way(random, crowd, visits_per_ms)
    now = 0.0
    for number in count(len(due)):
        now += random.expovariate(visits_per_ms)
        while due and due[0][0] <= now:
            at, of_visit, visitor, visit, place = heappop(due)
            if place + 1 < len(visit.steps):
                gap = visit.steps[place + 1].at - visit.steps[place].at
                heappush(due, (at + gap, of_visit, visitor, visit, place + 1))
            yield Moment(at, visitor, visit, place)
        visit = new_visit(random)
        heappush(due, (int(now), number, crowd.someone(int(now), visit.length_ms), visit, 0))


def _under_way(random: Random, crowd: Crowd, visits_per_ms: float) -> list[_Due]:
    """The visits that have begun before the stream does: the longer one is, the likelier it is among them."""
    some = [new_visit(random) for _ in range(_SAMPLE)]
    lengths = [visit.length_ms for visit in some]
    at_once = round(visits_per_ms * sum(lengths) / _SAMPLE)
    due: list[_Due] = []
    for number, visit in enumerate(random.choices(some, lengths, k=at_once)):
        gone = int(random.random() * visit.length_ms)
        place = next(place for place, step in enumerate(visit.steps) if step.at >= gone)
        visitor = crowd.someone(-gone, visit.length_ms)
        due.append((visit.steps[place].at - gone, number, visitor, visit, place))
    heapify(due)
    return due


def page_url(source: Source, step: Step, is_first: bool) -> str:
    """The path of a step's page, with the campaign on the first."""
    return f"{step.page.path}?{source.query}" if is_first and source.query else step.page.path


def referrer(moment: Moment, origin: str) -> str:
    """What a browser names as the referrer: the source, then the page before."""
    if moment.place == 0:
        return moment.visit.source.referrer
    return origin + moment.visit.steps[moment.place - 1].page.path


def _properties(moment: Moment, origin: str) -> dict[str, object]:
    step = moment.step
    address = origin + page_url(moment.visit.source, step, moment.place == 0)
    properties: dict[str, object] = {
        "__path": address,
        "__referrer": referrer(moment, origin),
        **step.properties,
    }
    if step.name == SCREEN_VIEW:
        properties["__title"] = step.page.title
    if step.name == REVENUE:
        properties |= {"__revenue": step.revenue, "currency": CURRENCY}
    return properties


def _track(visitor: Visitor, step: Step, properties: dict[str, object]) -> bytes:
    payload: dict[str, object] = {"name": step.name, "properties": properties}
    if visitor.profile_id:
        payload["profileId"] = visitor.profile_id
    if visitor.company:
        payload["groups"] = [visitor.company]
    return _encode({"type": "track", "payload": payload})


def _identify(visitor: Visitor) -> bytes:
    payload = {
        "profileId": visitor.profile_id,
        "firstName": visitor.first_name,
        "lastName": visitor.last_name,
        "email": visitor.email,
    }
    return _encode({"type": "identify", "payload": payload})
