"""Manage: deletion of what is known of a person or a device, with a report (GDPR, article 17).

Deletions run in order with the hits that were accepted before them; see ingest/erasing.py.
"""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from footfall.api.openpanel.managing import Answer, Data, ManageContext, Moment, in_thread
from footfall.model.erasure import Erased, Scope
from footfall.model.errors import NotFound
from footfall.model.project import Project
from footfall.model.times import utc


class RemovedAnswer(Answer):
    """How many rows went from each table."""

    events: int
    sessions: int
    dwells: int
    profiles: int
    groups: int
    drops: int


class ErasureAnswer(Answer):
    """The report of a deletion. It says nobody's name; `done` false: it is under way."""

    id: str
    project_id: str
    scope: Scope
    at: Moment
    removed: RemovedAnswer
    done: bool = Field(validation_alias="is_done", serialization_alias="done")

    @classmethod
    def told(cls, erased: Erased) -> Self:
        """From the report."""
        return cls(
            id=erased.id,
            project_id=erased.project_id,
            scope=erased.scope,
            at=utc(erased.at),
            removed=RemovedAnswer.of(erased.removed),
            done=erased.is_done,
        )


class DeletionAnswer(ErasureAnswer):
    """It is deleted, or will be as soon as the server has caught up (202)."""

    success: bool = True


def build(context: ManageContext) -> APIRouter:
    """The routes under `/manage/projects/{project_id}`."""
    router = context.router("/projects/{project_id}", is_verbatim=True)
    Found = Annotated[Project, Depends(context.project)]  # noqa: N806
    later: dict[int | str, dict[str, Any]] = {
        202: {"model": DeletionAnswer, "description": "Asked for, durable, and not done yet; see `erasures`."}
    }

    async def erase(project: Project, scope: Scope, subject: str, response: Response) -> DeletionAnswer:
        erased = await in_thread(context.erasing.run, project.id, scope, subject)
        if erased.is_done and not erased.removed:
            raise NotFound(f"{scope.capitalize()} not found")
        response.status_code = 200 if erased.is_done else 202
        return DeletionAnswer.told(erased)

    @router.delete("/profiles/{profile_id:path}", responses=later)
    async def delete_profile(found: Found, profile_id: str, response: Response) -> DeletionAnswer:
        """Delete a person: the profile, its events, and every session it took part in."""
        return await erase(found, Scope.PROFILE, profile_id, response)

    @router.delete("/visitors/{device_id:path}", responses=later)
    async def delete_visitor(found: Found, device_id: str, response: Response) -> DeletionAnswer:
        """Delete a device: its events and every session it took part in."""
        return await erase(found, Scope.VISITOR, device_id, response)

    @router.get("/erasures")
    async def erasures(found: Found) -> Data[list[ErasureAnswer]]:
        """The reports of the last hundred deletions, those by age too, newest first."""
        reports = await in_thread(context.erasing.reports, found.id)
        return Data(data=[ErasureAnswer.told(erased) for erased in reports])

    @router.get("/erasures/{erasure_id}")
    async def erasure(found: Found, erasure_id: str) -> Data[ErasureAnswer]:
        """The report of one deletion."""
        erased = await in_thread(context.erasing.report, erasure_id)
        if erased is None or erased.project_id != found.id:
            raise NotFound("Erasure not found")
        return Data(data=ErasureAnswer.told(erased))

    return router
