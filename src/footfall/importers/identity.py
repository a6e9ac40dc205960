"""UUIDs for what brings none: the same content in the same order gives the same ids.

So a file that is imported again, grown, gzipped or through a pipe, adds only what is new.
"""

import re
from collections.abc import Sequence
from hashlib import blake2b

_REMEMBERED = 100_000  # contents; equal ones stand near each other, since a line begins with its time
_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DIGITS = re.compile(r"[0-9a-f]*")
_BARE = re.compile(r"\{?(?:urn:uuid:)?([0-9a-f]{8})-?" + r"([0-9a-f]{4})-?" * 3 + r"([0-9a-f]{12})\}?")


class Identities:
    """Hands out the ids of one file for one project, in the order of its lines."""

    def __init__(self, project_id: str) -> None:
        self._project = blake2b(project_id.encode("utf-8", "replace"), digest_size=32).digest()
        self._seen: dict[bytes, int] = {}
        self._seen_before: dict[bytes, int] = {}

    def of(self, content: bytes) -> str:
        """The id of this occurrence of `content`."""
        digest = blake2b(content, digest_size=16, key=self._project).digest()
        seen = self._seen
        count = seen.get(digest)
        if count is None:
            count = self._seen_before.get(digest, 0)
            if len(seen) >= _REMEMBERED:
                self._seen_before, self._seen = seen, {}
        self._seen[digest] = count + 1
        if count:
            digest = blake2b(digest + count.to_bytes(8, "big"), digest_size=16, key=self._project).digest()
        return uuid8(digest)


def uuid8(digest: bytes) -> str:
    """16 bytes as a UUID of version 8 (RFC 9562 §5.8), in canonical text."""
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{'89ab'[digest[8] & 3]}{text[17:20]}-{text[20:]}"


def are_canonical(texts: Sequence[str]) -> bool:
    """Whether all of these are UUIDs in canonical spelling; much faster than to look at each."""
    joined = "".join(texts)
    digits = joined.replace("-", "")
    return (
        set(map(len, texts)) <= {36}
        and not any(joined[dash::36].strip("-") for dash in (8, 13, 18, 23))
        and len(digits) == 32 * len(texts)
        and _DIGITS.fullmatch(digits) is not None
    )


def canonical_uuid(text: str) -> str:
    """`text` as a UUID in canonical spelling; '' if it is none."""
    if _CANONICAL.fullmatch(text):
        return text
    match = _BARE.fullmatch(text.strip().lower())
    return "-".join(match.groups()) if match else ""
