"""The headers of a request, as the ingest routes read them."""

from collections.abc import Mapping

from starlette.types import Scope


def headers_of(scope: Scope, read: Mapping[bytes, str]) -> dict[str, str]:
    """Those among `read` (name as bytes → as text) that came; of a repeated one the first counts."""
    return {read[name]: value.decode("latin-1") for name, value in reversed(scope["headers"]) if name in read}
