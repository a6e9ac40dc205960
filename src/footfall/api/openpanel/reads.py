"""The read APIs of this dialect as one application, with its own OpenAPI page (contract §1.2)."""

from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from footfall import __version__
from footfall.api.adopting import adopt
from footfall.api.openpanel import (
    export_charts,
    export_events,
    export_funnel,
    insights,
    insights_behaviour,
    insights_groups,
    insights_lists,
    insights_newer,
    insights_profiles,
    insights_reports,
    manage,
)
from footfall.api.openpanel.description import DescribedApp
from footfall.api.openpanel.managing import ManageContext
from footfall.api.openpanel.reading import ReadContext


def build(
    context: ReadContext,
    unknown_route: Callable[[Request, HTTPException], Response],
    managing: ManageContext,
) -> FastAPI:
    """The application; `unknown_route` answers what it does not have."""
    app = DescribedApp(
        title="OpenPanel API",
        version="1.0.0",
        description=f"OpenPanel's API, answered by Footfall {__version__}.",
        openapi_url="/documentation/json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would name a host that the request made up, and lose TLS behind a proxy
    )
    for part in (insights, insights_newer, insights_lists, insights_behaviour, insights_reports):
        adopt(app, part.build(context))
    for part in (export_charts, export_events, export_funnel):
        adopt(app, part.build(context.of_exports()))
    adopt(app, *insights_profiles.build(context), *insights_groups.build(context), *manage.build(managing))

    @app.get("/documentation", include_in_schema=False)
    async def documentation(request: Request) -> Response:
        # A page of widgets would need scripts from elsewhere; the description itself needs nothing.
        return JSONResponse(app.openapi() | {"servers": [{"url": request.scope.get("root_path", "") or "/"}]})

    async def unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return unknown_route(request, error)

    app.add_exception_handler(HTTPException, unknown)
    return app
