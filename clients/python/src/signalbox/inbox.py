"""Events in a transaction of the platform's own, where its data is in PostgreSQL: published exactly if that commits."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any, Protocol, cast

from ._errors import invalid_field
from ._plain import user_of
from .events import Event

_most_bytes = 262_144
# Every parameter is a text, and an empty one stands for none. Of psycopg, psycopg2 and Django alike.
_insert = """INSERT INTO signalbox.inbox (tenant, type, params, app, actor, resource)
  VALUES (nullif(%s::text, ''), %s::text, %s::text::json, nullif(%s::text, ''), nullif(%s::text, '')::json, nullif(%s::text, ''))"""


class _Executes(Protocol):
    def execute(self, query: str, params: Any, /) -> Any: ...


class _HasCursor(Protocol):
    def cursor(self) -> Any: ...


def publish_in(
    tx: _Executes | _HasCursor,
    event: Event,
    user: Any = None,
    *,
    app: str | None = None,
    resource: str | None = None,
    tenant: str | None = None,
) -> None:
    """
    Publishes a POST event in a transaction, by one INSERT into the inbox that `signalbox inbox install` made in the database.

    `tx`: a cursor or connection of psycopg or psycopg2, or Django's `connection` (`connections["shop"]`); the statement is run in the
    transaction that is open there. `tenant`: whose event it is; `default` otherwise, or the only tenant there is.

    Raises InvalidRequest for what JSON cannot hold, before any statement, and what the driver raises. Whether the type is declared and the params
    fit it is judged when the event is moved: what does not fit is set aside, with the reason.
    """
    values = _row(event, user, app, resource, tenant)
    execute = getattr(tx, "execute", None)
    if callable(execute):
        execute(_insert, values)
        return
    with _cursor(tx) as cursor:
        cursor.execute(_insert, values)


async def apublish_in(
    tx: _Executes,
    event: Event,
    user: Any = None,
    *,
    app: str | None = None,
    resource: str | None = None,
    tenant: str | None = None,
) -> None:
    """The same, in an asynchronous cursor or connection of psycopg."""
    values = _row(event, user, app, resource, tenant)
    await cast(Awaitable[Any], tx.execute(_insert, values))


def _cursor(tx: Any) -> Any:
    if callable(getattr(tx, "cursor", None)):
        return tx.cursor()
    raise invalid_field("tx", "must be a cursor or a connection of psycopg, or Django's connection")


def _row(event: Event, user: Any, app: str | None, resource: str | None, tenant: str | None) -> list[str]:
    body = event.body(user_of(user))
    for name, given in (("app", app), ("resource", resource)):
        if given is None:
            continue
        if body.get(name, given) != given:
            raise invalid_field(name, f"is '{given}', while the event says '{body[name]}'")
        body[name] = given
    params = json.dumps(body["params"], separators=(",", ":"))
    # As the server counts them; the text above has escapes of what is not ASCII.
    size = len(json.dumps(body["params"], separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if size > _most_bytes:
        raise invalid_field("params", f"is {size} bytes long as JSON; at most {_most_bytes} are allowed")
    actor = json.dumps(body["user"]) if "user" in body else ""
    return [tenant or "", body["event_type"], params, body.get("app", ""), actor, body.get("resource", "")]
