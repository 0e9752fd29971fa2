"""Waiting for what publishing started."""

from __future__ import annotations

from typing import Any

from . import _verbs
from ._connection import AsyncConnection, Connection

#: Seconds, as documented.
default_timeout = 300.0


class Task:
    """One run of a function, by its task id."""

    def __init__(self, connection: Connection, task_id: str) -> None:
        self._connection = connection
        self.task_id = task_id

    def get(self, timeout: float = default_timeout) -> Any:
        """
        Waits for the end, `timeout` seconds at most. Of a hook: its verdict, `{"decision": "allow", "patch": …}`. Of a function on
        a POST event: what it returned once it has succeeded, through retries and restarts; None when that was longer than 16 KiB.

        Raises HookDenied, HookError or HookFailed (all ValidationError) of a hook, FunctionFailed of another function, TaskTimeout, and
        NotFound for a task that is not known: a hook more than ten minutes after its end, or an event that is no longer kept.
        """
        return self._connection.run(_verbs.value_of(self.task_id, timeout, self._connection.manner))

    def ready(self) -> bool:
        """Whether it has ended, well or not."""
        return bool(self._connection.call(_verbs.look(self.task_id, 0))["status"] != "pending")

    def successful(self) -> bool:
        """Whether it has ended well."""
        return bool(self._connection.call(_verbs.look(self.task_id, 0))["status"] == "success")


class AsyncTask:
    """One run of a function, by its task id."""

    def __init__(self, connection: AsyncConnection, task_id: str) -> None:
        self._connection = connection
        self.task_id = task_id

    async def get(self, timeout: float = default_timeout) -> Any:
        """As `Task.get`."""
        return await self._connection.run(_verbs.value_of(self.task_id, timeout, self._connection.manner))

    async def ready(self) -> bool:
        """Whether it has ended, well or not."""
        return bool((await self._connection.call(_verbs.look(self.task_id, 0)))["status"] != "pending")

    async def successful(self) -> bool:
        """Whether it has ended well."""
        return bool((await self._connection.call(_verbs.look(self.task_id, 0)))["status"] == "success")
