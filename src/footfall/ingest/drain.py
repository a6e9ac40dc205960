"""The drain: one background thread that takes groups from the journal into the store.

One pass reads groups, enriches, sessionizes, and writes one batch with the journal position it reaches.
Whatever happens between, the position tells what is done: nothing is lost, nothing counts twice.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import structlog
from msgspec import structs

from footfall.ingest.batching import Built
from footfall.ingest.erasing import concerns, under_way
from footfall.ingest.hands import Hands
from footfall.ingest.journal import Group, Journal
from footfall.ingest.records import Erase
from footfall.model.erasure import Scope
from footfall.model.errors import Overloaded
from footfall.store.base import Batch, Store
from footfall.store.ready import Ready

log = structlog.get_logger(__name__)

MAX_RECORDS = 100_000
"""Records per pass: enough to be fast in bulk, few enough to bound memory and the time to commit."""

_LEAST_REST = 0.02
_REST_PER_WORK = 4
_SEEN_WITHIN = 0.8
"""A pass costs some 40 ms however small it is, so the drain rests four times as long as it worked, and hits
gather; a quiet site still sees its events at once. A hit that comes as a pass begins is seen after this pass,
the rest and the next pass: on a busy site that is to stay within the promised second."""

_PAUSE = 1.0
MAX_FAILURES = 4
"""So often may a group fail in a way that nobody foresaw before it is set aside."""

_GRACE_MS = 60_000
_LOOK_SECONDS = 0.05
_TRIM_EVERY_SECONDS = 2.0
_REAP_EVERY_SECONDS = 5.0
_SCRUB_EVERY_SECONDS = 5.0
_MAINTAIN_EVERY_SECONDS = 3600.0
_MAINTAIN_SOON_SECONDS = 60.0
_MAINTAIN_LATE_SECONDS = 600.0


def now_ms() -> int:
    """The wall clock, ms UTC."""
    return time.time_ns() // 1_000_000


class Drain:
    """Moves the journal into the store. Start it as a thread, or call `step` yourself."""

    def __init__(
        self, journal: Journal, store: Store, *, timeout_ms: int, clock: Callable[[], int] = now_ms
    ) -> None:
        self._journal = journal
        self._store = store
        self._clock = clock
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._trimmed_at = self._reaped_at = self._scrubbed_at = 0.0
        self._failures = self._careful_upto = 0
        self._is_importing = False
        self._must_scrub = True  # the last process may have been killed before it did
        self.pause = _PAUSE
        self._maintain_at = time.monotonic() + _MAINTAIN_SOON_SECONDS
        self.progress = threading.Condition()
        self.trouble = ""
        self.counted: Counter[str] = Counter()
        self.hands = Hands(store, journal.node, timeout_ms)
        self._settle()
        journal.skip_to(self.position)

    def _load(self) -> None:
        self.hands.load()
        self._settle()

    def _settle(self) -> None:
        self.position = self._store.position()
        self._journal.settle_erasures(self.position)

    # -- running

    def start(self) -> None:
        """Run in a thread of its own. Returns when what was there is drained, or can't be now: see `trouble`."""
        last = self._journal.last()
        self._thread = threading.Thread(target=self._run, name="drain", daemon=True)
        self._thread.start()
        while not (self.wait_for(last, _LOOK_SECONDS) or self.trouble):
            pass

    def wake(self) -> None:
        """There is something new in the journal."""
        if not self._wake.is_set():
            self._wake.set()

    def stop(self, *, empty: bool = True) -> None:
        """End the thread; with `empty`, after the journal is drained as far as the store takes it."""
        self._stopping.set()
        if self._thread is not None:
            self._wake.set()
            self._thread.join()
            self._thread = None
        if empty and not self.trouble:
            self.catch_up()
        self.hands.end_help()
        self._journal.trim(self.position)

    def catch_up(self) -> None:
        """Drain all there is, in the caller's thread."""
        worked: int | None = 1
        while worked or (worked is None and not self._stopping.is_set()):
            worked = self._guarded(self.step)

    def wait_for(self, position: int, seconds: float) -> bool:
        """Wait until everything up to a position is in the store; False when the time is over."""
        with self.progress:
            return self.progress.wait_for(lambda: self.position >= position, seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            began = time.monotonic()
            worked = self._guarded(self.step)
            if worked is None or self._guarded(partial(self._after, worked)) is None:
                continue
            if not worked:
                # Another process may have appended (footfall import), so look now and then unasked.
                self._wake.wait(0.2)
            # Behind by a whole pass or more there is nothing to wait for, and an import comes in large groups.
            if worked < MAX_RECORDS and not (worked and self._is_importing):
                took = time.monotonic() - began if worked else 0.0
                rest = min(_REST_PER_WORK * took, _SEEN_WITHIN - 2 * took)
                self._stopping.wait(max(rest, _LEAST_REST))

    def _guarded(self, work: Callable[[], int]) -> int | None:
        """What `work` returns, or None if it failed; then the state is that of the store again.

        Whatever a batch does, the drain outlives it: after a failure it goes on group by group, and sets
        aside the group that keeps failing.
        """
        try:
            done = work()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic of Arrow's, which is Rust, is no Exception
            self._recover(error)
            return None
        self._failures = 0
        return done

    def _recover(self, error: BaseException) -> None:
        """Begin again from what the store has; it may be away for a while."""
        if not isinstance(error, Overloaded):
            log.error("drain.failed", exc_info=error)
            self.trouble = "the last batch failed; see the log"
            self._failures += 1
            self._careful_upto = self._journal.last()
        while not self._stopping.wait(self.pause):
            try:
                self._load()
                if self._failures > MAX_FAILURES:
                    self._set_aside()
            except Overloaded as away:
                log.warning("drain.store_away", reason=away.message)
                self.trouble = away.message
            except Exception as another:
                log.error("drain.store_away", exc_info=another)
                self.trouble = str(another)
            else:
                return

    def _set_aside(self) -> None:
        """Give up on the next group; it stays in the quarantine."""
        for group in self._journal.read(self.position, 1):
            self._quarantine(group.seq, -1, "the store can't take it; see the log", group.payload)
            self._store.write(Batch(position=group.seq))
            self._moved_to(group.seq)
        self._failures = 0

    # -- one pass

    def step(self) -> int:
        """Drain what is there, up to MAX_RECORDS; returns how many records went through."""
        groups = self._journal.read(self.position, 1 if self.position < self._careful_upto else MAX_RECORDS)
        if not groups:
            return 0
        while groups[-1].seq > self.position:
            # A deletion is a batch of its own, so several may be made of the groups.
            built = self._build([group for group in groups if group.seq > self.position])
            if built.erase is not None:
                self._erase(built.erase, built.batch.position)
                continue
            self._write(built.batch)
            self._is_importing = bool(built.imports)
            for import_id, count in built.imports.items():
                self._journal.count_import(import_id, count.added, count.known, count.dropped)
            self.counted["events"] += built.batch.event_count
            self._moved_to(built.batch.position)
        return max(1, sum(group.records for group in groups))

    def _build(self, groups: Sequence[Group]) -> Built:
        with self._telling():
            return self.hands.build(groups, self._quarantine)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """If the store can't be asked, say so."""
        try:
            yield
        except Overloaded as error:
            self.trouble = error.message
            raise

    def _erase(self, record: Erase, position: int) -> None:
        """Delete. The report is on disk first: once the rows are gone, nobody could count them."""
        # Few batches delete anything, and a start need not wait for what asks the store.
        from footfall.ingest.erasure_plan import plan

        with self._telling():
            erasure, removed = plan(self._store, record)
        is_worth_telling = bool(removed) or record.scope is not Scope.AGE
        if is_worth_telling:
            self._journal.note_erasure(position, under_way(record, removed))
        if removed:
            self._journal.forget_quarantined(partial(concerns, erasure))
        self._write(Batch(position=position, erasures=[erasure] if removed else []))
        # Sessions that were open may be gone; the store knows which are left.
        self._load()
        self._moved_to(position)
        self._maintain_at = float("-inf")  # at once, so that the rows leave the files too
        self._must_scrub = True
        if is_worth_telling:
            log.info("drain.erased", scope=record.scope, project=record.project_id, **structs.asdict(removed))

    def _write(self, batch: Batch | Ready) -> None:
        """Write, and while the store can't take it, keep trying this very batch."""
        wait = self.pause / 2
        while True:
            try:
                self._store.write(batch)
            except Overloaded as error:
                self.trouble = error.message
                log.warning("drain.store_refused", reason=error.message, records=batch.event_count)
                if self._stopping.wait(wait):
                    raise
                wait = min(wait * 2, 10.0)
            else:
                self.trouble = ""
                return

    def _moved_to(self, position: int) -> None:
        with self.progress:
            self.position = position
            self.progress.notify_all()

    def _quarantine(self, seq: int, place: int, reason: str, payload: bytes) -> None:
        log.error("drain.quarantined", seq=seq, place=place, reason=reason)
        self._journal.quarantine(seq, place, reason, payload)

    # -- between passes

    def _after(self, worked: int) -> int:
        """What is to be done after a pass of so many records."""
        self.hands.note(0 if self._is_importing else worked)
        if worked < MAX_RECORDS:
            self._housekeep(is_idle=not worked)
        self._trim()
        return worked

    def _trim(self) -> None:
        """Forget what is in the store, now and then."""
        now = time.monotonic()
        if now - self._trimmed_at > _TRIM_EVERY_SECONDS:
            self._trimmed_at = now
            self._journal.trim(self.position)

    def _housekeep(self, *, is_idle: bool) -> None:
        """Reap, tidy. Not while behind: the journal may still hold hits of sessions that look idle."""
        now = time.monotonic()
        if now - self._reaped_at > _REAP_EVERY_SECONDS:
            self._reaped_at = now
            self.reap()
        if self._must_scrub and is_idle and now - self._scrubbed_at > _SCRUB_EVERY_SECONDS:
            self._scrubbed_at = now
            self._scrub()
        # It takes a while, in which nothing new is seen, so it waits for a quiet moment, but not for ever.
        if now - self._maintain_at > (0 if is_idle else _MAINTAIN_LATE_SECONDS):
            self._maintain_at = now + _MAINTAIN_EVERY_SECONDS
            if self._store.maintain():
                self._maintain_at = now + _MAINTAIN_SOON_SECONDS

    def _scrub(self) -> None:
        """After a deletion the hits leave the journal's files, too, when nothing waits there any more."""
        self._journal.trim(self.position)
        self._must_scrub = not self._journal.scrub()

    def reap(self) -> None:
        """Close the sessions that nothing can extend any more."""
        batch = self.hands.close_idle(self._clock(), _GRACE_MS, self.position)
        if batch is not None:
            self._write(batch)
