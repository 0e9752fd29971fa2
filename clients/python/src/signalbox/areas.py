"""What a platform declares and registers, blocking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from . import _declared
from ._calls import Record
from ._connection import Connection
from ._verbs import host_path


class Declarations:
    """Event types or kinds of the platform, for all tenants. Changing them takes a token of all tenants."""

    def __init__(self, connection: Connection, area: str) -> None:
        self._connection = connection
        self._area = area

    def put(
        self, name: str, declaration: Mapping[str, Any], *, force: bool = False, if_match: str | None = None
    ) -> Record:
        """
        Declares one, or changes it. Of an event type: `phase`, `resource`, `schema`, and `description`, `sensitive`,
        `public`, `changeable`.

        Raises BreaksFilters when filters of subscriptions could not be read any more, unless `force`; PreconditionFailed.
        """
        call = _declared.declare(self._area, name, declaration, force=force, if_match=if_match)
        return self._connection.call(call)

    def get(self, name: str) -> Record:
        return self._connection.call(_declared.declared(self._area, name))

    def all(self, **query: Any) -> Iterator[Record]:
        """One after another, loaded page by page."""
        return self._connection.items(host_path(self._area, final="/"), query)

    def delete(self, name: str, *, force: bool = False, if_match: str | None = None) -> None:
        self._connection.call(_declared.undeclare(self._area, name, force=force, if_match=if_match))


class Resources:
    """Resources of the platform's own kinds: who owns them, what they lie in, who sees them, what happens to them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, uuid: str, **said: Any) -> Record:
        """Registers one or changes it: `kind`, `owner`, and `app`, `parents`, `data`, `announce`."""
        return self._connection.call(_declared.register(uuid, said))

    def put_many(
        self,
        resources: Iterable[Mapping[str, Any]],
        *,
        existing: str | None = None,
        announce: bool | None = None,
        user: Any = None,
    ) -> Record:
        """Registers 1 to 1,000, all of them in one commit or none. `existing`: `refuse` (default) or `change` what is there."""
        return self._connection.call(_declared.register_many(resources, existing, announce, user))

    def get(self, uuid: str) -> Record:
        return self._connection.call(_declared.resource(uuid))

    def all(self, **query: Any) -> Iterator[Record]:
        """One after another, loaded page by page."""
        return self._connection.items(host_path("resources", final="/"), query)

    def delete(self, uuid: str) -> None:
        self._connection.call(_declared.remove_resource(uuid))

    def raise_event(self, uuid: str, event: str, data: Any = None, *, user: Any = None) -> Record:
        """Says that something happened to a resource, by a name that its kind has: `RUNNING`. `data` is merged into it."""
        return self._connection.call(_declared.raise_event(uuid, event, data, user))

    def raise_events(self, events: Iterable[Mapping[str, Any]], *, user: Any = None) -> Record:
        """Likewise of 1 to 1,000 in one commit: each with `uuid`, `event` and perhaps `data`."""
        return self._connection.call(_declared.raise_many(events, user))

    def grant(self, uuid: str, principal: str, permission: str = "read") -> Record:
        return self._connection.call(_declared.grant(uuid, principal, permission))

    def revoke(self, uuid: str, principal: str) -> None:
        self._connection.call(_declared.revoke(uuid, principal))


class Users:
    """The tenant's users. Each change asks the hooks of its PRE event, and is committed with its POST event."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, *, acting: Any = None, **fields: Any) -> Record:
        """A new one: `username`, and `email`, `first_name`, `last_name`, `attributes`. `acting`: who asks for it."""
        return self._connection.call(_declared.create_user(fields, acting))

    def put(self, username: str, *, acting: Any = None, **fields: Any) -> Record:
        """Makes the user of that name what is said, whether there is one or not: `result` is `created`, `changed` or `unchanged`."""
        return self._connection.call(_declared.put_user(username, fields, acting))

    def get(self, user_id: int | str) -> Record:
        """By its number or uuid."""
        return self._connection.call(_declared.user(user_id))

    def all(self, **query: Any) -> Iterator[Record]:
        """One after another, loaded page by page; by `username` or `email` exactly."""
        return self._connection.items(host_path("users", final="/"), query)

    def change(self, user_id: int | str, *, acting: Any = None, **fields: Any) -> Record:
        """What is not named stays, None empties it, attributes are merged."""
        return self._connection.call(_declared.change_user(user_id, fields, acting))

    def delete(self, user_id: int | str) -> Record:
        return self._connection.call(_declared.remove_user(user_id))
