"""What the dashboard's own routes share: who asks, what a body holds, what went wrong, what caches keep (nothing).

Errors are `{status, error, message}` as in Manage. Every route but GETs wants the header `x-footfall: 1` (see
`sessions`), signing in too: else another site could sign a visitor in as somebody else.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import structlog
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from footfall.api.body import read_body
from footfall.api.callers import asking_of
from footfall.api.dashboard.sessions import Sessions, is_own
from footfall.api.headers import PRIVATE
from footfall.api.openpanel.door import decode
from footfall.api.openpanel.reading import error_response, issues_list
from footfall.api.umami.reading import UmamiContext
from footfall.catalog.access import Access
from footfall.catalog.catalog import Catalog
from footfall.model.errors import FootfallError, Forbidden, TooMany, Unauthorized
from footfall.model.project import Principal, Project

log = structlog.get_logger(__name__)

MAX_BODY = 64 * 1024
NOT_OWN = "Only the dashboard's own pages may do this"

T = TypeVar("T")
Handler = Callable[["DashboardContext", Request], Awaitable[Response]]


class DashboardContext(Struct, frozen=True):
    """What the routes need: the cookies, and Umami's part, which knows how to sign in."""

    sessions: Sessions
    umami: UmamiContext

    @property
    def catalog(self) -> Catalog:
        """Who exists."""
        return self.umami.catalog

    def principal(self, request: Request) -> Principal:
        """Who asks. Counts the request. Raises Unauthorized, TooMany."""
        asking = asking_of(request.scope)
        if asking is None:
            raise Unauthorized("Sign in first")
        verdict = asking.count()
        if not verdict.allowed:
            raise TooMany("Too many requests", verdict.reset)
        return Access(self.catalog.snapshot(), asking.caller).principal()

    def project(
        self, request: Request, *, shared: bool = False, change: bool = False
    ) -> tuple[Project, Principal]:
        """The project of the path, and who asks; to be changed, if `change`.

        Raises Unauthorized, TooMany, Forbidden, NotFound.
        """
        principal = self.principal(request)
        project = self.catalog.readable_project(principal, request.path_params["project"], shared=shared)
        if change and not principal.may_change(project.id):
            raise Forbidden("You do not have access to this project")
        return project, principal


def route(context: DashboardContext, path: str, handler: Handler, method: str = "GET") -> Route:
    """A route whose errors are answered, and whose answers no cache keeps."""

    async def guarded(request: Request) -> Response:
        try:
            if not (is_own(request) or request.method in ("GET", "HEAD")):
                raise Forbidden(NOT_OWN)
            response = await handler(context, request)
        except FootfallError as error:
            response = error_response(error, issues_list, lambda bad: bad.message)
        except Exception:
            log.exception("dashboard.failed", path=request.url.path)
            response = error_response(FootfallError("Internal server error"), issues_list)
        for name, value in PRIVATE.items():
            response.headers.setdefault(name, value)
        return response

    return Route(path, guarded, methods=[method])


def json_response(body: object, status: int = 200) -> Response:
    """A struct as JSON."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


async def body_of(request: Request, kind: type[T]) -> T:
    """The body. Raises BadRequest, TooLarge."""
    content = await read_body(request.scope, request.receive, MAX_BODY)
    return decode(msgspec.json.Decoder(kind).decode, content or b"{}")
