"""What every ingest route of this dialect does first and last: who sends, what went wrong, how it is said."""

import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec
import structlog
from msgspec import Struct
from starlette.types import Receive, Scope, Send

from footfall.api.body import read_body, whole_body
from footfall.api.cors import ANY_ORIGIN
from footfall.api.headers import Headers, headers_of, peer_of
from footfall.api.openpanel.errors import status_of
from footfall.api.straight import Reply, Take, send_reply
from footfall.catalog import authentication as reasons
from footfall.catalog.authentication import Authenticator, IngestGrant
from footfall.ingest.accept import HEADERS_READ, Intake, Sender
from footfall.ingest.enrich.client_ip import TrustedProxies, client_ip
from footfall.ingest.journal import Journal
from footfall.ingest.ledger import DropReason
from footfall.model.errors import (
    BadRequest,
    FootfallError,
    Overloaded,
    TooMany,
    Unauthorized,
)
from footfall.model.text import strict_json
from footfall.store.base import Store

log = structlog.get_logger(__name__)

_JSON = (b"content-type", b"application/json")
_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_CREDENTIALS = (
    *("openpanel-client-id", "openpanel-client-secret", "mixan-client-id", "mixan-client-secret"),
    *("origin", "user-agent", "openpanel-client-ip"),
)
_encode = msgspec.json.Encoder().encode

REPLAY = "replay"
"""The code of the refusal of a recording, which is counted apart."""

# The refusals of known clients, for the drop ledger; what has no project can't be counted for one.
_REASONS = {
    reasons.BLOCKED_IP: DropReason.BLOCKED_IP,
    reasons.BLOCKED_PROFILE: DropReason.BLOCKED_PROFILE,
    reasons.UNSAFE_REVENUE: DropReason.UNSAFE_REVENUE,
    reasons.REFUSED: DropReason.REFUSED_ORIGIN,
}


class Answer(Struct, frozen=True):
    """A response: status and a body, JSON unless `text`; `allow` is of a 405."""

    status: int
    body: bytes
    is_text: bool = False
    retry_after: int = 0
    allow: str = ""


def json_answer(status: int, body: object) -> Answer:
    """A JSON response."""
    return Answer(status, _encode(body))


class Door(Struct, frozen=True):
    """What the ingest routes need."""

    intake: Intake
    authenticator: Authenticator
    store: Store
    journal: Journal
    trusted: TrustedProxies
    ip_headers: tuple[str, ...]
    max_body: int
    in_thread: Callable[..., Awaitable[Any]]
    drained: Callable[[], Awaitable[None]]
    wake: Callable[[], None]


class Call(Struct):
    """One request: the headers that are read (lower-case), the peer's address, its unpacked body, its sender
    once known.

    A handler that must know the sender before it reads calls `read` itself.
    """

    headers: dict[str, str]
    peer: str
    read: Callable[[int], Awaitable[bytes]]
    body: bytes = b""
    sender: Sender | None = None


Handler = Callable[["Door", Call], Awaitable[Answer]]


class Route:
    """An ASGI application around one handler. A class, so that Starlette puts nothing in between.

    `straight` is the same without ASGI, for a handler that wants the whole body first.
    """

    def __init__(self, door: Door, handler: Handler, *, method: str = "POST", reads_first: bool = True) -> None:
        self._door = door
        self._handler = handler
        self._methods = ("GET", "HEAD") if method == "GET" else (method,)
        self._reads_first = reads_first and method == "POST"
        # Browsers send twice as many headers as anybody here reads.
        self._read = {name.encode("latin-1"): name for name in (*_CREDENTIALS, *door.ip_headers, *HEADERS_READ)}
        self.straight: Take | None = self._take if self._reads_first else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read, handle, answer; whatever goes wrong becomes the dialect's answer."""
        if scope["method"] in self._methods:
            read = partial(read_body, scope, receive)
            answer = await self._answer(Call(headers_of(scope["headers"], self._read), peer_of(scope), read))
        else:
            answer = _not_allowed(scope["method"], self._methods)
        await send_reply(send, _reply(answer))

    async def _take(self, headers: Headers, peer: str, body: bytes) -> Reply:
        call = Call(headers_of(headers, self._read), peer, partial(whole_body, body))
        return _reply(await self._answer(call))

    async def _answer(self, call: Call) -> Answer:
        try:
            if self._reads_first:
                call.body = await call.read(self._door.max_body)
            return await self._handler(self._door, call)
        except FootfallError as error:
            if isinstance(error, BadRequest) and call.sender is not None:
                reason = DropReason.REPLAY if error.code == REPLAY else DropReason.INVALID
                self._door.intake.drop(call.sender.project.id, reason)
            return refusal(error)
        except Exception:
            log.exception("ingest.failed", handler=self._handler.__name__)
            return Answer(500, b"Internal server error", is_text=True)


def _not_allowed(method: str, allowed: Sequence[str]) -> Answer:
    message = f"{method} is not taken here; use {allowed[0]}."
    body = {"status": 405, "error": "Method Not Allowed", "message": message}
    return Answer(405, _encode(body), allow=", ".join(allowed))


def _reply(answer: Answer) -> Reply:
    headers = [
        _TEXT if answer.is_text else _JSON,
        (b"content-length", b"%d" % len(answer.body)),
        *ANY_ORIGIN,
    ]
    if answer.retry_after:
        headers.append((b"retry-after", b"%d" % answer.retry_after))
    if answer.allow:
        headers.append((b"allow", answer.allow.encode()))
    return answer.status, headers, answer.body


def refusal(error: FootfallError) -> Answer:
    """The answer to an error: 401 as plain text (§2.3), all else as JSON (§1.4)."""
    status, word = status_of(error)
    if isinstance(error, Unauthorized):
        return Answer(status, error.message.encode(), is_text=True)
    body: dict[str, object] = {"status": status, "error": word, "message": error.message}
    if isinstance(error, BadRequest) and error.field:
        path = error.field.split(".")
        body["details"] = [{"path": path, "message": error.message, "code": error.code}]
    retry_after = error.retry_after if isinstance(error, TooMany | Overloaded) else 0
    return Answer(status, _encode(body), retry_after=retry_after)


T = TypeVar("T")

_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)


def decode(decoder: Callable[[bytes], T], body: bytes) -> T:
    """Decode JSON. Raises BadRequest that names the field."""
    if not body.strip():
        raise BadRequest("The body is empty; send a JSON object.", "body")
    try:
        return decoder(body)
    except msgspec.ValidationError as error:
        found = _AT.match(str(error))
        path = (found["path"] or "").lstrip(".").replace("[...]", "") if found else ""
        what = found["what"] if found else str(error)
        raise BadRequest(f"body{'/' + path.replace('.', '/') if path else ''} {what}", path or "body") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        strict = strict_json(body)
        if strict != body:
            return decode(decoder, strict)
        raise BadRequest(f"The body is not valid JSON: {error}", "body", "invalid_json") from error
    except RecursionError as error:
        raise BadRequest("The body is nested too deeply.", "body", "too_big") from error


async def understand(door: Door, call: Call, decoder: Callable[[bytes], T]) -> T:
    """Decode the body. Who may not send learns nothing of what was wrong with it (§16.5)."""
    try:
        return decode(decoder, call.body)
    except BadRequest:
        await admit(door, call)
        raise


def credentials(call: Call, in_body: tuple[str | None, str | None] = (None, None)) -> tuple[str, str]:
    """Client id and secret: header, legacy header, body; the first that is not empty (§2.3)."""
    headers = call.headers
    return (
        headers.get("openpanel-client-id") or headers.get("mixan-client-id") or in_body[0] or "",
        headers.get("openpanel-client-secret") or headers.get("mixan-client-secret") or in_body[1] or "",
    )


async def admit(
    door: Door,
    call: Call,
    in_body: tuple[str | None, str | None] = (None, None),
    profile_ids: tuple[str, ...] = (),
    *,
    has_revenue: bool = False,
) -> Sender:
    """Who sends this, checked. Raises Unauthorized with the contract's message."""
    client_id, secret = credentials(call, in_body)
    headers = call.headers
    ip = client_ip(call.peer, headers, door.trusted, door.ip_headers)
    arguments = (client_id, secret, headers.get("origin", ""), ip, profile_ids, has_revenue)
    authenticator = door.authenticator
    try:
        if not secret or authenticator.is_quick(client_id, secret):
            grant: IngestGrant = authenticator.ingest(*arguments)
        else:
            grant = await door.in_thread(authenticator.ingest, *arguments)
        if grant.secret_valid and "openpanel-client-ip" in headers:
            ip = client_ip(call.peer, headers, door.trusted, door.ip_headers, secret_ok=True)
            if ip in grant.project.blocked_ips:
                raise Unauthorized(reasons.BLOCKED_IP)
    except Unauthorized as error:
        _count(door, client_id, error)
        raise
    call.sender = Sender(grant.project, ip, headers.get("user-agent", ""), headers, grant.secret_valid)
    return call.sender


def _count(door: Door, client_id: str, error: Unauthorized) -> None:
    reason = _REASONS.get(error.message)
    project_id = door.authenticator.project_of(client_id) if reason else None
    if reason and project_id:
        door.intake.drop(project_id, reason)
