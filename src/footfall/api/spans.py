"""Ranges of requests: a keyword or two dates, as `query/ranges.py` reads them, for all dialects with keywords."""

from collections.abc import Callable
from typing import Protocol

from footfall.model.project import Project
from footfall.query.first import FirstEvent
from footfall.query.ranges import ALL_TIME_NAMES, RangeName, TimeRange, resolve
from footfall.query.reader import Answer, Question


class Asks(Protocol):
    """Who has questions about a project answered, and has a clock: the context of a dialect's routes."""

    @property
    def now_ms(self) -> Callable[[], int]:
        """The clock."""

    async def ask(self, project: Project, question: Question[Answer]) -> Answer:
        """The answer."""


async def span_of(
    context: Asks, project: Project, name: str, start: str, end: str, default: RangeName
) -> TimeRange:
    """What these words mean now; empty text is absent. Raises BadRequest.

    Only `all_time` has to ask, for the first event.
    """
    first_ms = await context.ask(project, FirstEvent()) if name in ALL_TIME_NAMES else None
    return resolve(
        project.zone, context.now_ms(), name=name, start=start, end=end, default=default, first_ms=first_ms
    )
