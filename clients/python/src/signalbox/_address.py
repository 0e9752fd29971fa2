"""Where a listener is, and what opens it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Address:
    """`url` is the base of requests; `socket` the path of the unix socket that they go through, if they do."""

    url: str
    socket: str | None = None


def read_address(text: str) -> Address:
    """
    `http://127.0.0.1:7072`, `127.0.0.1:7072`, `unix:/run/signalbox/host.sock`.

    Raises ValueError for anything else.
    """
    if text.startswith("unix:"):
        path = text.removeprefix("unix:")
        if path.startswith("//"):
            path = path[2:]
        if not path.startswith("/"):
            raise ValueError(f"'{text}' must be unix: and an absolute path, as unix:/run/signalbox/host.sock")
        return Address("http://localhost", path)
    whole = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(whole)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query and not parts.fragment
        _ = parts.port
    except ValueError:
        usable = False
    if not usable or parts.username is not None:
        raise ValueError(
            f"'{text}' must be http://host:port, https://host:port or unix:/path, without a user or a query"
        )
    return Address(whole.rstrip("/"))


def setting(given: str | None, name: str, what: str) -> str:
    """What was given, or what the environment says. Raises ValueError when neither does."""
    found = given if given is not None else os.environ.get(name)
    if not found:
        raise ValueError(f"{what} is not known: give it, or set {name}")
    return found
