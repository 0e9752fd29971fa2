"""What can go wrong, by the codes of the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field of what was asked that is wrong. `path` as a JSON path without `$.`: `params.email`."""

    path: str
    message: str


class SignalboxError(Exception):
    """
    An answer that is none of success, or none at all. Match on the class or on `code`; messages may improve.

    `status` is that of the answer, or 0 when none came. `data` is what the answer tells besides: of a refusal by a
    function its `function_id`, `function_name`, `invocation_id` and all `refusals`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 0,
        fields: tuple[FieldProblem, ...] = (),
        data: Mapping[str, Any] | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields
        self.data: Mapping[str, Any] = {} if data is None else data
        #: By which the operator finds the request in the server's log.
        self.request_id = request_id

    def by_field(self) -> dict[str, list[str]]:
        """The messages by the last name of their field, as forms take them; `__all__` when no field is named."""
        named: dict[str, list[str]] = {}
        for problem in self.fields:
            name = problem.path.rsplit(".", 1)[-1] or "__all__"
            named.setdefault(name, []).append(problem.message)
        return named or {"__all__": [self.message]}


class ValidationError(SignalboxError):
    """What was proposed was not agreed to: the operation is not to be done."""


class InvalidRequest(ValidationError):
    """The request itself is wrong, such as params that do not fit their event type."""


class HookDenied(ValidationError):
    """A function refused the operation."""


class HookError(ValidationError):
    """A function threw an error of its own, which refuses the operation."""


class HookFailed(ValidationError):
    """A function that has to agree gave no verdict: it was too slow, was killed, or could not be run."""


class Unauthenticated(SignalboxError):
    """No token, an unknown one, or one of the other listener."""


class Forbidden(SignalboxError):
    """The token may not do this at all."""


class NotFound(SignalboxError):
    """There is no such thing, or it is not visible to the caller."""


class Conflict(SignalboxError):
    """Something else came between, or contradicts: a name that is taken, the commit of an aborted operation."""


class BreaksFilters(Conflict):
    """A declaration would make filters of subscriptions unreadable; `data["subscriptions"]` names them."""


class PreconditionFailed(SignalboxError):
    """It was changed since it was read."""


class QuotaExceeded(SignalboxError):
    """A quota of the tenant is used up."""


class TooManyRequests(SignalboxError):
    """The caller's share is used up; it was tried again as often as is configured."""


class Unavailable(SignalboxError):
    """The server starts, stops, or is out of something bounded."""


class ConnectionFailed(Unavailable):
    """No answer came. What was asked may have been done all the same, unless `sent` is false."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__("connection_failed", message)
        self.sent = sent


class FunctionFailed(SignalboxError):
    """A function on a POST event failed, and its retries are used up."""


class TaskTimeout(SignalboxError, TimeoutError):
    """The task has not ended in the time that was given; it goes on."""


class NotAnnounced(SignalboxError):
    """
    The operation was done, but its POST event could not be published now. It is not to be done again: its intent is
    kept, and the platform's resolver is asked what became of it. `data["operation_id"]` names it.
    """


class UnexpectedAnswer(SignalboxError):
    """What answered is not a Signalbox of a version that this client knows."""


by_code: Mapping[str, type[SignalboxError]] = {
    "invalid_request": InvalidRequest,
    "invalid_filter": InvalidRequest,
    "unauthenticated": Unauthenticated,
    "forbidden": Forbidden,
    "not_found": NotFound,
    "conflict": Conflict,
    "breaks_filters": BreaksFilters,
    "hook_recursion": Conflict,
    "precondition_failed": PreconditionFailed,
    "quota_exceeded": QuotaExceeded,
    "too_many_requests": TooManyRequests,
    "unavailable": Unavailable,
    "hook_denied": HookDenied,
    "hook_error": HookError,
    "hook_failed": HookFailed,
    "function_failed": FunctionFailed,
    "timeout": TaskTimeout,
    "not_announced": NotAnnounced,
}


def error_of(body: Any, status: int, request_id: str | None = None) -> SignalboxError:
    """The error that an answer tells of, whatever form it has."""
    said: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    code, message, data = said.get("code"), said.get("message"), said.get("data")
    if not isinstance(code, str):
        return UnexpectedAnswer(
            "unexpected_answer", f"was answered with status {status}", status=status, request_id=request_id
        )
    listed = said.get("fields")
    fields = tuple(
        FieldProblem(str(field.get("path", "")), str(field.get("message", "")))
        for field in (listed if isinstance(listed, list) else [])
        if isinstance(field, Mapping)
    )
    return by_code.get(code, SignalboxError)(
        code,
        str(message),
        status=status,
        fields=fields,
        data=data if isinstance(data, Mapping) else None,
        request_id=request_id,
    )


def invalid_field(path: str, message: str) -> InvalidRequest:
    """What is wrong already before anything was sent."""
    problem = FieldProblem(path, message)
    return InvalidRequest("invalid_request", f"{path}: {message}", status=400, fields=(problem,))
