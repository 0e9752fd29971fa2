"""The public API for programs with `async`. What each method does is said at the blocking one of its name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, TypeVar, overload

from . import _public
from ._address import setting
from ._calls import Record
from ._connection import AsyncConnection, manner_of
from ._retries import Retries

M = TypeVar("M")


class AsyncClient:
    """As `Client`, of one event loop: `async with AsyncClient() as client:`."""

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 30.0,
        retries: Retries | None = None,
    ) -> None:
        at = setting(url, "SIGNALBOX_URL", "the address of the API")
        manner = manner_of(setting(token, "SIGNALBOX_TOKEN", "the token"), None, timeout, retries)
        self._connection = AsyncConnection(at, manner, trust_env=True)

    @overload
    async def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        if_match: str | None = None,
        into: type[M],
    ) -> M: ...
    @overload
    async def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        if_match: str | None = None,
        into: None = None,
    ) -> Any: ...
    async def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        if_match: str | None = None,
        into: type[Any] | None = None,
    ) -> Any:
        data = await self._connection.call(_public.request(method, path, body, query, idempotency_key, if_match))
        return data if into is None else _public.model_of(into, data)

    def items(self, path: str, name: str | None = None, **query: Any) -> AsyncIterator[Record]:
        return self._connection.items(path, query, name)

    async def subscribe(self, event: str, function_id: int, **options: Any) -> Record:
        return await self._connection.call(_public.subscribe(event, function_id, options))

    async def unsubscribe(self, event: str, function_id: int) -> Record:
        return await self._connection.call(_public.unsubscribe(event, function_id))

    async def simulate(self, event: str, params: Any) -> Record:
        return await self._connection.call(_public.simulate(event, params))

    def functions(self, app: str, **query: Any) -> AsyncIterator[Record]:
        return self.items(_public.functions(app), **query)

    async def create_function(self, app: str, name: str, code: str, **options: Any) -> Record:
        return await self._connection.call(_public.create_function(app, name, code, options))

    async def update_function(
        self, app: str, function: str | int, *, if_match: str | None = None, **changes: Any
    ) -> Record:
        return await self._connection.call(_public.update_function(app, function, changes, if_match))

    async def invoke(self, app: str, function: str | int, **event: Any) -> Record:
        return await self._connection.call(_public.invoke(app, function, event))

    def subscriptions(self, **query: Any) -> AsyncIterator[Record]:
        return self.items(_public.cloud("subscriptions"), **query)

    async def create_subscription(self, **said: Any) -> Record:
        return await self._connection.call(_public.create_subscription(said))

    async def update_subscription(self, uuid: str, *, if_match: str | None = None, **changes: Any) -> Record:
        return await self._connection.call(_public.update_subscription(uuid, changes, if_match))

    async def delete_subscription(self, uuid: str) -> None:
        await self._connection.call(_public.delete_subscription(uuid))

    def deliveries(self, **query: Any) -> AsyncIterator[Record]:
        return self.items(_public.cloud("deliveries"), **query)

    async def redrive(self, delivery_id: str) -> Record:
        return await self._connection.call(_public.redrive(delivery_id))

    async def check_filter(self, text: str, **said: Any) -> Record:
        return await self._connection.call(_public.check_filter(text, said))

    async def aclose(self) -> None:
        await self._connection.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()
