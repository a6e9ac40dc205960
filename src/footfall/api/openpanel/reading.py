"""What the read APIs of this dialect share: rate limit, who asks, how a question is put, what went wrong.

The order of a request: rate limit, credentials (401), project (403, 404), parameters (400), answer.
Source: openpanel contract §1.4, §1.5, §2.4, §2.6, §16.5.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

import anyio
import msgspec
from anyio import CapacityLimiter
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from msgspec import Struct
from pydantic import BaseModel, Field

from footfall.api.asking import AskingThreads
from footfall.api.callers import Asking, asking_of
from footfall.api.headers import PRIVATE
from footfall.api.limits import Limiter, Verdict
from footfall.api.openpanel.errors import status_of
from footfall.catalog.access import Access
from footfall.catalog.authentication import Authenticator
from footfall.catalog.catalog import Catalog
from footfall.model.errors import (
    BadRequest,
    FootfallError,
    Overloaded,
    TooMany,
    Unauthorized,
)
from footfall.model.project import Principal, Project
from footfall.query.reader import Question
from footfall.store.base import Store

Answer = TypeVar("Answer")

MAX_EXPORTS = 3
"""How many exports are read on at once."""

CLIENT_ID = "openpanel-client-id"
SIGN_IN = "Sign in first"
TOO_MANY = "You have exceeded the rate limit for this endpoint."
INVALID = "Invalid query parameters"


class ReadContext(Struct, frozen=True):
    """What the read routes need. `now_ms` is the clock; `limiter` counts this API's requests alone."""

    store: Store
    catalog: Catalog
    authenticator: Authenticator
    limiter: Limiter
    now_ms: Callable[[], int]
    threads: AskingThreads = msgspec.field(default_factory=AskingThreads)
    exports: CapacityLimiter = msgspec.field(default_factory=lambda: CapacityLimiter(MAX_EXPORTS))
    export_limiter: Limiter | None = None

    def of_exports(self) -> "ReadContext":
        """The same, counting the Export API's requests (contract §1.5)."""
        return msgspec.structs.replace(self, limiter=self.export_limiter or self.limiter)

    async def principal(self, request: Request, prefix: str = "Export") -> Principal:
        """Who asks, for `Export` or `Manage` (contract §2.4, §2.5): a client, else who has signed in.

        A share link manages nothing. Raises Unauthorized.
        """
        asking = _asking(request)
        if asking is not None:
            if prefix == "Manage" and asking.caller.user is None:
                raise Unauthorized(f"{prefix}: {SIGN_IN}")
            return Access(self.catalog.snapshot(), asking.caller).principal()
        client_id = request.headers.get(CLIENT_ID, "")
        secret = request.headers.get("openpanel-client-secret", "")
        check = self.authenticator.principal
        if self.authenticator.is_quick(client_id, secret):
            return check(client_id, secret, prefix)
        return await anyio.to_thread.run_sync(check, client_id, secret, prefix)

    async def ask(self, project: Project, question: Question[Answer]) -> Answer:
        """The answer, found in a thread. Raises BadRequest, Overloaded."""
        return await self.threads.ask(self.store, project.id, question)


class Issue(BaseModel):
    """One thing that is wrong with a request."""

    path: list[str | int] = Field(description="Where it is.")
    message: str
    code: str


class Details(BaseModel):
    """What is wrong with a request."""

    issues: list[Issue]
    name: str


class ErrorBody(BaseModel):
    """What every error looks like."""

    status: int
    error: str
    message: str
    details: Details | None = Field(None, description="Only of a 400.")


class ListedErrorBody(BaseModel):
    """What every error looks like."""

    status: int
    error: str
    message: str
    details: list[Issue] | None = Field(None, description="Only of a 400.")


Responses = dict[int | str, dict[str, Any]]
"""What a route may answer beside what it returns, by status, as FastAPI takes it."""


def described(body: type[BaseModel], reasons: Mapping[int, str]) -> Responses:
    """What errors of a body look like. The page adds the body's schema itself (`description.py`): FastAPI, given
    the model, would make a serializer that nobody uses for each error of each route, half of all that it makes.
    """
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{body.__name__}"}}}
    return {status: {"description": reason, "content": content} for status, reason in reasons.items()}


REASONS = {
    400: "A parameter can't be used; `details` says which.",
    401: "The credentials are missing, wrong or not for reading.",
    403: "The project is not the client's.",
    404: "There is no such project.",
    429: "More requests than the limit; `retry-after` says when.",
    503: "It can't be answered now; try again after `retry-after` seconds.",
}
ERRORS = described(ErrorBody, REASONS)

DetailsOf = Callable[[list[dict[str, Any]]], object]
MessageOf = Callable[[BadRequest], str]


def invalid_query(_error: BadRequest) -> str:
    """Export and Insights say no more; the rest is in the details (contract §1.4)."""
    return INVALID


def issues_object(issues: list[dict[str, Any]]) -> object:
    """Insights: the whole error (contract §1.4)."""
    return {"issues": issues, "name": "ZodError"}


def issues_list(issues: list[dict[str, Any]]) -> object:
    """Export: the list of issues (contract §1.4)."""
    return issues


def guarded_route(limiter: Limiter, details: DetailsOf, message: MessageOf = invalid_query) -> type[APIRoute]:
    """A route class that counts every request first and answers errors in this dialect."""

    class GuardedRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handler = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                asking = _asking(request)
                verdict = limiter.hit(_key(request)) if asking is None else asking.count()
                if verdict.allowed:
                    response = await _answer(handler, request, details, message)
                else:
                    response = error_response(TooMany(TOO_MANY, verdict.reset), details)
                response.headers.update(_limit_headers(verdict) | PRIVATE)
                return response

            return guarded

    return GuardedRoute


def error_response(error: FootfallError, details: DetailsOf, message: MessageOf = invalid_query) -> Response:
    """The error as a response; `{status, error, message}`, and `details` of a bad request."""
    status, phrase = status_of(error)
    body: dict[str, object] = {"status": status, "error": phrase, "message": error.message}
    headers = {}
    if isinstance(error, BadRequest):
        body["message"] = message(error)
        body["details"] = details([_issue(error)])
    if isinstance(error, TooMany | Overloaded):
        headers["retry-after"] = str(error.retry_after)
    return Response(msgspec.json.encode(body), status, headers, "application/json")


async def _answer(
    handler: Callable[[Request], Awaitable[Response]],
    request: Request,
    details: DetailsOf,
    message: MessageOf,
) -> Response:
    try:
        return await handler(request)
    except FootfallError as error:
        return error_response(error, details, message)
    except RequestValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:])
        return error_response(BadRequest(str(first["msg"]), field, str(first["type"])), details, message)


def _issue(error: BadRequest) -> dict[str, Any]:
    path = [int(part) if part.isdecimal() else part for part in error.field.split(".") if part]
    return {"path": path, "message": error.message, "code": error.code}


def _asking(request: Request) -> Asking | None:
    """Who has signed in or follows a share link, of requests that bear no client's id."""
    return None if request.headers.get(CLIENT_ID) else asking_of(request.scope)


def _key(request: Request) -> str:
    client_id = request.headers.get(CLIENT_ID, "")[:64].lower()
    return client_id or (request.client.host if request.client else "")


def _limit_headers(verdict: Verdict) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(verdict.limit),
        "x-ratelimit-remaining": str(verdict.remaining),
        "x-ratelimit-reset": str(verdict.reset),
    }
