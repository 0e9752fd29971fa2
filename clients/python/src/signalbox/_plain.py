"""What is sent, as plain JSON: what a program says is made into it, and refused by the name of its field where it cannot be."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import math
import uuid
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from ._errors import invalid_field

_deepest = 32
_safest_integer = 2**53 - 1


def plain_object(path: str, value: Any) -> dict[str, Any]:
    """
    A copy of a JSON object. Times become RFC 3339, uuids and enums their text, models and dataclasses objects.

    Raises InvalidRequest, naming what lies below `path`, for what JSON cannot hold or would not keep exactly.
    """
    plain = plain_json(path, value)
    if not isinstance(plain, dict):
        raise invalid_field(path, "must be an object with names that are texts")
    return plain


def plain_json(path: str, value: Any, depth: int = 0) -> Any:
    """Likewise of any JSON value."""
    if value is None or (isinstance(value, (bool, str)) and not isinstance(value, enum.Enum)):
        return value
    if depth > _deepest:
        raise invalid_field(path, f"must not have more than {_deepest} levels")
    match value:
        case enum.Enum():
            return plain_json(path, value.value, depth)
        case int():
            if abs(value) > _safest_integer:
                raise invalid_field(path, "is greater than what JSON numbers keep exactly: write it as a text")
            return int(value)
        case float():
            if not math.isfinite(value):
                raise invalid_field(path, "must be a finite number")
            return float(value)
        case datetime.datetime():
            if value.tzinfo is None:
                raise invalid_field(path, "is a time without a zone: give it one")
            return value.isoformat().removesuffix("+00:00") + (
                "Z" if value.utcoffset() == datetime.timedelta(0) else ""
            )
        case datetime.date() | datetime.time():
            return value.isoformat()
        case uuid.UUID():
            return str(value)
        case BaseModel():
            return plain_json(path, value.model_dump(mode="python", by_alias=True), depth)
        case Mapping():
            return _object(path, value, depth)
        case list() | tuple():
            return [plain_json(f"{path}[{at}]", part, depth + 1) for at, part in enumerate(value)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return _object(path, fields, depth)
    raise invalid_field(path, f"is a {type(value).__name__}, which JSON cannot hold: write it as a text or a number")


def _object(path: str, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, part in value.items():
        if not isinstance(name, str):
            raise invalid_field(path, f"has the name {name!r}, which is no text")
        # An enum of texts is a text, and its value is its name here.
        plain[str(name.value) if isinstance(name, enum.Enum) else name] = plain_json(f"{path}.{name}", part, depth + 1)
    return plain


def user_of(user: Any) -> Any:
    """
    Whom something is done for, as functions get it: a name, or an object with a `username` or `name`. Of Django's users
    (`request.user`) their id, name, address and names; of one that is not logged in, no user.
    """
    if user is None:
        return None
    if isinstance(user, str):
        return user
    if callable(getattr(user, "get_username", None)):
        return _django_user(user)
    return plain_object("user", user)


def _django_user(user: Any) -> dict[str, Any] | None:
    if not getattr(user, "is_authenticated", True):
        return None
    said = {"id": getattr(user, "pk", None), "username": user.get_username()}
    for name in ("email", "first_name", "last_name"):
        said[name] = getattr(user, name, None)
    known = {name: value for name, value in said.items() if value not in (None, "")}
    return plain_object("user", known)
