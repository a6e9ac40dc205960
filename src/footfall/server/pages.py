"""The dashboard's pages: one document at every address of it, and the files that it loads.

They are built from `dashboard/` by `tools/build_dashboard.py`. The document may load scripts, styles, pictures and
data from this server alone, and run nothing that stands in it; only share links may be shown in frames of other
sites, and only where the link says so (docs/dashboard.md).
"""

from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Route

from footfall.api.headers import NO_SNIFF
from footfall.catalog.catalog import Catalog
from footfall.server.packed import Packed, load, respond

FOLDER = Path(__file__).parent.parent / "data" / "dashboard"
UNBUILT = "The dashboard is not built; run `make dashboard` in Footfall's folder and start it again."
_DOCUMENT = "index.html"
_ADDRESSES = ("/login", "/setup", "/site/{rest:path}", "/settings", "/settings/{rest:path}")

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors "
)
_HEADERS = {
    "cache-control": "no-cache",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Our own pages tell where they come from, which downloads need on plain http (api/dashboard/sessions.py).
    "referrer-policy": "same-origin",
}
# What stands in `assets` has another name whenever it changes.
_FOR_A_YEAR = {"cache-control": "public, max-age=31536000, immutable"}
_FOR_A_DAY = {"cache-control": "public, max-age=86400"}


def page_routes(catalog: Catalog) -> list[BaseRoute]:
    """Every address of the dashboard, and its files."""
    document = FOLDER / _DOCUMENT

    async def page(request: Request) -> Response:
        return await _document(request, document, ())

    async def shared(request: Request) -> Response:
        share = catalog.snapshot().shares.get(request.path_params["slug"])
        return await _document(request, document, () if share is None else share.origins)

    routes: list[BaseRoute] = [_HomePage("/", page)]
    routes += [Route(path, page) for path in _ADDRESSES]
    routes += [Route(path, shared) for path in ("/share/{slug}", "/share/{slug}/{rest:path}")]
    # Only what is there now is served: no path of a request ever becomes a file's name.
    files = {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*") if path.is_file()}

    async def asset(request: Request) -> Response:
        return await _file(request, files.get(f"assets/{request.path_params['path']}"), _FOR_A_YEAR)

    def beside(name: str) -> Callable[[Request], Awaitable[Response]]:
        async def file(request: Request) -> Response:
            return await _file(request, files[name], _FOR_A_DAY)

        return file

    tops = [name for name in files if "/" not in name and name[0] != "." and name != _DOCUMENT]
    return [*routes, Route("/assets/{path:path}", asset), *(Route(f"/{name}", beside(name)) for name in tops)]


class _HomePage(Route):
    """Matches only who would rather read a page than JSON."""

    def matches(self, scope: MutableMapping[str, Any]) -> tuple[Match, MutableMapping[str, Any]]:
        accepted = next((value for name, value in scope.get("headers", ()) if name == b"accept"), b"")
        if not _prefers_page(accepted.decode("latin-1")):
            return Match.NONE, {}
        return super().matches(scope)


def _prefers_page(accepted: str) -> bool:
    """Whether HTML is named, and weighs more than JSON if that is named too."""
    weights = {}
    for item in accepted.lower().split(","):
        name, _, weight = item.replace(" ", "").partition(";q=")
        weights[name] = _weight(weight)
    return weights.get("text/html", 0.0) > weights.get("application/json", 0.0)


def _weight(text: str) -> float:
    try:
        return float(text or "1")
    except ValueError:
        return 0.0


async def _file(request: Request, path: Path | None, headers: dict[str, str]) -> Response:
    found = None if path is None else await anyio.to_thread.run_sync(load, path)
    return PlainTextResponse("Not found", 404) if found is None else respond(request, found, headers)


async def _document(request: Request, path: Path, origins: tuple[str, ...]) -> Response:
    found: Packed | None = await anyio.to_thread.run_sync(load, path)
    response = PlainTextResponse(UNBUILT, 404) if found is None else respond(request, found, _HEADERS)
    _protect(response, origins)
    return response


def unknown_page(request: Request) -> Response | None:
    """The document, which says that nothing is at this address; None for who would rather read JSON."""
    wants_page = request.method == "GET" and _prefers_page(request.headers.get("accept", ""))
    found = load(FOLDER / _DOCUMENT) if wants_page else None
    if found is None:
        return None
    response = Response(found.plain, 404, _HEADERS | NO_SNIFF, found.media_type)
    _protect(response, ())
    return response


def _protect(response: Response, origins: tuple[str, ...]) -> None:
    """What the document may load, and in whose frames it may be shown."""
    response.headers.add_vary_header("accept")
    response.headers["content-security-policy"] = _POLICY + (
        " ".join(("'self'", *origins)) if origins else "'none'"
    )
    if not origins:
        response.headers["x-frame-options"] = "DENY"
