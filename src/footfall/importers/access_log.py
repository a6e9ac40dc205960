"""Access logs as page views: every page that a person was shown becomes a hit, as if it had been tracked.

What counts as a page stands in `pages`, the formats in `log_line`, what is done to each line by itself in
`log_views`. The visitor's address is used for their device id and place, and is in no hit.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from footfall.importers.identity import Identities
from footfall.importers.log_line import MAX_LINE_BYTES, LogLine
from footfall.importers.log_views import CACHED, ViewReader, Views, origin_of
from footfall.importers.source import Source
from footfall.importers.tally import Tally
from footfall.ingest.enrich.ids import device_id
from footfall.ingest.enrich.properties import clean_text
from footfall.ingest.enrich.url import host_of
from footfall.ingest.records import NOWHERE, Hit, Place
from footfall.model.event import SCREEN_VIEW

BATCH = 20_480
MAX_TEXT = 2_048  # characters of an address or referrer
MAX_AGENT = 1_024

_NO_AGENT = "unknown/1.0"  # what stands for a missing user agent in a device id (contract §4.1)

Blocks = Iterable[list[bytes]]
"""Lists of lines."""


def _nowhere(_ip: str) -> Place:
    return NOWHERE


class AccessLog:
    """Reads one log into hits of one project, and counts in `tally` what it read.

    `salt` is the project's own for imports, so that a visitor is the same on all days and in every run.
    `domain` is where the site is, such as https://example.com; logs that name the host need none.
    `received_at` is the time of the import in ms. `views_of` finds the page views of blocks of lines, in their
    order, where others are to do that.
    """

    def __init__(
        self,
        project_id: str,
        salt: str,
        *,
        received_at: int,
        locate: Callable[[str], Place] = _nowhere,
        domain: str = "",
        views_of: Callable[[Blocks], Iterable[Views]] | None = None,
    ) -> None:
        self.tally = Tally()
        self._project_id = project_id
        self._salt = salt
        self._received_at = received_at
        self._locate = locate
        self._origin = origin_of(domain)
        self._host = host_of(self._origin)
        self._views_of = views_of or partial(map, ViewReader(domain).read)
        self._identities = Identities(project_id)
        self._visitors: dict[tuple[str, str], tuple[str, Place]] = {}
        self._origins: dict[tuple[str, str], str] = {}

    def read(self, source: Source, batch: int = BATCH) -> Iterator[list[Hit]]:
        """The hits of `source` in the order of its lines, `batch` and a few at a time."""
        hits: list[Hit] = []
        for views in self._views_of(source.blocks(MAX_LINE_BYTES)):
            hits += self._hits(views)
            while len(hits) >= batch:
                yield hits[:batch]
                del hits[:batch]
        if hits:
            yield hits

    def hits(self, lines: Iterable[bytes]) -> list[Hit]:
        """The page views among `lines`; each line counts in the tally."""
        return [hit for views in self._views_of([list(lines)]) for hit in self._hits(views)]

    def _hits(self, views: Views) -> list[Hit]:
        tally = self.tally
        for place in views.unreadable:
            tally.show(f"{tally.place(tally.lines + place)} is in no format we read.")
        for reason, number in views.left_out.items():
            tally.leave_out(reason, number)
        tally.lines += views.lines
        tally.imported += len(views.pages)
        return [self._hit(line, raw) for line, raw in views.pages]

    def _hit(self, line: LogLine, raw: bytes) -> Hit:
        visitor, place = self._visitor(line.ip, line.user_agent or _NO_AGENT)
        origin = self._page_origin(line)
        return Hit(
            project_id=self._project_id,
            name=SCREEN_VIEW,
            at=line.at,
            received_at=self._received_at,
            device_id=visitor,
            is_late=True,
            user_agent=(line.user_agent or "")[:MAX_AGENT],
            place=place,
            properties={
                "__path": (origin + _text(line.uri))[:MAX_TEXT],
                "__referrer": self._referrer(line.referrer, origin),
            },
            id=self._identities.of(raw),
            imported_at=self._received_at,
        )

    def _visitor(self, ip: str, user_agent: str) -> tuple[str, Place]:
        known = self._visitors.get((ip, user_agent))
        if known is None:
            if len(self._visitors) >= CACHED:
                self._visitors.clear()
            known = device_id(user_agent, ip, self._project_id, self._salt), self._locate(ip)
            self._visitors[ip, user_agent] = known
        return known

    def _page_origin(self, line: LogLine) -> str:
        """Where the page is: the host in the log, else the project's domain.

        The domain's spelling wins for its own host, and its scheme where the log has none: behind a
        proxy the log sees http and some port, the visitor does not.
        """
        if not line.host:
            return self._origin
        key = line.host, line.scheme
        known = self._origins.get(key)
        if known is None:
            if len(self._origins) >= CACHED:
                self._origins.clear()
            known = self._origins[key] = self._logged_origin(line)
        return known

    def _logged_origin(self, line: LogLine) -> str:
        own_scheme = self._origin.partition("://")[0]
        logged = origin_of(line.host, "https" if line.scheme == "https" else own_scheme or "http")
        return self._origin if not logged or host_of(logged) == self._host else logged

    def _referrer(self, referrer: str, origin: str) -> str:
        """The referrer if it is another site's; a site's host with and without www. are one."""
        if not referrer:
            return ""
        text = _text(referrer)[:MAX_TEXT]
        host = host_of(text).removeprefix("www.")
        return "" if origin and host == host_of(origin).removeprefix("www.") else text


def _text(text: str) -> str:
    return text if text.isprintable() else clean_text(text)
