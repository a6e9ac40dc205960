"""Applications that are made when they are first asked, or warmed once the server accepts.

Making the routes of the read APIs takes as long as everything else of a start together.
"""

from collections.abc import Callable
from threading import Lock

from starlette.types import ASGIApp, Receive, Scope, Send


class Later:
    """Stands for the application that `make` makes, once, in whichever thread asks first."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._made: ASGIApp | None = None
        self._making = Lock()

    def made(self) -> ASGIApp:
        """The application."""
        if self._made is None:
            with self._making:
                if self._made is None:
                    self._made = self._make()
        return self._made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch one connection."""
        await self.made()(scope, receive, send)
