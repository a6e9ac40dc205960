"""What is ready (ready.py) on its way between processes: msgpack, and Arrow's own form for the rows."""

from io import BytesIO
from typing import Any

from arro3.core import Table as ArrowTable
from arro3.io import read_ipc_stream, write_ipc_stream


def pack_arrow(value: Any) -> bytes:
    """An encoder's hook for what msgpack does not know, which is Arrow tables."""
    buffer = BytesIO()
    write_ipc_stream(value, buffer, compression=None)
    return buffer.getvalue()


def unpack_arrow(_kind: type, data: bytes) -> ArrowTable:
    """A decoder's hook for the same."""
    return read_ipc_stream(BytesIO(data)).read_all()
