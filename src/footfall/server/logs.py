"""Structured logs: lines for a person on a terminal, JSON elsewhere; never an address or a secret."""

import io
import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

_TALKATIVE = ("clickhouse_connect", "urllib3.connectionpool")
"""Each try to reach a server that is away they tell of by a URL, which may name people; the store says it, too."""

_HIDDEN = frozenset({"ip", "address", "secret", "password", "token", "authorization", "cookie", "key"})


def _redact(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A last guard: fields with these names are never written."""
    for name in _HIDDEN & event.keys():
        event[name] = "[hidden]"
    return event


class _Lossy(io.TextIOBase):
    """A stream that drops what can't be written: a full disk under the log must stop no thread."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write if it can be."""
        with suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush if it can be."""
        with suppress(OSError, ValueError):
            self._stream.flush()


def configure_logs(log_format: str, level: str) -> None:
    """Set up structlog, and let the libraries' loggers speak only from warnings on, in the same form."""
    as_text = log_format == "console" or (log_format == "auto" and sys.stderr.isatty())
    renderer = structlog.dev.ConsoleRenderer() if as_text else structlog.processors.JSONRenderer()
    processors: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _redact,
        structlog.processors.format_exc_info,
    ]
    stream = cast("TextIO", _Lossy(sys.stderr))
    structlog.configure(
        processors=[*processors, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *processors],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)
