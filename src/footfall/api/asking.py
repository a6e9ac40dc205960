"""The threads that put questions to the store, where they wait for their turn (store/turns.py).

However many one project asks at once, half of the threads are left for the others.
"""

import anyio
from anyio import CapacityLimiter

from footfall.query.ask import ask
from footfall.query.reader import Answer, Question
from footfall.store.base import Store

MAX_QUESTIONS = 32
"""How many threads there are."""


class AskingThreads:
    """One of a server, for all dialects."""

    def __init__(self, most: int = MAX_QUESTIONS) -> None:
        self._all = CapacityLimiter(most)
        self._each = most // 2
        self._of: dict[str, CapacityLimiter] = {}

    async def ask(self, store: Store, project_id: str, question: Question[Answer]) -> Answer:
        """The answer, found in a thread. Raises BadRequest, Overloaded."""
        if project_id not in self._of:
            self._of[project_id] = CapacityLimiter(self._each)
        async with self._of[project_id]:
            return await anyio.to_thread.run_sync(ask, store, project_id, question, limiter=self._all)
