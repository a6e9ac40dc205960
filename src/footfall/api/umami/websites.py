"""Websites: `/api/websites`, `/api/websites/{id}`, its reset and its transfer (umami contract §4.2)."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from msgspec import UNSET
from pydantic import AfterValidator, Field

from footfall.api.taken import takes
from footfall.api.umami.bodies import Ok, WebsiteBody
from footfall.api.umami.lists import WebsitesQuery, own_websites, team_website_page, website_page
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.taking import Taken, Text, Uuid, problem
from footfall.catalog.projects import NewProject, ProjectChange
from footfall.catalog.sharing import SLUG
from footfall.model.errors import BadRequest, NotFound


def _share_id(value: str) -> str:
    if not SLUG.fullmatch(value):
        raise problem("Invalid", "Invalid string: must match pattern /^[A-Za-z0-9_-]+$/")
    return value


Name = Annotated[Text, Field(min_length=1, max_length=100)]
Domain = Annotated[Text, Field(max_length=500)]
ShareId = Annotated[str, Field(max_length=50), AfterValidator(_share_id)]


class NewWebsiteBody(Taken):
    """A website to be made, in a team or for oneself."""

    name: Name
    domain: Domain
    share_id: ShareId | None = None
    team_id: Uuid | None = None
    id: Uuid | None = None


class WebsiteChangeBody(Taken):
    """A change of a website; `shareId` null deletes its share links."""

    name: Name | None = None
    domain: Domain | None = None
    share_id: ShareId | None = None


class TransferBody(Taken):
    """Whose the website shall be."""

    user_id: Uuid | None = None
    team_id: Uuid | None = None


def build(context: UmamiContext) -> APIRouter:
    """The routes of `/websites`, without statistics."""
    router = APIRouter(tags=["Websites"], route_class=umami_route(context), responses=ERRORS)
    _add_websites(router, context)
    _add_website(router, context)
    _add_actions(router, context)
    return router


def _add_websites(router: APIRouter, context: UmamiContext) -> None:
    catalog = context.catalog

    @router.get("/websites", openapi_extra=takes(query=WebsitesQuery))
    async def listed(request: Request) -> dict[str, Any]:
        """The own websites by name; with `includeTeams` those of the own teams too, `teamId`: those of a team."""
        query = context.query(request, WebsitesQuery)
        user = await context.user(request)
        if query.team_id:
            team = catalog.teams.get(query.team_id)
            context.allow(context.access(user).may_view_team(team))
            return team_website_page(context, team, query)
        return website_page(context, own_websites(context, user, query.with_teams), query)

    @router.post("/websites", openapi_extra=takes(NewWebsiteBody), response_model_exclude_unset=True)
    async def create(request: Request) -> WebsiteBody:
        """Make a website: a project that every other API knows too."""
        wanted = await context.body(request, NewWebsiteBody)
        user = await context.user(request)
        if wanted.team_id:
            catalog.teams.get(wanted.team_id)
        context.allow(context.access(user).may_create_in(wanted.team_id))
        new = NewProject(
            name=wanted.name,
            domain=wanted.domain,
            uuid=wanted.id,
            user_id=None if wanted.team_id else user.id,
            team_id=wanted.team_id,
            created_by=user.id,
        )
        project = await context.run(catalog.create_owned_project, new, wanted.share_id or "")
        return WebsiteBody.of(catalog, project)


def _add_website(router: APIRouter, context: UmamiContext) -> None:
    catalog = context.catalog

    @router.get("/websites/{website_id}", response_model_exclude_unset=True)
    async def one(request: Request, website_id: str) -> WebsiteBody:
        """A website, for everybody who may view it."""
        return WebsiteBody.of(catalog, await context.readable_website(request, website_id))

    @router.post(
        "/websites/{website_id}", openapi_extra=takes(WebsiteChangeBody), response_model_exclude_unset=True
    )
    async def change(request: Request, website_id: str) -> WebsiteBody:
        """Change a website."""
        wanted = await context.body(request, WebsiteChangeBody)
        project = await context.changeable_website(request, website_id)
        new = ProjectChange(
            name=UNSET if wanted.name is None else wanted.name,
            domain=UNSET if wanted.domain is None else wanted.domain,
        )
        slug = wanted.share_id if "share_id" in wanted.model_fields_set else UNSET
        return WebsiteBody.of(catalog, await context.run(catalog.update_owned_project, project.id, new, slug))

    @router.delete("/websites/{website_id}")
    async def delete(request: Request, website_id: str) -> Ok:
        """Delete a website with its data, share links, segments and saved reports."""
        access = context.access(await context.user(request))
        project = context.website(website_id)
        context.allow(access.may_delete(project))
        await context.run(catalog.schedule_deletion, project.id, context.now())
        return Ok(ok=True)


def _add_actions(router: APIRouter, context: UmamiContext) -> None:
    catalog = context.catalog

    @router.post("/websites/{website_id}/reset")
    async def reset(request: Request, website_id: str) -> Ok:
        """Delete a website's data and count from now on."""
        project = await context.changeable_website(request, website_id)

        def work() -> None:
            catalog.update_project(project.id, ProjectChange(reset_at=context.now()))
            context.erase(project.id)

        await context.run(work)
        return Ok(ok=True)

    @router.post(
        "/websites/{website_id}/transfer", openapi_extra=takes(TransferBody), response_model_exclude_unset=True
    )
    async def transfer(request: Request, website_id: str) -> WebsiteBody:
        """Give a website to a user or to a team."""
        wanted = await context.body(request, TransferBody)
        access = context.access(await context.user(request))
        project = context.website(website_id)
        if wanted.user_id:
            context.allow(access.may_transfer_to_user(project, wanted.user_id))
            _known_user(context, wanted.user_id)
        elif wanted.team_id:
            catalog.teams.get(wanted.team_id)
            context.allow(access.may_transfer_to_team(project, wanted.team_id))
        else:
            raise BadRequest("Bad request")
        owner = ProjectChange(user_id=wanted.user_id, team_id=None if wanted.user_id else wanted.team_id)
        return WebsiteBody.of(catalog, await context.run(catalog.update_project, project.id, owner))


def _known_user(context: UmamiContext, user_id: str) -> None:
    if user_id not in context.catalog.snapshot().users:
        raise NotFound("User not found.")
