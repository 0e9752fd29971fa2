"""Events, and what publishing one answers, in the documented words."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from ._plain import plain_object

_name = re.compile(r"[A-Z][A-Z0-9_]{2,63}")


class EventType(str, enum.Enum):
    """
    The built-in event types. Those of a platform are a `class OrderEvents(str, enum.Enum)` of its own, the types that
    `signalbox types --language python` writes, or plain texts: an Event takes any of them.
    """

    PRE_USER_CREATE = "PRE_USER_CREATE"
    POST_USER_CREATE = "POST_USER_CREATE"
    PRE_USER_UPDATE = "PRE_USER_UPDATE"
    POST_USER_UPDATE = "POST_USER_UPDATE"
    PRE_USER_DELETE = "PRE_USER_DELETE"
    POST_USER_DELETE = "POST_USER_DELETE"
    USER_CREATE_ABORTED = "USER_CREATE_ABORTED"
    PRE_OBJECT_PUT = "PRE_OBJECT_PUT"
    POST_OBJECT_PUT = "POST_OBJECT_PUT"
    PRE_OBJECT_DELETE = "PRE_OBJECT_DELETE"
    POST_OBJECT_DELETE = "POST_OBJECT_DELETE"


def type_name(event_type: object) -> str:
    """The text of an event type. Raises ValueError when it has not the form of one."""
    text = event_type.value if isinstance(event_type, enum.Enum) else event_type
    if not isinstance(text, str) or _name.fullmatch(text) is None:
        raise ValueError("must be 3 to 64 of A-Z, 0-9 and _, beginning with a letter: POST_USER_CREATE")
    return str(text)


class Event(BaseModel):
    """
    What is to be published. Whether the type exists and the params fit it is judged by the server, which knows its types.

    `params`: a JSON object of at most 256 KiB, such as a TypedDict that `signalbox types --language python` writes;
    times, uuids, enums, models and dataclasses in it are written as JSON.
    `app`: slug of the only app whose functions are to get it. `resource`: uuid of what it is about.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    event_type: Any
    params: Mapping[str, Any]
    app: str | None = None
    resource: str | None = None

    @field_validator("event_type")
    @classmethod
    def _known_form(cls, event_type: object) -> object:
        type_name(event_type)
        return event_type

    @field_validator("params", mode="before")
    @classmethod
    def _plain(cls, params: object) -> object:
        if isinstance(params, BaseModel):
            return params.model_dump(mode="python", by_alias=True)
        return params

    def body(self, user: Any) -> dict[str, Any]:
        """As the server takes it, for a user that is read already."""
        said = {
            "event_type": type_name(self.event_type),
            "params": plain_object("params", self.params),
            "user": user,
            "app": self.app,
            "resource": self.resource,
        }
        return {name: value for name, value in said.items() if value is not None}


class StartedTask(dict[str, Any]):
    """One run of a function that an event gave rise to: a dict, with its keys as typed attributes beside."""

    @property
    def function_id(self) -> int:
        return int(self["function_id"])

    @property
    def function_name(self) -> str:
        return str(self["function_name"])

    @property
    def task_id(self) -> str:
        return str(self["task_id"])

    @property
    def invocation_id(self) -> int:
        return int(self["invocation_id"])


class PublishedData(dict[str, Any]):
    """`data` of a result."""

    @property
    def event(self) -> str:
        return str(self["event"])

    @property
    def task_ids(self) -> Sequence[StartedTask]:
        tasks: Sequence[StartedTask] = self.get("task_ids", ())
        return tasks

    @property
    def total_subscribers(self) -> int:
        return int(self.get("total_subscribers", 0))

    @property
    def duplicate(self) -> bool:
        """Of a CloudEvent: it was published before, and nothing happened now."""
        return self.get("duplicate") is True


class PublishResult(dict[str, Any]):
    """
    The documented result object: a dict, with its keys as typed attributes beside.

    `status` is `error` when a function of a PRE event could not be started at all: the operation is not to be done then.
    """

    @property
    def status(self) -> Literal["success", "error"]:
        return "success" if self["status"] == "success" else "error"

    @property
    def message(self) -> str:
        return str(self["message"])

    @property
    def code(self) -> str | None:
        code: str | None = self.get("code")
        return code

    @property
    def data(self) -> PublishedData:
        data: PublishedData = self["data"]
        return data


def published_data(data: Mapping[str, Any]) -> PublishedData:
    """`data` as it came, with its tasks typed."""
    read = PublishedData(data)
    if isinstance(data.get("task_ids"), list):
        read["task_ids"] = [StartedTask(task) for task in data["task_ids"]]
    return read


def publish_result(body: Mapping[str, Any]) -> PublishResult:
    """The answer as it came, with its parts typed."""
    return PublishResult({**body, "data": published_data(body["data"])})
