"""What the host interface is asked: events, tasks and operations."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ._calls import Answer, Call, Manner, Record, Steps, data_of, new_key, nothing, path_of, record_of, steps
from ._cloudevents import cloud_event
from ._errors import HookFailed, TaskTimeout, UnexpectedAnswer, error_of, invalid_field
from ._plain import plain_object, user_of
from .events import Event, PublishedData, PublishResult, publish_result, published_data, type_name

_base = "/host/v1"
#: Seconds that the server waits for a task at once; a longer wait is several requests, none of which an intermediary cuts.
_longest_look = 25.0
#: Seconds that hooks may take, where no deadline is given.
_hooks_seconds = 300.0


def host_path(*parts: str, final: str = "") -> str:
    """A path of the host interface."""
    return _base + path_of(*parts) + final


def without_none(said: Mapping[str, Any]) -> dict[str, Any]:
    """A body that says only what is there."""
    return {name: value for name, value in said.items() if value is not None}


def publish(event: Event, user: Any, app: str | None, resource: str | None) -> Call[PublishResult]:
    body = event.body(user_of(user))
    for name, given in (("app", app), ("resource", resource)):
        if given is None:
            continue
        if body.get(name, given) != given:
            raise invalid_field(name, f"is '{given}', while the event says '{body[name]}'")
        body[name] = given
    return Call("POST", host_path("events"), _published, body=body, idempotency_key=new_key())


def _published(answer: Answer) -> PublishResult:
    if not isinstance(answer.body, dict) or not isinstance(answer.body.get("data"), dict):
        raise UnexpectedAnswer("unexpected_answer", "the answer is no result of publishing")
    return publish_result(answer.body)


def publish_many(events: Iterable[Event], user: Any) -> Call[list[PublishedData]]:
    read = user_of(user)
    body = {"events": [event.body(read) for event in events]}
    return Call("POST", host_path("events"), _results, body=body, idempotency_key=new_key())


def publish_cloud_events(events: Iterable[Any]) -> Call[list[PublishedData]]:
    body = [cloud_event(f"events[{at}]", event) for at, event in enumerate(events)]
    return Call(
        "POST",
        host_path("events"),
        _results,
        body=body,
        media_type="application/cloudevents-batch+json",
        idempotency_key=new_key(),
    )


def _results(answer: Answer) -> list[PublishedData]:
    return [published_data(result) for result in data_of(answer)["results"]]


def look(task_id: str, seconds: float) -> Call[Record]:
    """A look at a task, which takes at most so many seconds."""
    query = {"wait_ms": round(seconds * 1000)}
    return Call("GET", host_path("tasks", task_id), record_of, query=query, server_seconds=seconds)


def value_of(task_id: str, timeout: float, manner: Manner) -> Steps[Any]:
    """Waits for what a task comes to."""
    if not timeout >= 0:
        raise invalid_field("timeout", "must be a number of seconds from 0")
    over = time.monotonic() + timeout
    while True:
        left = max(0.0, over - time.monotonic())
        task = yield from steps(look(task_id, min(left, _longest_look)), manner)
        if task["status"] == "success":
            return task.get("result")
        if task["status"] == "error":
            error = task["error"]
            raise error_of(error, 0)
        if time.monotonic() >= over:
            message = f"task '{task_id}' has not ended within {timeout:g} s; it goes on"
            raise TaskTimeout("timeout", message)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the hooks of an operation agreed to."""

    operation_id: str
    #: As the hooks left them, without what is sensitive: that is the caller's to know.
    params: dict[str, Any]
    #: Hooks that failed and need not have agreed.
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Announced:
    """The POST event of an operation."""

    operation_id: str
    data: PublishedData


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation as it is proposed."""

    event: str
    params: Any
    user: Any = None
    app: str | None = None
    resource: str | None = None
    #: Seconds that all hooks together have.
    deadline: float | None = None
    #: Seconds within which the end is to be reported, before the resolver is asked.
    report_within: float | None = None


def begin(asked: Asked, *, intent: bool) -> Call[Agreement]:
    body = {
        "event": type_name(asked.event),
        "params": plain_object("params", asked.params),
        "user": user_of(asked.user),
        "app": asked.app,
        "resource": asked.resource,
        "deadline_ms": _milliseconds(asked.deadline),
        "intent": True if intent else None,
        "report_within_ms": _milliseconds(asked.report_within),
    }
    seconds = _hooks_seconds if asked.deadline is None else asked.deadline
    return Call(
        "POST",
        host_path("operations"),
        _agreement,
        body=without_none(body),
        idempotency_key=new_key(),
        server_seconds=seconds,
    )


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _agreement(answer: Answer) -> Agreement:
    data = data_of(answer)
    return Agreement(data["operation_id"], data["params"], tuple(data.get("warnings", ())))


def commit(operation_id: str, params: Any, resource: str | None) -> Call[Announced]:
    body = without_none({"params": plain_object("params", params), "resource": resource})
    path = host_path("operations", operation_id, "commit")
    return Call("POST", path, _announced, body=body, idempotency_key=new_key())


def _announced(answer: Answer) -> Announced:
    data = data_of(answer)
    return Announced(data["operation_id"], published_data(data))


def abort(operation_id: str, reason: str) -> Call[None]:
    path = host_path("operations", operation_id, "abort")
    return Call(
        "POST",
        path,
        nothing,
        body={"reason": _sendable(reason)},
        idempotency_key=new_key(),
    )


_longest_reason = 500


def _sendable(reason: str) -> str:
    """Of any exception: with ? for what UTF-8 cannot hold, such as parts of a file's name."""
    return reason[:_longest_reason].encode(errors="replace").decode() or "no reason was given"


def operation(operation_id: str) -> Call[Record]:
    return Call("GET", host_path("operations", operation_id), record_of)


def ask(operation_id: str) -> Call[Record]:
    # To ask twice is to ask again: it is safe.
    path = host_path("operations", operation_id, "resolve")
    return Call("POST", path, record_of, idempotency_key=new_key(), server_seconds=_answer_seconds)


#: That a resolver has for its answer.
_answer_seconds = 15.0


def set_resolver(url: str, *, all_tenants: bool, new_secret: bool) -> Call[Record]:
    body = {"url": url, "new_secret": True} if new_secret else {"url": url}
    return Call("PUT", host_path("resolve"), record_of, query=_whose(all_tenants), body=body)


def get_resolver(*, all_tenants: bool) -> Call[Record]:
    return Call("GET", host_path("resolve"), record_of, query=_whose(all_tenants))


def remove_resolver(*, all_tenants: bool) -> Call[None]:
    return Call("DELETE", host_path("resolve"), nothing, query=_whose(all_tenants))


def _whose(all_tenants: bool) -> dict[str, Any]:
    return {"all_tenants": True} if all_tenants else {}


def not_started(result: PublishResult) -> HookFailed:
    """What a result says whose function could not be started."""
    return HookFailed("hook_failed", result.message, data=result.data)
