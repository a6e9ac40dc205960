"""Manage: references, and what a project's events mean (openpanel contract §10.2, §6.5)."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from footfall.api.openpanel.managing import (
    Answer,
    Body,
    Data,
    ManageContext,
    Moment,
    Success,
    allow,
    body_of,
    in_thread,
)
from footfall.api.taken import takes
from footfall.catalog import validation
from footfall.ingest.times import parse_instant
from footfall.model.errors import BadRequest
from footfall.model.project import Principal, Project
from footfall.model.saved import Reference
from footfall.model.times import utc

OfProject = Annotated[str, Query(alias="projectId", description="Only those of this project.")]
Text = Annotated[str | None, Field(max_length=validation.TEXT_MAX)]
Short = Annotated[str | None, Field(max_length=64)]


class ReferenceChangeBody(Body):
    """What to change of a reference."""

    title: str = ""
    description: Text = None
    datetime: Annotated[str, Field(description="When it was; ISO 8601.", examples=["2024-03-15T12:00:00Z"])] = ""


class NewReferenceBody(Body):
    """A note on the time line."""

    project_id: str
    title: str
    description: Text = None
    datetime: Annotated[str, Field(description="When it was; ISO 8601.", examples=["2024-03-15T12:00:00Z"])]


class ReferenceAnswer(Answer):
    """A note on the time line."""

    id: str
    title: str
    description: str
    date: Moment
    project_id: str
    created_at: Moment
    updated_at: Moment


class EventMetaChangeBody(Body):
    """What to change of an event's meaning."""

    description: Text = None
    conversion: bool | None = None
    color: Short = None
    icon: Short = None


class NewEventMetaBody(EventMetaChangeBody):
    """What the events of a name mean."""

    name: str


class EventMetaAnswer(Answer):
    """What the events of a name mean. `conversion`: they are what it is all for."""

    id: str
    name: str
    description: str
    conversion: bool
    color: str
    icon: str
    project_id: str
    created_at: Moment
    updated_at: Moment


def build_references(context: ManageContext) -> APIRouter:
    """The routes under `/manage/references`."""
    router = context.router("/references")
    catalog, shelf = context.catalog, context.catalog.saved.references
    Root = Annotated[Principal, Depends(context.root)]  # noqa: N806
    New = Annotated[NewReferenceBody, Depends(body_of(context, NewReferenceBody))]  # noqa: N806
    Change = Annotated[ReferenceChangeBody, Depends(body_of(context, ReferenceChangeBody))]  # noqa: N806

    @router.get("")
    async def references(root: Root, project_id: OfProject = "") -> Data[list[ReferenceAnswer]]:
        """All references or those of a project, oldest first."""
        home = {"project_id": catalog.readable_project(root, project_id).id} if project_id else {}
        found = await in_thread(shelf.all, home)
        return Data(data=[ReferenceAnswer.of(each) for each in found if root.reaches_people(each.project_id)])

    @router.post("", openapi_extra=takes(NewReferenceBody))
    async def create_reference(root: Root, new: New) -> Data[ReferenceAnswer]:
        """Make a reference."""
        home = catalog.get_project(new.project_id).id
        allow(root.may_change(home))
        fields = {"description": "", **_reference(new)}
        return Data(data=ReferenceAnswer.of(await in_thread(shelf.create, home, fields)))

    async def named(request: Request, root: Root, reference_id: str) -> Reference:
        found = await in_thread(shelf.get, reference_id)
        is_read = request.method == "GET" and root.reaches_people(found.project_id)
        allow(is_read or root.may_change(found.project_id))
        return found

    Found = Annotated[Reference, Depends(named)]  # noqa: N806

    @router.get("/{reference_id}")
    async def reference(found: Found) -> Data[ReferenceAnswer]:
        """One reference."""
        return Data(data=ReferenceAnswer.of(found))

    @router.patch("/{reference_id}", openapi_extra=takes(ReferenceChangeBody))
    async def change_reference(found: Found, body: Change) -> Data[ReferenceAnswer]:
        """Change a reference; what is missing stays."""
        return Data(data=ReferenceAnswer.of(await in_thread(shelf.change, found.id, _reference(body))))

    @router.delete("/{reference_id}")
    async def delete_reference(found: Found) -> Success:
        """Delete a reference."""
        await in_thread(shelf.delete, found.id)
        return Success()

    return router


def build_event_meta(context: ManageContext) -> APIRouter:
    """The routes under `/manage/projects/{project_id}/event-meta`."""
    router = context.router("/projects/{project_id}/event-meta")
    shelf = context.catalog.saved.event_meta
    Found = Annotated[Project, Depends(context.project)]  # noqa: N806
    New = Annotated[NewEventMetaBody, Depends(body_of(context, NewEventMetaBody))]  # noqa: N806
    Change = Annotated[EventMetaChangeBody, Depends(body_of(context, EventMetaChangeBody))]  # noqa: N806

    @router.get("")
    async def event_metas(found: Found) -> Data[list[EventMetaAnswer]]:
        """What the project says of its events, oldest first."""
        return Data(
            data=[EventMetaAnswer.of(each) for each in await in_thread(shelf.all, {"project_id": found.id})]
        )

    @router.post("", openapi_extra=takes(NewEventMetaBody))
    async def create_event_meta(found: Found, new: New) -> Data[EventMetaAnswer]:
        """Say what the events of a name mean."""
        fields = {"description": "", "conversion": False, "color": "", "icon": "", **_event_meta(new)}
        return Data(data=EventMetaAnswer.of(await in_thread(shelf.create, found.id, fields)))

    @router.get("/{event_meta_id}")
    async def event_meta(found: Found, event_meta_id: str) -> Data[EventMetaAnswer]:
        """What it says of one."""
        return Data(data=EventMetaAnswer.of(await in_thread(shelf.get, event_meta_id, {"project_id": found.id})))

    @router.patch("/{event_meta_id}", openapi_extra=takes(EventMetaChangeBody))
    async def change_event_meta(found: Found, event_meta_id: str, body: Change) -> Data[EventMetaAnswer]:
        """Change that; what is missing stays."""
        changed = await in_thread(shelf.change, event_meta_id, _event_meta(body), {"project_id": found.id})
        return Data(data=EventMetaAnswer.of(changed))

    @router.delete("/{event_meta_id}")
    async def delete_event_meta(found: Found, event_meta_id: str) -> Success:
        """Forget it; the events stay."""
        await in_thread(shelf.delete, event_meta_id, {"project_id": found.id})
        return Success()

    return router


def _reference(body: Body) -> dict[str, Any]:
    """The fields that were sent, checked. Raises BadRequest."""
    given = body.given()
    given.pop("project_id", None)
    if "title" in given:
        given["title"] = validation.name(given["title"], "title")
    if "description" in given:
        given["description"] = validation.text(given["description"] or "", "description")
    if "datetime" in given:
        given["date"] = _instant(given.pop("datetime"))
    return given


def _instant(text: str) -> datetime:
    at = parse_instant(text)
    if at is None:
        raise BadRequest("The datetime must be an ISO 8601 time such as 2024-03-15T12:00:00Z.", "datetime")
    try:
        return utc(at)
    except (OverflowError, ValueError):
        raise BadRequest("The datetime is too far away.", "datetime") from None


def _event_meta(body: Body) -> dict[str, Any]:
    """The fields that were sent, checked. Raises BadRequest."""
    given = body.given()
    if "name" in given:
        given["name"] = validation.name(given["name"])
    if "conversion" in given:
        given["conversion"] = bool(given["conversion"])
    for field in ("description", "color", "icon"):
        if field in given:
            given[field] = validation.text(given[field] or "", field)
    return given
