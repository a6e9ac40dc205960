"""What OpenAPI says beyond the read APIs' routes: who may ask, what can't be, and how to send (contract §1.2)."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from footfall.api.openpanel.ingest_description import ingest_paths
from footfall.api.openpanel.reading import ErrorBody, ListedErrorBody
from footfall.api.taken import TakingApp

CREDENTIALS = {
    "clientId": {
        "type": "apiKey",
        "in": "header",
        "name": "openpanel-client-id",
        "description": "To read, a read client of the project, or a root client; for `/manage` a root client; "
        "to send, any client of a project.",
    },
    "clientSecret": {"type": "apiKey", "in": "header", "name": "openpanel-client-secret"},
}
_UNUSED = ("HTTPValidationError", "ValidationError")


class DescribedApp(TakingApp):
    """An application whose OpenAPI page names the credentials, and no 422, because a bad request is a 400 here."""

    def openapi(self) -> dict[str, Any]:
        """The page; made once."""
        is_made = self.openapi_schema is not None
        page = super().openapi()
        return page if is_made else _completed(page)


def _completed(page: dict[str, Any]) -> dict[str, Any]:
    for operations in page["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
    components = page.setdefault("components", {})
    for name in _UNUSED:
        components.get("schemas", {}).pop(name, None)
    components["securitySchemes"] = CREDENTIALS
    paths, schemas = ingest_paths()
    page["paths"] = {**paths, **page["paths"]}
    components["schemas"] = {**schemas, **_error_schemas(), **components.get("schemas", {})}
    page["security"] = [{name: [] for name in CREDENTIALS}]
    return page


def _error_schemas() -> dict[str, Any]:
    """Those that the routes' errors only name (`reading.described`)."""
    bodies: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (ErrorBody, "serialization"),
        (ListedErrorBody, "serialization"),
    ]
    _, found = models_json_schema(bodies, ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = found["$defs"]
    return schemas
