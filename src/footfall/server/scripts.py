"""The browser scripts: `/script.js`, further names of it, and where it sends (umami contract §1.8); the others.

They are built from `tracker/` by `tools/build_tracker.py`. Any site may load them; Front says so.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from footfall.server.packed import Packed, load, pack, respond

COLLECT = "/api/send"
"""Where `/script.js` sends to unless it is told otherwise."""

_FOLDER = Path(__file__).parent.parent / "data" / "tracker"
_UNBUILT = "The browser scripts are not built; run `make tracker` in Footfall's folder and start it again."
_HEADERS = {
    "cache-control": "public, max-age=86400, must-revalidate",
    "cross-origin-resource-policy": "cross-origin",
}


def script_routes(names: Sequence[str] = (), endpoint: str = COLLECT) -> list[Route]:
    """The scripts; `names` are further paths of `/script.js`, such as `stats.js`, `endpoint` is where it sends."""
    paths = dict.fromkeys(["/script.js", *(f"/{name.strip('/')}" for name in names)], "script.js")
    paths |= {f"/{name}": name for name in ("op1.js", "vitals.js")}
    return [_route(path, file, endpoint) for path, file in paths.items()]


def _route(path: str, file: str, endpoint: str) -> Route:
    async def script(request: Request) -> Response:
        found = _load(file, endpoint)
        return PlainTextResponse(_UNBUILT, 404) if found is None else respond(request, found, _HEADERS)

    return Route(path, script)


@cache
def _load(file: str, endpoint: str) -> Packed | None:
    found = load(_FOLDER / file)
    if found is None or endpoint == COLLECT:
        return found
    plain = found.plain.replace(json.dumps(COLLECT).encode(), json.dumps(endpoint).encode())
    return pack(plain, found.media_type)
