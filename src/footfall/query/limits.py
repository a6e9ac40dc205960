"""How much one question may ask. What is refused here, no database has to find out.

Of each list there is a limit where it is read (`operators.py`, `series.py`, the dialects' steps); here it is of
the whole question, with all of its series and steps: a filter of all series counts for each of them.

filters   200
values    5,000, to be compared with by all of these
"""

from collections.abc import Iterator

from msgspec import Struct

from footfall.model.errors import BadRequest
from footfall.query.conditions import Condition
from footfall.query.funnel import PropertyTest
from footfall.query.operators import Filter

MAX_FILTERS = 200
MAX_VALUES = 5_000

Comparison = Filter | Condition | PropertyTest


def check_size(question: object) -> None:
    """Raises BadRequest if it asks for too much."""
    found = list(_comparisons(question))
    if len(found) > MAX_FILTERS:
        message = f"there can be {MAX_FILTERS} filters at most in all series and steps"
        raise BadRequest(message, "filters", "too_big")
    if sum(len(each.values) for each in found) > MAX_VALUES:
        message = f"filters take {MAX_VALUES} values at most in all series and steps"
        raise BadRequest(message, "filters", "too_big")


def _comparisons(part: object) -> Iterator[Comparison]:
    """All that is compared, however deep it stands."""
    if isinstance(part, Comparison):
        yield part
    elif isinstance(part, Struct):
        for name in part.__struct_fields__:
            yield from _comparisons(getattr(part, name))
    elif isinstance(part, tuple | list):
        for each in part:
            yield from _comparisons(each)
