"""This dialect as one application with its own OpenAPI page."""

from typing import Any

import msgspec
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from footfall import __version__
from footfall.api.adopting import adopt
from footfall.api.methods import allow_header
from footfall.api.taken import TakingApp
from footfall.api.umami import (
    auth,
    behaviour_resources,
    counting_resources,
    links,
    reports,
    reports_saved,
    revenue_resources,
    saved_resources,
    segments,
    shares,
    stats,
    stats_data,
    stats_events,
    stats_export,
    stats_realtime,
    stats_sessions,
    teams,
    users,
    websites,
)
from footfall.api.umami.bodies import Ok
from footfall.api.umami.cors import CORS
from footfall.api.umami.errors import error_response
from footfall.api.umami.reading import UmamiContext, umami_route
from footfall.model.errors import NotFound


def build(context: UmamiContext) -> FastAPI:
    """The application, to stand under `/api`."""
    app = TakingApp(
        title="Umami API",
        version="3.3.1",
        description=f"Umami's API, answered by Footfall {__version__}.",
        openapi_url="/umami/documentation/json",
        redirect_slashes=False,  # it would name a host that the request made up, and lose TLS behind a proxy
        docs_url=None,
        redoc_url=None,
    )
    statistics = (stats, stats_events, stats_data, stats_sessions, stats_realtime, stats_export)
    # `funnels/stats` before `funnels/{report_id}`.
    resources = (behaviour_resources, counting_resources, revenue_resources, saved_resources)
    asked = (*statistics, reports, reports_saved, *resources)
    for part in (auth, users, teams, websites, segments, shares, links, *asked):
        adopt(app, part.build(context))
    adopt(app, _general(context))

    @app.get("/umami/documentation", include_in_schema=False)
    async def documentation(request: Request) -> Response:
        return JSONResponse(app.openapi() | {"servers": [{"url": request.scope.get("root_path", "") or "/"}]})

    async def unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        response = error_response(NotFound("Not found"), context.generation)
        if error.status_code == 405:
            message = {"message": "Method not allowed", "code": "method-not-allowed", "status": 405}
            body = {"error": message["message"] if context.generation == "v2" else message}
            response = Response(msgspec.json.encode(body), 405, allow_header(request), "application/json")
        response.headers.update(CORS)
        return response

    app.add_exception_handler(HTTPException, unknown)
    return app


def _general(context: UmamiContext) -> APIRouter:
    router = APIRouter(tags=["General"], route_class=umami_route(context))

    @router.get("/heartbeat")
    async def heartbeat() -> Ok:
        """The server is there."""
        return Ok(ok=True)

    @router.get("/config")
    async def config() -> dict[str, Any]:
        """What a user interface asks before anybody signs in."""
        return {
            "cloudMode": False,
            "faviconUrl": None,
            "linksUrl": None,
            "pixelsUrl": None,
            "privateMode": True,
            "telemetryDisabled": True,
            "trackerScriptName": None,
            "updatesDisabled": True,
        }

    return router
