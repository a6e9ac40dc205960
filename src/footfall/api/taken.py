"""What routes that read their requests themselves say on the OpenAPI page that they take.

Writing the schemas out takes a sixth of a second, which no start should wait for: it is done when the page is
asked for.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from msgspec import Struct
from pydantic import BaseModel

_TAKEN = "x-taken"


class _Taken(Struct, frozen=True):
    body: type[BaseModel] | None
    query: type[BaseModel] | None

    def described(self) -> dict[str, Any]:
        """As OpenAPI has it."""
        said: dict[str, Any] = {}
        if self.body is not None:
            schema = self.body.model_json_schema()
            said["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        if self.query is not None:
            schema = self.query.model_json_schema()
            required = schema.get("required", ())
            said["parameters"] = [
                {"name": name, "in": "query", "required": name in required, "schema": each}
                for name, each in schema["properties"].items()
            ]
        return said


def takes(body: type[BaseModel] | None = None, query: type[BaseModel] | None = None) -> dict[str, Any]:
    """What a route takes, as its `openapi_extra`, of a `TakingApp`."""
    return {_TAKEN: _Taken(body, query)}


class TakingApp(FastAPI):
    """An application whose OpenAPI page tells what its routes take."""

    def openapi(self) -> dict[str, Any]:
        """The page; made once."""
        for route in self.routes:
            if isinstance(route, APIRoute) and route.openapi_extra and _TAKEN in route.openapi_extra:
                route.openapi_extra = route.openapi_extra[_TAKEN].described()
        return super().openapi()
