"""
examples/django under Python's own WSGI server, on a free port that is said once it listens.

`HALT` names a place, and `GATE` a file: who creates users named `halt…` waits there, having said so, until the file is there or the process is
killed. `before_commit`: in the project's own transaction; `after_commit`: behind it, before Signalbox is told.
"""

import os
import sys
import time
import wsgiref.simple_server
from pathlib import Path
from socketserver import ThreadingMixIn

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "django"))
os.environ["DJANGO_SETTINGS_MODULE"] = "accounts.settings"

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

import accounts.creation  # noqa: E402

announced = accounts.creation.announced


def halt(place: str, username: str) -> None:
    if os.environ.get("HALT") != place or not username.startswith("halt"):
        return
    print(f"halted {place}", flush=True)
    while not os.path.exists(os.environ["GATE"]):
        time.sleep(0.01)


def announced_after_halt(creation):
    halt("after_commit", creation.user.username)
    return announced(creation)


create = accounts.creation.Creation.objects.create


def create_and_halt(**fields):
    made = create(**fields)
    halt("before_commit", made.user.username)
    return made


accounts.creation.announced = announced_after_halt
accounts.creation.Creation.objects.create = create_and_halt


class Server(ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True


class Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


server = wsgiref.simple_server.make_server("127.0.0.1", 0, application, Server, Quiet)
print(f"listening {server.server_port}", flush=True)
server.serve_forever()
