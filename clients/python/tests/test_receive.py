from __future__ import annotations

import asyncio
import io
import json
import time
import unittest
from typing import Any

import django
from django import conf
from django.test import RequestFactory

from signalbox import Webhook, sign
from signalbox.receive import asgi_receiver, django_receiver, wsgi_receiver
from signalbox.resolving import aborted, committed, django_resolver, unknown

secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def signed(body: bytes) -> dict[str, str]:
    at = int(time.time())
    return {"webhook-id": "d1", "webhook-timestamp": str(at), "webhook-signature": sign(secret, "d1", at, body)}


class Ears:
    """A handler that keeps what it gets, and fails when the body says so."""

    def __init__(self) -> None:
        self.got: list[Webhook] = []

    def __call__(self, webhook: Webhook) -> None:
        self.got.append(webhook)
        if webhook.body == b"fail":
            raise RuntimeError("no")

    async def later(self, webhook: Webhook) -> None:
        self(webhook)


class Wsgi:
    def __init__(self, ears: Ears) -> None:
        self.application = wsgi_receiver(secret, ears, max_bytes=10, rate=600)

    def ask(self, method: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
        }
        said: list[Any] = []
        b"".join(self.application(environ, lambda status, pairs: said.extend((status, pairs))))
        return int(said[0][:3]), dict(said[1])


class Asgi:
    def __init__(self, ears: Ears) -> None:
        self.application = asgi_receiver(secret, ears.later, max_bytes=10, rate=600)

    def ask(self, method: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        scope = {"type": "http", "method": method, "headers": [(n.encode(), v.encode()) for n, v in headers.items()]}
        parts = [
            {"type": "http.request", "body": body[at : at + 4], "more_body": True} for at in range(0, len(body), 4)
        ]
        parts.append({"type": "http.request", "body": b"", "more_body": False})
        sent: list[Any] = []

        async def receive() -> Any:
            return parts.pop(0)

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self.application(scope, receive, send))
        return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


class Django:
    def __init__(self, ears: Ears) -> None:
        if not conf.settings.configured:
            conf.settings.configure(DEFAULT_CHARSET="utf-8")
            django.setup()
        self.view = django_receiver(secret, max_bytes=10, rate=600)(ears)

    def ask(self, method: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        more = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        request = RequestFactory().generic(method, "/", body, "application/json", **more)
        response = self.view(request)
        return response.status_code, {name.lower(): value for name, value in response.headers.items()}


class Receivers(unittest.TestCase):
    def test_verify_bound_and_answer(self) -> None:
        for kind in (Wsgi, Asgi, Django):
            with self.subTest(kind.__name__):
                ears = Ears()
                at = kind(ears)
                self.assertEqual(at.ask("POST", signed(b"{}"), b"{}")[0], 200)
                self.assertEqual([(one.id, one.body) for one in ears.got], [("d1", b"{}")])
                with self.assertLogs("signalbox", "ERROR"):
                    self.assertEqual(at.ask("POST", signed(b"fail"), b"fail")[0], 500)
                self.assertEqual(at.ask("POST", signed(b"{}"), b"[]")[0], 401)
                self.assertEqual(at.ask("POST", {}, b"{}")[0], 401)
                self.assertEqual(at.ask("POST", signed(b"x" * 11), b"x" * 11)[0], 413)
                self.assertEqual(at.ask("GET", {}, b"")[0], 405)
                self.assertEqual(len(ears.got), 2)

    def test_say_that_cloudevents_are_wanted(self) -> None:
        for kind in (Wsgi, Asgi, Django):
            with self.subTest(kind.__name__):
                status, headers = kind(Ears()).ask("OPTIONS", {"webhook-request-origin": "signalbox.example"}, b"")
                self.assertEqual(status, 200)
                self.assertEqual(headers["webhook-allowed-origin"], "signalbox.example")
                self.assertEqual(headers["webhook-allowed-rate"], "600")


class Resolver(unittest.TestCase):
    def ask(self, query: str, **headers: str) -> Any:
        Django(Ears())
        at = int(time.time())
        signed = {"webhook-id": "op1", "webhook-timestamp": str(at), "webhook-signature": sign(secret, "op1", at, b"")}
        answers = {"op1": committed({"id": 7}, resource="7-001"), "op2": aborted("no")}
        view = django_resolver(secret)(lambda question: answers[question.operation_id])
        more = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in {**signed, **headers}.items()}
        return view(RequestFactory().get(f"/resolve/?{query}", **more))

    def test_answers_what_was_signed(self) -> None:
        answer = self.ask("operation_id=op1&tenant=default")
        self.assertEqual(json.loads(answer.content), {"outcome": "committed", "params": {"id": 7}, "resource": "7-001"})

    def test_refuses_everything_else(self) -> None:
        for query in ("operation_id=op2&tenant=default", "operation_id=op1", "tenant=default", ""):
            self.assertEqual(self.ask(query).status_code, 401)
        self.assertEqual(
            self.ask("operation_id=op1&tenant=default", **{"webhook-signature": "v1,AAAA"}).status_code, 401
        )

    def test_has_three_answers(self) -> None:
        self.assertEqual(aborted().body, {"outcome": "aborted"})
        self.assertEqual(unknown("busy").body, {"outcome": "unknown", "reason": "busy"})


if __name__ == "__main__":
    unittest.main()
