"""The routers of the read APIs: each counts every request and says what went wrong in its API's own way.

Whoever asks is looked at first, then the project, then the parameters (openpanel contract §1.4, §1.5, §16.5).
"""

from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.params import Depends

from footfall.api.openpanel.exporting import EXPORT_ERRORS
from footfall.api.openpanel.reading import (
    ERRORS,
    ReadContext,
    Responses,
    guarded_route,
    issues_list,
    issues_object,
)
from footfall.api.openpanel.verbatim import verbatim_route


def export_router(context: ReadContext) -> APIRouter:
    """For routes below `/export`."""
    return APIRouter(
        prefix="/export",
        tags=["Export"],
        route_class=guarded_route(context.limiter, issues_list),
        responses=EXPORT_ERRORS,
    )


def insights_router(
    context: ReadContext,
    path: str = "",
    responses: Responses = ERRORS,
    *,
    is_verbatim: bool = False,
    dependencies: Sequence[Depends] = (),
) -> APIRouter:
    """For routes below a path of `/insights/{project_id}`. `is_verbatim`: its ids may hold encoded slashes."""
    route_class = verbatim_route if is_verbatim else guarded_route
    return APIRouter(
        prefix=f"/insights/{{project_id}}{path}",
        tags=["Insights"],
        route_class=route_class(context.limiter, issues_object),
        responses=responses,
        dependencies=dependencies,
    )
