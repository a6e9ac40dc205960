"""Ids of any characters in a path: matched before they are decoded (openpanel contract §15, #504).

A server decodes the path before it is routed; then an id's own slash looks like the path's. Some clients encode
an id twice, so what is still encoded after that may be meant as it is, or decoded once more.
"""

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from fastapi.routing import APIRoute
from starlette.routing import Match

from footfall.api.limits import Limiter
from footfall.api.openpanel.reading import DetailsOf, MessageOf, guarded_route, invalid_query


def verbatim_route(limiter: Limiter, details: DetailsOf, message: MessageOf = invalid_query) -> type[APIRoute]:
    """A `guarded_route` whose parameters in the path may hold encoded slashes."""
    guarded: Any = guarded_route(limiter, details, message)

    class VerbatimRoute(guarded):  # type: ignore[misc]
        def matches(self, scope: MutableMapping[str, Any]) -> tuple[Match, MutableMapping[str, Any]]:
            raw = scope.get("raw_path")
            if not raw:
                return super().matches(scope)  # type: ignore[no-any-return]
            match, child = super().matches({**scope, "path": raw.decode("latin-1")})
            if match is not Match.NONE:
                named = child["path_params"]
                child["path_params"] = {name: _decoded(value) for name, value in named.items()}
            return match, child

    return VerbatimRoute


def meant_by(id: str) -> tuple[str, ...]:
    """The ids that an id in a path may mean, the likeliest first."""
    return tuple(dict.fromkeys(each.replace("\0", "") for each in (id, unquote(id))))


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        return value
    return unquote_to_bytes(value.encode("latin-1")).decode("utf-8", "replace")
