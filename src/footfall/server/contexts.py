"""What the routes of the dialects and of the dashboard need, made of a server's parts."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import Request

from footfall.api.asking import AskingThreads
from footfall.api.dashboard.imports import Imports
from footfall.api.dashboard.sessions import Sessions
from footfall.api.limits import WindowLimiter
from footfall.api.openpanel.managing import ManageContext
from footfall.api.openpanel.reading import ReadContext
from footfall.api.platform.reading import PlatformContext
from footfall.api.umami.reading import UmamiContext
from footfall.api.umami.tokens import Tokens
from footfall.importers.parsing import Job, Kind
from footfall.ingest.enrich.client_ip import client_ip, nearest_address
from footfall.model.erasure import Scope
from footfall.model.project import Project
from footfall.server.runtime import import_job
from footfall.server.settings import RateLimit

if TYPE_CHECKING:
    from footfall.server.app import Server

LOGINS_OF_A_SOURCE = 10
"""So many times as many sign-in attempts may come from one source as from one address: people share proxies."""


def read_context(server: "Server") -> ReadContext:
    """What OpenPanel's read routes need."""
    runtime = server.runtime
    return ReadContext(
        store=runtime.store,
        catalog=runtime.catalog,
        authenticator=runtime.authenticator,
        limiter=_limiter(server, runtime.settings.rate_limit_insights),
        now_ms=server.now_ms,
        export_limiter=_limiter(server, runtime.settings.rate_limit_export),
    )


def manage_context(server: "Server", context: ReadContext) -> ManageContext:
    """What OpenPanel's Manage needs."""
    limiter = _limiter(server, server.runtime.settings.rate_limit_manage)
    return ManageContext(context, limiter, server.erasing)


def umami_context(server: "Server", tokens: Tokens, threads: AskingThreads) -> UmamiContext:
    """What Umami's routes need. `threads`: how many ask at once."""
    runtime = server.runtime
    return UmamiContext(
        store=runtime.store,
        catalog=runtime.catalog,
        tokens=tokens,
        logins=_limiter(server, runtime.settings.rate_limit_login),
        all_logins=_limiter(server, runtime.settings.rate_limit_login, times=LOGINS_OF_A_SOURCE),
        address=_addresses(server),
        source=_sources(server),
        erase=lambda project_id: server.erasing.begin(project_id, Scope.PROJECT),
        now_ms=server.now_ms,
        threads=threads,
        generation=runtime.settings.umami_stats,
    )


def sessions(server: "Server", umami: UmamiContext) -> Sessions:
    """The dashboard's cookies."""
    settings = server.runtime.settings
    return Sessions(
        catalog=server.runtime.catalog,
        tokens=umami.tokens,
        trusted=server.door.trusted,
        users=_limiter(server, settings.rate_limit_dashboard),
        shares=_limiter(server, settings.rate_limit_share),
        address=umami.address,
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
        limiter=_limiter(server, runtime.settings.rate_limit_platform),
        now_ms=server.now_ms,
        threads=threads,
    )


def _limiter(server: "Server", rate: str, times: int = 1) -> WindowLimiter:
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
