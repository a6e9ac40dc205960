"""Users, and what only admins see: `/api/users…` and `/api/admin/…` (umami contract §4.5)."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from footfall.api.taken import takes
from footfall.api.umami.auth import MAX_PASSWORD
from footfall.api.umami.bodies import Ok, UserBody
from footfall.api.umami.lists import WebsitesQuery, own_websites, team_page, user_page, website_page
from footfall.api.umami.paging import PageQuery
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.stats_reading import StatsQuery, span_of
from footfall.api.umami.taking import Taken, Text, Uuid, one_of
from footfall.model.errors import BadRequest, NotFound
from footfall.model.project import Role, User
from footfall.query.data_values import DataTotals
from footfall.query.visitors import VisitorSummary

EXISTS = "User already exists"
NOT_YOURSELF = "You cannot delete yourself."
Username = Annotated[Text, Field(min_length=1, max_length=255)]
Password = Annotated[str, Field(min_length=1, max_length=MAX_PASSWORD)]
RoleText = Annotated[str, one_of(*Role)]


class NewUserBody(Taken):
    """A user to be made."""

    username: Username
    password: Password
    role: RoleText
    id: Uuid | None = None


class UserChangeBody(Taken):
    """A change of a user. Only admins change name and role."""

    username: Username | None = None
    password: Password | None = None
    role: RoleText | None = None


def build(context: UmamiContext) -> APIRouter:
    """The routes of `/users` and `/admin`."""
    router = APIRouter(route_class=umami_route(context), responses=ERRORS)
    _add_making(router, context)
    _add_one(router, context)
    _add_theirs(router, context)
    _add_admin(router, context)
    return router


def _add_making(router: APIRouter, context: UmamiContext) -> None:
    catalog = context.catalog

    @router.post("/users", openapi_extra=takes(NewUserBody), response_model_exclude_unset=True, tags=["Users"])
    async def create(request: Request) -> UserBody:
        """Make a user. Admins only."""
        wanted = await context.body(request, NewUserBody)
        await context.admin(request)
        role = Role(wanted.role)
        user = await context.run(
            lambda: _unique(lambda: catalog.create_user(wanted.username, wanted.password, role, id=wanted.id))
        )
        return UserBody(id=user.id, username=user.username, role=user.role.value, created_at=user.created_at)

    @router.get("/users", openapi_extra=takes(query=PageQuery), tags=["Users"])
    async def users(request: Request) -> dict[str, Any]:
        """All users. Admins only."""
        query = context.query(request, PageQuery)
        await context.admin(request)
        return user_page(context, query)


def _add_one(router: APIRouter, context: UmamiContext) -> None:
    catalog = context.catalog

    @router.get("/users/{user_id}", response_model_exclude_unset=True, tags=["Users"])
    async def user(request: Request, user_id: str) -> UserBody:
        """One user. Admins, and the user."""
        return UserBody.of(await _visible(context, request, user_id))

    @router.post(
        "/users/{user_id}",
        openapi_extra=takes(UserChangeBody),
        response_model_exclude_unset=True,
        tags=["Users"],
    )
    async def change(request: Request, user_id: str) -> UserBody:
        """Change a user. A new password voids the user's tokens."""
        wanted = await context.body(request, UserChangeBody)
        found = await _visible(context, request, user_id)
        is_admin = context.access(await context.user(request)).is_admin
        name = wanted.username if is_admin else None
        role = Role(wanted.role) if is_admin and wanted.role else None
        changed = await context.run(
            lambda: _unique(
                lambda: catalog.update_user(found.id, username=name, role=role, password=wanted.password)
            )
        )
        return UserBody.of(changed)

    @router.delete("/users/{user_id}", tags=["Users"])
    async def delete(request: Request, user_id: str) -> Ok:
        """Delete a user with websites, their data, saved reports and own teams. Admins only."""
        admin = await context.admin(request)
        found = _found(context, user_id)
        if found.id == admin.id:
            raise BadRequest(NOT_YOURSELF)
        await context.run(catalog.delete_user, found.id)
        return Ok(ok=True)


def _add_theirs(router: APIRouter, context: UmamiContext) -> None:
    @router.get("/users/{user_id}/websites", openapi_extra=takes(query=WebsitesQuery), tags=["Users"])
    async def websites(request: Request, user_id: str) -> dict[str, Any]:
        """The websites of a user. Admins, and the user."""
        query = context.query(request, WebsitesQuery)
        found = await _visible(context, request, user_id)
        return website_page(context, own_websites(context, found, query.with_teams), query)

    @router.get("/users/{user_id}/teams", openapi_extra=takes(query=PageQuery), tags=["Users"])
    async def teams(request: Request, user_id: str) -> dict[str, Any]:
        """The teams of a user. Admins, and the user."""
        query = context.query(request, PageQuery)
        found = await _visible(context, request, user_id)
        asker = await context.user(request)
        return team_page(context, context.catalog.teams.of_user(found.id), asker, query)

    @router.get("/users/{user_id}/usage", openapi_extra=takes(query=StatsQuery), tags=["Users"])
    async def usage(request: Request, user_id: str) -> dict[str, Any]:
        """How many events the websites of a user took in a range, and how much data with them."""
        query = context.query(request, StatsQuery)
        span = span_of(query, context.now_ms())
        found = await _visible(context, request, user_id)
        websites, totals = [], dict.fromkeys(("websiteEventUsage", "eventDataUsage"), 0)
        for project in own_websites(context, found):
            events = (await context.ask(project, VisitorSummary(span))).pageviews
            data = (await context.ask(project, DataTotals(span))).records
            counts = dict(zip(totals, (events, data), strict=True))
            totals = {key: totals[key] + number for key, number in counts.items()}
            websites.append({"websiteId": str(project.uuid), "websiteName": project.name, **counts})
        return {**totals, "websites": websites}


def _add_admin(router: APIRouter, context: UmamiContext) -> None:
    @router.get("/admin/users", openapi_extra=takes(query=PageQuery), tags=["Admin"])
    async def users(request: Request) -> dict[str, Any]:
        """All users."""
        query = context.query(request, PageQuery)
        await context.admin(request)
        return user_page(context, query)

    @router.get("/admin/websites", openapi_extra=takes(query=WebsitesQuery), tags=["Admin"])
    async def websites(request: Request) -> dict[str, Any]:
        """All websites; with `userId` those of one user."""
        query = context.query(request, WebsitesQuery)
        await context.admin(request)
        every = context.catalog.list_projects()
        if query.user_id:
            every = [project for project in every if project.user_id == query.user_id.lower()]
        return website_page(context, every, query)

    @router.get("/admin/teams", openapi_extra=takes(query=PageQuery), tags=["Admin"])
    async def teams(request: Request) -> dict[str, Any]:
        """All teams."""
        query = context.query(request, PageQuery)
        admin = await context.admin(request)
        return team_page(context, context.catalog.teams.all(), admin, query)


async def _visible(context: UmamiContext, request: Request, user_id: str) -> User:
    """The user, for admins and that user; others learn nothing. Raises Unauthorized, NotFound."""
    asker = await context.user(request)
    if asker.id == user_id.lower():
        return asker
    context.allow(context.access(asker).is_admin)
    return _found(context, user_id)


def _found(context: UmamiContext, user_id: str) -> User:
    try:
        return context.catalog.get_user(user_id.lower())
    except NotFound:
        raise NotFound("Not found") from None


def _unique(work: Any) -> User:
    """The user that the work makes; a name or id that is taken, in this dialect's words."""
    try:
        user: User = work()
    except BadRequest as error:
        if error.code == "taken":
            raise BadRequest(EXISTS) from None
        raise
    return user
