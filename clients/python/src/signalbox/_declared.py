"""What the host interface is asked about declarations, resources and users."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ._calls import Call, Record, new_key, nothing, record_of
from ._errors import invalid_field
from ._plain import plain_json, plain_object, user_of
from ._verbs import host_path, without_none


def declare(area: str, name: str, body: Mapping[str, Any], *, force: bool, if_match: str | None) -> Call[Record]:
    """Puts an event type or a kind."""
    return Call(
        "PUT",
        host_path(area, name),
        record_of,
        body=plain_object("body", without_none(body)),
        query={"force": True} if force else {},
        headers=_unless_changed(if_match),
    )


def declared(area: str, name: str) -> Call[Record]:
    return Call("GET", host_path(area, name), record_of)


def undeclare(area: str, name: str, *, force: bool, if_match: str | None) -> Call[None]:
    query = {"force": True} if force else {}
    return Call("DELETE", host_path(area, name), nothing, query=query, headers=_unless_changed(if_match))


def _unless_changed(if_match: str | None) -> dict[str, str]:
    return {} if if_match is None else {"if-match": if_match}


def register(uuid: str, said: Mapping[str, Any]) -> Call[Record]:
    return Call("PUT", host_path("resources", uuid), record_of, body=plain_object("resource", without_none(said)))


def register_many(
    resources: Iterable[Mapping[str, Any]], existing: str | None, announce: bool | None, user: Any
) -> Call[Record]:
    rows = [plain_object(f"resources[{at}]", one) for at, one in enumerate(resources)]
    body = {"resources": rows, "existing": existing, "announce": announce, "user": user_of(user)}
    path = host_path("resources", final="/")
    return Call("POST", path, record_of, body=without_none(body), idempotency_key=new_key())


def resource(uuid: str) -> Call[Record]:
    return Call("GET", host_path("resources", uuid), record_of)


def remove_resource(uuid: str) -> Call[None]:
    return Call("DELETE", host_path("resources", uuid), nothing)


def raise_event(uuid: str, event: str, data: Any, user: Any) -> Call[Record]:
    body = {"event": event, "data": None if data is None else plain_json("data", data), "user": user_of(user)}
    path = host_path("resources", uuid, "events")
    return Call("POST", path, record_of, body=without_none(body), idempotency_key=new_key())


def raise_many(events: Iterable[Mapping[str, Any]], user: Any) -> Call[Record]:
    rows = [plain_object(f"events[{at}]", one) for at, one in enumerate(events)]
    body = without_none({"events": rows, "user": user_of(user)})
    return Call("POST", host_path("resources", "events"), record_of, body=body, idempotency_key=new_key())


def grant(uuid: str, principal: str, permission: str) -> Call[Record]:
    return Call("PUT", host_path("resources", uuid, "grants", principal), record_of, body={"permission": permission})


def revoke(uuid: str, principal: str) -> Call[None]:
    return Call("DELETE", host_path("resources", uuid, "grants", principal), nothing)


def _user_body(fields: Mapping[str, Any], user: Any) -> dict[str, Any]:
    if not fields:
        raise invalid_field("fields", "must say something about the user")
    # A field that is None is emptied.
    return {**plain_object("fields", fields), **without_none({"user": user_of(user)})}


def create_user(fields: Mapping[str, Any], user: Any) -> Call[Record]:
    return Call(
        "POST", host_path("users", final="/"), record_of, body=_user_body(fields, user), idempotency_key=new_key()
    )


def put_user(username: str, fields: Mapping[str, Any], user: Any) -> Call[Record]:
    body = {**plain_object("fields", fields), **without_none({"user": user_of(user)})}
    return Call("PUT", host_path("users", "named", username), record_of, body=body)


def user(user_id: int | str) -> Call[Record]:
    return Call("GET", host_path("users", str(user_id)), record_of)


def change_user(user_id: int | str, fields: Mapping[str, Any], user: Any) -> Call[Record]:
    return Call("PATCH", host_path("users", str(user_id)), record_of, body=_user_body(fields, user))


def remove_user(user_id: int | str) -> Call[Record]:
    return Call("DELETE", host_path("users", str(user_id)), record_of)
