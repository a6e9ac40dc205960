"""`footfall serve`: run the server until it is told to stop."""

import asyncio
import socket
import sys
from collections.abc import Callable
from typing import Annotated

import typer
import uvicorn

from footfall.cli.place import ConfigOption, DataOption, settings_for
from footfall.model.errors import SetupError
from footfall.server.app import Server
from footfall.server.logs import configure_logs
from footfall.server.protocol import Protocol
from footfall.server.runtime import Runtime
from footfall.server.settings import Settings

_BACKLOG = 2048
_SWITCH_SECONDS = 0.0005
"""How long the drain may keep the interpreter from a waiting request; Python's own default is ten times it."""


def serve(
    context: typer.Context,
    data: DataOption = None,
    config: ConfigOption = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on (127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on (8000); 0 takes a free one.")] = None,
) -> None:
    """Run the server. Prints one line with its address when it accepts; stops on SIGTERM or Ctrl-C."""
    run(settings_for(context, data, config, host=host, port=port))


def run(settings: Settings, announce: Callable[[str], None] | None = None) -> None:
    """Serve until a signal. Raises SetupError when the port or the data folder is taken."""
    configure_logs(settings.log_format, settings.log_level)
    sys.setswitchinterval(_SWITCH_SECONDS)
    listener = bind(settings.host, settings.port)
    runtime = Runtime(settings)
    server = Server(runtime)
    host, port = listener.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    config = uvicorn.Config(
        server.app,
        loop="auto",
        http=Protocol,
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        lifespan="on",
        backlog=_BACKLOG,
        timeout_graceful_shutdown=10,
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_Announcing(config, address, announce).serve(sockets=[listener]))


class _Announcing(uvicorn.Server):
    """Says where it listens, once it does."""

    def __init__(self, config: uvicorn.Config, address: str, announce: Callable[[str], None] | None) -> None:
        super().__init__(config)
        self._address = address
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the address."""
        await super().startup(sockets=sockets)
        if self.started:
            typer.echo(f"Footfall listens on {self._address}")
            if self._announce is not None:
                self._announce(self._address)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SetupError in one sentence."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        raise SetupError(f"can't listen on {host} port {port}: {error.strerror or error}; choose another --port") from error
    listener.setblocking(False)
    return listener

