"""Who asks a read API without credentials of the API's own: a signed-in user, or who follows a share link.

The dashboard's cookies say so (api/dashboard/sessions.py, which puts the answer into the request); each dialect
looks here when a request has none of its own credentials.
"""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from footfall.api.limits import Verdict
from footfall.model.access import Caller

_KEY = "footfall.asking"


class Asking(Struct, frozen=True):
    """Who asks, and how the request counts against the rate limit that is theirs."""

    caller: Caller
    count: Callable[[], Verdict]


def remember(scope: dict[str, Any], asking: Asking) -> None:
    """Say of a request who asks."""
    scope[_KEY] = asking


def asking_of(scope: Mapping[str, Any]) -> Asking | None:
    """Who asks; None if the request must show its own credentials."""
    found: Asking | None = scope.get(_KEY)
    return found
