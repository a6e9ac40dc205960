"""What the routes of the Export API share: the project of the query, and how their errors look."""

from typing import Annotated

from fastapi import Query, Request

from footfall.api.openpanel.dependencies import ProjectOf, note_reach
from footfall.api.openpanel.reading import REASONS, ListedErrorBody, ReadContext, described
from footfall.model.errors import BadRequest
from footfall.model.project import Project

PROJECT_REQUIRED = "project_id or projectId is required"

ProjectId = Annotated[
    str, Query(alias="projectId", description="The project, by id or UUID; without it the client's own.")
]
OldProjectId = Annotated[str, Query(description="The same.")]


EXPORT_ERRORS = described(ListedErrorBody, REASONS)


def exported(context: ReadContext, *, shared: bool = False) -> ProjectOf:
    """The project of `projectId` or `project_id`, else the client's (contract §2.6); `shared` as in `readable`.

    Raises Unauthorized, then Forbidden or NotFound, BadRequest for a root client that names none.
    """

    async def project(request: Request, projectid: ProjectId = "", project_id: OldProjectId = "") -> Project:
        principal = await context.principal(request)
        wanted = projectid or project_id or principal.project_id
        if not wanted:
            raise BadRequest(PROJECT_REQUIRED, "projectId", "invalid_type")
        found = context.catalog.readable_project(principal, wanted, hide=True, shared=shared)
        note_reach(request, principal, found)
        return found

    return project
