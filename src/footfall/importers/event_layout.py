"""How the rows of a file are spelled: which keys, in which order, with what between them.

Rows of one file mostly name the same keys in the same order. So each can be cut before some keys into runs, which
say what changes together, such as all of the place and the device; most runs stand in many rows.
"""

import re
from itertools import groupby
from typing import Any

import msgspec
from msgspec import Struct

from footfall.importers.event_shapes import FIELD_TYPES, Camel, Plain

_KINDS = (
    "device_id profile_id session_id",
    "path origin title",
    "name currency revenue referrer referrer_name referrer_type groups imported_at project_id",
    "country region city longitude latitude os os_version browser browser_version device brand model "
    "sdk_name sdk_version",
)
_KIND_OF: dict[str, object] = {name: which for which, names in enumerate(_KINDS) for name in names.split()}
"""Keys of one kind that stand side by side make one run; any other is a run of its own."""

BARE = ("id", "created_at")
"""Runs that are different in every row. They hold the value alone, that of an id without its quotes."""

_UUID_LENGTH = 36
_SPELLINGS = tuple(
    (dict(zip(shape.__struct_encode_fields__, shape.__struct_fields__, strict=True)), rename)
    for shape, rename in ((Plain, None), (Camel, "camel"))
)
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Run(Struct, frozen=True):
    """Some keys of a row. `mark` is where it begins: `skipped` bytes that stand before it, then its first key.

    From mark to mark there are at least `least` bytes. `shape` is what it must decode to, if it is not bare.
    """

    names: tuple[str, ...]
    mark: bytes
    skipped: int
    least: int
    shape: Any


class Layout(Struct, frozen=True):
    """The runs of a row in order, and what stands before the first and behind the last.

    A row is in this layout if it is `head`, the runs with their marks, and `tail`. If each run then decodes, to
    its own keys and all of them, the row is a JSON object of these keys: a mark that was found somewhere else,
    such as within a value, leaves a run that does not.
    """

    head: bytes
    runs: tuple[Run, ...]
    tail: bytes


class _Member(Struct, frozen=True):
    """A key with its value: where they begin in the row, and where they end."""

    name: str
    key: int
    value: int
    end: int


def layout_of(raw: bytes) -> Layout | None:
    """The layout of this row; None if it has a key twice or one that nobody knows, or lacks one that it needs."""
    try:
        found = _decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    for names, rename in _SPELLINGS:
        if found.keys() <= names.keys():
            members = _members(raw, found, names)
            if {member.name for member in members}.issuperset(("name", *BARE)):
                return _layout(raw, members, rename)
    return None


def _members(raw: bytes, found: dict[str, msgspec.Raw], names: dict[str, str]) -> list[_Member]:
    """Where the members of the object are; none if they are not just these."""
    members: list[_Member] = []
    at = 0
    for key, value in found.items():
        before = re.compile(rb'\s*%s\s*("%s"\s*:\s*)' % (b"," if members else b"{", key.encode())).match(raw, at)
        text = bytes(value)
        if before is None or not raw.startswith(text, before.end()):
            return []
        at = before.end() + len(text)
        members.append(_Member(names[key], before.start(1), before.end(), at))
    return members if raw[at:].strip() == b"}" else []


def _layout(raw: bytes, members: list[_Member], rename: str | None) -> Layout:
    runs = []
    at = 0
    for _, group in groupby(members, key=lambda member: _KIND_OF.get(member.name, member.name)):
        run = list(group)
        first, quote = run[0], 1 if run[0].name == "id" else 0
        begin = first.value + quote if first.name in BARE else first.key
        names = tuple(member.name for member in run)
        runs.append(
            Run(
                names=names,
                mark=raw[at : first.value + quote],
                skipped=begin - at,
                least=begin - at + _least(run),
                shape=_shape(names, rename),
            )
        )
        at = run[-1].end - quote
    return Layout(head=runs[0].mark, runs=tuple(runs), tail=raw[at:])


def _least(run: list[_Member]) -> int:
    """A value has one byte at least, and every member but the first a comma."""
    if run[0].name in BARE:
        return _UUID_LENGTH if run[0].name == "id" else 1
    return sum(member.value - member.key + 2 for member in run) - 1


def _shape(names: tuple[str, ...], rename: str | None) -> Any:
    fields = [(name, FIELD_TYPES[name]) for name in names]
    return msgspec.defstruct(
        "Shape",
        fields,
        kw_only=True,
        forbid_unknown_fields=True,
        gc=False,
        rename=rename,  # type: ignore[arg-type]
    )
