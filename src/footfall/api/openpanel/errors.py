"""Errors of this dialect: the status and the phrase in the body, of ingest and of reading (contract §1.4)."""

from footfall.model.errors import (
    BadRequest,
    FootfallError,
    Forbidden,
    NotFound,
    Overloaded,
    TooLarge,
    TooMany,
    Unauthorized,
    Unsupported,
)

_STATUS: dict[type[FootfallError], tuple[int, str]] = {
    BadRequest: (400, "Bad Request"),
    Unauthorized: (401, "Unauthorized"),
    Forbidden: (403, "Forbidden"),
    NotFound: (404, "Not Found"),
    TooLarge: (413, "Payload Too Large"),
    TooMany: (429, "Too Many Requests"),
    Unsupported: (501, "Not Implemented"),
    Overloaded: (503, "Service Unavailable"),
}


def status_of(error: FootfallError) -> tuple[int, str]:
    """The status of the response and its phrase."""
    return _STATUS.get(type(error), (500, "Internal Server Error"))
