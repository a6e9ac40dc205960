"""Lines of an access log to the page views among them: all that is done to a line without knowing the others.

So several processes can share the lines of one file. What takes their order stands in `access_log`.
"""

from collections.abc import Iterable

from msgspec import Struct, field

from footfall.importers.log_line import LogLine, parse_line
from footfall.importers.pages import left_out
from footfall.importers.tally import EXAMPLES, LeftOut
from footfall.ingest.enrich.bots import bot
from footfall.ingest.enrich.ua import parse as parse_ua
from footfall.ingest.enrich.url import host_of

CACHED = 50_000  # entries of a cache; emptied when full


class Views(Struct):
    """What some lines have: how many they are, why which were left out, and the page views with their lines.

    `unreadable` has the places of the first lines that are in no format, from 1; blank lines are not lines.
    """

    lines: int = 0
    left_out: dict[LeftOut, int] = field(default_factory=dict)
    unreadable: list[int] = field(default_factory=list)
    pages: list[tuple[LogLine, bytes]] = field(default_factory=list)


class ViewReader:
    """Reads lines of a site's log. `domain` is where the site is, '' if that is not known."""

    def __init__(self, domain: str) -> None:
        self._host = host_of(origin_of(domain))
        self._agents: dict[str, bool] = {}

    def read(self, lines: Iterable[bytes]) -> Views:
        """The page views among `lines`, in order."""
        views = Views()
        for raw in lines:
            line = raw.rstrip()
            if not line:
                continue
            views.lines += 1
            parsed = parse_line(line)
            if parsed is None:
                reason = LeftOut.UNREADABLE
                if len(views.unreadable) < EXAMPLES:
                    views.unreadable.append(views.lines)
            elif (unfit := self._left_out(parsed)) is not None:
                reason = unfit
            else:
                views.pages.append((parsed, line))
                continue
            views.left_out[reason] = views.left_out.get(reason, 0) + 1
        return views

    def _left_out(self, line: LogLine) -> LeftOut | None:
        if line.uri[:1] != "/":
            self._take_own_uri(line)
        return left_out(line) or (LeftOut.BOT if self._is_bot(line.user_agent) else None)

    def _take_own_uri(self, line: LogLine) -> None:
        """Turn `GET http://own.host/path`, as clients speak to proxies, into its path; foreign hosts stay."""
        if line.uri[:4].lower() == "http":
            host = host_of(line.uri)
            if host and host in (self._host, host_of(f"//{line.host}")):
                line.uri = "/" + line.uri.partition("://")[2].partition("/")[2]

    def _is_bot(self, user_agent: str | None) -> bool:
        """Whether no person sent it. A format without user agents can't tell, so everyone is one there."""
        if user_agent is None:
            return False
        known = self._agents.get(user_agent)
        if known is None:
            if len(self._agents) >= CACHED:
                self._agents.clear()
            known = not user_agent or bot(user_agent) is not None or parse_ua(user_agent).is_server
            self._agents[user_agent] = known
        return known


def origin_of(domain: str, scheme: str = "https") -> str:
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
