"""The headers of a request, as the ingest routes read them, and those of answers that only some may read."""

from collections.abc import Mapping, Sequence

from starlette.types import Scope

Headers = Sequence[tuple[bytes, bytes]]
"""As they came, names in lower case."""

NO_SNIFF = {"x-content-type-options": "nosniff"}
PRIVATE = {"cache-control": "no-store", **NO_SNIFF}
"""No cache keeps it: most credentials stand in headers that caches know nothing of."""


def headers_of(headers: Headers, read: Mapping[bytes, str]) -> dict[str, str]:
    """Those among `read` (name as bytes → as text) that came; of a repeated one the first counts."""
    return {read[name]: value.decode("latin-1") for name, value in reversed(headers) if name in read}


def peer_of(scope: Scope) -> str:
    """The address at the other end of the socket, '' where there is none."""
    return scope["client"][0] if scope.get("client") else ""
