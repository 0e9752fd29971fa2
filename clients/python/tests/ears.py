"""A receiver of CloudEvents on a port of its own, read by the official SDK."""

from __future__ import annotations

import threading
import time
import wsgiref.simple_server
from collections.abc import Callable
from socketserver import ThreadingMixIn

from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings import http

from signalbox import Webhook
from signalbox.receive import wsgi_receiver


class Ears:
    def __init__(self) -> None:
        self.heard: list[BaseCloudEvent] = []
        self.secrets: list[str] = []
        self._done: set[str] = set()
        self._lock = threading.Lock()

        class Server(ThreadingMixIn, wsgiref.simple_server.WSGIServer):
            daemon_threads = True
            request_queue_size = 256

        class Quiet(wsgiref.simple_server.WSGIRequestHandler):
            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        receiver = wsgi_receiver(self.secrets, self._hear)
        self._server = wsgiref.simple_server.make_server("127.0.0.1", 0, receiver, Server, Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def _hear(self, webhook: Webhook) -> None:
        event = http.from_http_event(http.HTTPMessage(dict(webhook.headers), webhook.content()))
        with self._lock:
            if webhook.id not in self._done:
                self._done.add(webhook.id)
                self.heard.append(event)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def until(what: str, is_so: Callable[[], bool]) -> None:
    over = time.monotonic() + 300
    while not is_so():
        if time.monotonic() > over:
            raise AssertionError(f"not within 300 s: {what}")
        time.sleep(0.01)
