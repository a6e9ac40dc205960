"""Answers that no write has touched since: asked again, they cost nothing.

Days that are over rarely change, so the period before, last month, and all that a quiet site shows are answered
from memory, and the same question from two people at once is worked out once. An answer is forgotten the moment a
batch that reaches any of its rows is committed (reach.py), so nobody sees less than before: who asks after an
event is stored gets it counted. Source: docs/decisions/012-answers-are-kept.md.
"""

import sys
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from hashlib import blake2b
from itertools import islice
from typing import Any, TypeVar

from msgspec import Struct, field

from footfall.store.reach import Reach
from footfall.store.turns import Turns

Value = TypeVar("Value")

_QUICK_SECONDS = 0.005
"""What takes less is as well asked again."""
_SLOW_SECONDS = 0.05
"""What takes longer is worth another way, once it is known that it changes."""
_MOST_ANSWERS = 1_000
_LARGE_SHARE = 8
"""An answer that takes more than an eighth of the memory is not kept."""
_SAMPLE = 50
"""So many of a list's items are looked at to tell how large it is."""

_Key = tuple[str, bytes]
Ask = Callable[[float | None], tuple[Value, Reach]]


class _Kept(Struct, frozen=True):
    question: object
    value: Any
    reach: Reach
    size: int
    is_slow: bool


class _Work(Struct, eq=False):
    """An answer that is being worked out, and what changed meanwhile in its project."""

    key: _Key
    question: object
    """Held on to as long as its key is: a function in it is told from others by its address."""
    undone_ms: float | None = None
    result: "Future[tuple[Any, Reach]]" = field(default_factory=Future)
    changes: list[Reach] = field(default_factory=list)


class Answers:
    """The answers of one store, at most so many bytes of them; those that were wanted last."""

    def __init__(self, most_bytes: int, turns: Turns | None = None) -> None:
        self.turns = turns or Turns()
        """Of the questions that have to be worked out."""
        self._most_bytes = most_bytes
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._works: list[_Work] = []
        self._undone: OrderedDict[_Key, float] = OrderedDict()
        """Slow answers that did not last, and the time of the earliest row that undid each the last time."""
        self._bytes = 0
        self._lock = threading.Lock()
        self.counted: Counter[str] = Counter()
        """How many questions were answered from `memory`, and how many from the `store`."""

    def of(self, project_id: str, question: object, ask: Ask[Value]) -> tuple[Value, Reach]:
        """The answer to a question, told from others by its `repr`, and what was read; `ask` works both out.

        `ask` is told from when on, ms UTC, rows changed that undid the same when it was slow to answer, or None.
        Whoever gets the answer must not change it. Raises what `ask` raises, for all who wait for it.
        """
        if not self._most_bytes:
            self.counted["store"] += 1
            with self.turns.taken(project_id):
                return ask(None)
        text = f"{type(question).__module__}.{question!r}"
        key = project_id, blake2b(text.encode(), digest_size=16).digest()
        found = self._look(key)
        if found is None:
            with self.turns.taken(project_id):
                mine = _Work(key, question)
                found = self._look(key, mine)  # somebody may have asked the same while this one waited
                if found is None:
                    return self._work_out(mine, ask)
        if isinstance(found, _Kept):
            return found.value, found.reach
        shared: tuple[Value, Reach] = found.result.result()
        return shared

    def _look(self, key: _Key, mine: _Work | None = None) -> _Kept | _Work | None:
        """What is kept, or who works it out just now; else it is `mine` to work out."""
        with self._lock:
            kept = self._kept.get(key)
            # What changed meanwhile, who asks now wants to see.
            work = next((each for each in self._works if each.key == key and not each.changes), None)
            found = kept or work
            if kept is not None:
                self._kept.move_to_end(key)
            if found is not None:
                self.counted["memory"] += 1
            elif mine is not None:
                mine.undone_ms = self._undone.get(key)
                self._works.append(mine)
                self.counted["store"] += 1
            return found

    def forget(self, changes: Mapping[str, Reach]) -> None:
        """Let go of the answers that these changes, by project, reach."""
        with self._lock:
            for work in self._works:
                if work.key[0] in changes:
                    work.changes.append(changes[work.key[0]])
            for key, kept in list(self._kept.items()):
                change = changes.get(key[0])
                if change is not None and change.meets(kept.reach):
                    self._drop(key)
                    self._note(key, change, kept.is_slow)

    def _work_out(self, work: _Work, ask: Ask[Value]) -> tuple[Value, Reach]:
        began = time.monotonic()
        try:
            value, reach = ask(work.undone_ms)
        except BaseException as error:
            with self._lock:
                self._works.remove(work)
            work.result.set_exception(error)
            raise
        seconds = time.monotonic() - began
        is_worth_it, is_slow = seconds >= _QUICK_SECONDS, seconds >= _SLOW_SECONDS
        size = _size(value) if is_worth_it else 0
        with self._lock:
            self._works.remove(work)
            undoing = [change for change in work.changes if change.meets(reach)]
            for change in undoing:
                self._note(work.key, change, is_slow)
            is_small = size * _LARGE_SHARE <= self._most_bytes
            if is_worth_it and not undoing and is_small and work.key not in self._kept:
                self._kept[work.key] = _Kept(work.question, value, reach, size, is_slow)
                self._bytes += size
                while self._bytes > self._most_bytes or len(self._kept) > _MOST_ANSWERS:
                    self._drop(next(iter(self._kept)))
        work.result.set_result((value, reach))
        return value, reach

    def _note(self, key: _Key, change: Reach, is_slow: bool) -> None:
        """What was slow once is noted from then on, though it may be quick now that this is known."""
        if is_slow or key in self._undone:
            self._undone[key] = change.since_ms
            self._undone.move_to_end(key)
            if len(self._undone) > _MOST_ANSWERS:
                self._undone.popitem(last=False)

    def _drop(self, key: _Key) -> None:
        self._bytes -= self._kept.pop(key).size


def _size(value: object) -> int:
    """About how many bytes it takes, by the first of what is in it."""
    if isinstance(value, Struct):
        parts = [getattr(value, name) for name in value.__struct_fields__]
    elif isinstance(value, dict):
        parts = [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        parts = list(value)
    else:
        return sys.getsizeof(value)
    sample = [_size(part) for part in islice(parts, _SAMPLE)]
    return sys.getsizeof(value) + (sum(sample) * len(parts) // len(sample) if sample else 0)
