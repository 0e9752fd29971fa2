"""What a platform declares and registers, for programs with `async`. Explained at the blocking classes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from . import _declared
from ._calls import Record
from ._connection import AsyncConnection
from ._verbs import host_path


class AsyncDeclarations:
    """As `Declarations`."""

    def __init__(self, connection: AsyncConnection, area: str) -> None:
        self._connection = connection
        self._area = area

    async def put(
        self, name: str, declaration: Mapping[str, Any], *, force: bool = False, if_match: str | None = None
    ) -> Record:
        call = _declared.declare(self._area, name, declaration, force=force, if_match=if_match)
        return await self._connection.call(call)

    async def get(self, name: str) -> Record:
        return await self._connection.call(_declared.declared(self._area, name))

    def all(self, **query: Any) -> AsyncIterator[Record]:
        return self._connection.items(host_path(self._area, final="/"), query)

    async def delete(self, name: str, *, force: bool = False, if_match: str | None = None) -> None:
        await self._connection.call(_declared.undeclare(self._area, name, force=force, if_match=if_match))


class AsyncResources:
    """As `Resources`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, uuid: str, **said: Any) -> Record:
        return await self._connection.call(_declared.register(uuid, said))

    async def put_many(
        self,
        resources: Iterable[Mapping[str, Any]],
        *,
        existing: str | None = None,
        announce: bool | None = None,
        user: Any = None,
    ) -> Record:
        return await self._connection.call(_declared.register_many(resources, existing, announce, user))

    async def get(self, uuid: str) -> Record:
        return await self._connection.call(_declared.resource(uuid))

    def all(self, **query: Any) -> AsyncIterator[Record]:
        return self._connection.items(host_path("resources", final="/"), query)

    async def delete(self, uuid: str) -> None:
        await self._connection.call(_declared.remove_resource(uuid))

    async def raise_event(self, uuid: str, event: str, data: Any = None, *, user: Any = None) -> Record:
        return await self._connection.call(_declared.raise_event(uuid, event, data, user))

    async def raise_events(self, events: Iterable[Mapping[str, Any]], *, user: Any = None) -> Record:
        return await self._connection.call(_declared.raise_many(events, user))

    async def grant(self, uuid: str, principal: str, permission: str = "read") -> Record:
        return await self._connection.call(_declared.grant(uuid, principal, permission))

    async def revoke(self, uuid: str, principal: str) -> None:
        await self._connection.call(_declared.revoke(uuid, principal))


class AsyncUsers:
    """As `Users`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def create(self, *, acting: Any = None, **fields: Any) -> Record:
        return await self._connection.call(_declared.create_user(fields, acting))

    async def put(self, username: str, *, acting: Any = None, **fields: Any) -> Record:
        return await self._connection.call(_declared.put_user(username, fields, acting))

    async def get(self, user_id: int | str) -> Record:
        return await self._connection.call(_declared.user(user_id))

    def all(self, **query: Any) -> AsyncIterator[Record]:
        return self._connection.items(host_path("users", final="/"), query)

    async def change(self, user_id: int | str, *, acting: Any = None, **fields: Any) -> Record:
        return await self._connection.call(_declared.change_user(user_id, fields, acting))

    async def delete(self, user_id: int | str) -> Record:
        return await self._connection.call(_declared.remove_user(user_id))
