"""The dialects that live under `/api` beside OpenPanel's, made of a server's parts."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from footfall.api.asking import AskingThreads
from footfall.api.dashboard.imports import Imports
from footfall.api.dashboard.sessions import Sessions
from footfall.api.limits import WindowLimiter
from footfall.api.platform import app as platform
from footfall.api.platform.reading import PlatformContext
from footfall.api.umami import app as umami
from footfall.api.umami.cache_token import CacheTokens
from footfall.api.umami.collect import Collecting, CollectRoute, SlugRoute, send_batch, send_one
from footfall.api.umami.collecting import Collector
from footfall.api.umami.reading import UmamiContext
from footfall.api.umami.tokens import Tokens
from footfall.importers.parsing import Job, Kind
from footfall.ingest.enrich.client_ip import TrustedProxies, client_ip, nearest_address
from footfall.ingest.enrich.umami_ids import Identities
from footfall.model.erasure import Scope
from footfall.model.project import Project, ProjectKind
from footfall.server.later import Later
from footfall.server.runtime import Runtime, import_job
from footfall.server.scripts import COLLECT
from footfall.server.settings import RateLimit

if TYPE_CHECKING:
    from footfall.server.app import Server

LOGINS_OF_A_SOURCE = 10
"""So many times as many sign-in attempts may come from one source as from one address: people share proxies."""

_SLUG_KINDS = {"q": ProjectKind.LINK, "p": ProjectKind.PIXEL}


def areas(server: "Server", threads: AskingThreads) -> dict[str, Later]:
    """The applications by the first word under `/api/` of their paths. `threads`: how many ask at once."""
    found = dict.fromkeys(umami.PATHS, Later(partial(umami.build, server.umami)))
    return found | {platform.PATH: Later(partial(platform.build, platform_context(server, threads)))}


def preflights() -> dict[str, ASGIApp]:
    """Who answers an OPTIONS under `/api/`, by the same words."""
    return dict.fromkeys(umami.PATHS, umami.preflight)


def collecting(server: "Server") -> Collecting:
    """What Umami's ingest routes need."""
    settings, key = server.runtime.settings, server.umami_tokens.key
    collector = Collector(
        intake=server.intake,
        catalog=server.runtime.catalog,
        identities=Identities(key),
        tokens=CacheTokens(key),
        trusted=server.door.trusted,
        ip_headers=server.door.ip_headers,
        ignored=TrustedProxies.parse(",".join(settings.ignore_ip)),
        counts_bots=settings.disable_bot_check,
    )
    return Collecting(collector, settings.max_body_bytes, settings.umami_stats)


def collect_routes(server: "Server") -> dict[str, ASGIApp]:
    """Umami's ingest routes by path."""
    needs = collecting(server)
    send = CollectRoute(needs, send_one)
    further = server.runtime.settings.collect_api_endpoint
    return {further: send, COLLECT: send, "/api/batch": CollectRoute(needs, send_batch)}


def slug_routes(server: "Server") -> list[Route]:
    """Where short links and pixels are."""
    needs = collecting(server)
    return [Route(f"/{letter}/{{slug}}", SlugRoute(needs, kind)) for letter, kind in _SLUG_KINDS.items()]


def umami_context(server: "Server", threads: AskingThreads) -> UmamiContext:
    """What Umami's routes need."""
    runtime = server.runtime
    return UmamiContext(
        store=runtime.store,
        catalog=runtime.catalog,
        tokens=server.umami_tokens,
        logins=limiter(server, runtime.settings.rate_limit_login),
        all_logins=limiter(server, runtime.settings.rate_limit_login, times=LOGINS_OF_A_SOURCE),
        address=_addresses(server),
        source=_sources(server),
        erase=lambda project_id: server.erasing.begin(project_id, Scope.PROJECT),
        now_ms=server.now_ms,
        threads=threads,
        generation=runtime.settings.umami_stats,
    )


def sessions(server: "Server") -> Sessions:
    """The dashboard's cookies."""
    settings = server.runtime.settings
    return Sessions(
        catalog=server.runtime.catalog,
        tokens=server.umami_tokens,
        trusted=server.door.trusted,
        users=limiter(server, settings.rate_limit_dashboard),
        shares=limiter(server, settings.rate_limit_share),
        address=server.umami.address,
    )


def imports(server: "Server") -> Imports:
    """Imports of uploaded files."""
    runtime = server.runtime

    def job(project: Project, kind: Kind, path: str) -> Job:
        return import_job(runtime.settings, runtime.catalog, project, kind, [path])

    drain = runtime.drain
    return Imports(
        runtime.settings.data_path, runtime.journal, lambda: drain.position, drain.wake, job, server.now_ms
    )


def platform_context(server: "Server", threads: AskingThreads) -> PlatformContext:
    """What the Platform API's routes need."""
    runtime = server.runtime
    return PlatformContext(
        store=runtime.store,
        catalog=runtime.catalog,
        limiter=limiter(server, runtime.settings.rate_limit_platform),
        now_ms=server.now_ms,
        threads=threads,
    )


def umami_tokens(runtime: Runtime) -> Tokens:
    """Made with the secret of the settings, else with the catalog's own random one."""
    return Tokens(runtime.settings.secret or runtime.catalog.installation_secret())


def limiter(server: "Server", rate: str, times: int = 1) -> WindowLimiter:
    """A rate limit of the settings, or so many times as much."""
    limit = RateLimit.parse(rate)
    return WindowLimiter(times * limit.requests, limit.seconds, server.now_ms)


def _sources(server: "Server") -> Callable[[Request], str]:
    """Where attempts come from for certain, whatever address they name."""

    def source(request: Request) -> str:
        forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
        return nearest_address(request.client.host if request.client else "", forwarded, server.door.trusted)

    return source


def _addresses(server: "Server") -> Callable[[Request], str]:
    """Whose attempts are counted together: the public address behind trusted proxies, else the socket's."""
    door = server.door

    def address(request: Request) -> str:
        peer = request.client.host if request.client else ""
        return client_ip(peer, request.headers, door.trusted, door.ip_headers) or peer

    return address
