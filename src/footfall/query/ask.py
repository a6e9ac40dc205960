"""Put a question to a store: one project, one answer."""

from footfall.query.limits import check_size
from footfall.query.reader import Answer, Question, Reader
from footfall.store.base import Store


def ask(store: Store, project_id: str, question: Question[Answer]) -> Answer:
    """The answer for one project; others may be given the same, so it must not be changed.

    Blocks; raises BadRequest, Overloaded.
    """
    check_size(question)
    return Reader(store, project_id).ask(question)
