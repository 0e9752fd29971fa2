"""The host interface for programs with `async`. What each method does and raises is said at the blocking one of its name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import Any

from . import _verbs
from ._address import setting
from ._calls import Record
from ._connection import AsyncConnection, manner_of
from ._retries import Retries
from ._verbs import Agreement, Announced, Asked
from .aareas import AsyncDeclarations, AsyncResources, AsyncUsers
from .events import Event, PublishedData, PublishResult
from .operations import AsyncOperation
from .tasks import AsyncTask, default_timeout


class AsyncHost:
    """A connection to the host listener, of one event loop: `async with AsyncHost() as host:`. Settings as of `Host`."""

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        tenant: str | None = None,
        timeout: float = 10.0,
        retries: Retries | None = None,
    ) -> None:
        at = setting(url, "SIGNALBOX_HOST_URL", "the address of the host listener")
        manner = manner_of(setting(token, "SIGNALBOX_HOST_TOKEN", "the host token"), tenant, timeout, retries)
        self._connection = AsyncConnection(at, manner, trust_env=False)
        self.events = AsyncEventService(self)
        self.event_types = AsyncDeclarations(self._connection, "event-types")
        self.kinds = AsyncDeclarations(self._connection, "kinds")
        self.resources = AsyncResources(self._connection)
        self.users = AsyncUsers(self._connection)

    async def aclose(self) -> None:
        await self._connection.aclose()

    async def __aenter__(self) -> AsyncHost:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()


class AsyncEventService:
    """As `EventService`, of an `AsyncHost`."""

    def __init__(self, host: AsyncHost) -> None:
        self._host = host

    @property
    def _connection(self) -> AsyncConnection:
        return self._host._connection

    async def publish_event(
        self, event: Event, user: Any = None, *, app: str | None = None, resource: str | None = None
    ) -> PublishResult:
        return await self._connection.call(_verbs.publish(event, user, app, resource))

    async def publish_events(self, events: Iterable[Event], user: Any = None) -> list[PublishedData]:
        return await self._connection.call(_verbs.publish_many(events, user))

    async def publish_cloud_events(self, events: Iterable[Any]) -> list[PublishedData]:
        return await self._connection.call(_verbs.publish_cloud_events(events))

    def task(self, task_id: str) -> AsyncTask:
        return AsyncTask(self._connection, task_id)

    async def wait(self, result: PublishResult, timeout: float = default_timeout) -> list[Any]:
        if result.status == "error":
            raise _verbs.not_started(result)
        return [await self.task(task.task_id).get(timeout) for task in result.data.task_ids]

    async def check(
        self,
        event: str,
        params: Any,
        user: Any = None,
        *,
        app: str | None = None,
        resource: str | None = None,
        deadline: float | None = None,
    ) -> Agreement:
        asked = Asked(event, params, user, app, resource, deadline)
        return await self._connection.call(_verbs.begin(asked, intent=False))

    def around(
        self,
        event: str,
        params: Any,
        user: Any = None,
        *,
        app: str | None = None,
        resource: str | None = None,
        deadline: float | None = None,
        report_within: float | None = None,
        unknown_on: tuple[type[BaseException], ...] = (),
    ) -> AsyncOperation:
        """`async with`. A task that is cancelled meanwhile leaves the intent to the resolver."""
        return AsyncOperation(
            self._connection, Asked(event, params, user, app, resource, deadline, report_within), unknown_on
        )

    async def commit(self, operation_id: str, params: Any, *, resource: str | None = None) -> Announced:
        return await self._connection.call(_verbs.commit(operation_id, params, resource))

    async def abort(self, operation_id: str, reason: str) -> None:
        await self._connection.call(_verbs.abort(operation_id, reason))

    def operations(self, state: str | None = None, limit: int | None = None) -> AsyncIterator[Record]:
        return self._connection.items(_verbs.host_path("operations", final="/"), {"state": state, "limit": limit})

    async def operation(self, operation_id: str) -> Record:
        return await self._connection.call(_verbs.operation(operation_id))

    async def ask(self, operation_id: str) -> Record:
        return await self._connection.call(_verbs.ask(operation_id))

    async def set_resolver(self, url: str, *, all_tenants: bool = False, new_secret: bool = False) -> Record:
        return await self._connection.call(_verbs.set_resolver(url, all_tenants=all_tenants, new_secret=new_secret))

    async def get_resolver(self, *, all_tenants: bool = False) -> Record:
        return await self._connection.call(_verbs.get_resolver(all_tenants=all_tenants))

    async def remove_resolver(self, *, all_tenants: bool = False) -> None:
        await self._connection.call(_verbs.remove_resolver(all_tenants=all_tenants))
