"""Text from outside that is compared with what is stored."""


def storable(text: str) -> str:
    """The text as a store can hold it: without NULs, and `?` for halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
