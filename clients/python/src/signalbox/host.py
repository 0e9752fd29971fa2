"""The host interface, blocking: what a platform's own services ask of Signalbox."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any

from . import _verbs
from ._address import setting
from ._calls import Record
from ._connection import Connection, manner_of
from ._retries import Retries
from ._verbs import Agreement, Announced, Asked
from .areas import Declarations, Resources, Users
from .events import Event, PublishedData, PublishResult
from .operations import Operation
from .tasks import Task, default_timeout


class Host:
    """
    A connection to the host listener. May be used by many threads at once; close it, or use it in a `with` statement.

    `url`: `http://127.0.0.1:7072` or `unix:/path`; without it, `SIGNALBOX_HOST_URL`. `token`: of the role `host`; without it,
    `SIGNALBOX_HOST_TOKEN`. `tenant`: whose events these are, for a token of all tenants. `timeout`: seconds for each step of a request,
    beside what the server may take for hooks and waiting. Raises ValueError for settings that cannot be.
    """

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
        self._connection = Connection(at, manner, trust_env=False)
        self.events = EventService(self)
        self.event_types = Declarations(self._connection, "event-types")
        self.kinds = Declarations(self._connection, "kinds")
        self.resources = Resources(self._connection)
        self.users = Users(self._connection)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Host:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


_defaults: dict[int, Host] = {}
_making = threading.Lock()


def default_host() -> Host:
    """The one that the environment names. Made once in each process, so that one that was forked has connections of its own."""
    process = os.getpid()
    with _making:
        host = _defaults.get(process)
        if host is None:
            host = Host()
            _defaults.clear()
            _defaults[process] = host
        return host


class EventService:
    """
    Publishes events, and runs operations between their hooks and their POST event.

    Without a `host`, that of the environment: `SIGNALBOX_HOST_URL` and `SIGNALBOX_HOST_TOKEN`, read at the first use. Every method
    raises SignalboxError: InvalidRequest for what does not fit, ConnectionFailed when no answer came.
    """

    def __init__(self, host: Host | None = None) -> None:
        self._host = host

    @property
    def _connection(self) -> Connection:
        return (default_host() if self._host is None else self._host)._connection

    def publish_event(
        self, event: Event, user: Any = None, *, app: str | None = None, resource: str | None = None
    ) -> PublishResult:
        """
        Publishes an event, and tells which functions it gave rise to: `{"status", "message", "data": {"event", "task_ids",
        "total_subscribers"}}`, as documented.

        Of a POST event: returns when it is durable. Of a PRE event: returns when its hooks have been started; wait for each with
        `task(task_id).get()`, and do what the event is about only if none of them raises. When a function cannot be started at all
        the result has the status `error`.

        `user`: a name, an object with a `username`, or Django's `request.user`.
        """
        return self._connection.call(_verbs.publish(event, user, app, resource))

    def publish_events(self, events: Iterable[Event], user: Any = None) -> list[PublishedData]:
        """Publishes 1 to 1,000 POST events, all of them in one commit or none."""
        return self._connection.call(_verbs.publish_many(events, user))

    def publish_cloud_events(self, events: Iterable[Any]) -> list[PublishedData]:
        """
        Likewise, of CloudEvents 1.0: events of the SDK, or dicts of the JSON format. One whose `source` and `id` came within a week
        is `duplicate`, and not published again.
        """
        return self._connection.call(_verbs.publish_cloud_events(events))

    def task(self, task_id: str) -> Task:
        """What `publish_event` started, to be waited for."""
        return Task(self._connection, task_id)

    def wait(self, result: PublishResult, timeout: float = default_timeout) -> list[Any]:
        """
        Waits for all tasks of a result, and gives their values in order. Raises what the first of them in that order does, and
        HookFailed when the result says that a function could not be started.
        """
        if result.status == "error":
            raise _verbs.not_started(result)
        return [self.task(task.task_id).get(timeout) for task in result.data.task_ids]

    def check(
        self,
        event: str,
        params: Any,
        user: Any = None,
        *,
        app: str | None = None,
        resource: str | None = None,
        deadline: float | None = None,
    ) -> Agreement:
        """
        Asks the hooks of `PRE_<event>`, and keeps no intent. What they agreed to is to be done, then published as a POST event.

        Raises HookDenied, HookError, HookFailed.
        """
        asked = Asked(event, params, user, app, resource, deadline)
        return self._connection.call(_verbs.begin(asked, intent=False))

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
    ) -> Operation:
        """
        An operation of the platform's own, in a `with` statement, between its hooks and its POST event:

            with events.around("ORDER_CREATE", params, user=request.user) as operation:
                order = insert(operation.params, operation.operation_id)
                operation.result({"id": order.id, "total": order.total})

        `event` is what follows `PRE_` and `POST_`. The statement is entered once every hook has agreed and the intent is durable;
        at its end `POST_<event>` is durable. An exception aborts the operation, with its message as the reason, and goes on; what the
        statement holds must have changed nothing then. Exceptions of `unknown_on` (a connection lost in a COMMIT) and what ends the
        program (KeyboardInterrupt) leave the intent to the resolver, which is asked after `report_within` seconds (600), and so does a crash.

        Raises HookDenied, HookError, HookFailed and InvalidRequest: nothing was begun. NotAnnounced: it was done.
        """
        return Operation(
            self._connection, Asked(event, params, user, app, resource, deadline, report_within), unknown_on
        )

    def commit(self, operation_id: str, params: Any, *, resource: str | None = None) -> Announced:
        """Ends an intent as done, by its id. The same again answers the same."""
        return self._connection.call(_verbs.commit(operation_id, params, resource))

    def abort(self, operation_id: str, reason: str) -> None:
        """Ends an intent as not done, by its id."""
        self._connection.call(_verbs.abort(operation_id, reason))

    def operations(self, state: str | None = None, limit: int | None = None) -> Iterator[Record]:
        """Intents that are left, `open` or `unresolved`."""
        return self._connection.items(_verbs.host_path("operations", final="/"), {"state": state, "limit": limit})

    def operation(self, operation_id: str) -> Record:
        """An operation that was begun with an intent: its `state` and, once it has ended, when and why."""
        return self._connection.call(_verbs.operation(operation_id))

    def ask(self, operation_id: str) -> Record:
        """Asks the resolver now what became of an operation, and shows it as it is then."""
        return self._connection.call(_verbs.ask(operation_id))

    def set_resolver(self, url: str, *, all_tenants: bool = False, new_secret: bool = False) -> Record:
        """
        Sets the URL that is asked what became of intents: of this tenant, or of all that have none of their own. The answer holds
        the `signing_secret` of its questions when that is new: with the first URL, or by `new_secret`, after which the one before signs
        too for a day. It is not shown again.
        """
        return self._connection.call(_verbs.set_resolver(url, all_tenants=all_tenants, new_secret=new_secret))

    def get_resolver(self, *, all_tenants: bool = False) -> Record:
        """The URL that is asked, without its secret. Raises NotFound."""
        return self._connection.call(_verbs.get_resolver(all_tenants=all_tenants))

    def remove_resolver(self, *, all_tenants: bool = False) -> None:
        """Intents are kept unresolved from now on, until there is a URL again."""
        self._connection.call(_verbs.remove_resolver(all_tenants=all_tenants))


class AsyncResult(Task):
    """The same as `EventService().task(task_id)`, by the name that the documented code has."""

    def __init__(self, task_id: str, host: Host | None = None) -> None:
        super().__init__((default_host() if host is None else host)._connection, task_id)
