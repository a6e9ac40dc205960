"""Manage: clients (openpanel contract §10.2, §2.1)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from footfall.api.openpanel.manage_bodies import (
    ClientAnswer,
    ClientChangeBody,
    NewClientAnswer,
    NewClientBody,
)
from footfall.api.openpanel.managing import Data, ManageContext, Success, body_of, documented, in_thread
from footfall.model.errors import BadRequest
from footfall.model.project import ClientMode

OfProject = Annotated[str, Query(alias="projectId", description="Only those of this project.")]


def build(context: ManageContext) -> APIRouter:
    """The routes under `/manage/clients`."""
    router = context.router("/clients")
    catalog = context.catalog
    New = Annotated[NewClientBody, Depends(body_of(context, NewClientBody))]  # noqa: N806
    Change = Annotated[ClientChangeBody, Depends(body_of(context, ClientChangeBody))]  # noqa: N806

    @router.get("")
    async def clients(project_id: OfProject = "") -> Data[list[ClientAnswer]]:
        """All clients or those of a project, newest first."""
        found = reversed(catalog.list_clients(project_id or None))
        return Data(data=[ClientAnswer.of(client) for client in found])

    @router.post("", openapi_extra=documented(NewClientBody))
    async def create_client(new: New) -> Data[NewClientAnswer]:
        """Make a client; its secret is told this once."""
        mode = ClientMode(new.type)
        if not new.project_id and mode is not ClientMode.ROOT:
            raise BadRequest(f"A {mode} client needs a project.", "projectId", "required")
        client, secret = await in_thread(catalog.create_client, new.project_id or None, mode, new.name)
        return Data(data=NewClientAnswer.of(client).model_copy(update={"secret": secret}))

    @router.get("/{client_id}")
    async def client(client_id: str) -> Data[ClientAnswer]:
        """One client."""
        return Data(data=ClientAnswer.of(catalog.get_client(client_id)))

    @router.patch("/{client_id}", openapi_extra=documented(ClientChangeBody))
    async def change_client(client_id: str, body: Change) -> Data[ClientAnswer]:
        """Rename a client."""
        return Data(data=ClientAnswer.of(await in_thread(catalog.update_client, client_id, body.name)))

    @router.delete("/{client_id}")
    async def delete_client(client_id: str) -> Success:
        """Delete a client; its secret stops working at once."""
        await in_thread(catalog.delete_client, catalog.get_client(client_id).id)
        return Success()

    return router
