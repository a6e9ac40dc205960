"""Put a question to a store: one project, one answer."""

from typing import Protocol, TypeVar

from footfall.model.errors import BadRequest, FootfallError
from footfall.query.operators import Filters
from footfall.query.reader import Reader
from footfall.query.sql import named, select, word
from footfall.store.base import Store

Answer = TypeVar("Answer", covariant=True)


class Question(Protocol[Answer]):
    """What can be asked: filters that are checked first, and how it is answered."""

    @property
    def filters(self) -> Filters:
        """Whose patterns must be ones that the engine can read."""

    def answer(self, reader: Reader) -> Answer:
        """Read the rows and make the answer of them."""


def ask(store: Store, project_id: str, question: Question[Answer]) -> Answer:
    """The answer for one project. Blocks; raises BadRequest, Overloaded."""
    reader = Reader(store, project_id)
    for pattern in question.filters.patterns():
        _check_pattern(reader, pattern)
    return question.answer(reader)


def _check_pattern(reader: Reader, pattern: str) -> None:
    """Only the engine knows what its RE2 takes, so it is asked; Python's `re` never sees the pattern."""
    test = reader.engine.matches(word("x"), reader.text(pattern))
    try:
        reader.rows(select(named(test, "found")))
    except FootfallError:
        raise
    except Exception as error:
        raise BadRequest(
            f"{pattern[:60]!r} is not a regular expression (RE2)", "filters", "invalid_string"
        ) from error
