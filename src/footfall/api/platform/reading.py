"""What the routes of this dialect share: the key, its rate limit, whose sites, and what went wrong.

The order of a request: credentials (401), rate limit of the key (429), site (403), parameters (400), answer.
Source: platform-v2 contract, "Transport and auth".
"""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import anyio
import msgspec
import structlog
from fastapi import Request, Response
from fastapi.routing import APIRoute
from msgspec import Struct

from footfall.api.asking import AskingThreads
from footfall.api.headers import PRIVATE
from footfall.api.limits import Limiter, Verdict
from footfall.catalog.access import Access
from footfall.catalog.catalog import Catalog
from footfall.model.access import Caller
from footfall.model.errors import (
    BadRequest,
    FootfallError,
    Forbidden,
    NotFound,
    Overloaded,
    TooMany,
    Unauthorized,
)
from footfall.model.project import Project, User
from footfall.query.ranges import DAY, TimeRange, local, to_ms
from footfall.query.reader import Question
from footfall.store.base import Store

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

UNAUTHORIZED = "Unauthorized — provide a valid API key"
FORBIDDEN = "Forbidden — you do not have access to this resource"
TOO_MANY = "Rate limit exceeded — wait and retry"
SERVER_ERROR = "Internal server error"
DAYS = {"7d": 7, "30d": 30, "90d": 90}
RANGES = tuple(DAYS)

_STATUS: dict[type[FootfallError], int] = {
    BadRequest: 400,
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    TooMany: 429,
    Overloaded: 503,
}

ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "A parameter can't be used; the error names it and what it takes."},
    401: {"description": UNAUTHORIZED},
    403: {"description": "The site is not the key's, or there is none."},
    429: {"description": "More requests than the limit; `Retry-After` says when."},
}


class PlatformContext(Struct, frozen=True):
    """What the routes need. `limiter` counts by key; `now_ms` is the clock; `threads` are of all that ask."""

    store: Store
    catalog: Catalog
    limiter: Limiter
    now_ms: Callable[[], int]
    threads: AskingThreads

    def sites(self, user: User) -> list[Project]:
        """The sites that this user may read, oldest first."""
        access = Access(self.catalog.snapshot(), Caller(user=user))
        return [project for project in self.catalog.list_projects() if access.may_view(project)]

    def site(self, request: Request, ref: str) -> Project:
        """The site, by id or UUID. Raises Forbidden for one that is not the user's and for one that isn't."""
        access = Access(self.catalog.snapshot(), Caller(user=request.state.user))
        try:
            project = self.catalog.get_project(ref)
        except NotFound:
            raise Forbidden(FORBIDDEN) from None
        if not access.may_view(project):
            raise Forbidden(FORBIDDEN)
        return project

    def span(self, project: Project, name: str) -> TimeRange:
        """Whole days in the site's time zone, today the last of them. Raises BadRequest."""
        days = DAYS.get(name)
        if days is None:
            raise BadRequest(f"range must be one of {', '.join(RANGES)}", "range")
        tomorrow = local(self.now_ms(), project.zone).date() + DAY
        return TimeRange(to_ms(tomorrow - days * DAY, project.zone), to_ms(tomorrow, project.zone), project.zone)

    async def ask(self, project: Project, question: Question[Answer]) -> Answer:
        """The answer, found in a thread. Raises BadRequest, Overloaded."""
        return await self.threads.ask(self.store, project.id, question)


def platform_route(context: PlatformContext) -> type[APIRoute]:
    """A route class that checks the key, counts its requests and answers errors in this dialect."""

    class PlatformRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handler = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                verdict = None
                try:
                    key_id = await _authenticate(context, request)
                    verdict = context.limiter.hit(key_id)
                    if not verdict.allowed:
                        raise TooMany(TOO_MANY, verdict.reset)
                    response = await handler(request)
                except FootfallError as error:
                    response = error_response(error)
                except Exception:
                    # A defect of ours; the client still gets an answer that it can read.
                    log.exception("platform.failed", path=request.url.path)
                    response = error_response(FootfallError(SERVER_ERROR))
                response.headers.update(PRIVATE)
                if verdict is not None:
                    response.headers.update(_limit_headers(verdict))
                return response

            return guarded

    return PlatformRoute


def error_response(error: FootfallError) -> Response:
    """The error as a response: `{"error": <text>}`."""
    status = _STATUS.get(type(error), 500)
    message = error.message if status != 500 else SERVER_ERROR
    headers = {"retry-after": str(error.retry_after)} if isinstance(error, TooMany | Overloaded) else None
    return Response(msgspec.json.encode({"error": message}), status, headers, "application/json")


async def _authenticate(context: PlatformContext, request: Request) -> str:
    """The id of the key; its user is in `request.state.user` then. Raises Unauthorized."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Unauthorized(UNAUTHORIZED)
    try:
        user, found = await anyio.to_thread.run_sync(context.catalog.user_of_key, key.strip())
    except Unauthorized:
        raise Unauthorized(UNAUTHORIZED) from None
    request.state.user = user
    return found.id


def _limit_headers(verdict: Verdict) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(verdict.limit),
        "x-ratelimit-remaining": str(verdict.remaining),
        "x-ratelimit-reset": str(verdict.reset_at_ms),
    }
