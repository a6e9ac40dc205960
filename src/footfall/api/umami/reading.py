"""What the routes of this dialect share: who asks, what a request may hold, and what went wrong.

The order of a request: query and body (400), credentials (401), the thing (404), permission (401), answer.
So a route takes its query and body first and asks who it is afterwards. Source: umami contract §3, §4.1.
"""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar, TypeVarTuple

import anyio
import msgspec
import structlog
from anyio import CapacityLimiter
from fastapi import Request, Response
from fastapi.routing import APIRoute
from msgspec import Struct

from footfall.api.asking import AskingThreads
from footfall.api.body import read_body
from footfall.api.callers import asking_of
from footfall.api.headers import NO_SNIFF
from footfall.api.limits import Limiter
from footfall.api.umami.bearers import share_of_token, user_of_token
from footfall.api.umami.cors import CORS
from footfall.api.umami.errors import Generation, Invalid, Issue, error_response
from footfall.api.umami.taking import M, read_json, take
from footfall.api.umami.tokens import Tokens
from footfall.catalog.access import Access
from footfall.catalog.catalog import Catalog
from footfall.model.access import Caller, Share
from footfall.model.errors import BadRequest, FootfallError, NotFound, TooMany, Unauthorized
from footfall.model.project import Project, User
from footfall.query.reader import Question
from footfall.store.base import Store

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")
Arguments = TypeVarTuple("Arguments")

API_KEY = "x-umami-api-key"
SHARE_TOKEN = "x-umami-share-token"  # noqa: S105 - a header's name
SERVER_ERROR = "Internal server error"
MAX_BODY = 1024 * 1024
MAX_HASHING = 2
"""How many passwords are checked at once: each takes 64 MB and a core for a tenth of a second."""

ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The query or the body can't be used; the error says why."},
    401: {"description": "The credentials are missing or wrong, or don't allow this."},
    404: {"description": "There is no such thing."},
}


class UmamiContext(Struct, frozen=True):
    """What the routes need. `erase` deletes a project's events; `now_ms` is the clock. `threads` are
    of all that ask the store, in any dialect.

    `logins` counts attempts by the `address` that a request names, `all_logins` by their `source`, which nobody
    can choose. `generation` is how errors and pages look by default (setting `umami_stats`).
    """

    store: Store
    catalog: Catalog
    tokens: Tokens
    logins: Limiter
    all_logins: Limiter
    address: Callable[[Request], str]
    source: Callable[[Request], str]
    erase: Callable[[str], object]
    now_ms: Callable[[], int]
    threads: AskingThreads
    generation: Generation = "v3"
    hashing: CapacityLimiter = msgspec.field(default_factory=lambda: CapacityLimiter(MAX_HASHING))

    # What a request holds

    async def body(self, request: Request, model: type[M]) -> M:
        """The body. Raises Invalid, TooLarge."""
        return self.taken(model, await self.json(request))

    async def json(self, request: Request) -> object:
        """The body as it came. Raises Invalid, TooLarge."""
        return read_json(await read_body(request.scope, request.receive, MAX_BODY))

    def taken(self, model: type[M], value: object) -> M:
        """A body that was read as `json`. Raises Invalid."""
        return take(model, value, self._knows)

    def query(self, request: Request, model: type[M]) -> M:
        """The query; of a name that is repeated the last counts. Raises Invalid."""
        return take(model, dict(request.query_params), self._knows)

    def _knows(self, ref: str) -> bool:
        try:
            return bool(self.catalog.get_project(ref))
        except NotFound:
            return False

    # Who asks

    async def caller(self, request: Request) -> Caller:
        """The user of the bearer token or API key, and the share link. Raises Unauthorized without either."""
        caller = Caller(user=await self._user(request), share=self._share(request))
        if caller.user is None and caller.share is None:
            raise Unauthorized("Unauthorized")
        return caller

    async def user(self, request: Request) -> User:
        """The user who asks; a share link is not enough. Raises Unauthorized."""
        user = await self._user(request)
        if user is None:
            raise Unauthorized("Unauthorized")
        return user

    async def admin(self, request: Request) -> User:
        """The user, who must be an admin. Raises Unauthorized."""
        user = await self.user(request)
        self.allow(self.access(user).is_admin)
        return user

    def access(self, who: Caller | User) -> Access:
        """What the caller may do."""
        caller = Caller(user=who) if isinstance(who, User) else who
        return Access(self.catalog.snapshot(), caller)

    def allow(self, allowed: bool) -> None:
        """Raises Unauthorized if not: every refusal is a 401 in this dialect."""
        if not allowed:
            raise Unauthorized("Unauthorized")

    async def _user(self, request: Request) -> User | None:
        key = request.headers.get(API_KEY, "").strip()
        if key:
            return await self._user_of_key(key)
        token = self.token(request)
        if token:
            return await self.user_of_token(token) or await self._user_of_key(token)
        asking = asking_of(request.scope)
        return None if asking is None else asking.caller.user

    def token(self, request: Request) -> str:
        """The second word of the header; which word stands before it is not looked at (contract §3.2)."""
        words = request.headers.get("authorization", "").split()
        return words[1] if len(words) > 1 else ""

    async def _user_of_key(self, key: str) -> User | None:
        try:
            return (await self.run(self.catalog.user_of_key, key))[0]
        except Unauthorized:
            return None

    async def user_of_token(self, token: str) -> User | None:
        """Whose bearer token it is; None if it is none, or older than the user's password."""
        return await user_of_token(self.tokens, self.catalog, token)

    def _share(self, request: Request) -> Share | None:
        token = request.headers.get(SHARE_TOKEN, "")
        if token:
            return share_of_token(self.tokens, self.catalog, token)
        asking = asking_of(request.scope)
        return None if asking is None else asking.caller.share

    # What is asked about

    def website(self, ref: str) -> Project:
        """Any project, by UUID or slug. Raises NotFound. Whether the caller may see it is `access`'s to say."""
        try:
            return self.catalog.get_project(ref)
        except NotFound:
            raise NotFound("Not found") from None

    def website_id(self, share: Share) -> str | None:
        """The UUID of what a share link shows, None when that is being deleted."""
        project = self.catalog.snapshot().projects.get(share.project_id)
        return None if project is None else str(project.uuid)

    async def readable_website(self, request: Request, ref: str, *, in_person: bool = False) -> Project:
        """The website, for whoever may view it; `in_person`: not by a share link (rows about one visitor).

        Raises Unauthorized, NotFound.
        """
        access = self.access(await self.caller(request))
        project = self.website(ref)
        self.allow(access.may_view_in_person(project) if in_person else access.may_view(project))
        return project

    async def changeable_website(self, request: Request, ref: str) -> Project:
        """The website, for a user who may change it. Raises Unauthorized, NotFound."""
        access = self.access(await self.user(request))
        project = self.website(ref)
        self.allow(access.may_update(project))
        return project

    def now(self) -> datetime:
        """The clock's time, UTC."""
        return datetime.fromtimestamp(self.now_ms() / 1000, UTC)

    async def ask(self, project: Project, question: Question[Answer]) -> Answer:
        """The answer, found in a thread. Raises BadRequest, Overloaded."""
        return await self.threads.ask(self.store, project.id, question)

    async def sign_in(self, request: Request, username: str, password: str) -> User:
        """The user with that name and password. Raises TooMany for the address, Unauthorized."""
        self.count_login(request)
        check = self.catalog.sign_in
        return await anyio.to_thread.run_sync(check, username, password, limiter=self.hashing)

    def count_login(self, request: Request) -> None:
        """Count an attempt to get in, whatever with. Raises TooMany for the address, or for where it came from."""
        for limiter, whose in ((self.logins, self.address), (self.all_logins, self.source)):
            verdict = limiter.hit(whose(request))
            if not verdict.allowed:
                raise TooMany("Too many requests", verdict.reset)

    async def run(self, work: Callable[[*Arguments], Answer], *arguments: *Arguments) -> Answer:
        """Run blocking work, such as a change of the catalog, in a thread."""
        return await anyio.to_thread.run_sync(work, *arguments)


# Routes


def umami_route(context: UmamiContext) -> type[APIRoute]:
    """A route class that answers errors in this dialect, and lets any page's script read what it answers.

    A route that knows its request to be of another generation says so in `request.state.generation`.
    """

    class UmamiRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handler = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                try:
                    response = await handler(request)
                except FootfallError as error:
                    generation = getattr(request.state, "generation", context.generation)
                    response = error_response(_named(error), generation)
                except Exception:
                    # A defect of ours; the client still gets an answer that it can read.
                    log.exception("umami.failed", path=request.url.path)
                    response = error_response(FootfallError(SERVER_ERROR), context.generation)
                response.headers.update(CORS | NO_SNIFF)
                return response

            return guarded

    return UmamiRoute


def _named(error: FootfallError) -> FootfallError:
    """A refusal of the catalog that names its field, as one of this dialect."""
    if isinstance(error, BadRequest) and not isinstance(error, Invalid) and error.field and error.code != "taken":
        return Invalid([Issue((error.field,), error.message, error.message)])
    return error
