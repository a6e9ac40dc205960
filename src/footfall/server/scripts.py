"""The browser scripts `/script.js` and `/op1.js`, and further names of the first one (umami contract §1.8).

They are built from `tracker/` by `tools/build_tracker.py`. Any site may load them; Front says so.
"""

import gzip
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

_FOLDER = Path(__file__).parent.parent / "data" / "tracker"
_UNBUILT = "The browser scripts are not built; run `make tracker` in Footfall's folder and start it again."
_HEADERS = {
    "cache-control": "public, max-age=86400, must-revalidate",
    "cross-origin-resource-policy": "cross-origin",
    "vary": "accept-encoding",
    "x-content-type-options": "nosniff",
}


class Script(Struct, frozen=True):
    """A script as it is sent: as it is, and packed with gzip. The tag is of both."""

    plain: bytes
    packed: bytes
    tag: str


def script_routes(names: Sequence[str] = ()) -> list[Route]:
    """The scripts; `names` are further paths of `/script.js`, such as `stats.js`."""
    paths = dict.fromkeys(["/script.js", *(f"/{name.strip('/')}" for name in names)], "script.js")
    return [_route(path, file) for path, file in (paths | {"/op1.js": "op1.js"}).items()]


def _route(path: str, file: str) -> Route:
    async def script(request: Request) -> Response:
        found = _load(file)
        if found is None:
            return PlainTextResponse(_UNBUILT, 404)
        headers = _HEADERS | {"etag": found.tag}
        if found.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if not _takes_gzip(request.headers.get("accept-encoding", "")):
            return Response(found.plain, headers=headers, media_type="text/javascript")
        return Response(found.packed, headers=headers | {"content-encoding": "gzip"}, media_type="text/javascript")

    return Route(path, script)


@cache
def _load(file: str) -> Script | None:
    try:
        plain = (_FOLDER / file).read_bytes()
    except FileNotFoundError:
        return None
    return Script(plain, gzip.compress(plain, 9, mtime=0), f'W/"{blake2b(plain, digest_size=12).hexdigest()}"')


def _takes_gzip(accepted: str) -> bool:
    """Whether `gzip` is among what a browser accepts, and not with a weight of 0."""
    for coding in accepted.lower().split(","):
        name, _, weight = coding.replace(" ", "").partition(";q=")
        if name in ("gzip", "*"):
            return weight.strip("0.") != "" or weight == ""
    return False
