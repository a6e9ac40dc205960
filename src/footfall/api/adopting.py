"""How an application gets the routes of its parts."""

import warnings

from fastapi import APIRouter, FastAPI
from pydantic.warnings import UnsupportedFieldAttributeWarning

# FastAPI silences this one while it makes a route, but for all threads together: of two applications that are made
# at once, one ends the silence of the other, and who started the server reads about aliases.
warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)


def adopt(app: FastAPI, *routers: APIRouter) -> None:
    """Make the routers' routes the application's own.

    `include_router` makes each a second time when the first request comes, for 0.4 s on the event loop, and then
    looks twice for the one that a request means. That serves prefixes and defaults of the inclusion, which ours
    have none of: every router says all of its routes itself.
    """
    for router in routers:
        app.router.routes.extend(router.routes)
