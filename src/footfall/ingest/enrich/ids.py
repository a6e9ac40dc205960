"""Visitor and session ids: who sent this, and which half hour of theirs it belongs to.

Both are pure functions of what they are given, so every node of an installation computes the same
ids and none has to be stored to be found again. Contract: openpanel.md §4.1 and §4.2.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256, shake_256

DEVICE_ID_BYTES = 16  # §4.1
SESSION_BUCKET_MS = 1_800_000  # §4.2: a session id names one half hour
SESSION_GRACE_MS = 5_000  # §4.2: the first five seconds still belong to the half hour before


def device_id(ua: str, ip: str, project_id: str, salt: str) -> str:
    """The visitor's id for as long as `salt` lives: 32 hex digits.

    `ua` is the header's text (`unknown/1.0` when there was none), `ip` may be empty. Lone surrogates
    are replaced rather than refused, because a header may hold any bytes. Contract §4.1.
    """
    text = f"{ua}:{ip}:{project_id}:{salt}"
    return shake_256(text.encode("utf-8", "replace")).hexdigest(DEVICE_ID_BYTES)


def session_id(project_id: str, device_id: str, at_ms: int) -> str:
    """The id of a session that `device_id` opens at `at_ms` (UTC milliseconds): 22 base64url characters.

    Only for a visitor without an open session; an open one keeps its id. Contract §4.2.
    """
    bucket, offset = divmod(at_ms, SESSION_BUCKET_MS)
    if offset < SESSION_GRACE_MS:
        bucket -= 1
    digest = sha256(f"sess:v1:{project_id}:{device_id}:{bucket}".encode("utf-8", "replace")).digest()
    return urlsafe_b64encode(digest[:16])[:22].decode("ascii")
