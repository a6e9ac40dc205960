"""Arrow tables on their way to other processes, such as what is ready (ready.py): in Arrow's own form."""

from io import BytesIO
from typing import Any, Literal

from arro3.core import Table as ArrowTable
from arro3.io import read_ipc_stream, write_ipc_stream


def pack_arrow(value: Any, *, compression: Literal["lz4"] | None = None) -> bytes:
    """An Arrow table as a stream of bytes; also an encoder's hook for what msgpack does not know."""
    buffer = BytesIO()
    write_ipc_stream(value, buffer, compression=compression)
    return buffer.getvalue()


def unpack_arrow(_kind: type, data: bytes) -> ArrowTable:
    """A decoder's hook for the same."""
    return read_ipc_stream(BytesIO(data)).read_all()
