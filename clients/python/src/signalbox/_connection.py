"""What makes the steps of calls: a connection to one listener, blocking or not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, TypeVar

import httpx

from ._address import read_address
from ._calls import Call, Manner, Send, Step, Steps, Wait, steps
from ._lists import Query, items_of, next_of, page_of
from ._retries import Retries

T = TypeVar("T")


def manner_of(token: str, tenant: str | None, timeout: float, retries: Retries | None) -> Manner:
    """Raises ValueError for a token or tenant that no header can hold, and for a time-out that is none."""
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise ValueError("the token must be visible ASCII characters")
    if not timeout > 0:
        raise ValueError("timeout must be a positive number of seconds")
    headers = {"authorization": f"Bearer {token}", "accept": "application/json", "user-agent": "signalbox-python/0.1.0"}
    if tenant is not None:
        if not (tenant.isascii() and tenant.isprintable()):
            raise ValueError("the tenant must be the id of one")
        headers["x-signalbox-tenant"] = tenant
    return Manner(headers, timeout, Retries() if retries is None else retries)


class Connection:
    """Makes calls, and blocks meanwhile. May be used by many threads at once."""

    def __init__(self, url: str, manner: Manner, *, trust_env: bool) -> None:
        address = read_address(url)
        self.manner = manner
        self._http = httpx.Client(
            base_url=address.url,
            transport=None if address.socket is None else httpx.HTTPTransport(uds=address.socket),
            trust_env=trust_env and address.socket is None,
        )

    def call(self, call: Call[T]) -> T:
        return self.run(steps(call, self.manner))

    def run(self, taking: Steps[T]) -> T:
        got: object = None
        try:
            step = next(taking)
            while True:
                got = self._do(step)
                step = taking.send(got)
        except StopIteration as done:
            value: T = done.value
            return value

    def _do(self, step: Step) -> object:
        if isinstance(step, Wait):
            time.sleep(step.seconds)
            return None
        try:
            return self._http.request(**_arguments(step))  # type: ignore[arg-type]
        except httpx.TransportError as error:
            return error

    def items(self, path: str, query: Mapping[str, Any], name: str | None = None) -> Iterator[Any]:
        """What a list holds, loaded page by page as it is asked for."""
        asked: Query | None = query
        while asked is not None:
            page = self.call(page_of(path, asked))
            yield from items_of(page, name)
            asked = next_of(page, asked)

    def close(self) -> None:
        self._http.close()


class AsyncConnection:
    """Makes calls of one event loop."""

    def __init__(self, url: str, manner: Manner, *, trust_env: bool) -> None:
        address = read_address(url)
        self.manner = manner
        self._http = httpx.AsyncClient(
            base_url=address.url,
            transport=None if address.socket is None else httpx.AsyncHTTPTransport(uds=address.socket),
            trust_env=trust_env and address.socket is None,
        )

    async def call(self, call: Call[T]) -> T:
        return await self.run(steps(call, self.manner))

    async def run(self, taking: Steps[T]) -> T:
        got: object = None
        try:
            step = next(taking)
            while True:
                got = await self._do(step)
                step = taking.send(got)
        except StopIteration as done:
            value: T = done.value
            return value

    async def _do(self, step: Step) -> object:
        if isinstance(step, Wait):
            await asyncio.sleep(step.seconds)
            return None
        try:
            return await self._http.request(**_arguments(step))  # type: ignore[arg-type]
        except httpx.TransportError as error:
            return error

    async def items(self, path: str, query: Mapping[str, Any], name: str | None = None) -> AsyncIterator[Any]:
        """What a list holds, loaded page by page as it is asked for."""
        asked: Query | None = query
        while asked is not None:
            page = await self.call(page_of(path, asked))
            for item in items_of(page, name):
                yield item
            asked = next_of(page, asked)

    async def aclose(self) -> None:
        await self._http.aclose()


def _arguments(step: Send) -> Mapping[str, object]:
    return {
        "method": step.method,
        "url": step.path,
        "params": step.query,
        "headers": step.headers,
        "content": step.content,
        "timeout": step.timeout,
    }
