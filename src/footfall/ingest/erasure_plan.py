"""What a deletion takes with it, found by asking the store before anything is deleted."""

from msgspec import structs

from footfall.ingest.erasing import SUBJECTS
from footfall.ingest.records import Erase
from footfall.model.erasure import Erasure, Removed
from footfall.query.ask import ask
from footfall.query.held import Held, SessionsOf
from footfall.store.base import Store


def plan(store: Store, record: Erase) -> tuple[Erasure, Removed]:
    """What the batch deletes, and how many rows that are. Raises Overloaded.

    However long that takes: what comes after the deletion waits for it.
    """
    erasure = Erasure(
        project_id=record.project_id, scope=record.scope, subject=record.subject, before_ms=record.before_ms
    )
    if record.scope in SUBJECTS:
        session_ids = ask(store, record.project_id, SessionsOf(erasure), is_patient=True)
        erasure = structs.replace(erasure, session_ids=tuple(session_ids))
    return erasure, ask(store, record.project_id, Held(erasure), is_patient=True)
