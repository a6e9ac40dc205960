"""Saved filters and cohorts of a website: `/api/websites/{id}/segments…` (umami contract §4.2)."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Request
from pydantic import Field

from footfall.api.taken import takes
from footfall.api.umami.bodies import Body, Moment, Ok, dump
from footfall.api.umami.paging import PageQuery, page_of
from footfall.api.umami.reading import ERRORS, UmamiContext, umami_route
from footfall.api.umami.taking import Taken, Text, one_of
from footfall.model.project import Project
from footfall.model.saved import Segment

KINDS = ("segment", "cohort")

Kind = Annotated[str, one_of(*KINDS)]
Name = Annotated[Text, Field(min_length=1, max_length=200)]


class SegmentsQuery(PageQuery):
    """A page of segments; `type` narrows it."""

    type: Kind | None = None


class NewSegmentBody(Taken):
    """A segment to be made: `parameters` {filters, match} or, of a cohort, {filters, dateRange, action}."""

    type: Kind
    name: Name
    parameters: dict[str, Any]


class SegmentChangeBody(Taken):
    """A change of a segment."""

    type: Kind | None = None
    name: Name | None = None
    parameters: dict[str, Any] | None = None


class SegmentBody(Body):
    """A segment or cohort."""

    id: str
    website_id: str
    type: str
    name: str
    parameters: dict[str, Any]
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, segment: Segment, project: Project) -> Self:
        """From the segment and its project."""
        return cls(
            id=segment.id,
            website_id=str(project.uuid),
            type=segment.type,
            name=segment.name,
            parameters=segment.parameters,
            created_at=segment.created_at,
            updated_at=segment.updated_at,
        )


def build(context: UmamiContext) -> APIRouter:
    """The routes."""
    router = APIRouter(
        prefix="/websites/{website_id}/segments",
        tags=["Segments"],
        route_class=umami_route(context),
        responses=ERRORS,
    )
    segments = context.catalog.saved.segments

    @router.get("", openapi_extra=takes(query=SegmentsQuery))
    async def listed(request: Request, website_id: str) -> dict[str, Any]:
        """The website's segments and cohorts."""
        query = context.query(request, SegmentsQuery)
        project = await context.readable_website(request, website_id)
        every = await context.run(segments.all, _of(project))
        wanted = (each for each in every if query.type in (None, each.type))
        items = dump(SegmentBody.of(each, project) for each in wanted)
        return page_of(query, context.generation).of(items, lambda item: [item["name"]], "name")

    @router.post("", openapi_extra=takes(NewSegmentBody))
    async def create(request: Request, website_id: str) -> SegmentBody:
        """Make a segment or a cohort."""
        wanted = await context.body(request, NewSegmentBody)
        project = await context.changeable_website(request, website_id)
        fields = {"type": wanted.type, "name": wanted.name, "parameters": wanted.parameters}
        return SegmentBody.of(await context.run(segments.create, project.id, fields), project)

    @router.get("/{segment_id}")
    async def one(request: Request, website_id: str, segment_id: str) -> SegmentBody:
        """One segment or cohort."""
        project = await context.readable_website(request, website_id)
        return SegmentBody.of(await context.run(segments.get, segment_id, _of(project)), project)

    @router.post("/{segment_id}", openapi_extra=takes(SegmentChangeBody))
    async def change(request: Request, website_id: str, segment_id: str) -> SegmentBody:
        """Change a segment or cohort."""
        wanted = await context.body(request, SegmentChangeBody)
        project = await context.changeable_website(request, website_id)
        given = {"type": wanted.type, "name": wanted.name, "parameters": wanted.parameters}
        fields = {name: value for name, value in given.items() if value is not None}
        return SegmentBody.of(await context.run(segments.change, segment_id, fields, _of(project)), project)

    @router.delete("/{segment_id}")
    async def delete(request: Request, website_id: str, segment_id: str) -> Ok:
        """Delete a segment or cohort."""
        project = await context.changeable_website(request, website_id)
        await context.run(segments.delete, segment_id, _of(project))
        return Ok(ok=True)

    return router


def _of(project: Project) -> dict[str, str]:
    return {"project_id": project.id}
