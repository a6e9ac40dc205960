"""How an application gets the routes of its parts."""

from fastapi import APIRouter, FastAPI


def adopt(app: FastAPI, *routers: APIRouter) -> None:
    """Make the routers' routes the application's own.

    `include_router` makes each a second time when the first request comes, for 0.4 s on the event loop, and then
    looks twice for the one that a request means. That serves prefixes and defaults of the inclusion, which ours
    have none of: every router says all of its routes itself.
    """
    for router in routers:
        app.router.routes.extend(router.routes)
