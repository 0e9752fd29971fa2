"""Operations of a platform's own, between their hooks and their POST event."""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType
from typing import Any

from . import _verbs
from ._calls import Call
from ._connection import AsyncConnection, Connection
from ._errors import NotAnnounced, SignalboxError
from ._verbs import Agreement, Announced, Asked

_log = logging.getLogger("signalbox")


class _Around:
    """What both kinds of operation have in common."""

    def __init__(self, asked: Asked, unknown_on: tuple[type[BaseException], ...]) -> None:
        self._asked = asked
        self._unknown_on = unknown_on
        self._agreement: Agreement | None = None
        self._given: tuple[Any, str | None] | None = None
        self._announced: Announced | None = None

    @property
    def _begun(self) -> Agreement:
        if self._agreement is None:
            raise RuntimeError("the operation has not begun: use it in a with statement")
        return self._agreement

    @property
    def operation_id(self) -> str:
        """To be kept with what the operation writes: by it the resolver finds out what became of it."""
        return self._begun.operation_id

    @property
    def params(self) -> dict[str, Any]:
        """As the hooks left them, without what is sensitive."""
        return self._begun.params

    @property
    def warnings(self) -> tuple[str, ...]:
        """Hooks that failed and need not have agreed."""
        return self._begun.warnings

    @property
    def announced(self) -> Announced | None:
        """The POST event, once the operation has ended well."""
        return self._announced

    def result(self, params: Any, *, resource: str | None = None) -> None:
        """
        What was done: the params of the POST event, and the uuid of what it is about. Without it, `params` as the hooks left them
        are published.
        """
        self._given = (params, resource)

    def _commit(self) -> Call[Announced]:
        params, resource = (self.params, None) if self._given is None else self._given
        return _verbs.commit(self.operation_id, params, self._asked.resource if resource is None else resource)

    def _aborts(self, error: BaseException) -> bool:
        """Whether what was raised says that nothing was done. What ends the program may come at any moment, and says nothing."""
        return isinstance(error, Exception) and not isinstance(error, self._unknown_on)

    def _not_announced(self, error: SignalboxError) -> NotAnnounced:
        message = (
            f"{self._asked.event} was done, but its POST event could not be published: {error.message}. "
            "Its intent is kept, and the resolver is asked what became of it"
        )
        data = {**error.data, "operation_id": self.operation_id, "code": error.code}
        return NotAnnounced("not_announced", message, status=error.status, fields=error.fields, data=data)

    def _not_aborted(self, error: SignalboxError) -> None:
        _log.warning("operation %s could not be aborted, its intent is kept: %s", self.operation_id, error.message)


def _reason_of(error: BaseException) -> str:
    return str(error) or type(error).__name__


class Operation(_Around):
    """`with service.around(…) as operation:`. See `EventService.around`."""

    def __init__(self, connection: Connection, asked: Asked, unknown_on: tuple[type[BaseException], ...] = ()) -> None:
        super().__init__(asked, unknown_on)
        self._connection = connection

    def __enter__(self) -> Operation:
        self._agreement = self._connection.call(_verbs.begin(self._asked, intent=True))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None:
            if self._aborts(error):
                try:
                    self._connection.call(_verbs.abort(self.operation_id, _reason_of(error)))
                except SignalboxError as failure:
                    self._not_aborted(failure)
            return
        try:
            self._announced = self._connection.call(self._commit())
        except SignalboxError as failure:
            raise self._not_announced(failure) from failure


class AsyncOperation(_Around):
    """`async with service.around(…) as operation:`. See `AsyncEventService.around`."""

    def __init__(
        self, connection: AsyncConnection, asked: Asked, unknown_on: tuple[type[BaseException], ...] = ()
    ) -> None:
        super().__init__(asked, unknown_on)
        self._connection = connection
        self._committing: asyncio.Future[Announced] | None = None

    async def __aenter__(self) -> AsyncOperation:
        self._agreement = await self._connection.call(_verbs.begin(self._asked, intent=True))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if error is not None:
            if self._aborts(error):
                try:
                    await self._connection.call(_verbs.abort(self.operation_id, _reason_of(error)))
                except SignalboxError as failure:
                    self._not_aborted(failure)
            return
        try:
            # A caller that goes away does not undo what was done: it is announced all the same. The loop itself keeps no task alive.
            self._committing = asyncio.ensure_future(self._connection.call(self._commit()))
            self._announced = await asyncio.shield(self._committing)
        except SignalboxError as failure:
            raise self._not_announced(failure) from failure
