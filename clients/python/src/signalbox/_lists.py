"""Lists, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from ._calls import Call, data_of
from ._errors import UnexpectedAnswer

Query: TypeAlias = Mapping[str, Any]

#: Entries of a page where a list goes on by offset.
_page = 100


def page_of(path: str, query: Query) -> Call[Any]:
    """One page: the first one, or the one that a query of `next_of` asks for."""
    return Call("GET", path, data_of, query=query)


def items_of(page: Any, name: str | None) -> list[Any]:
    """The list in a page: the one of that name, or the only one that there is."""
    if isinstance(page, list):
        return page
    lists = {key: value for key, value in page.items() if isinstance(value, list)} if isinstance(page, Mapping) else {}
    chosen = next(iter(lists)) if name is None and len(lists) == 1 else name
    if chosen not in lists:
        raise UnexpectedAnswer("unexpected_answer", f"the answer has the lists {[*lists]}: say by name= which is meant")
    return lists[chosen]


def next_of(page: Any, query: Query) -> Query | None:
    """What to ask for the next page, if there is one: by its cursor, or on the notifications face by how many came before."""
    if isinstance(page, list):
        limit = int(query.get("limit") or _page)
        return (
            None
            if len(page) < limit
            else {**query, "limit": limit, "offset": int(query.get("offset") or 0) + len(page)}
        )
    cursor = page.get("next_cursor")
    return None if cursor is None else {**query, "cursor": cursor}
