"""Publishing through the host listener that `SIGNALBOX_HOST_URL` and `SIGNALBOX_HOST_TOKEN` name; `SIGNALBOX_URL` is the public API's."""

from __future__ import annotations

import asyncio
import os
import unittest

from signalbox import (
    AsyncHost,
    Client,
    Event,
    EventService,
    EventType,
    Host,
    Unauthenticated,
)

following = "export default ({ params }) => ({ greeted: params.username });"


class Publishing(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        with Client() as client:
            client.request("POST", "/api/apps/", {"name": "Host Users"})
            cls.function = client.create_function("host-users", "Follow", following)["id"]
            client.subscribe("POST_USER_CREATE", cls.function)

    @classmethod
    def tearDownClass(cls) -> None:
        with Client() as client:
            client.unsubscribe("POST_USER_CREATE", cls.function)

    def test_answers_the_documented_result(self) -> None:
        event_service = EventService()
        params = {"user_id": 123, "username": "john_doe", "email": "john@example.com"}
        event = Event(event_type=EventType.POST_USER_CREATE, params=params)
        result = event_service.publish_event(event, user={"username": "admin"})
        self.assertEqual(set(result), {"status", "message", "data"})
        self.assertEqual((result["status"], result["message"]), ("success", "Event published successfully"))
        self.assertEqual((result["data"]["event"], result["data"]["total_subscribers"]), ("POST_USER_CREATE", 1))
        [task] = result.data.task_ids
        self.assertEqual((task.function_id, task["function_name"]), (self.function, "Follow"))

    def test_of_many_at_once_is_durable(self) -> None:
        async def run() -> None:
            async with AsyncHost() as host:
                events = (
                    Event(event_type=EventType.POST_USER_CREATE, params={"username": f"u{at}"}) for at in range(20)
                )
                results = await asyncio.gather(*(host.events.publish_event(event, user="admin") for event in events))
                self.assertEqual(len({result.data.task_ids[0].task_id for result in results}), 20)

        asyncio.run(run())

    def test_takes_no_token_of_the_public_api(self) -> None:
        with self.assertRaises(Unauthenticated), Host(token=os.environ["SIGNALBOX_TOKEN"]) as host:
            host.events.publish_event(Event(event_type=EventType.POST_USER_CREATE, params={"username": "a"}))
        with self.assertRaises(Unauthenticated), Client(token=os.environ["SIGNALBOX_HOST_TOKEN"]) as client:
            client.request("GET", "/api/cloud/events/")


if __name__ == "__main__":
    unittest.main()
