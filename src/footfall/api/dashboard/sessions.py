"""The dashboard's cookies: who has signed in, and which share link was opened.

A cookie holds a token of Umami's dialect, so a new password ends it. It counts only for a request that one of our
own pages made (docs/decisions/011-dashboard-sessions.md):

* `Sec-Fetch-Site`, where the browser sends it, says `same-origin`; and
* the header `x-footfall: 1` is there, which no other site's page can send along with a cookie: the preflight
  would have to allow it. A GET may do without it (downloads and event streams can't have headers) if
  `Sec-Fetch-Site` or, on plain http, the referrer says that it comes from here.
"""

from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from footfall.api.callers import Asking, remember
from footfall.api.limits import Limiter
from footfall.api.umami.bearers import share_of_token, user_of_token
from footfall.api.umami.reading import SHARE_TOKEN
from footfall.api.umami.tokens import Tokens
from footfall.catalog.catalog import Catalog
from footfall.ingest.enrich.client_ip import TrustedProxies
from footfall.model.access import Caller, Share
from footfall.model.project import User

OWN_HEADER = "x-footfall"
USER_COOKIE = "footfall"
SHARE_COOKIE = "footfall_share"
HOST_PREFIX = "__Host-"
"""Of cookies over https: the browser then takes them from this very host alone."""
MAX_AGE_S = 30 * 24 * 60 * 60

_SAFE = ("GET", "HEAD")
_SIGNS = (b"cookie", SHARE_TOKEN.encode())


class Sessions(Struct, frozen=True):
    """Reads and writes the cookies. `address` is whose requests by share links are counted together."""

    catalog: Catalog
    tokens: Tokens
    trusted: TrustedProxies
    users: Limiter
    shares: Limiter
    address: Callable[[Request], str]

    async def asking(self, request: Request) -> Asking | None:
        """Who asks; None without a cookie or share token that counts."""
        caller = Caller(user=await self._user(request), share=self._share(request))
        user = caller.user
        if user is not None:
            return Asking(caller, lambda: self.users.hit(user.id))
        if caller.share is not None:
            return Asking(caller, lambda: self.shares.hit(self.address(request)))
        return None

    async def _user(self, request: Request) -> User | None:
        token = self._cookie(request, USER_COOKIE)
        return await user_of_token(self.tokens, self.catalog, token) if token else None

    def _share(self, request: Request) -> Share | None:
        token = request.headers.get(SHARE_TOKEN) or self._cookie(request, SHARE_COOKIE)
        return share_of_token(self.tokens, self.catalog, token)

    def _cookie(self, request: Request, name: str) -> str:
        return request.cookies.get(self._name(request, name), "") if is_own(request) else ""

    def _name(self, request: Request, name: str) -> str:
        return HOST_PREFIX + name if self.is_secure(request) else name

    def is_secure(self, request: Request) -> bool:
        """Whether the browser came over https; a trusted proxy says so, nobody else is believed."""
        peer = request.client.host if request.client else ""
        said = request.headers.get("x-forwarded-proto", "") if peer in self.trusted else ""
        return (said.partition(",")[0].strip().lower() or request.url.scheme) == "https"

    def give(self, request: Request, response: Response, name: str, token: str) -> None:
        """Put a token into a cookie of the answer; '' takes the cookie away."""
        secure = "; Secure" if self.is_secure(request) else ""
        kept = f"Max-Age={MAX_AGE_S if token else 0}; Path=/; HttpOnly; SameSite=Strict{secure}"
        response.headers.append("set-cookie", f"{self._name(request, name)}={token}; {kept}")


def is_own(request: Request) -> bool:
    """Whether a page of this very server made the request, as far as a browser tells."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    if request.headers.get(OWN_HEADER) == "1":
        return True
    if request.method not in _SAFE:
        return False
    referrer = request.headers.get("referer", "")
    return site is not None or (referrer != "" and _host(referrer) == request.headers.get("host"))


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return None


class WithSessions:
    """An application whose requests know who asks (`callers.asking_of`)."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look for cookies and share tokens; most requests of programs have neither."""
        if scope["type"] == "http" and any(name in _SIGNS for name, _ in scope["headers"]):
            asking = await self._sessions.asking(Request(scope))
            if asking is not None:
                remember(cast("dict[str, object]", scope), asking)
        await self._app(scope, receive, send)
