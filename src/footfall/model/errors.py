"""What can go wrong, as one tree. A dialect turns each into its own body and status.

FootfallError
├── BadRequest      400  the caller's input; says which field and what it takes
├── Unauthorized    401  who are you
├── Forbidden       403  not yours
├── NotFound        404  no such thing
├── TooLarge        413  the body is over the cap
├── Unsupported     501  named by the contract, refused by us
├── TooMany         429  rate limit
├── Overloaded      503  try again after n seconds; nothing was stored
└── SetupError      –    the operator's: port, folder, configuration
"""


class FootfallError(Exception):
    """Base of everything we raise on purpose; the message is for the reader who can act on it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadRequest(FootfallError):
    """The input can't be used. `field` is where, `code` a word for programs."""

    def __init__(self, message: str, field: str = "", code: str = "invalid") -> None:
        super().__init__(message)
        self.field = field
        self.code = code


class Unauthorized(FootfallError):
    """The credentials are missing or wrong."""


class Forbidden(FootfallError):
    """The credentials are fine and don't reach this."""


class NotFound(FootfallError):
    """There is no such thing, or it is not the caller's to know of."""


class TooLarge(FootfallError):
    """The body is over the cap, packed or unpacked."""


class Unsupported(FootfallError):
    """The contract names it and Footfall does not do it; the message says what to use instead."""


class TooMany(FootfallError):
    """The rate limit is reached; `retry_after` in whole seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Overloaded(FootfallError):
    """Nothing was stored; `retry_after` in whole seconds."""

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SetupError(FootfallError):
    """The operator's to mend: port taken, data folder in use, unreadable configuration."""
