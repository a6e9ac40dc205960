"""Access logs as page views: every page that a person was shown becomes a hit, as if it had been tracked.

What counts as a page stands in `pages`, the formats in `log_line`. The visitor's address is used for
their device id and place, and is in nothing that leaves this module.
"""

from collections.abc import Callable, Iterable, Iterator

from footfall.importers.identity import Identities
from footfall.importers.log_line import MAX_LINE_BYTES, LogLine, parse_line
from footfall.importers.pages import left_out
from footfall.importers.source import Source
from footfall.importers.tally import LeftOut, Tally
from footfall.ingest.enrich.bots import bot
from footfall.ingest.enrich.ids import device_id
from footfall.ingest.enrich.properties import clean_text
from footfall.ingest.enrich.ua import parse as parse_ua
from footfall.ingest.enrich.url import host_of
from footfall.ingest.records import NOWHERE, Hit, Place
from footfall.model.event import SCREEN_VIEW

BATCH = 20_480
MAX_TEXT = 2_048  # characters of an address or referrer
MAX_AGENT = 1_024

_CACHED = 50_000  # entries of each cache below; emptied when full
_NO_AGENT = "unknown/1.0"  # what stands for a missing user agent in a device id (contract §4.1)


def _nowhere(_ip: str) -> Place:
    return NOWHERE


class AccessLog:
    """Reads one log into hits of one project, and counts in `tally` what it read.

    `salt` is the project's own for imports, so that a visitor is the same on all days and in every run.
    `domain` is where the site is, such as https://example.com; logs that name the host need none.
    `received_at` is the time of the import in ms.
    """

    def __init__(
        self,
        project_id: str,
        salt: str,
        *,
        received_at: int,
        locate: Callable[[str], Place] = _nowhere,
        domain: str = "",
    ) -> None:
        self.tally = Tally()
        self._project_id = project_id
        self._salt = salt
        self._received_at = received_at
        self._locate = locate
        self._origin = _origin_of(domain)
        self._host = host_of(self._origin)
        self._identities = Identities(project_id)
        self._visitors: dict[tuple[str, str], tuple[str, Place]] = {}
        self._agents: dict[str, bool] = {}
        self._origins: dict[tuple[str, str], str] = {}

    def read(self, source: Source, batch: int = BATCH) -> Iterator[list[Hit]]:
        """The hits of `source` in the order of its lines, `batch` and a few at a time."""
        hits: list[Hit] = []
        for lines in source.blocks(MAX_LINE_BYTES):
            hits += self.hits(lines)
            while len(hits) >= batch:
                yield hits[:batch]
                del hits[:batch]
        if hits:
            yield hits

    def hits(self, lines: Iterable[bytes]) -> Iterator[Hit]:
        """The page views among `lines`; each line counts in the tally."""
        tally = self.tally
        for raw in lines:
            line = raw.rstrip()
            if not line:
                continue
            tally.lines += 1
            parsed = parse_line(line)
            if parsed is None:
                tally.leave_out(LeftOut.UNREADABLE, f"{tally.place(tally.lines)} is in no format we read.")
                continue
            if parsed.uri[:1] != "/":
                self._take_own_uri(parsed)
            reason = left_out(parsed) or (LeftOut.BOT if self._is_bot(parsed.user_agent) else None)
            if reason is not None:
                tally.leave_out(reason)
                continue
            tally.imported += 1
            yield self._hit(parsed, line)

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
            if len(self._visitors) >= _CACHED:
                self._visitors.clear()
            known = device_id(user_agent, ip, self._project_id, self._salt), self._locate(ip)
            self._visitors[ip, user_agent] = known
        return known

    def _is_bot(self, user_agent: str | None) -> bool:
        """Whether no person sent it. A format without user agents can't tell, so everyone is one there."""
        if user_agent is None:
            return False
        known = self._agents.get(user_agent)
        if known is None:
            if len(self._agents) >= _CACHED:
                self._agents.clear()
            known = not user_agent or bot(user_agent) is not None or parse_ua(user_agent).is_server
            self._agents[user_agent] = known
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
            if len(self._origins) >= _CACHED:
                self._origins.clear()
            known = self._origins[key] = self._logged_origin(line)
        return known

    def _logged_origin(self, line: LogLine) -> str:
        own_scheme = self._origin.partition("://")[0]
        logged = _origin_of(line.host, "https" if line.scheme == "https" else own_scheme or "http")
        return self._origin if not logged or host_of(logged) == self._host else logged

    def _take_own_uri(self, line: LogLine) -> None:
        """Turn `GET http://own.host/path`, as clients speak to proxies, into its path; foreign hosts stay."""
        if line.uri[:4].lower() == "http":
            host = host_of(line.uri)
            if host and host in (self._host, host_of(f"//{line.host}")):
                line.uri = "/" + line.uri.partition("://")[2].partition("/")[2]

    def _referrer(self, referrer: str, origin: str) -> str:
        """The referrer if it is another site's; a site's host with and without www. are one."""
        if not referrer:
            return ""
        text = _text(referrer)[:MAX_TEXT]
        host = host_of(text).removeprefix("www.")
        return "" if origin and host == host_of(origin).removeprefix("www.") else text


def _origin_of(domain: str, scheme: str = "https") -> str:
    """`domain` as scheme://host[:port] without a path; '' for '' and what is no host."""
    bare = domain.strip().rstrip("/")
    if not bare or any(mark in bare for mark in " \t\"'<>\\"):
        return ""
    before, mark, after = bare.partition("://")
    known, rest = (before.lower(), after) if mark else (scheme, bare)
    host = rest.partition("/")[0].lower()
    for implied, port in (("https", ":443"), ("http", ":80")):
        if known == implied:
            host = host.removesuffix(port)
    return f"{known}://{host}" if host else ""


def _text(text: str) -> str:
    return text if text.isprintable() else clean_text(text)
