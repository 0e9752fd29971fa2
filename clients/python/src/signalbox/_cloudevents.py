"""CloudEvents 1.0 of any shape that Python programs have, as the JSON format has them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from ._errors import invalid_field
from ._plain import plain_object


def cloud_event(path: str, event: Any) -> dict[str, Any]:
    """
    A dict of the JSON format, or an event of the CloudEvents SDK, in the JSON format.

    Raises InvalidRequest, naming what is wrong below `path`.
    """
    if isinstance(event, Mapping):
        return plain_object(path, event)
    attributes = getattr(event, "get_attributes", None)
    data = getattr(event, "get_data", None)
    if not callable(attributes) or not callable(data):
        raise invalid_field(path, "must be a CloudEvent: a dict of its JSON format, or an event of the SDK")
    said = {name: value for name, value in attributes().items() if value is not None}
    return {**plain_object(path, said), **_data_of(path, data(), said.get("datacontenttype"))}


def _data_of(path: str, data: Any, media_type: Any) -> dict[str, Any]:
    if data is None:
        return {}
    is_json = media_type is None or str(media_type).split(";")[0].strip().endswith(("/json", "+json"))
    if isinstance(data, bytes):
        if not is_json:
            return {"data_base64": base64.b64encode(data).decode()}
        try:
            return {"data": json.loads(data)}
        except ValueError:
            raise invalid_field(f"{path}.data", "is no JSON, while datacontenttype says so") from None
    return {"data": plain_object(f"{path}.data", data) if isinstance(data, Mapping) else data}
