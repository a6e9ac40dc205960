"""Traffic of the made-up site: finished events of past days, to fill a store. `live` sends hits of the moment.

for batch in events(seed=1, count=1_000_000, days=90, end_ms=now, projects=["demo"]):
    append_rows(journal, batch)
"""

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate, pairwise
from itertools import count as count_up
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from footfall.demo.site import Source
from footfall.demo.visitors import COMPANIES, Crowd, Visitor, introduce
from footfall.demo.visits import CURRENCY, Step, Visit, new_visit
from footfall.demo.vitals import measured
from footfall.ingest.enrich.referrer import Referrer, classify
from footfall.ingest.enrich.url import host_of, parse_page
from footfall.ingest.records import Identify, Row, UpsertGroup
from footfall.model.event import PERFORMANCE, SCREEN_VIEW, Event
from footfall.model.times import DAY_MS, iso_ms

BATCH = 10_000
SDK = ("web", "1.4.1")

_PROJECT_SHARE = 0.8  # of all events, in the first of several projects
# How much is going on in each hour of the local day, and on each day from Monday on.
_HOURS = (9, 6, 4, 3, 3, 4, 8, 16, 28, 40, 46, 48, 44, 46, 49, 48, 45, 42, 40, 42, 44, 40, 28, 16)
_WEEKDAYS = (1.08, 1.12, 1.1, 1.05, 0.95, 0.72, 0.78)
_TELL = 0.4  # of all visits, what their first page measured
_GROWTH = 0.35  # how much more there is on the last day than on the first


_encode_lines = msgspec.json.Encoder().encode_lines


def origin_of(project_id: str) -> str:
    """Where the made-up site of a project is."""
    return f"https://{project_id}.example"


def events(
    seed: int,
    count: int,
    days: int,
    end_ms: int,
    projects: Sequence[str],
    zone: str = "Europe/Berlin",
    *,
    with_vitals: bool = False,
) -> Iterator[list[Row | Identify | UpsertGroup]]:
    """Exactly `count` events of the `days` before `end_ms`, day by day, each project's day in time order.

    The first project has four fifths of them. Among the rows are the profiles of those who are known,
    where they first appear, and their groups; `with_vitals` also what the first pages measured of themselves,
    which counts as no event. Each batch has about BATCH records.
    """
    start_ms = end_ms - days * DAY_MS
    makers = [
        _Project(f"{seed}:{project}:{count}:{days}:{end_ms}", project, zone, with_vitals=with_vitals)
        for project in projects
    ]
    batch: list[Row | Identify | UpsertGroup] = []
    for maker in makers:
        batch += maker.groups(start_ms)
    quotas = _quotas(seed, count, days, start_ms, zone, len(projects))
    for day, of_day in enumerate(quotas):
        for maker, quota in zip(makers, of_day, strict=True):
            batch += maker.day(start_ms + day * DAY_MS, end_ms, quota)
            while len(batch) >= BATCH:
                yield batch[:BATCH]
                del batch[:BATCH]
    if batch:
        yield batch


def _quotas(seed: int, total: int, days: int, start_ms: int, zone: str, projects: int) -> list[list[int]]:
    """How many events each project has on each day; together exactly `total`."""
    random = Random(f"{seed}:days")
    others = projects - 1
    shares = [_PROJECT_SHARE, *[(1 - _PROJECT_SHARE) / others] * others] if others else [1.0]
    weights = [
        share
        * _hours_from(start_ms + day * DAY_MS, zone)[-1]
        * (1 + _GROWTH * day / days)
        * random.uniform(0.9, 1.1)
        for day in range(days)
        for share in shares
    ]
    whole = sum(weights)
    bounds = [0, *(round(total * part / whole) for part in accumulate(weights))]
    quotas = [after - before for before, after in pairwise(bounds)]
    return [quotas[at : at + projects] for at in range(0, len(quotas), projects)]


def _local(ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(zone))


class _Project:
    """Makes the days of one project, one after the other."""

    def __init__(self, seed: str, project_id: str, zone: str, *, with_vitals: bool) -> None:
        self._id = project_id
        # A source of its own, so that the visits are the same with and without.
        self._vitals = Random(f"{seed}:vitals") if with_vitals else None
        self._zone = zone
        self._origin = origin_of(project_id)
        self._random = Random(seed)
        self._crowd = Crowd(self._random)
        self._introduced: set[str] = set()
        self._event_prefix = _event_prefix(seed)
        self._numbers = count_up()

    def groups(self, at: int) -> Iterator[UpsertGroup]:
        """The companies that some of the visitors work for."""
        for name in COMPANIES:
            yield UpsertGroup(self._id, name, "company", name.capitalize(), at)

    def day(self, start_ms: int, end_ms: int, quota: int) -> list[Row | Identify | UpsertGroup]:
        """`quota` events of visits that begin within the day from `start_ms` on, none after `end_ms`."""
        random = self._random
        day_end = min(start_ms + DAY_MS, end_ms)
        hours = _hours_from(start_ms, self._zone)
        visits: list[tuple[int, Visit]] = []
        planned = 0
        while planned < quota:
            visit = new_visit(random)
            hour = bisect(hours, random.random() * hours[-1])
            at = min(start_ms + int((hour + random.random()) * 3_600_000), day_end - 1)
            fitting = sum(at + step.at <= end_ms for step in visit.steps[: quota - planned])
            visits.append((at, Visit(visit.source, visit.steps[:fitting], visit.signs_up)))
            planned += fitting
        visits.sort(key=lambda pair: pair[0])
        made: list[Row | Identify | UpsertGroup] = []
        for at, visit in visits:
            self._play(visit, at, made, end_ms)
        made.sort(key=_when)
        return made

    def _play(self, visit: Visit, at: int, made: list[Row | Identify | UpsertGroup], end_ms: int) -> None:
        """Add the events of a visit that begins at `at`; none of them is after `end_ms`."""
        visitor = self._crowd.someone(at, visit.length_ms)
        if visitor.profile_id:
            self._introduce(visitor, at, made)
        session_id = f"{self._random.getrandbits(132):033x}"[:22]
        came = _referrer(visit.source, self._origin)
        for place, step in enumerate(visit.steps):
            if place == visit.signs_up and not visitor.profile_id:
                introduce(visitor, self._random)
                self._introduce(visitor, at + step.at, made)
            query = _query(visit.source) if place == 0 else {}
            made.append(Row(self._event(step, at + step.at, visitor, session_id, came, query)))
        if self._vitals is not None and self._vitals.random() < _TELL:
            page = visit.steps[0].page
            delay, properties = measured(self._vitals, page, is_phone=visitor.agent.device == "mobile")
            if at + delay <= end_ms:
                step = Step(delay, PERFORMANCE, page, properties)
                made.append(Row(self._event(step, at + delay, visitor, session_id, came, {})))

    def _introduce(self, visitor: Visitor, at: int, made: list[Row | Identify | UpsertGroup]) -> None:
        if visitor.profile_id in self._introduced:
            return
        self._introduced.add(visitor.profile_id)
        made.append(
            Identify(
                self._id,
                visitor.profile_id,
                at,
                visitor.first_name,
                visitor.last_name,
                visitor.email,
                user_agent=visitor.user_agent,
                place=visitor.place,
            )
        )

    def _event(
        self, step: Step, at: int, visitor: Visitor, session_id: str, came: Referrer, query: dict[str, str]
    ) -> Event:
        number = f"{next(self._numbers):015x}"
        agent, place, page = visitor.agent, visitor.place, step.page
        return Event(
            id=f"{self._event_prefix}8{number[:3]}-{number[3:]}",
            project_id=self._id,
            name=step.name,
            created_at=at,
            device_id=visitor.device_id,
            profile_id=visitor.profile_id or visitor.device_id,
            session_id=session_id,
            path=page.path,
            origin=self._origin,
            title=page.title if step.name in (SCREEN_VIEW, PERFORMANCE) else "",
            referrer=came.url,
            referrer_name=came.name,
            referrer_type=came.type,
            revenue=step.revenue,
            currency=CURRENCY if step.revenue else "",
            country=place.country,
            region=place.region,
            city=place.city,
            longitude=place.longitude,
            latitude=place.latitude,
            os=agent.os,
            os_version=agent.os_version,
            browser=agent.browser,
            browser_version=agent.browser_version,
            device=agent.device,
            brand=agent.brand,
            model=agent.model,
            sdk_name=SDK[0],
            sdk_version=SDK[1],
            groups=(visitor.company,) if visitor.company else (),
            properties={**step.properties, **query} if step.properties or query else {},
        )


def ndjson(batch: Iterable[Row | Identify | UpsertGroup]) -> bytes:
    """The events among these records as rows of `footfall import events`, one on a line."""
    rows = (record.event for record in batch if isinstance(record, Row))
    return _encode_lines([{**_as_dict(event), "created_at": iso_ms(event.created_at)} for event in rows])


def _as_dict(event: Event) -> dict[str, object]:
    return {name: getattr(event, name) for name in Event.__struct_fields__ if name != "first_view"}


def _when(record: Row | Identify | UpsertGroup) -> int:
    return record.event.created_at if isinstance(record, Row) else record.at


def _event_prefix(seed: str) -> str:
    text = blake2b(seed.encode(), digest_size=8).hexdigest()
    return f"{text[:8]}-{text[8:12]}-8{text[12:15]}-"


@lru_cache(maxsize=4_096)
def _hours_from(start_ms: int, zone: str) -> list[float]:
    """The weights of the 24 hours from `start_ms` on, summed up."""
    moments = (_local(start_ms + hour * 3_600_000, zone) for hour in range(24))
    return list(accumulate(_HOURS[moment.hour] * _WEEKDAYS[moment.weekday()] for moment in moments))


@lru_cache(maxsize=4_096)
def _referrer(source: Source, origin: str) -> Referrer:
    return classify(source.referrer, host_of(origin), parse_page(f"/?{source.query}").query)


@lru_cache(maxsize=256)
def _query(source: Source) -> dict[str, str]:
    return {f"__query.{key}": value for key, value in parse_page(f"/?{source.query}").query.items()}
