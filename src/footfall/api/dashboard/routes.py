"""`/dashboard/…`: signing in, set-up, opening share links, and the other routes of the dashboard alone."""

from functools import partial

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from footfall import __version__
from footfall.api.callers import asking_of
from footfall.api.dashboard.bodies import (
    LoginBody,
    OpenedBody,
    SessionBody,
    SetupBody,
    ShareBody,
    UnlockBody,
    project_bodies,
    user_body,
)
from footfall.api.dashboard.drops import drops
from footfall.api.dashboard.imports import Imports, listed, upload
from footfall.api.dashboard.live import Hub, live
from footfall.api.dashboard.serving import DashboardContext, body_of, json_response, route
from footfall.api.dashboard.sessions import SHARE_COOKIE, USER_COOKIE
from footfall.catalog.access import Access
from footfall.catalog.sharing import LOCKED
from footfall.model.access import Caller, Share
from footfall.model.errors import NotFound, Unauthorized
from footfall.model.project import Project, User


def build(context: DashboardContext, hub: Hub, imports: Imports) -> list[Route]:
    """The routes."""
    return [
        route(context, "/dashboard/session", _session),
        route(context, "/dashboard/session", _sign_in, "POST"),
        route(context, "/dashboard/session", _sign_out, "DELETE"),
        route(context, "/dashboard/setup", _set_up, "POST"),
        route(context, "/dashboard/share/{slug}", _open_share, "POST"),
        route(context, "/dashboard/live/{project}", partial(live, hub)),
        route(context, "/dashboard/drops/{project}", drops),
        route(context, "/dashboard/import/{project}", partial(listed, imports)),
        route(context, "/dashboard/import/{project}", partial(upload, imports), "POST"),
    ]


async def _session(context: DashboardContext, request: Request) -> Response:
    """Who asks. Never a 401: whoever has not signed in learns that."""
    asking = asking_of(request.scope)
    return await _told(context, asking.caller if asking is not None else Caller())


async def _sign_in(context: DashboardContext, request: Request) -> Response:
    wanted = await body_of(request, LoginBody)
    return await _welcome(context, request, await context.umami.sign_in(request, wanted.username, wanted.password))


async def _sign_out(context: DashboardContext, request: Request) -> Response:
    response = await _told(context, Caller())
    for name in (USER_COOKIE, SHARE_COOKIE):
        context.sessions.give(request, response, name, "")
    return response


async def _set_up(context: DashboardContext, request: Request) -> Response:
    wanted = await body_of(request, SetupBody)
    context.umami.count_login(request)
    finish = context.catalog.setup.finish
    work = partial(finish, wanted.token, wanted.username, wanted.password)
    return await _welcome(context, request, await anyio.to_thread.run_sync(work, limiter=context.umami.hashing))


async def _welcome(context: DashboardContext, request: Request, user: User) -> Response:
    response = await _told(context, Caller(user=user))
    token = await context.umami.run(context.umami.tokens.bearer, user.id, user.role.value)
    context.sessions.give(request, response, USER_COOKIE, token)
    return response


async def _open_share(context: DashboardContext, request: Request) -> Response:
    wanted = await body_of(request, UnlockBody)
    share = context.catalog.shares.find(request.path_params["slug"])
    project = _shown(context, share)
    if project is None:
        raise NotFound("Not found")
    if share.password_hash is not None:
        if not wanted.password:
            return _locked()
        context.umami.count_login(request)
        unlock = partial(context.catalog.shares.unlock, share, wanted.password)
        try:
            await anyio.to_thread.run_sync(unlock, limiter=context.umami.hashing)
        except Unauthorized:
            return _locked()
    token = context.umami.tokens.share(share.id, str(project.uuid), share.lock)
    shown = ShareBody.of(share, project)
    response = json_response(OpenedBody(shown.slug, shown.name, shown.parameters, shown.project, token=token))
    context.sessions.give(request, response, SHARE_COOKIE, token)
    return response


def _locked() -> Response:
    body = {"status": 401, "error": "Unauthorized", "message": LOCKED, "passwordRequired": True}
    return json_response(body, 401)


async def _told(context: DashboardContext, caller: Caller) -> Response:
    """The session as it is told."""
    catalog, user, share = context.catalog, caller.user, caller.share
    principal = Access(catalog.snapshot(), caller).principal()
    project = None if share is None else _shown(context, share)
    body = SessionBody(
        user=None if user is None else user_body(user),
        setup=user is None and await context.umami.run(catalog.setup.is_open),
        version=__version__,
        projects=project_bodies(catalog.list_projects(), principal),
        may_create=principal.may_create,
        share=None if share is None or project is None else ShareBody.of(share, project),
    )
    return json_response(body)


def _shown(context: DashboardContext, share: Share) -> Project | None:
    return context.catalog.snapshot().projects.get(share.project_id)
