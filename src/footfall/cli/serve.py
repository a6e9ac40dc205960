"""Run the server until it is told to stop (`footfall serve`)."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
import uvicorn

from footfall.catalog import Catalog
from footfall.cli.output import say
from footfall.model.errors import SetupError
from footfall.server.app import Server
from footfall.server.listening import BACKLOG, listeners
from footfall.server.logs import configure_logs
from footfall.server.protocol import Protocol
from footfall.server.runtime import Runtime
from footfall.server.settings import Settings
from footfall.server.tuning import settle

_LAST_ANSWERS_SECONDS = 5
"""How long a stop waits for requests under way; containers are killed after ten seconds."""

_ACCEPTED_SECONDS = 0.01


def run(settings: Settings, announce: Callable[[str], None] | None = None) -> None:
    """Serve until a signal. Raises SetupError when the port or the data folder is taken."""
    configure_logs(settings.log_format, settings.log_level)
    sockets = listeners(settings.host, settings.port)
    runtime = Runtime(settings)
    server = Server(runtime)
    host, port = sockets[0].getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    config = _config(server)

    def warm() -> None:
        server.warm()
        settle()

    def started(address: str) -> None:
        asyncio.get_running_loop().run_in_executor(server.threads, warm)
        welcome(runtime.catalog, address)
        if announce is not None:
            announce(address)

    uvicorn_server = _Announcing(config, address, started, server.close_streams)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(uvicorn_server.serve(sockets=sockets))
    if not uvicorn_server.started:
        raise SetupError("the server could not start; the log says why")


def _config(server: Server) -> uvicorn.Config:
    """Uvicorn with our own way in, logs and headers."""
    return uvicorn.Config(
        server.app,
        loop="auto",
        http=Protocol,
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        lifespan="on",
        backlog=BACKLOG,
        timeout_graceful_shutdown=_LAST_ANSWERS_SECONDS,
    )


def welcome(catalog: Catalog, address: str) -> None:
    """On the first start, make the admin and show the password and the set-up link: both are kept nowhere."""
    made = catalog.create_first_admin()
    if made is None:
        return
    admin, password = made
    say(
        "The first user is made. Choose a name and a password at the set-up link, or sign in with:",
        {
            "set-up link": f"{address.replace('//0.0.0.0:', '//localhost:')}/setup#{catalog.setup.begin(admin)}",
            "username": admin.username,
            "password": password,
        },
        f"This is shown once; `footfall user password {admin.username}` makes another password.",
    )
    sys.stdout.flush()


class _Announcing(uvicorn.Server):
    """Says where it listens, once it does; a signal ends it well (uvicorn's own dies of it: exit code -15)."""

    def __init__(
        self,
        config: uvicorn.Config,
        address: str,
        announce: Callable[[str], None],
        before_stop: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._address = address
        self._announce = announce
        self._before_stop = before_stop

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and Ctrl-C; a second Ctrl-C doesn't wait for requests under way."""
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the address."""
        await super().startup(sockets=sockets)
        if self.started:
            typer.echo(f"Footfall listens on {self._address}")
            self._announce(self._address)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; it waits for responses under way, so those without an end are ended first."""
        self._before_stop()
        for server in self.servers:
            server.close()
        # Connections that are accepted already become known, so that they are served and closed as all others are.
        await asyncio.sleep(_ACCEPTED_SECONDS)
        await super().shutdown(sockets=sockets)
        if self.force_exit:
            # uvicorn leaves it at that; the end of the loop would cancel what closes the stores.
            for task in self.server_state.tasks:
                task.cancel()
            await self.lifespan.shutdown()
