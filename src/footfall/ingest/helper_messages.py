"""What the drain and its helper tell each other, as msgpack. The drain speaks first; each message is answered by
one, but for `Sessions`. Before a helper has `Done` what it was told to, it may `Ask` the drain's store.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct, field

from footfall.ingest.journal import Group, ImportCount
from footfall.ingest.records import Erase
from footfall.model.event import Session
from footfall.store.packing import pack_arrow, unpack_arrow
from footfall.store.ready import Ready


class Sessions(Struct, tag=True):
    """To the helper, before all else: some of the sessions that are open."""

    sessions: list[Session]


class Build(Struct, tag=True):
    """To the helper: build a batch of these groups."""

    groups: list[Group]


class CloseIdle(Struct, tag=True):
    """To the helper: build a batch that ends sessions (`Builder.close_idle`)."""

    now_ms: int
    grace_ms: int
    position: int


class Told(Struct, tag=True):
    """To the helper: what the store answered to `Ask`, encoded."""

    answer: bytes


class Began(Struct, tag=True):
    """From the helper: it can be told things now."""


class Ask(Struct, tag=True):
    """From the helper: a question of the store (`Past`), by the method's name."""

    question: str
    arguments: list[Any]


class SetAside(Struct):
    """A record that can't be built from, as `Journal.quarantine` takes it."""

    seq: int
    place: int
    reason: str
    payload: bytes


class Done(Struct, tag=True):
    """From the helper: the batch, and what `Built` tells besides. `ready` is None for no batch."""

    ready: Ready | None
    open_sessions: int
    imports: dict[str, ImportCount] = field(default_factory=dict)
    erase: Erase | None = None
    set_aside: list[SetAside] = field(default_factory=list)


class Failed(Struct, tag=True):
    """From the helper, whose state is none any more: what went wrong."""

    reason: str


ToHelper = Sessions | Build | CloseIdle | Told
FromHelper = Began | Ask | Done | Failed

encode = msgspec.msgpack.Encoder(enc_hook=pack_arrow).encode
decode_to_helper: Callable[[bytes], ToHelper] = msgspec.msgpack.Decoder(ToHelper).decode
decode_from_helper: Callable[[bytes], FromHelper] = msgspec.msgpack.Decoder(
    FromHelper, dec_hook=unpack_arrow
).decode
