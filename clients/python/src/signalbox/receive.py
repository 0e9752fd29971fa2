"""
Receivers of webhooks: an application or a view that verifies, bounds and answers, around a handler that does the work.

A handler gets a `Webhook`. When it returns, 200 is answered and the delivery is done; when it raises, 500, and it is tried again.
Deliveries are at least once: drop what has an `id` that was done already, in the transaction that does the work.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from .webhooks import Webhook, WebhookRefused, verify

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

_log = logging.getLogger("signalbox")

Secrets: TypeAlias = str | Sequence[str]
Handler: TypeAlias = Callable[[Webhook], object]
AsyncHandler: TypeAlias = Callable[[Webhook], Awaitable[object]]

#: Of a body. The default of `max_bytes`.
default_max_bytes = 8 * 2**20


class _Answer:
    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.body = text.encode()
        self.headers = {"content-type": "text/plain; charset=utf-8", **({} if headers is None else headers)}


_done = _Answer(200, "ok")
_failed = _Answer(500, "failed")
_too_large = _Answer(413, "too large")
_reasons = {
    200: "OK",
    401: "Unauthorized",
    405: "Method Not Allowed",
    413: "Content Too Large",
    500: "Internal Server Error",
}


def _handshake(method: str, headers: Mapping[str, str], rate: int | None) -> _Answer | None:
    """What is answered without a body: the question of CloudEvents whether deliveries are wanted, and what is no delivery."""
    if method == "POST":
        return None
    origin = headers.get("webhook-request-origin")
    if method != "OPTIONS" or origin is None:
        return _Answer(405, "POST", {"allow": "POST, OPTIONS"})
    allowed = {"webhook-allowed-origin": origin, "webhook-allowed-rate": "*" if rate is None else str(rate)}
    return _Answer(200, "", {"allow": "POST", **allowed})


def _refused(error: WebhookRefused) -> _Answer:
    return _Answer(401, str(error))


def _threw() -> _Answer:
    _log.exception("a webhook's handler failed, and the delivery will be tried again")
    return _failed


def _handled(secret: Secrets, handler: Handler, pairs: Iterable[tuple[str, str]], body: bytes) -> _Answer:
    try:
        webhook = verify(secret, pairs, body)
    except WebhookRefused as error:
        return _refused(error)
    try:
        handler(webhook)
    except Exception:
        return _threw()
    return _done


def wsgi_receiver(
    secret: Secrets, handler: Handler, *, max_bytes: int = default_max_bytes, rate: int | None = None
) -> Callable[[WSGIEnvironment, StartResponse], list[bytes]]:
    """
    A WSGI application. `rate`: requests a minute that are wanted, told to those who ask first as CloudEvents does.
    """

    def application(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        answer = answered(environ)
        start(
            f"{answer.status} {_reasons[answer.status]}",
            [*answer.headers.items(), ("content-length", str(len(answer.body)))],
        )
        return [answer.body]

    def answered(environ: WSGIEnvironment) -> _Answer:
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        early = _handshake(environ["REQUEST_METHOD"], headers, rate)
        if early is not None:
            return early
        length = environ.get("CONTENT_LENGTH") or ""
        # Without a length there is a body only where the server ends it.
        limit = int(length) if length.isdigit() else max_bytes + 1 if environ.get("wsgi.input_terminated") else 0
        if limit > max_bytes and length.isdigit():
            return _too_large
        body = environ["wsgi.input"].read(limit)
        return _too_large if len(body) > max_bytes else _handled(secret, handler, headers.items(), body)

    return application


def asgi_receiver(
    secret: Secrets, handler: AsyncHandler, *, max_bytes: int = default_max_bytes, rate: int | None = None
) -> Callable[[Any, Any, Any], Awaitable[None]]:
    """An ASGI application, for Starlette's and FastAPI's `mount` as well."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError("webhooks come by http")
        answer = await answered(scope, receive)
        if answer is None:
            return
        pairs = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        pairs.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
        await send({"type": "http.response.body", "body": answer.body})

    async def answered(scope: Any, receive: Any) -> _Answer | None:
        pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        early = _handshake(scope["method"], {name.lower(): value for name, value in pairs}, rate)
        if early is not None:
            return early
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > max_bytes:
                return _too_large
            if not message.get("more_body", False):
                break
        try:
            webhook = verify(secret, pairs, bytes(body))
        except WebhookRefused as error:
            return _refused(error)
        try:
            await handler(webhook)
        except Exception:
            return _threw()
        return _done

    return application


def django_receiver(
    secret: Secrets, *, max_bytes: int = default_max_bytes, rate: int | None = None
) -> Callable[[Handler], Callable[[Any], Any]]:
    """
    Makes a view of a handler, which needs no CSRF token: `@django_receiver(settings.WEBHOOK_SECRET)`.

    Django itself refuses bodies beyond `DATA_UPLOAD_MAX_MEMORY_SIZE`, too.
    """
    from django.http import HttpResponse
    from django.views.decorators.csrf import csrf_exempt

    def decorate(handler: Handler) -> Callable[[Any], Any]:
        def view(request: Any) -> Any:
            answer = answered(request)
            return HttpResponse(answer.body, status=answer.status, headers=answer.headers)

        def answered(request: Any) -> _Answer:
            headers = {name.lower(): value for name, value in request.headers.items()}
            early = _handshake(request.method, headers, rate)
            if early is not None:
                return early
            length = headers.get("content-length", "")
            if length.isdigit() and int(length) > max_bytes:
                return _too_large
            body = request.body
            return _too_large if len(body) > max_bytes else _handled(secret, handler, headers.items(), body)

        view.__name__ = getattr(handler, "__name__", "webhook")
        exempt: Callable[[Any], Any] = csrf_exempt(view)
        return exempt

    return decorate
