from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import unittest
import uuid
from typing import Any

import pydantic

from signalbox import Event, EventType, InvalidRequest
from signalbox._cloudevents import cloud_event
from signalbox._plain import plain_object, user_of
from signalbox.events import publish_result


class OrderEvents(str, enum.Enum):
    POST_ORDER_CREATE = "POST_ORDER_CREATE"


class Order(pydantic.BaseModel):
    id: int
    placed: datetime.datetime


@dataclasses.dataclass
class Line:
    article: str
    count: int


class Events(unittest.TestCase):
    def test_take_types_as_members_of_any_enum_and_as_texts(self) -> None:
        for event_type in (OrderEvents.POST_ORDER_CREATE, "POST_ORDER_CREATE"):
            event = Event(event_type=event_type, params={"id": 1})
            self.assertEqual(event.body(None), {"event_type": "POST_ORDER_CREATE", "params": {"id": 1}})
        self.assertIs(Event(event_type=EventType.PRE_USER_CREATE, params={}).event_type, EventType.PRE_USER_CREATE)

    def test_refuse_what_is_no_type_and_what_are_no_params(self) -> None:
        wrong: list[tuple[Any, Any]] = [
            ("post_user", {}),
            (7, {}),
            ("", {}),
            ("POST_USER_CREATE", [1]),
            ("POST_A", "x"),
        ]
        for event_type, params in wrong:
            with self.assertRaises(pydantic.ValidationError):
                Event(event_type=event_type, params=params)
        with self.assertRaises(pydantic.ValidationError):
            Event.model_validate({"event_type": "POST_USER_CREATE", "params": {}, "parms": {}})

    def test_write_what_python_has_as_json(self) -> None:
        at = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
        one = uuid.UUID(int=7)
        params = {
            "order": Order(id=1, placed=at),
            "lines": (Line("a", 2),),
            "uuid": one,
            "kind": OrderEvents.POST_ORDER_CREATE,
        }
        self.assertEqual(
            plain_object("params", params),
            {
                "order": {"id": 1, "placed": "2026-01-02T03:04:05Z"},
                "lines": [{"article": "a", "count": 2}],
                "uuid": str(one),
                "kind": "POST_ORDER_CREATE",
            },
        )
        model = Event(event_type="POST_ORDER_CREATE", params=Order(id=1, placed=at))  # type: ignore[arg-type]
        self.assertEqual(model.body("ada")["params"], {"id": 1, "placed": "2026-01-02T03:04:05Z"})

    def test_refuse_by_its_place_what_json_cannot_hold(self) -> None:
        deep: dict[str, Any] = {}
        for _ in range(40):
            deep = {"a": deep}
        for value, path in (
            ({"a": {"b": [1, decimal.Decimal("1.5")]}}, "params.a.b[1]"),
            ({"big": 2**53}, "params.big"),
            ({"n": float("nan")}, "params.n"),
            ({"at": datetime.datetime(2026, 1, 1)}, "params.at"),
            ({"raw": b"x"}, "params.raw"),
            ({"set": {1}}, "params.set"),
            ({1: 2}, "params"),
        ):
            with self.assertRaises(InvalidRequest) as caught:
                plain_object("params", value)
            self.assertEqual(caught.exception.fields[0].path, path)
        with self.assertRaises(InvalidRequest):
            plain_object("params", deep)
        with self.assertRaises(InvalidRequest):
            plain_object("params", [])


class Users(unittest.TestCase):
    def test_are_names_objects_and_users_of_django(self) -> None:
        class DjangoUser:
            pk = 7
            email = "ada@example.com"
            first_name = ""
            is_authenticated = True

            def get_username(self) -> str:
                return "ada"

        class Anonymous(DjangoUser):
            is_authenticated = False

        self.assertEqual(user_of("ada"), "ada")
        self.assertEqual(user_of({"username": "ada", "plan": "pro"}), {"username": "ada", "plan": "pro"})
        self.assertEqual(user_of(DjangoUser()), {"id": 7, "username": "ada", "email": "ada@example.com"})
        self.assertIsNone(user_of(Anonymous()))
        self.assertIsNone(user_of(None))
        with self.assertRaises(InvalidRequest):
            user_of(object())


class Results(unittest.TestCase):
    documented: dict[str, Any] = {
        "status": "success",
        "message": "Event published successfully",
        "data": {
            "event": "PRE_USER_CREATE",
            "task_ids": [
                {
                    "function_id": 123,
                    "function_name": "Validate User Data",
                    "task_id": "task-uuid-1",
                    "invocation_id": 1,
                },
            ],
            "total_subscribers": 1,
        },
    }

    def test_are_dicts_as_documented_and_typed(self) -> None:
        result = publish_result(self.documented)
        self.assertEqual(result, self.documented)
        self.assertEqual(json.loads(json.dumps(result)), self.documented)
        self.assertEqual([task["task_id"] for task in result["data"]["task_ids"]], ["task-uuid-1"])
        self.assertEqual([task.task_id for task in result.data.task_ids], ["task-uuid-1"])
        self.assertEqual(
            (result.status, result.data.event, result.data.total_subscribers), ("success", "PRE_USER_CREATE", 1)
        )
        self.assertEqual(result.data.task_ids[0].function_name, "Validate User Data")
        self.assertFalse(result.data.duplicate)

    def test_tell_of_a_function_that_could_not_be_started(self) -> None:
        said = {
            "status": "error",
            "code": "EXECUTION_ERROR",
            "message": "Function execution failed",
            "data": {"function_id": 125, "function_name": "Failed Function", "status": "error", "task_id": None},
        }
        result = publish_result(said)
        self.assertEqual(result, said)
        self.assertEqual((result.status, result.code, list(result.data.task_ids)), ("error", "EXECUTION_ERROR", []))


class CloudEvents(unittest.TestCase):
    def test_are_dicts_and_events_of_the_sdk(self) -> None:
        from cloudevents.core.v1.event import CloudEvent

        said = {"id": "1", "source": "/jobs", "type": "POST_JOB_DONE", "specversion": "1.0"}
        self.assertEqual(cloud_event("events[0]", {**said, "data": {"a": 1}}), {**said, "data": {"a": 1}})
        at = datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)
        event = CloudEvent({**said, "time": at, "datacontenttype": "application/json"}, {"a": 1})
        self.assertEqual(
            cloud_event("events[0]", event),
            {**said, "time": "2026-01-02T00:00:00Z", "datacontenttype": "application/json", "data": {"a": 1}},
        )
        bytes_of = CloudEvent({**said, "datacontenttype": "application/octet-stream"}, b"\x00")
        self.assertEqual(cloud_event("events[0]", bytes_of)["data_base64"], "AA==")
        with self.assertRaises(InvalidRequest):
            cloud_event("events[3]", 7)


if __name__ == "__main__":
    unittest.main()
