"""What takes requests straight from the HTTP parser, without ASGI: the ingest routes, for small plain bodies."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from starlette.types import Send

from footfall.api.headers import Headers

Reply = tuple[int, Sequence[tuple[bytes, bytes]], bytes]
"""Status, headers and body of a response; the headers hold its length."""

Take = Callable[[Headers, str, bytes], Coroutine[Any, Any, Reply]]
"""From the headers, the peer's address and the body. Raises nothing."""


async def send_reply(send: Send, reply: Reply) -> None:
    """The same response as ASGI messages."""
    status, headers, body = reply
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
