"""Pages of lists: which part of a list a query asks for, searched and in order (umami contract §4.1)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any

from msgspec import Struct
from pydantic import Field

from footfall.api.umami.errors import Generation, invalid
from footfall.api.umami.taking import Taken, Text, Whole

MAX_PAGE_SIZE = 1000
MAX_PAGE = 10**9
PAGE_SIZES: dict[Generation, int] = {"v2": 10, "v3": 20}


class PageQuery(Taken):
    """Which part of a list, of which items, in which order (contract §4.1)."""

    page: Annotated[Whole, Field(ge=1)] = 1
    page_size: Annotated[Whole, Field(ge=1)] | None = None
    search: Text | None = None
    order_by: Text | None = None
    sort_descending: Text | None = None


class Page(Struct, frozen=True):
    """Which part of a list: what a query came to."""

    page: int
    size: int
    search: str
    order_by: str
    descending: bool

    @property
    def offset(self) -> int:
        """How many items come before it."""
        return (self.page - 1) * self.size

    def body(self, items: Sequence[Any], count: int) -> dict[str, Any]:
        """The answer, from the items of this page and the number of all."""
        answer = {"data": list(items), "count": count, "page": self.page, "pageSize": self.size}
        if self.order_by:
            answer["orderBy"] = self.order_by
        if self.search:
            answer["search"] = self.search
        return answer

    def of(
        self,
        items: Iterable[Mapping[str, Any]],
        texts: Callable[[Mapping[str, Any]], Iterable[str | None]],
        order: str = "",
    ) -> dict[str, Any]:
        """The answer, from all items: searched in these texts without regard to case, ordered and cut.

        `order` is the key that they are sorted by if the query names none. Raises Invalid for a key that they
        don't have.
        """
        wanted = self.search.casefold()
        found = [
            item for item in items if not wanted or any(wanted in text.casefold() for text in texts(item) if text)
        ]
        key = self.order_by or order
        if key:
            found.sort(key=lambda item: _sort_key(item, key), reverse=self.descending)
        return self.body(found[self.offset : self.offset + self.size], len(found))


def page_of(query: PageQuery, generation: Generation, most: int = MAX_PAGE_SIZE) -> Page:
    """What a query asks for; a page or a page size over its cap is the cap."""
    size = PAGE_SIZES[generation] if query.page_size is None else min(query.page_size, most)
    descending = (query.sort_descending or "").lower() in ("true", "1")
    return Page(min(query.page, MAX_PAGE), size, query.search or "", query.order_by or "", descending)


def _sort_key(item: Mapping[str, Any], key: str) -> tuple[int, str]:
    value = item.get(key, ...)
    if value is ... or isinstance(value, dict | list):
        raise invalid("orderBy", "Invalid")
    return (0, "") if value is None else (1, str(value).casefold())
