"""What OpenAPI says of the routes that take data in, which are no part of the application that describes itself.

Their bodies are described from the structs that decode them. Source: openpanel contract §1.2, §3, §10.1.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from footfall.api.openpanel import payloads as wire
from footfall.api.openpanel.legacy import Step

Taken = wire.Track | wire.Identify | wire.Increment | wire.Decrement | wire.GroupRequest | wire.AssignGroup
"""What `/track` takes; alias and replay are refused."""

_REF = "#/components/schemas/{name}"
_TEXT = {"type": "string"}
_BOT = {
    "type": "object",
    "properties": {"bot": {"type": "object", "properties": {"name": _TEXT, "type": _TEXT}}},
    "required": ["bot"],
}


def _ids(*more: str) -> dict[str, Any]:
    names = ["deviceId", "sessionId", *more]
    return {"type": "object", "properties": dict.fromkeys(names, _TEXT), "required": names}


def _answers(description: str, schema: Mapping[str, Any], form: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {form: {"schema": schema}}}


_ERROR = {
    "type": "object",
    "properties": {"status": {"type": "integer"}, "error": _TEXT, "message": _TEXT, "details": {"type": "array"}},
    "required": ["status", "error", "message"],
}
_REFUSALS = {
    "400": _answers("It can't be used; `details` says which field. Nothing is stored.", _ERROR),
    "401": _answers("Who asks was not proved, or the origin is not on the project's list.", _TEXT, "text/plain"),
    "413": _answers("Larger than what is taken.", _ERROR),
    "503": _answers("Nothing was stored; try again after `retry-after` seconds.", _ERROR),
}
_IS_BOT = _answers("A bot: nothing is counted.", _BOT)
_PLAIN = _answers("Why not.", _TEXT, "text/plain")
_NO_PROFILE = _answers("There is no such profile.", _ERROR)
_PROFILE_ID = {"202": _answers("On disk. The profile's id.", _TEXT)}
_EITHER = {
    "description": "It can't be used.",
    "content": {"application/json": {"schema": _ERROR}, "text/plain": {"schema": _TEXT}},
}


def _operation(
    tag: str, says: str, responses: Mapping[str, Any], body: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    operation: dict[str, Any] = {"tags": [tag], "description": says, "responses": {**_REFUSALS, **responses}}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def ingest_paths() -> tuple[dict[str, Any], dict[str, Any]]:
    """The paths, and the schemas that they refer to."""
    types = [Taken, wire.TrackPayload, wire.IdentifyPayload, Step]
    (request, event, person, step), schemas = msgspec.json.schema_components(types, ref_template=_REF)
    rows = {"type": "array", "items": {"type": "object"}}
    stepped = {**_PROFILE_ID, "400": _EITHER, "404": _PLAIN}
    paths = {
        "/track": {
            "post": _operation(
                "Track",
                "An event, or what is known of a person or a group. Once it is answered it is on disk.",
                {"200": _answers("On disk.", _ids()), "202": _IS_BOT, "404": _NO_PROFILE},
                request,
            )
        },
        "/track/device-id": {
            "get": _operation(
                "Track",
                "Which device and session the browser is.",
                {"200": _answers("Its ids.", _ids("message")), "202": _IS_BOT, "400": _EITHER},
            )
        },
        "/event": {
            "post": _operation(
                "Event",
                "An event, as the beta SDK sends it.",
                {"202": _answers("On disk, or a bot.", {"anyOf": [{"const": "ok"}, _BOT]})},
                event,
            )
        },
        "/profile": {"post": _operation("Profile", "What is known of a person.", _PROFILE_ID, person)},
        "/profile/increment": {
            "post": _operation("Profile", "Add to a number that is known of a person.", stepped, step)
        },
        "/profile/decrement": {
            "post": _operation("Profile", "Take from a number that is known of a person.", stepped, step)
        },
        "/import/events": {
            "post": _operation(
                "Import",
                "Events of the past, in columns, all or none; of a read or root client that has a project.",
                {
                    "200": _answers("On disk.", {"const": "OK"}),
                    "401": _answers("The credentials are missing, wrong or not for importing.", _ERROR),
                },
                rows,
            )
        },
    }
    return paths, schemas
