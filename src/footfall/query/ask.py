"""Put a question to a store: one project, one answer."""

import math

from footfall.query.limits import check_size
from footfall.query.reader import Answer, Question, Reader
from footfall.store.base import Store


def ask(store: Store, project_id: str, question: Question[Answer], *, is_patient: bool = False) -> Answer:
    """The answer for one project; others may be given the same, so it must not be changed.

    Blocks; raises BadRequest, Overloaded. `is_patient` is for the drain alone: there is no limit of time.
    """
    check_size(question)
    return Reader(store, project_id, ends_at=math.inf if is_patient else None).ask(question)
