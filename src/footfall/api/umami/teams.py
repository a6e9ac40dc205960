"""Teams and their members: `/api/teams…` (umami contract §3.5, §4.5)."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from footfall.api.taken import takes
from footfall.api.umami.bodies import TEAM_ROLES, MemberBody, Ok, TeamBody, UserRef, dump
from footfall.api.umami.lists import team_page, team_website_page
from footfall.api.umami.paging import PageQuery, page_of
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.taking import Taken, Text, Uuid, one_of
from footfall.catalog.access import Permission
from footfall.model.access import Team, TeamRole
from footfall.model.errors import NotFound
from footfall.model.project import User

TeamName = Annotated[Text, Field(min_length=1, max_length=50)]
RoleText = Annotated[str, one_of(*TEAM_ROLES)]


class NewTeamBody(Taken):
    """A team to be made. Only an admin makes one for somebody else (`ownerId`)."""

    name: TeamName
    owner_id: Uuid | None = None


class JoinBody(Taken):
    """The code that opens a team."""

    access_code: Annotated[Text, Field(max_length=50)]


class TeamChangeBody(Taken):
    """A change of a team."""

    name: TeamName | None = None
    access_code: Annotated[Text, Field(min_length=16, max_length=50)] | None = None


class NewMemberBody(Taken):
    """A member to be added."""

    user_id: Uuid
    role: RoleText


class MemberChangeBody(Taken):
    """A member's new role."""

    role: RoleText


def build(context: UmamiContext) -> APIRouter:
    """The routes of `/teams`."""
    router = APIRouter(tags=["Teams"], route_class=umami_route(context), responses=ERRORS)
    _add_teams(router, context)
    _add_team(router, context)
    _add_members(router, context)
    _add_member(router, context)
    return router


def _add_teams(router: APIRouter, context: UmamiContext) -> None:
    teams = context.catalog.teams

    @router.get("/teams", openapi_extra=takes(query=PageQuery))
    async def listed(request: Request) -> dict[str, Any]:
        """The own teams."""
        query = context.query(request, PageQuery)
        user = await context.user(request)
        return team_page(context, teams.of_user(user.id), user, query)

    @router.post("/teams", openapi_extra=takes(NewTeamBody), response_model_exclude_unset=True)
    async def create(request: Request) -> tuple[TeamBody, MemberBody]:
        """Make a team; the answer is the team and its owner's place in it."""
        wanted = await context.body(request, NewTeamBody)
        user = await context.user(request)
        access = context.access(user)
        context.allow(access.has(Permission.CREATE_TEAM))
        owner = wanted.owner_id or user.id
        context.allow(owner == user.id or access.is_admin)
        team, member = await context.run(teams.create, wanted.name, owner)
        return TeamBody.of(team, show_code=True), MemberBody.of(member)

    @router.post("/teams/join", openapi_extra=takes(JoinBody), response_model_exclude_unset=True)
    async def join(request: Request) -> MemberBody:
        """Become a member of the team with that access code."""
        wanted = await context.body(request, JoinBody)
        user = await context.user(request)
        return MemberBody.of(await context.run(teams.join, wanted.access_code, user.id))


def _add_team(router: APIRouter, context: UmamiContext) -> None:
    catalog, teams = context.catalog, context.catalog.teams

    @router.get("/teams/{team_id}", response_model_exclude_unset=True)
    async def one(request: Request, team_id: str) -> TeamBody:
        """A team with its members. Admins and members."""
        user, team = await _team(context, request, team_id)
        return TeamBody.listed(
            catalog, team, show_code=context.access(user).has_in(team.id, Permission.UPDATE_TEAM)
        )

    @router.post("/teams/{team_id}", openapi_extra=takes(TeamChangeBody), response_model_exclude_unset=True)
    async def change(request: Request, team_id: str) -> TeamBody:
        """Change a team's name or access code."""
        wanted = await context.body(request, TeamChangeBody)
        _, team = await _team(context, request, team_id, Permission.UPDATE_TEAM)
        changed = await context.run(teams.update, team.id, wanted.name, wanted.access_code)
        return TeamBody.of(changed, show_code=True)

    @router.delete("/teams/{team_id}")
    async def delete(request: Request, team_id: str) -> Ok:
        """Delete a team. Its websites go to who made them."""
        _, team = await _team(context, request, team_id, Permission.DELETE_TEAM)
        await context.run(teams.delete, team.id)
        return Ok(ok=True)

    @router.get("/teams/{team_id}/websites", openapi_extra=takes(query=PageQuery))
    async def websites(request: Request, team_id: str) -> dict[str, Any]:
        """The team's websites. Admins and members."""
        query = context.query(request, PageQuery)
        _, team = await _team(context, request, team_id)
        return team_website_page(context, team, query)


def _add_members(router: APIRouter, context: UmamiContext) -> None:
    teams = context.catalog.teams

    @router.get("/teams/{team_id}/users", openapi_extra=takes(query=PageQuery))
    async def members(request: Request, team_id: str) -> dict[str, Any]:
        """The team's members, oldest first. Admins and members."""
        query = context.query(request, PageQuery)
        _, team = await _team(context, request, team_id)
        items = dump(MemberBody.of(member, user=UserRef.of(user)) for member, user in teams.members(team.id))
        page = page_of(query, context.generation)
        return page.of(items, lambda item: [item["user"]["username"]])

    @router.post("/teams/{team_id}/users", openapi_extra=takes(NewMemberBody), response_model_exclude_unset=True)
    async def add(request: Request, team_id: str) -> MemberBody:
        """Make somebody a member. Admins only: everybody else joins with the access code."""
        wanted = await context.body(request, NewMemberBody)
        user, team = await _team(context, request, team_id)
        context.allow(context.access(user).is_admin)
        return MemberBody.of(await context.run(teams.add, team.id, wanted.user_id, TeamRole(wanted.role)))


def _add_member(router: APIRouter, context: UmamiContext) -> None:
    teams = context.catalog.teams

    @router.get("/teams/{team_id}/users/{user_id}", response_model_exclude_unset=True)
    async def one(request: Request, team_id: str, user_id: str) -> MemberBody:
        """A member. Admins and members."""
        _, team = await _team(context, request, team_id)
        member = teams.member(team.id, user_id)
        if member is None:
            raise NotFound("Not found")
        return MemberBody.of(member)

    @router.post(
        "/teams/{team_id}/users/{user_id}",
        openapi_extra=takes(MemberChangeBody),
        response_model_exclude_unset=True,
    )
    async def change(request: Request, team_id: str, user_id: str) -> MemberBody:
        """Change a member's role."""
        wanted = await context.body(request, MemberChangeBody)
        user, team = await _team(context, request, team_id, Permission.UPDATE_TEAM)
        _keep_owner(context, user, team, user_id)
        return MemberBody.of(await context.run(teams.set_role, team.id, user_id.lower(), TeamRole(wanted.role)))

    @router.delete("/teams/{team_id}/users/{user_id}")
    async def remove(request: Request, team_id: str, user_id: str) -> Ok:
        """Take somebody out of the team, or leave it."""
        user, team = await _team(context, request, team_id)
        is_self = user.id == user_id.lower()
        context.allow(is_self or context.access(user).has_in(team.id, Permission.UPDATE_TEAM))
        if not is_self:
            _keep_owner(context, user, team, user_id)
        await context.run(teams.remove, team.id, user_id.lower())
        return Ok(ok=True)


async def _team(
    context: UmamiContext, request: Request, team_id: str, need: Permission | None = None
) -> tuple[User, Team]:
    """Who asks, and the team, for members or those whose role allows `need`. Raises Unauthorized, NotFound."""
    user = await context.user(request)
    access = context.access(user)
    team = context.catalog.teams.get(team_id)
    context.allow(access.may_view_team(team) if need is None else access.has_in(team.id, need))
    return user, team


def _keep_owner(context: UmamiContext, user: User, team: Team, member_id: str) -> None:
    """A manager does not change or remove the owner. Raises Unauthorized."""
    member = context.catalog.teams.member(team.id, member_id)
    if member is not None and member.role is TeamRole.OWNER:
        context.allow(context.access(user).has_in(team.id, Permission.DELETE_TEAM))
