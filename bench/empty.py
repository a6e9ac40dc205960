"""What `bench.ingest` compares with: a Starlette handler that reads the body and answers, and nothing else.

The same uvicorn settings as `footfall serve`, but uvicorn's own protocol: what is beside it is Footfall's.
"""

import asyncio
import socket

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_BODY = b'{"deviceId":"00000000000000000000000000000000","sessionId":"0000000000000000000000"}'


async def _track(request: Request) -> Response:
    await request.body()
    return Response(_BODY, media_type="application/json")


def main() -> None:
    """Serve until SIGTERM; the first line says where."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(f"Empty handler listens on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        Starlette(routes=[Route(path, _track, methods=["POST"]) for path in ("/track", "/api/send")]),
        http="httptools",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        lifespan="off",
        backlog=2048,
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(uvicorn.Server(config).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
