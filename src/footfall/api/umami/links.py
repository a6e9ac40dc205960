"""Short links and pixels: `/api/links…` and `/api/pixels…` (umami contract §2.2, §4.5).

Each is a project of its own, so its statistics are asked for as a website's are. Where `/q/{slug}` and
`/p/{slug}` lead is the ingest's business.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Self

from fastapi import APIRouter, Request
from pydantic import Field

from footfall.api.taken import takes
from footfall.api.umami.bodies import Body, Moment, Ok, dump
from footfall.api.umami.lists import WebsitesQuery
from footfall.api.umami.paging import PageQuery, page_of
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.shares import Slug
from footfall.api.umami.taking import Taken, Text, Uuid
from footfall.catalog.projects import NewProject
from footfall.model.access import Link
from footfall.model.errors import NotFound
from footfall.model.project import Project, ProjectKind

Name = Annotated[Text, Field(min_length=1, max_length=100)]
Url = Annotated[Text, Field(max_length=500)]
Pair = tuple[Link, Project]


class NewPixelBody(Taken):
    """A pixel to be made, in a team or for oneself; without a slug it gets a random one."""

    name: Name
    slug: Slug | None = None
    team_id: Uuid | None = None
    id: Uuid | None = None


class NewLinkBody(NewPixelBody):
    """A short link to be made."""

    url: Url


class LinkChangeBody(Taken):
    """A change of a link or pixel."""

    name: Name | None = None
    slug: Slug | None = None
    url: Url | None = None


class LinkBody(Body):
    """A short link or pixel; only a link has a url."""

    id: str
    name: str
    slug: str
    url: str = ""
    user_id: str | None
    team_id: str | None
    created_at: Moment
    updated_at: Moment
    deleted_at: Moment | None

    @classmethod
    def of(cls, pair: Pair) -> Self:
        """From the link and its project."""
        link, project = pair
        return cls(
            id=str(project.uuid),
            name=project.name,
            slug=link.slug,
            user_id=project.user_id,
            team_id=project.team_id,
            created_at=project.created_at,
            updated_at=project.updated_at,
            deleted_at=None,
            **({} if link.url is None else {"url": link.url}),
        )


def build(context: UmamiContext) -> APIRouter:
    """The routes of `/links`, `/pixels` and those of teams."""
    router = APIRouter(tags=["Links and pixels"], route_class=umami_route(context), responses=ERRORS)
    _add(router, context, ProjectKind.LINK, NewLinkBody)
    _add(router, context, ProjectKind.PIXEL, NewPixelBody)
    return router


def _add(router: APIRouter, context: UmamiContext, kind: ProjectKind, model: type[NewPixelBody]) -> None:
    path = f"/{kind}s"
    options: dict[str, Any] = {"response_model_exclude_unset": True}

    @router.get(path, openapi_extra=takes(query=WebsitesQuery), name=f"list_{kind}s")
    async def listed(request: Request) -> dict[str, Any]:
        """The own ones, newest first; with `includeTeams` those of the own teams too."""
        query = context.query(request, WebsitesQuery)
        user = await context.user(request)
        teams = {team.id for team in context.catalog.teams.of_user(user.id)} if query.with_teams else set()
        access = context.access(user)
        every = context.catalog.links.all(kind)
        own = [pair for pair in every if access.owns(pair[1]) or pair[1].team_id in teams]
        return _page(context, own, query)

    @router.get(f"/teams/{{team_id}}{path}", openapi_extra=takes(query=PageQuery), name=f"list_{kind}s_of_team")
    async def of_team(request: Request, team_id: str) -> dict[str, Any]:
        """Those of a team. Admins and members."""
        query = context.query(request, PageQuery)
        user = await context.user(request)
        team = context.catalog.teams.get(team_id)
        context.allow(context.access(user).may_view_team(team))
        return _page(
            context, [pair for pair in context.catalog.links.all(kind) if pair[1].team_id == team.id], query
        )

    @router.post(path, openapi_extra=takes(model), name=f"create_{kind}", **options)
    async def create(request: Request) -> LinkBody:
        """Make one."""
        wanted = await context.body(request, model)
        user = await context.user(request)
        if wanted.team_id:
            context.catalog.teams.get(wanted.team_id)
        context.allow(context.access(user).may_create_in(wanted.team_id))
        new = NewProject(
            name=wanted.name,
            uuid=wanted.id,
            kind=kind,
            user_id=None if wanted.team_id else user.id,
            team_id=wanted.team_id,
            created_by=user.id,
        )
        url = wanted.url if isinstance(wanted, NewLinkBody) else None
        return LinkBody.of(await context.run(context.catalog.links.create, new, wanted.slug or "", url))

    @router.get(f"{path}/{{link_id}}", name=f"get_{kind}", **options)
    async def one(request: Request, link_id: str) -> LinkBody:
        """One, for everybody who may view it."""
        project = await context.readable_website(request, link_id)
        return LinkBody.of(_pair(context, project, kind))

    @router.post(f"{path}/{{link_id}}", openapi_extra=takes(LinkChangeBody), name=f"change_{kind}", **options)
    async def change(request: Request, link_id: str) -> LinkBody:
        """Change one."""
        wanted = await context.body(request, LinkChangeBody)
        project = await context.changeable_website(request, link_id)
        _pair(context, project, kind)
        url = wanted.url if kind is ProjectKind.LINK else None
        changed = await context.run(context.catalog.links.change, project.id, wanted.name, wanted.slug, url)
        return LinkBody.of(changed)

    @router.delete(f"{path}/{{link_id}}", name=f"delete_{kind}")
    async def delete(request: Request, link_id: str) -> Ok:
        """Delete one, with what it counted."""
        access = context.access(await context.user(request))
        project = context.website(link_id)
        context.allow(access.may_delete(project))
        _pair(context, project, kind)
        await context.run(context.catalog.schedule_deletion, project.id, context.now())
        return Ok(ok=True)


def _pair(context: UmamiContext, project: Project, kind: ProjectKind) -> Pair:
    for pair in context.catalog.links.all(kind):
        if pair[1].id == project.id:
            return pair
    raise NotFound("Not found")


def _page(context: UmamiContext, pairs: Iterable[Pair], query: PageQuery) -> dict[str, Any]:
    items = dump(LinkBody.of(pair) for pair in reversed(list(pairs)))
    return page_of(query, context.generation).of(items, lambda item: [item["name"], item["slug"], item.get("url")])
