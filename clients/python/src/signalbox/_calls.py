"""
One request, and the steps that it takes, without doing any: who drives them sends and waits, blocking or not. So whatever the
package can do is written once for programs with and without `async`.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import quote

import httpx

from ._errors import ConnectionFailed, SignalboxError, UnexpectedAnswer, error_of
from ._retries import Retries

T = TypeVar("T")


class Record(dict[str, Any]):
    """A JSON object, as it came."""

    #: Which edit of it this is, for `if_match`; None of what has none.
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of success."""

    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wait:
    """A step: let so many seconds pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Send:
    """A step: make the request, and come back with the answer, or with the error that came in its place."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    content: bytes | None
    timeout: httpx.Timeout


Step: TypeAlias = Send | Wait
#: What takes steps and comes to a T. Into it goes, of a Send, the response or a `httpx.TransportError`; of a Wait, None.
Steps: TypeAlias = Generator[Step, Any, T]


def data_of(answer: Answer) -> Any:
    """What an answer tells, out of its envelope (`data`, or `result` on the notifications face)."""
    if isinstance(answer.body, Mapping):
        for name in ("data", "result"):
            if name in answer.body:
                data = answer.body[name]
                return _record(data, answer) if isinstance(data, dict) else data
    raise UnexpectedAnswer("unexpected_answer", "the answer has no data")


def record_of(answer: Answer) -> Record:
    """Likewise, of an answer that tells an object."""
    data = data_of(answer)
    if not isinstance(data, Record):
        raise UnexpectedAnswer("unexpected_answer", "the answer's data is no object")
    return data


def _record(data: dict[str, Any], answer: Answer) -> Record:
    record = Record(data)
    record.etag = answer.headers.get("etag")
    return record


def nothing(_answer: Answer) -> None:
    """Of an answer that tells nothing but success."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A request as it is meant, and how its answer is read."""

    method: str
    path: str
    read: Callable[[Answer], T]
    query: Mapping[str, Any] = field(default_factory=dict)
    #: JSON, or nothing.
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    #: The media type of the body, where it is another.
    media_type: str = "application/json"
    #: Of a POST: the key under which it is done once, however often it is sent. None: it is sent again only if it surely did nothing.
    idempotency_key: str | None = None
    #: Seconds that the server may take for it beside what the network takes.
    server_seconds: float = 0.0


def new_key() -> str:
    """For `Idempotency-Key`."""
    return str(uuid.uuid4())


def path_of(*parts: str) -> str:
    """A path, of parts that are quoted: whatever a name holds, it stays one part."""
    for part in parts:
        if part in ("", ".", ".."):
            raise ValueError(f"'{part}' cannot be a part of a path")
    return "/" + "/".join(quote(part, safe="") for part in parts)


@dataclass(frozen=True, slots=True)
class Manner:
    """How calls are made: what they all carry, how long they may take, how often they are tried."""

    headers: Mapping[str, str]
    timeout: float
    retries: Retries


def steps(call: Call[T], manner: Manner) -> Steps[T]:
    """The steps of one call. Raises SignalboxError."""
    send = _sent(call, manner)
    # A PATCH is not: between two of them another may have changed the same.
    safe = call.method in ("GET", "PUT", "DELETE") or call.idempotency_key is not None
    # A try that got no answer may have arrived.
    unsure = False
    retry = 0
    while True:
        got = yield send
        if isinstance(got, httpx.TransportError):
            sent = not isinstance(got, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
            unsure = unsure or sent
            error: SignalboxError = ConnectionFailed(_said(call, got), sent=sent)
            wait = manner.retries.wait_before(retry, None) if safe or not sent else None
        else:
            body = _body_of(got)
            if got.is_success:
                return call.read(Answer(body, got.headers))
            error = error_of(body, got.status_code, got.headers.get("x-request-id"))
            if unsure and call.method == "DELETE" and error.code == "not_found":
                return call.read(Answer({"data": {}}, got.headers))
            again = _again(error, safe=safe)
            wait = manner.retries.wait_before(retry, got.headers.get("retry-after")) if again else None
        if wait is None:
            raise error
        yield Wait(wait)
        retry += 1


def _again(error: SignalboxError, *, safe: bool) -> bool:
    """Whether the same request may do better, and may be made."""
    if error.code in ("too_many_requests", "unavailable"):
        return True
    if isinstance(error, UnexpectedAnswer):
        # Of what stands between, such as a proxy whose server is starting.
        return error.status == 503 or (safe and error.status in (502, 504))
    return safe and error.code in ("internal", "too_slow")


def _sent(call: Call[Any], manner: Manner) -> Send:
    content: bytes | None = None
    headers = {**manner.headers, **call.headers}
    if call.body is not None:
        content = json.dumps(call.body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        headers["content-type"] = call.media_type
    if call.idempotency_key is not None:
        headers["idempotency-key"] = call.idempotency_key
    timeout = httpx.Timeout(manner.timeout, read=manner.timeout + call.server_seconds)
    query = [
        (name, _text(one))
        for name, value in call.query.items()
        for one in (value if isinstance(value, (list, tuple)) else [value])
        if one is not None
    ]
    return Send(call.method, call.path, query, headers, content, timeout)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _said(call: Call[Any], error: httpx.TransportError) -> str:
    return f"{call.method} {call.path} got no answer: {str(error) or type(error).__name__}"


def _body_of(response: httpx.Response) -> Any:
    if not response.content:
        return {"data": None}
    try:
        return response.json()
    except ValueError:
        return None
