"""The documented code: functions through the public API by `SIGNALBOX_URL`, events through the host listener by `SIGNALBOX_HOST_URL`."""

from __future__ import annotations

import asyncio
import os
import unittest

from signalbox import (
    AsyncHost,
    AsyncResult,
    Client,
    Event,
    EventService,
    EventType,
    HookDenied,
    HookFailed,
    Host,
    InvalidRequest,
    NotFound,
    SignalboxError,
    Unauthenticated,
    ValidationError,
)

refusing = """
export default ({ params, user }) => params.username !== "eve"
  || { decision: "deny", message: "not eve, " + user.username, fields: [{ path: "username", message: "is refused" }] };
"""
enriching = """
export default ({ params }) => ({ decision: "allow", patch: { attributes: { greeting: `Hello ${params.username}` } } });
"""
following = """
export default ({ event_type, params }) => ({ event_type, greeted: params.username });
"""


class DocumentedCode(unittest.TestCase):
    functions: dict[str, int] = {}

    @classmethod
    def setUpClass(cls) -> None:
        with Client() as client:
            client.request("POST", "/api/apps/", {"name": "Documented Users"})
            for name, code, event in (
                ("Refuse Eve", refusing, "PRE_USER_CREATE"),
                ("Enrich", enriching, "PRE_USER_CREATE"),
                ("Follow", following, "POST_USER_CREATE"),
            ):
                made = client.create_function("documented-users", name, code)
                client.subscribe(event, made["id"])
                cls.functions[name] = made["id"]

    @classmethod
    def tearDownClass(cls) -> None:
        with Client() as client:
            for name, event in (
                ("Refuse Eve", "PRE_USER_CREATE"),
                ("Enrich", "PRE_USER_CREATE"),
                ("Follow", "POST_USER_CREATE"),
            ):
                client.unsubscribe(event, cls.functions[name])

    def test_runs_as_it_stands(self) -> None:
        # Initialize service
        event_service = EventService()

        # Create event
        event = Event(
            event_type=EventType.PRE_USER_CREATE, params={"username": "john_doe", "email": "john@example.com"}
        )

        # Publish event
        result = event_service.publish_event(event, user={"username": "admin"})

        self.assertEqual(set(result), {"status", "message", "data"})
        self.assertEqual((result["status"], result["message"]), ("success", "Event published successfully"))
        self.assertEqual((result["data"]["event"], result["data"]["total_subscribers"]), ("PRE_USER_CREATE", 2))
        self.assertEqual(
            {(task["function_id"], task["function_name"]) for task in result["data"]["task_ids"]},
            {(self.functions["Refuse Eve"], "Refuse Eve"), (self.functions["Enrich"], "Enrich")},
        )
        verdicts = {
            task["function_name"]: AsyncResult(task["task_id"]).get(timeout=300) for task in result["data"]["task_ids"]
        }
        self.assertEqual(verdicts["Refuse Eve"], {"decision": "allow"})
        self.assertEqual(
            verdicts["Enrich"], {"decision": "allow", "patch": {"attributes": {"greeting": "Hello john_doe"}}}
        )

        params = {"user_id": 123, "username": "john_doe", "email": "john@example.com"}
        after = event_service.publish_event(Event(event_type=EventType.POST_USER_CREATE, params=params))
        [task] = after.data.task_ids
        self.assertEqual(task.function_name, "Follow")
        answer = event_service.task(task.task_id).get(timeout=60)
        self.assertEqual(answer, {"event_type": "POST_USER_CREATE", "greeted": "john_doe"})

    def test_aborts_with_a_validation_error(self) -> None:
        service = EventService()
        event = Event(event_type=EventType.PRE_USER_CREATE, params={"username": "eve"})
        result = service.publish_event(event, user={"username": "admin"})
        refusals: list[ValidationError] = []
        for task in result["data"]["task_ids"]:
            try:
                AsyncResult(task["task_id"]).get(timeout=300)
            except ValidationError as error:
                refusals.append(error)
        [refusal] = refusals
        self.assertIsInstance(refusal, HookDenied)
        self.assertEqual(str(refusal), "Function 'Refuse Eve' refused PRE_USER_CREATE: not eve, admin")
        self.assertEqual(refusal.data["function_id"], self.functions["Refuse Eve"])
        self.assertEqual(refusal.code, "hook_denied")
        with self.assertRaises(HookDenied):
            service.wait(result)

    def test_runs_with_async(self) -> None:
        async def run() -> None:
            async with AsyncHost() as host:
                params = {"username": "ada"}
                events = (Event(event_type=EventType.PRE_USER_CREATE, params=params) for _ in range(3))
                results = await asyncio.gather(*(host.events.publish_event(event, user="admin") for event in events))
                for result in results:
                    verdicts = await host.events.wait(result)
                    self.assertIn({"decision": "allow"}, verdicts)

        asyncio.run(run())

    def test_says_what_is_wrong(self) -> None:
        service = EventService()
        for event, path in (
            (Event(event_type="POST_NOT_KNOWN", params={}), "event_type"),
            (Event(event_type=EventType.PRE_USER_CREATE, params={"username": 7}), "params.username"),
            (Event(event_type=EventType.PRE_USER_CREATE, params={"username": "a", "usrname": "b"}), "params.usrname"),
        ):
            with self.assertRaises(InvalidRequest) as wrong:
                service.publish_event(event)
            self.assertEqual([field.path for field in wrong.exception.fields], [path])
        with self.assertRaises(NotFound):
            service.task("not-known").get()
        with self.assertRaises(SignalboxError):
            service.publish_event(
                Event(event_type=EventType.POST_USER_CREATE, params={"username": "a"}), user={"nick": "x"}
            )
        with self.assertRaises(Unauthenticated), Host(token=os.environ["SIGNALBOX_TOKEN"]) as host:
            host.events.publish_event(Event(event_type=EventType.POST_USER_CREATE, params={"username": "a"}))
        self.assertTrue(issubclass(HookFailed, ValidationError))


if __name__ == "__main__":
    unittest.main()
