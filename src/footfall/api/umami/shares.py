"""Share links: `/api/share…` and `/api/websites/{id}/shares` (umami contract §3.4, §4.2).

A share link is found by its slug, without signing in; the token in the answer reads that one website. One with a
password gives no token here (docs/dashboard.md). `password` and `embedOrigins` are Footfall's own.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from msgspec import UNSET
from pydantic import Field

from footfall.api.taken import takes
from footfall.api.umami.auth import MAX_PASSWORD
from footfall.api.umami.bodies import Ok, ShareBody, dump
from footfall.api.umami.paging import PageQuery, page_of
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.taking import Number, Taken, Text, WebsiteRef
from footfall.api.umami.websites import ShareId
from footfall.model.access import Share
from footfall.model.errors import NotFound
from footfall.model.project import Project, ProjectKind

# contract §2.2: what a share link shows; boards (4) are not kept
SHARE_TYPES = {ProjectKind.WEBSITE: 1, ProjectKind.LINK: 2, ProjectKind.PIXEL: 3}
ShareName = Annotated[Text, Field(min_length=1, max_length=200)]
Slug = Annotated[ShareId, Field(max_length=100)]


class LockBody(Taken):
    """What keeps a share link from some: a password, and which sites may show it in a frame."""

    password: Annotated[Text, Field(max_length=MAX_PASSWORD)] | None = None
    embed_origins: list[Text] | None = None


class NewWebsiteShareBody(LockBody):
    """A share link of a website. `parameters` are kept for whoever draws the page."""

    name: ShareName
    parameters: dict[str, Any] | None = None
    slug: Slug | None = None


class NewShareBody(NewWebsiteShareBody):
    """A share link of anything."""

    entity_id: WebsiteRef
    share_type: Number | None = None


class ShareChangeBody(LockBody):
    """A change of a share link. A password that is null or empty takes it away."""

    name: ShareName | None = None
    parameters: dict[str, Any] | None = None
    slug: Slug | None = None


def build(context: UmamiContext) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["Share links"], route_class=umami_route(context), responses=ERRORS)
    _add_public(router, context)
    _add_by_id(router, context)
    _add_of_website(router, context)
    return router


def _add_public(router: APIRouter, context: UmamiContext) -> None:
    @router.get("/share/{slug}")
    async def follow(slug: str) -> dict[str, Any]:
        """What a share link shows, and a token to read it with (header `x-umami-share-token`)."""
        share = context.catalog.shares.find(slug)
        project = _project(context, share)
        context.allow(not share.lock)
        website_id = str(project.uuid)
        return {
            "shareId": share.id,
            "shareType": SHARE_TYPES[project.kind],
            "parameters": share.parameters,
            "websiteId": website_id,
            **({} if project.kind is ProjectKind.WEBSITE else {f"{project.kind}Id": website_id}),
            "token": context.tokens.share(share.id, website_id),
        }

    @router.post("/share", openapi_extra=takes(NewShareBody), response_model_exclude_unset=True)
    async def create(request: Request) -> ShareBody:
        """Make a share link."""
        wanted = await context.body(request, NewShareBody)
        project = await context.changeable_website(request, wanted.entity_id)
        return await _create(context, project, wanted)


def _add_by_id(router: APIRouter, context: UmamiContext) -> None:
    shares = context.catalog.shares

    @router.get("/share/id/{share_id}", response_model_exclude_unset=True)
    async def one(request: Request, share_id: str) -> ShareBody:
        """A share link, for who may change what it shows."""
        return _body(context, await _changeable(context, request, share_id))

    @router.post("/share/id/{share_id}", openapi_extra=takes(ShareChangeBody), response_model_exclude_unset=True)
    async def change(request: Request, share_id: str) -> ShareBody:
        """Change a share link."""
        wanted = await context.body(request, ShareChangeBody)
        share = await _changeable(context, request, share_id)
        is_locking = "password" in wanted.model_fields_set
        password = wanted.password if is_locking else UNSET
        what = (share.id, wanted.name, wanted.parameters, wanted.slug)
        return _body(
            context,
            await context.run(lambda: shares.change(*what, password=password, origins=wanted.embed_origins)),
        )

    @router.delete("/share/id/{share_id}")
    async def delete(request: Request, share_id: str) -> Ok:
        """Delete a share link; who holds it sees nothing any more."""
        share = await _changeable(context, request, share_id)
        await context.run(shares.delete, share.id)
        return Ok(ok=True)


def _add_of_website(router: APIRouter, context: UmamiContext) -> None:
    """The same for websites, links and pixels."""
    for prefix in ("websites", "links", "pixels"):

        @router.get(
            f"/{prefix}/{{website_id}}/shares", openapi_extra=takes(query=PageQuery), name=f"{prefix}_shares"
        )
        async def listed(request: Request, website_id: str) -> dict[str, Any]:
            """The share links, oldest first, for who may change what they show."""
            query = context.query(request, PageQuery)
            project = await context.changeable_website(request, website_id)
            items = dump(_body(context, share) for share in context.catalog.shares.of(project.id))
            return page_of(query, context.generation).of(items, lambda item: [item["name"], item["slug"]])

        @router.post(
            f"/{prefix}/{{website_id}}/shares",
            openapi_extra=takes(NewWebsiteShareBody),
            response_model_exclude_unset=True,
            name=f"create_{prefix}_share",
        )
        async def create(request: Request, website_id: str) -> ShareBody:
            """Make a share link with a random slug, or the given one."""
            wanted = await context.body(request, NewWebsiteShareBody)
            project = await context.changeable_website(request, website_id)
            return await _create(context, project, wanted)


async def _create(context: UmamiContext, project: Project, wanted: NewWebsiteShareBody) -> ShareBody:
    shares = context.catalog.shares
    what = (project.id, wanted.name, wanted.parameters or {}, wanted.slug or "")
    password, origins = wanted.password or "", wanted.embed_origins or ()
    return _body(context, await context.run(lambda: shares.create(*what, password=password, origins=origins)))


async def _changeable(context: UmamiContext, request: Request, share_id: str) -> Share:
    await context.user(request)
    share = context.catalog.shares.get(share_id)
    await context.changeable_website(request, share.project_id)
    return share


def _project(context: UmamiContext, share: Share) -> Project:
    project = context.catalog.snapshot().projects.get(share.project_id)
    if project is None:
        raise NotFound("Not found")
    return project


def _body(context: UmamiContext, share: Share) -> ShareBody:
    project = _project(context, share)
    return ShareBody.of(share, project, SHARE_TYPES[project.kind])
