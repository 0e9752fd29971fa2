"""Lists, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._calls import Call, Record, record_of
from ._errors import UnexpectedAnswer


def page_of(path: str, query: Mapping[str, Any], cursor: str | None) -> Call[Record]:
    """One page: the first one, or the one at a cursor."""
    asked = {**query, "cursor": cursor} if cursor is not None else query
    return Call("GET", path, record_of, query=asked)


def items_of(page: Record, name: str | None) -> list[Any]:
    """The list in a page: the one of that name, or the only one that there is."""
    lists = [key for key, value in page.items() if isinstance(value, list)]
    chosen = lists[0] if name is None and len(lists) == 1 else name
    if chosen not in lists:
        raise UnexpectedAnswer("unexpected_answer", f"the answer has the lists {lists}: say by name= which is meant")
    found: list[Any] = page[chosen]
    return found


def next_of(page: Record) -> str | None:
    """Where the next page begins, if there is one."""
    cursor: str | None = page.get("next_cursor")
    return cursor
