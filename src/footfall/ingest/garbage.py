"""How often a process that builds batches looks for garbage."""

import gc

_COLLECT_AFTER = 50_000
"""A batch makes hundreds of thousands of objects without a cycle among them; looking for one at Python's own
default of 700 took a fifth of the drain's time."""


def look_rarely() -> None:
    """Let the interpreter look for cycles after so many objects."""
    gc.set_threshold(_COLLECT_AFTER, 20, 50)
