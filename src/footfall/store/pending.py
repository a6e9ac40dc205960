"""The batch that is being written, on local disk: the redo log of a store without transactions.

A batch is saved here, synced, before its first row leaves, and removed after its last. Whoever opens the
store next finds a batch that a crash cut short, whole and unchanged, and writes it again.
"""

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from footfall.store.base import Batch


class Pending(Struct, kw_only=True):
    """A batch on its way. `version` orders it among all batches and names its inserts."""

    node: int
    version: int
    batch: Batch


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Pending).decode


class PendingFile:
    """One pending batch in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def save(self, pending: Pending) -> None:
        """Put the batch on disk. Raises OSError; then there is none."""
        data = _encode(pending)
        draft = self._path.with_name(self._path.name + ".draft")
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        self._sync_folder()

    def load(self) -> Pending | None:
        """The batch that was not finished, if there is one."""
        try:
            return _decode(self._path.read_bytes())
        except FileNotFoundError:
            return None

    def clear(self) -> None:
        """The batch is in the store. If a crash undoes this, its version still tells that it is."""
        self._path.unlink(missing_ok=True)

    def _sync_folder(self) -> None:
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
