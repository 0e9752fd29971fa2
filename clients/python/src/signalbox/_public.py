"""What the public API is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic import ValidationError as ModelError

from ._calls import Call, Record, data_of, new_key, path_of, record_of
from ._errors import UnexpectedAnswer
from ._plain import plain_json, plain_object

M = TypeVar("M")


def model_of(model: type[M], data: Any) -> M:
    """What an answer tells, as a model or whatever else pydantic reads."""
    try:
        read: M = TypeAdapter(model).validate_python(data)
    except ModelError as error:
        raise UnexpectedAnswer("unexpected_answer", f"the answer is no {model.__name__}: {error}") from None
    return read


def request(
    method: str,
    path: str,
    body: Any,
    query: Mapping[str, Any] | None,
    idempotency_key: str | None,
    if_match: str | None,
) -> Call[Any]:
    """Any request. Raises ValueError for a path that does not begin with /."""
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError(f"'{path}' must begin with one /")
    return Call(
        method.upper(),
        path,
        data_of,
        query={} if query is None else query,
        body=None if body is None else plain_json("body", body),
        headers={} if if_match is None else {"if-match": if_match},
        idempotency_key=idempotency_key,
    )


def subscribe(event: str, function_id: int, options: Mapping[str, Any]) -> Call[Record]:
    body = plain_object("body", {"function_id": function_id, **options})
    return Call("POST", cloud("events", event, "subscribe"), record_of, body=body)


def unsubscribe(event: str, function_id: int) -> Call[Record]:
    return Call("POST", cloud("events", event, "unsubscribe"), record_of, body={"function_id": function_id})


def simulate(event: str, params: Any) -> Call[Record]:
    # It records nothing: it may be asked again.
    body = {"params": plain_object("params", params)}
    return Call("POST", cloud("events", event, "simulate"), record_of, body=body, idempotency_key=new_key())


def create_function(app: str, name: str, code: str, options: Mapping[str, Any]) -> Call[Record]:
    body = plain_object("body", {"name": name, "code": code, **options})
    return Call("POST", functions(app), record_of, body=body)


def update_function(app: str, function: str | int, changes: Mapping[str, Any], if_match: str | None) -> Call[Record]:
    return Call(
        "PATCH",
        path_of("api", "apps", app, "functions", str(function)) + "/",
        record_of,
        body=plain_object("body", changes),
        headers={} if if_match is None else {"if-match": if_match},
    )


def invoke(app: str, function: str | int, event: Mapping[str, Any]) -> Call[Record]:
    path = path_of("api", "apps", app, "functions", str(function), "invoke") + "/"
    return Call("POST", path, record_of, body=plain_object("body", event), server_seconds=300)


def create_subscription(said: Mapping[str, Any]) -> Call[Record]:
    return Call("POST", cloud("subscriptions"), record_of, body=plain_object("body", said))


def update_subscription(uuid: str, changes: Mapping[str, Any], if_match: str | None) -> Call[Record]:
    return Call(
        "PATCH",
        cloud("subscriptions", uuid),
        record_of,
        body=plain_object("body", changes),
        headers={} if if_match is None else {"if-match": if_match},
    )


def delete_subscription(uuid: str) -> Call[Any]:
    return Call("DELETE", cloud("subscriptions", uuid), data_of)


def redrive(delivery_id: str) -> Call[Record]:
    return Call("POST", cloud("deliveries", delivery_id, "redrive"), record_of)


def check_filter(text: str, said: Mapping[str, Any]) -> Call[Record]:
    body = plain_object("body", {"filter": text, **said})
    return Call("POST", cloud("filters", "check"), record_of, body=body, idempotency_key=new_key())


def functions(app: str) -> str:
    """Where the functions of an app are."""
    return path_of("api", "apps", app, "functions") + "/"


def cloud(*parts: str) -> str:
    """A path of the public API."""
    return path_of("api", "cloud", *parts) + "/"
