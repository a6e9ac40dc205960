"""Manage: projects (openpanel contract §10.2)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from msgspec import UNSET

from footfall.api.openpanel.manage_bodies import (
    FirstClient,
    NewProjectAnswer,
    NewProjectBody,
    ProjectAnswer,
    ProjectChangeBody,
)
from footfall.api.openpanel.managing import Data, ManageContext, Success, allow, body_of, in_thread
from footfall.api.taken import takes
from footfall.catalog.projects import GRACE, NewProject, ProjectChange
from footfall.model.errors import BadRequest
from footfall.model.project import FilterType, Principal, Project, ProjectFilter
from footfall.model.times import utc
from footfall.query.volume import Volume

MAX_FILTERS = 1000

OfDeleted = Annotated[bool, Query(description="Those that were deleted and can still be restored.")]


def build(context: ManageContext) -> APIRouter:
    """The routes under `/manage/projects`."""
    router = context.router("/projects")
    catalog = context.catalog
    Root = Annotated[Principal, Depends(context.root)]  # noqa: N806
    Found = Annotated[Project, Depends(context.project)]  # noqa: N806
    New = Annotated[NewProjectBody, Depends(body_of(context, NewProjectBody))]  # noqa: N806
    Change = Annotated[ProjectChangeBody, Depends(body_of(context, ProjectChangeBody))]  # noqa: N806

    def now() -> datetime:
        return utc(context.read.now_ms())

    def restorable() -> list[Project]:
        gone = catalog.list_deleted_projects()
        return [each for each in gone if each.delete_at is not None and each.delete_at > now()]

    async def told(project: Project) -> ProjectAnswer:
        count = await context.read.ask(project, Volume())
        return ProjectAnswer.of(project).model_copy(update={"events_count": count})

    @router.get("")
    async def projects(root: Root, *, deleted: OfDeleted = False) -> Data[list[ProjectAnswer]]:
        """All projects, newest first; or those that were deleted, of which the last 24 hours' can be restored."""
        if deleted:
            found = [each for each in restorable() if root.may_change(each.id)]
        else:
            found = [each for each in catalog.readable_projects(root) if root.reaches_people(each.id)]
        return Data(data=[await told(project) for project in reversed(found)])

    @router.post("", openapi_extra=takes(NewProjectBody))
    async def create_project(root: Root, new: New) -> Data[NewProjectAnswer]:
        """Make a project and its first client, which may send; its secret is told this once."""
        allow(root.may_create)
        project, client, secret = await in_thread(catalog.create_project_with_client, _new(new, root))
        answer = NewProjectAnswer.of(project)
        return Data(data=answer.model_copy(update={"client": FirstClient(id=client.id, secret=secret)}))

    @router.get("/{project_id}")
    async def project(found: Found) -> Data[ProjectAnswer]:
        """One project, by id or UUID."""
        return Data(data=await told(found))

    @router.patch("/{project_id}", openapi_extra=takes(ProjectChangeBody))
    async def change_project(found: Found, body: Change) -> Data[ProjectAnswer]:
        """Change a project; what is missing stays."""
        return Data(data=await told(await in_thread(catalog.update_project, found.id, _change(body))))

    @router.delete("/{project_id}")
    async def delete_project(found: Found) -> Success:
        """From now on nobody can send to it or read it; after 24 hours its data is deleted."""
        await in_thread(catalog.schedule_deletion, found.id, now() + GRACE)
        return Success()

    @router.post("/{project_id}/restore")
    async def restore_project(root: Root, project_id: str) -> Data[ProjectAnswer]:
        """Bring a deleted project back, within 24 hours."""
        for each in catalog.list_deleted_projects():
            if project_id.lower() in (each.id, str(each.uuid)):
                allow(root.may_change(each.id))
        return Data(data=await told(await in_thread(catalog.restore_project, project_id, now())))

    return router


def _new(body: NewProjectBody, maker: Principal) -> NewProject:
    return NewProject(
        user_id=maker.user_id,
        created_by=maker.user_id,
        name=body.name,
        domain=body.domain or "",
        cors=body.cors,
        types=body.types,
        cross_domain=body.cross_domain,
        allow_unsafe_revenue=body.allow_unsafe_revenue_tracking,
        timezone=body.timezone,
        retention_days=body.retention_days,
    )


def _change(body: ProjectChangeBody) -> ProjectChange:
    """What was sent. Raises BadRequest."""
    given = body.given()
    if "allow_unsafe_revenue_tracking" in given:
        given["allow_unsafe_revenue"] = given.pop("allow_unsafe_revenue_tracking")
    if "domain" in given:
        given["domain"] = given["domain"] or ""
    given["filters"] = _filters(body) if "filters" in given else UNSET
    return ProjectChange(**given)


def _filters(body: ProjectChangeBody) -> list[ProjectFilter]:
    if len(body.filters) > MAX_FILTERS:
        raise BadRequest(f"A project may have {MAX_FILTERS} filters at most.", "filters")
    return [ProjectFilter(FilterType(item.type), item.value) for item in body.filters]
