"""`POST /api/send`, `POST /api/batch`, `GET /q/{slug}` and `GET /p/{slug}` (umami contract §1.1, §1.7, §1.8).

Plain ASGI, like every ingest route. A 2xx means that the hits are on disk.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec
import structlog
from msgspec import Struct
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from footfall.api.body import read_body, whole_body
from footfall.api.headers import Headers, headers_of, peer_of
from footfall.api.straight import Reply, Take, send_reply
from footfall.api.umami.collecting import HEADERS_READ, Boop, Browser, Collected, Collector, collect
from footfall.api.umami.cors import CORS
from footfall.api.umami.errors import Generation, error_response
from footfall.api.umami.taking import read_json, take_list
from footfall.model.access import Link
from footfall.model.errors import FootfallError, NotFound, Overloaded, TooLarge
from footfall.model.project import Project, ProjectKind

log = structlog.get_logger(__name__)

_encode = msgspec.json.Encoder().encode
_ANY_ORIGIN = {"access-control-allow-origin": "*"}
_HEADERS = [
    (b"content-type", b"application/json"),
    *((name.encode(), value.encode()) for name, value in (_ANY_ORIGIN | CORS).items()),
]
_AT_ONCE = 500  # hits of a batch between two waits for the disk
_MOST_HITS = 50_000  # of a batch; as many as usual ones fill the largest body
_MOST_TOLD = 4 * 1024 * 1024  # bytes; a zero among the hits takes two and its error 150
_BOOP = _encode(Boop().body())
# The smallest picture there is: one transparent pixel.
_PIXEL = bytes.fromhex(
    "47494638396101000100800000000000000000" + "21f90401000000002c00000000010001000002024401003b"
)
_UNCACHED = {"cache-control": "no-store"}


class Collecting(Struct, frozen=True):
    """What these routes need. `generation` is how errors look; `max_body` in bytes."""

    collector: Collector
    max_body: int
    generation: Generation

    def header_names(self) -> dict[bytes, str]:
        """The headers that are read; browsers send twice as many."""
        return {name.encode(): name for name in (*HEADERS_READ, *self.collector.ip_headers)}


Handler = Callable[[Collecting, Browser, bytes], Awaitable[bytes]]


class CollectRoute:
    """An ASGI application around one handler of a body; `straight` is the same without ASGI."""

    def __init__(self, collecting: Collecting, handler: Handler) -> None:
        self._collecting = collecting
        self._handler = handler
        self._read = collecting.header_names()
        self.straight: Take = self._take

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read, handle, answer; whatever goes wrong becomes the dialect's answer."""
        if scope["method"] != "POST":
            await _not_allowed(self._collecting.generation)(scope, receive, send)
            return
        read = partial(read_body, scope, receive)
        await send_reply(send, await self._answer(scope["headers"], peer_of(scope), read))

    async def _take(self, headers: Headers, peer: str, body: bytes) -> Reply:
        return await self._answer(headers, peer, partial(whole_body, body))

    async def _answer(self, headers: Headers, peer: str, read: Callable[[int], Awaitable[bytes]]) -> Reply:
        needs = self._collecting
        try:
            browser = Browser.of(needs.collector, peer, headers_of(headers, self._read))
            answer = await self._handler(needs, browser, await read(needs.max_body))
        except FootfallError as error:
            return _reply_of(_refusal(error, needs.generation))
        except Exception:
            log.exception("collect.failed", handler=self._handler.__name__)
            return _reply_of(_refusal(FootfallError("Internal server error"), needs.generation))
        return 200, [*_HEADERS, (b"content-length", b"%d" % len(answer))], answer


def _reply_of(response: Response) -> Reply:
    return response.status_code, response.raw_headers, bytes(response.body)


def _refusal(error: FootfallError, generation: Generation) -> Response:
    response = error_response(error, generation)
    response.headers.update(_ANY_ORIGIN | CORS)
    return response


def _not_allowed(generation: Generation) -> Response:
    message = "Method not allowed"
    error: object = message
    if generation == "v3":
        error = {"message": message, "code": "method-not-allowed", "status": 405}
    return Response(_encode({"error": error}), 405, {**_ANY_ORIGIN, **CORS, "allow": "POST"}, "application/json")


async def send_one(collecting: Collecting, browser: Browser, body: bytes) -> bytes:
    """`/api/send`."""
    answer, durable = collect(collecting.collector, browser, read_json(body))
    await durable
    return _BOOP if isinstance(answer, Boop) else _encode(answer.body())


class _Failures:
    """What is wrong with bodies of a batch: counted, and told as far as that takes no more than _MOST_TOLD."""

    def __init__(self, generation: Generation) -> None:
        self.count = 0
        self.refusal: Overloaded | None = None
        self._generation: Generation = generation
        self._told: dict[int, msgspec.Raw] = {}
        self._size = 0

    def add(self, index: int, error: FootfallError) -> None:
        """One more, of the body at that place."""
        self.count += 1
        if isinstance(error, Overloaded):
            self.refusal = self.refusal or error
        if self._size < _MOST_TOLD:
            body = bytes(error_response(error, self._generation).body)
            self._told[index] = msgspec.Raw(body)
            self._size += len(body)

    def details(self) -> list[dict[str, Any]]:
        """As the answer has them, in the order of the batch."""
        return [{"index": index, "response": self._told[index]} for index in sorted(self._told)]


async def send_batch(collecting: Collecting, browser: Browser, body: bytes) -> bytes:
    """`/api/batch`: each body for itself; what is wrong with one does not stop the others.

    Raises TooLarge for more bodies than real ones find room in a request, and Overloaded if nothing of it could
    be stored, so that it is sent again.
    """
    items = take_list(read_json(body))
    if len(items) > _MOST_HITS:
        raise TooLarge(f"A batch has at most {_MOST_HITS} hits.")
    cache = ""
    failures = _Failures(collecting.generation)
    for begin in range(0, len(items), _AT_ONCE):
        waiting: list[tuple[int, Collected | Boop, Awaitable[None]]] = []
        for index, item in enumerate(items[begin : begin + _AT_ONCE], begin):
            try:
                waiting.append((index, *collect(collecting.collector, browser, item)))
            except FootfallError as error:
                failures.add(index, error)
        for index, answer, durable in waiting:
            try:
                await durable
            except Overloaded as error:
                failures.add(index, error)
            else:
                cache = cache or (answer.cache if isinstance(answer, Collected) else "")
        await asyncio.sleep(0)
    if failures.refusal is not None and failures.count == len(items):
        raise failures.refusal
    tally = {"size": len(items), "processed": len(items) - failures.count, "errors": failures.count}
    return _encode({**tally, "details": failures.details(), **({"cache": cache} if cache else {})})


class SlugRoute:
    """An ASGI application for `/q/{slug}` (kind LINK) or `/p/{slug}` (kind PIXEL).

    A link leads to the stored URL and nowhere else. Whoever follows it gets there even if the click can't be
    counted; a HEAD counts nothing.
    """

    def __init__(self, collecting: Collecting, kind: ProjectKind) -> None:
        self._collecting = collecting
        self._kind = kind
        self._read = collecting.header_names()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find it, count it, answer."""
        response = await self._answer(scope)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            response = _not_allowed(self._collecting.generation)
            response.headers["allow"] = "GET, HEAD"
            return response
        try:
            link, project = self._find(scope["path_params"]["slug"])
        except NotFound as error:
            return error_response(error, self._collecting.generation)
        if scope["method"] == "GET":
            await self._count(scope, project)
        if link.url is None:
            return Response(_PIXEL, 200, _UNCACHED, "image/gif")
        return RedirectResponse(link.url, 302, _UNCACHED)

    def _find(self, slug: str) -> tuple[Link, Project]:
        catalog = self._collecting.collector.catalog
        try:
            return catalog.links.find(slug, self._kind)
        except NotFound:
            catalog.look_again()
            return catalog.links.find(slug, self._kind)

    async def _count(self, scope: Scope, project: Project) -> None:
        headers = headers_of(scope["headers"], self._read)
        browser = Browser.of(self._collecting.collector, peer_of(scope), headers)
        query = scope["query_string"].decode("latin-1")
        payload = {
            str(self._kind): str(project.uuid),
            "url": scope["path"] + (f"?{query}" if query else ""),
            "hostname": browser.headers.get("host", "").partition(":")[0][:100],
            "referrer": browser.headers.get("referer"),
        }
        try:
            _, durable = collect(self._collecting.collector, browser, {"type": "event", "payload": payload})
            await durable
        except FootfallError as error:
            log.info("collect.uncounted", kind=self._kind, reason=error.message)
