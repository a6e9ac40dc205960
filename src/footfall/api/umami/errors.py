"""What went wrong, as Umami's clients read it: one body per generation (umami contract §3.6).

Generation 2 answers `{"error": <text or list of texts>}`, generation 3 `{"error": {message, code, status, …}}`.
"""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct
from starlette.responses import Response

from footfall.model.errors import (
    BadRequest,
    FootfallError,
    Forbidden,
    NotFound,
    Overloaded,
    TooLarge,
    TooMany,
    Unauthorized,
)

Generation = Literal["v2", "v3"]

BAD_REQUEST = "Bad request"

# Permission failures are 401 here too; 403 is only the blocked address of /api/send (contract §3.5).
_STATUS: dict[type[FootfallError], tuple[int, str]] = {
    BadRequest: (400, "bad-request"),
    Unauthorized: (401, "unauthorized"),
    Forbidden: (403, "forbidden"),
    NotFound: (404, "not-found"),
    TooLarge: (413, "payload-too-large"),
    TooMany: (429, "rate-limited"),
    Overloaded: (503, "service-unavailable"),
}


class Issue(Struct, frozen=True):
    """One thing that is wrong with a request: where, and how each generation says it."""

    path: tuple[str | int, ...]
    v2: str
    v3: str


class Invalid(BadRequest):
    """The query or the body can't be used."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__(BAD_REQUEST)
        self.issues = tuple(issues)


class WrongPassword(Unauthorized):
    """No such user, or another password; which of them is not said."""


def invalid(field: str, message: str) -> Invalid:
    """A request whose one field can't be used."""
    return Invalid([Issue((field,), message, message)])


def error_response(error: FootfallError, generation: Generation) -> Response:
    """The error as a response."""
    status, code = _STATUS.get(type(error), (500, "server-error"))
    if isinstance(error, BadRequest):
        status, code = 400, "bad-request"
    if isinstance(error, WrongPassword):
        status, code = 401, "incorrect-username-password"
    body = _v2(error, code) if generation == "v2" else _v3(error, status, code)
    headers = {"cache-control": "no-cache"}
    if isinstance(error, TooMany | Overloaded):
        headers["retry-after"] = str(error.retry_after)
    return Response(msgspec.json.encode({"error": body}), status, headers, "application/json")


def _v2(error: FootfallError, code: str) -> object:
    if isinstance(error, WrongPassword):
        return f"message.{code}"
    if not isinstance(error, Invalid):
        return error.message
    fields: dict[str, list[str]] = {}
    for issue in error.issues:
        if issue.path:
            # What is wrong inside a field is not told, only that something is.
            fields.setdefault(str(issue.path[0]), []).extend([issue.v2] if len(issue.path) == 1 else [])
    return [f"{field}: {', '.join(messages)}" for field, messages in fields.items()]


def _v3(error: FootfallError, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = {"message": error.message, "code": code, "status": status}
    if isinstance(error, Invalid):
        body |= _tree(error.issues)
    return body


def _tree(issues: Sequence[Issue]) -> dict[str, Any]:
    """`errors` of the whole, `properties` of an object, `items` of an array, as deep as it goes."""
    root: dict[str, Any] = {"errors": []}
    for issue in issues:
        node = root
        for step in issue.path:
            node = _child(node, step)
        node["errors"].append(issue.v3)
    return root


def _child(node: dict[str, Any], step: str | int) -> dict[str, Any]:
    if isinstance(step, str):
        found: dict[str, Any] = node.setdefault("properties", {}).setdefault(step, {"errors": []})
        return found
    items: list[Any] = node.setdefault("items", [])
    items.extend([None] * (step + 1 - len(items)))
    items[step] = items[step] or {"errors": []}
    item: dict[str, Any] = items[step]
    return item
