"""
The resolver of a platform: where Signalbox asks what became of an operation whose end it was not told, because something died.

Questions are GETs with `operation_id` and `tenant`, signed as webhooks are. The answer is one of `committed`, `aborted` and `unknown`. Answer
`aborted` only when the operation cannot be done any more: one may still be under way in another process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ._plain import plain_object
from .webhooks import WebhookRefused, verify


@dataclass(frozen=True, slots=True)
class Question:
    """What became of this operation?"""

    operation_id: str
    tenant: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a platform says became of an operation."""

    body: Mapping[str, Any]


def committed(params: Any, *, resource: str | None = None) -> Resolution:
    """It was done: its POST event is published with these params."""
    said: dict[str, Any] = {"outcome": "committed", "params": plain_object("params", params)}
    return Resolution(said if resource is None else {**said, "resource": resource})


def aborted(reason: str | None = None) -> Resolution:
    """It was not done, and will not be."""
    return Resolution(_with_reason("aborted", reason))


def unknown(reason: str | None = None) -> Resolution:
    """That is not known now: it is asked again, less and less often."""
    return Resolution(_with_reason("unknown", reason))


def _with_reason(outcome: str, reason: str | None) -> dict[str, Any]:
    return {"outcome": outcome} if reason is None else {"outcome": outcome, "reason": reason}


def read_question(
    secret: str | Sequence[str],
    headers: Mapping[str, str] | Iterable[tuple[str, str]],
    query: Mapping[str, str],
) -> Question:
    """The question in a request. Raises WebhookRefused when it was not signed, or is none."""
    signed = verify(secret, headers, b"")
    operation_id, tenant = query.get("operation_id"), query.get("tenant")
    if not operation_id or not tenant:
        raise WebhookRefused("no operation_id and tenant")
    # The signature is over its id, and not over the query.
    if signed.id != operation_id:
        raise WebhookRefused("another operation than the one that was signed")
    return Question(operation_id, tenant)


def django_resolver(
    secret: str | Sequence[str],
) -> Callable[[Callable[[Question], Resolution]], Callable[[Any], Any]]:
    """Makes a view of a function that answers questions: `@django_resolver(settings.SIGNALBOX_RESOLVE_SECRET)`."""
    from django.http import JsonResponse

    def decorate(answer: Callable[[Question], Resolution]) -> Callable[[Any], Any]:
        def view(request: Any) -> Any:
            try:
                question = read_question(secret, request.headers, request.GET)
            except WebhookRefused as error:
                return JsonResponse({"message": str(error)}, status=401)
            return JsonResponse(answer(question).body)

        view.__name__ = getattr(answer, "__name__", "resolve")
        return view

    return decorate
