"""Applications that are made when they are first asked, or warmed once the server accepts.

Hits need none of them, and are taken a second earlier after a restart.
"""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

import anyio
from anyio import CapacityLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

App = TypeVar("App", bound=ASGIApp)


class Later(Generic[App]):
    """Stands for the application that `make` makes, once, in whichever thread asks first."""

    def __init__(self, make: Callable[[], App]) -> None:
        self._make = make
        self._made: App | None = None
        self._making = Lock()
        # Who asks meanwhile waits for the one thread that makes it, not in one each: pages need some, too.
        self._waiting = CapacityLimiter(1)

    @property
    def is_made(self) -> bool:
        """Whether there is one by now."""
        return self._made is not None

    def made(self) -> App:
        """The application. Blocks for a second the first time."""
        if self._made is None:
            with self._making:
                if self._made is None:
                    self._made = self._make()
        return self._made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch one connection. Hits are not kept waiting while the application is made."""
        app = self._made
        if app is None:
            app = await anyio.to_thread.run_sync(self.made, limiter=self._waiting)
        await app(scope, receive, send)
