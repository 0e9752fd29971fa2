"""A server that answers as a script says, and keeps what it was asked."""

from __future__ import annotations

import http.server
import json
import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Answer:
    status: int = 200
    body: Any = field(default_factory=lambda: {"success": True, "message": "", "data": {}})
    headers: dict[str, str] = field(default_factory=dict)
    #: The connection is cut in place of an answer.
    cut: bool = False


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class ScriptedServer:
    """Answers one after another; the last one again and again."""

    def __init__(self, *answers: Answer) -> None:
        self.asked: list[Asked] = []
        script = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, self.path, headers, self.rfile.read(length))
                one = answers[min(len(script.asked), len(answers) - 1)]
                script.asked.append(asked)
                if one.cut:
                    self.close_connection = True
                    self.connection.close()
                    return
                content = one.body if isinstance(one.body, bytes) else json.dumps(one.body).encode()
                self.send_response(one.status)
                for name, value in {"content-type": "application/json", **one.headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def failure(status: int, code: str, **more: Any) -> Answer:
    headers = more.pop("headers", {})
    return Answer(status, {"success": False, "message": f"it is {code}", "code": code, **more}, headers)


def data(value: Any) -> Answer:
    return Answer(200, {"success": True, "message": "done", "data": value})
