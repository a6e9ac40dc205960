"""Work in a thread of its own that nobody waits for too long: a database may hang, and a server must not."""

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread

Work = Callable[[], object]


class Patience:
    """Does one work after the other and waits for each, for so many seconds at most.

    While one takes longer than that, what is asked for is not begun: who asks goes on with what he has.
    """

    def __init__(self, seconds: float, name: str) -> None:
        self._seconds = seconds
        self._works: SimpleQueue[tuple[Work, Future[None]] | None] = SimpleQueue()
        self._late: Future[None] | None = None
        # A daemon: the end of a process must not wait for what hangs either.
        Thread(target=self._run, name=name, daemon=True).start()

    def do(self, work: Work) -> None:
        """Have it done. Raises what it raises."""
        if self._late is not None and not self._late.done():
            return
        done: Future[None] = Future()
        self._works.put((work, done))
        try:
            done.result(self._seconds)
        except TimeoutError:
            self._late = done

    def close(self) -> None:
        """End the thread, once it is idle."""
        self._works.put(None)

    def _run(self) -> None:
        while (asked := self._works.get()) is not None:
            work, done = asked
            try:
                work()
                done.set_result(None)
            except BaseException as error:
                done.set_exception(error)
