"""Manage: clients (openpanel contract §10.2, §2.1)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from footfall.api.openpanel.manage_bodies import (
    ClientAnswer,
    ClientChangeBody,
    NewClientAnswer,
    NewClientBody,
)
from footfall.api.openpanel.managing import Data, ManageContext, Success, allow, body_of, in_thread
from footfall.api.taken import takes
from footfall.model.errors import BadRequest
from footfall.model.project import Client, ClientMode, Principal

OfProject = Annotated[str, Query(alias="projectId", description="Only those of this project.")]


def build(context: ManageContext) -> APIRouter:
    """The routes under `/manage/clients`."""
    router = context.router("/clients")
    catalog = context.catalog
    Root = Annotated[Principal, Depends(context.root)]  # noqa: N806
    New = Annotated[NewClientBody, Depends(body_of(context, NewClientBody))]  # noqa: N806
    Change = Annotated[ClientChangeBody, Depends(body_of(context, ClientChangeBody))]  # noqa: N806

    @router.get("")
    async def clients(root: Root, project_id: OfProject = "") -> Data[list[ClientAnswer]]:
        """All clients or those of a project, newest first."""
        allow(not project_id or root.may_change(catalog.get_project(project_id).id))
        found = reversed(catalog.list_clients(project_id or None))
        return Data(data=[ClientAnswer.of(client) for client in found if _is_theirs(root, client)])

    @router.post("", openapi_extra=takes(NewClientBody))
    async def create_client(root: Root, new: New) -> Data[NewClientAnswer]:
        """Make a client; its secret is told this once."""
        mode = ClientMode(new.type)
        if not new.project_id and mode is not ClientMode.ROOT:
            raise BadRequest(f"A {mode} client needs a project.", "projectId", "required")
        if not root.is_root:
            allow(mode is not ClientMode.ROOT and root.may_change(catalog.get_project(new.project_id or "").id))
        client, secret = await in_thread(catalog.create_client, new.project_id or None, mode, new.name)
        return Data(data=NewClientAnswer.of(client).model_copy(update={"secret": secret}))

    async def named(root: Root, client_id: str) -> Client:
        found = catalog.get_client(client_id)
        allow(_is_theirs(root, found))
        return found

    Found = Annotated[Client, Depends(named)]  # noqa: N806

    @router.get("/{client_id}")
    async def client(found: Found) -> Data[ClientAnswer]:
        """One client."""
        return Data(data=ClientAnswer.of(found))

    @router.patch("/{client_id}", openapi_extra=takes(ClientChangeBody))
    async def change_client(found: Found, body: Change) -> Data[ClientAnswer]:
        """Rename a client."""
        return Data(data=ClientAnswer.of(await in_thread(catalog.update_client, found.id, body.name)))

    @router.delete("/{client_id}")
    async def delete_client(found: Found) -> Success:
        """Delete a client; its secret stops working at once."""
        await in_thread(catalog.delete_client, found.id)
        return Success()

    return router


def _is_theirs(principal: Principal, client: Client) -> bool:
    """Whether a client is the principal's to see and change; who is no root makes nothing of root clients."""
    if principal.is_root:
        return True
    home = client.project_id
    return home is not None and client.mode is not ClientMode.ROOT and principal.may_change(home)
