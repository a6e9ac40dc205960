"""Where an import reads from: a file or standard input, gzipped or not, as blocks of lines.

Memory stays bounded whatever the input is: a line that is too long arrives cut, and longer than the
limit, so that the reader of lines can tell.
"""

import sys
import zlib
from collections.abc import Iterator
from gzip import GzipFile
from io import BufferedIOBase, BufferedReader
from os import fstat
from pathlib import Path
from types import TracebackType
from typing import Self

from footfall.model.errors import BadRequest

STDIN = "-"
BLOCK_BYTES = 1 << 20

_GZIP_MAGIC = b"\x1f\x8b"
_OTHER_MAGIC = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"PK\x03\x04": "zip"}
_PACKED = 10  # times as long is a log as when it is packed
_BOM = b"\xef\xbb\xbf"


class Source:
    """Lines of bytes from `name`, a path or '-'. Raises BadRequest for what can't be opened or unpacked."""

    def __init__(self, name: str | Path, stdin: BufferedReader | None = None) -> None:
        self.name = "standard input" if str(name) == STDIN else str(name)
        if str(name) == STDIN:
            self._raw = stdin or _stdin()
        else:
            try:
                self._raw = open(name, "rb")  # noqa: SIM115 - closed by close()
            except OSError as error:
                raise BadRequest(f"Can't open {name}: {error.strerror}.", "file") from error
        try:
            start = self._raw.peek(8)[:8]
        except OSError as error:
            raise BadRequest(f"Can't read {name}: {error.strerror}.", "file") from error
        for magic, kind in _OTHER_MAGIC.items():
            if start.startswith(magic):
                self.close()
                raise BadRequest(
                    f"{self.name} is packed with {kind}, and only gzip is read. Unpack it first.", "file"
                )
        self._is_packed = start.startswith(_GZIP_MAGIC)
        self._stream: BufferedIOBase = GzipFile(fileobj=self._raw) if self._is_packed else self._raw

    @property
    def size(self) -> int | None:
        """Bytes on disk, None for a pipe."""
        try:
            return fstat(self._raw.fileno()).st_size or None
        except OSError:
            return None

    @property
    def weight(self) -> int:
        """About how many bytes of lines these are."""
        return (self.size or 0) * (_PACKED if self._is_packed else 1)

    @property
    def position(self) -> int:
        """How many of those bytes are read; 0 where that can't be known."""
        try:
            return self._raw.tell()
        except OSError:
            return 0

    def blocks(self, longest: int) -> Iterator[list[bytes]]:
        """Lists of lines without their ends; a line of more than `longest` bytes comes cut, still over it."""
        rest = self._read().removeprefix(_BOM)
        while block := self._read():
            lines = (rest + block).split(b"\n")
            rest = lines.pop()[: longest + BLOCK_BYTES]
            yield lines
        yield rest.split(b"\n")

    def _read(self) -> bytes:
        try:
            return self._stream.read(BLOCK_BYTES)
        except (OSError, EOFError, zlib.error) as error:
            raise BadRequest(
                f"{self.name} is damaged or cut short: {error}. What came before is read; "
                "importing the whole file later adds only what is missing.",
                "file",
            ) from error

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self.name != "standard input":
            self._raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _stdin() -> BufferedReader:
    return open(sys.stdin.fileno(), "rb", closefd=False)
