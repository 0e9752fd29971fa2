"""The public API, blocking: what users of the platform may ask, each with a token of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, TypeVar, overload

from . import _public
from ._address import setting
from ._calls import Record
from ._connection import Connection, manner_of
from ._retries import Retries

M = TypeVar("M")


class Client:
    """
    A connection to the public API. May be used by many threads at once; close it, or use it in a `with` statement.

    `url`, `token`: without them, `SIGNALBOX_URL` and `SIGNALBOX_TOKEN`. `timeout`: seconds for each step of a request.
    """

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
        self._connection = Connection(at, manner, trust_env=True)

    @overload
    def request(
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
    def request(
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
    def request(
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
        """
        Any route of the API, by its path (`/api/cloud/…`): `data` of the answer, as JSON or read `into` a pydantic model.

        What is safe to ask for again is tried again. A POST is that with an `idempotency_key`, where its route takes one;
        without, and a PATCH, only when it surely did nothing.
        """
        data = self._connection.call(_public.request(method, path, body, query, idempotency_key, if_match))
        return data if into is None else _public.model_of(into, data)

    def items(self, path: str, name: str | None = None, **query: Any) -> Iterator[Record]:
        """What a list of the API holds, one after another, loaded page by page. `name`: of the list, where an answer has several."""
        return self._connection.items(path, query, name)

    def subscribe(self, event: str, function_id: int, **options: Any) -> Record:
        """A function gets the event from now on: `filter`, `stage`, `priority`, `failure_policy`, `max_retries` and so on."""
        return self._connection.call(_public.subscribe(event, function_id, options))

    def unsubscribe(self, event: str, function_id: int) -> Record:
        return self._connection.call(_public.unsubscribe(event, function_id))

    def simulate(self, event: str, params: Any) -> Record:
        """What all hooks of an event would say. Nothing is recorded."""
        return self._connection.call(_public.simulate(event, params))

    def functions(self, app: str, **query: Any) -> Iterator[Record]:
        return self.items(_public.functions(app), **query)

    def create_function(self, app: str, name: str, code: str, **options: Any) -> Record:
        return self._connection.call(_public.create_function(app, name, code, options))

    def update_function(self, app: str, function: str | int, *, if_match: str | None = None, **changes: Any) -> Record:
        return self._connection.call(_public.update_function(app, function, changes, if_match))

    def invoke(self, app: str, function: str | int, **event: Any) -> Record:
        """Runs a function now, on `params`, and gives its invocation."""
        return self._connection.call(_public.invoke(app, function, event))

    def subscriptions(self, **query: Any) -> Iterator[Record]:
        return self.items(_public.cloud("subscriptions"), **query)

    def create_subscription(self, **said: Any) -> Record:
        """The answer holds the `signing_secret` of a webhook, which is shown only then."""
        return self._connection.call(_public.create_subscription(said))

    def update_subscription(self, uuid: str, *, if_match: str | None = None, **changes: Any) -> Record:
        return self._connection.call(_public.update_subscription(uuid, changes, if_match))

    def delete_subscription(self, uuid: str) -> None:
        self._connection.call(_public.delete_subscription(uuid))

    def deliveries(self, **query: Any) -> Iterator[Record]:
        """By `status`, `event`, `resource`, `host` and so on."""
        return self.items(_public.cloud("deliveries"), **query)

    def redrive(self, delivery_id: str) -> Record:
        """Sends a delivery again, with as many tries as a new one."""
        return self._connection.call(_public.redrive(delivery_id))

    def check_filter(self, text: str, **said: Any) -> Record:
        """What is wrong with a filter, and where."""
        return self._connection.call(_public.check_filter(text, said))

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
