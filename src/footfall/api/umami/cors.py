"""Which paths under `/api` are this dialect's, and what lets any page's script call them (contract §1.8).

Hits and preflights need no more of the dialect than this.
"""

from starlette.types import Receive, Scope, Send

PATHS = frozenset(
    (
        *("admin", "auth", "batch", "config", "heartbeat", "links", "me", "pixels", "realtime", "reports"),
        *("send", "share", "teams", "umami", "users", "websites"),
    )
)
"""The first words after `/api/` that are this dialect's."""

# the origin is allowed by the outermost application
CORS = {
    "access-control-allow-headers": "*",
    "access-control-allow-methods": "GET, DELETE, POST, PUT",
    "access-control-max-age": "86400",
    "cache-control": "no-cache",
}


async def preflight(_scope: Scope, _receive: Receive, send: Send) -> None:
    """The answer to every OPTIONS: any page's script may call."""
    headers = [(b"access-control-allow-origin", b"*"), (b"content-length", b"0")]
    headers += [(name.encode(), value.encode()) for name, value in CORS.items()]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
