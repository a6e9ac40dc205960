"""Every question is asked of both engines."""

from support.stores import site, store

__all__ = ["site", "store"]
