"""`POST /import/events`: rows in column form. Source: openpanel contract §10.1, §2.5."""

from footfall.api.openpanel.door import Answer, Call, Door, credentials, json_answer
from footfall.importers.events import parse_rows
from footfall.ingest.bulk import append_rows
from footfall.model.errors import Unauthorized

MAX_IMPORT_BYTES = 500 * 1024 * 1024
"""§1.1. The sender is known before a byte of it is read."""


async def import_events(door: Door, call: Call) -> Answer:
    """All rows or none: a row that can't be taken refuses the request and says which."""
    client_id, secret = credentials(call)
    try:
        principal = await door.in_thread(door.authenticator.principal, client_id, secret, "Import")
    except Unauthorized as error:
        return json_answer(401, {"status": 401, "error": "Unauthorized", "message": error.message})
    if principal.project_id is None:
        return json_answer(
            400, {"status": 400, "error": "Bad Request", "message": "Import: Client has no project"}
        )
    body = await call.read(MAX_IMPORT_BYTES)
    await door.in_thread(_store, door, body, principal.project_id)
    return json_answer(200, "OK")


def _store(door: Door, body: bytes, project_id: str) -> None:
    append_rows(door.journal, parse_rows(body, project_id, door.intake.now()))
    door.wake()
