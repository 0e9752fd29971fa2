"""
Operations of a platform through the host listener that the environment names, whose event types are PRE_ORDER_CREATE and
POST_ORDER_CREATE, and which may send to the loopback.
"""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
import unittest
import urllib.parse

from signalbox import (
    AsyncHost,
    Client,
    Conflict,
    Event,
    EventService,
    HookDenied,
    Host,
    InvalidRequest,
    NotAnnounced,
    NotFound,
    WebhookRefused,
)
from signalbox.resolving import Question, Resolution, aborted, committed, read_question, unknown

gate = """
export default ({ params, user }) => params.item === "a bomb"
  ? { decision: "deny", message: `not for ${user.username}`, fields: [{ path: "item", message: "is not sold" }] }
  : { decision: "allow", patch: { discount: 5 } };
"""
following = "export default ({ params, user }) => ({ id: params.id, by: user?.username ?? null });"


class Resolver:
    """Where a platform says what became of its operations."""

    def __init__(self) -> None:
        self.secret = ""
        self.asked: list[Question] = []
        self.outcomes: dict[str, Resolution] = {}
        resolver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
                try:
                    question = read_question(resolver.secret, list(self.headers.items()), query)
                    status, body = 200, resolver.outcomes.get(question.operation_id, unknown("still at work")).body
                    resolver.asked.append(question)
                except WebhookRefused as refusal:
                    status, body = 401, {"message": str(refusal)}
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/resolve"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Operations(unittest.TestCase):
    subscribed: list[tuple[str, int]] = []

    @classmethod
    def setUpClass(cls) -> None:
        with Client() as client:
            client.request("POST", "/api/apps/", {"name": "Orders"})
            for name, code, event in (
                ("Gate", gate, "PRE_ORDER_CREATE"),
                ("Follow", following, "POST_ORDER_CREATE"),
            ):
                made = client.create_function("orders", name, code)
                client.subscribe(event, made["id"])
                cls.subscribed.append((event, made["id"]))

    @classmethod
    def tearDownClass(cls) -> None:
        with Client() as client:
            for event, function in cls.subscribed:
                client.unsubscribe(event, function)

    def setUp(self) -> None:
        self.events = EventService()

    def test_are_announced_at_the_end_of_the_statement(self) -> None:
        proposed = {"item": "a pen", "card": "4111"}
        with self.events.around("ORDER_CREATE", proposed, user="ada", deadline=60) as operation:
            # Without what is sensitive, and with what the function changed.
            self.assertEqual((operation.params, operation.warnings), ({"item": "a pen", "discount": 5}, ()))
            self.assertEqual(self.events.operation(operation.operation_id)["state"], "open")
            operation.result({"id": 7, "item": operation.params["item"]})
        assert operation.announced is not None
        self.assertEqual(
            (
                operation.announced.operation_id,
                operation.announced.data.event,
                operation.announced.data.total_subscribers,
            ),
            (operation.operation_id, "POST_ORDER_CREATE", 1),
        )
        [task] = operation.announced.data.task_ids
        self.assertEqual(self.events.task(task.task_id).get(), {"id": 7, "by": "ada"})
        ended = self.events.operation(operation.operation_id)
        self.assertEqual((ended["event"], ended["state"]), ("ORDER_CREATE", "committed"))
        self.assertIsNotNone(ended["ended_at"])

    def test_are_not_begun_when_a_function_refuses(self) -> None:
        with (
            self.assertRaises(HookDenied) as denied,
            self.events.around("ORDER_CREATE", {"item": "a bomb"}, user="eve"),
        ):
            self.fail("the operation was begun")
        self.assertEqual(denied.exception.by_field(), {"item": ["is not sold"]})
        self.assertEqual(str(denied.exception), "Function 'Gate' refused PRE_ORDER_CREATE: not for eve")
        for event, params, path in (("ORDER_DESTROY", {}, "event"), ("ORDER_CREATE", {"item": 7}, "params.item")):
            with self.assertRaises(InvalidRequest) as wrong, self.events.around(event, params):
                self.fail("the operation was begun")
            self.assertEqual([field.path for field in wrong.exception.fields], [path])
        self.assertEqual(list(self.events.operations()), [])

    def test_are_aborted_by_an_exception(self) -> None:
        with self.assertRaisesRegex(RuntimeError, "out of paper"):
            with self.events.around("ORDER_CREATE", {"item": "a pen"}) as operation:
                raise RuntimeError("out of paper \udc80" + "." * 1_000)
        ended = self.events.operation(operation.operation_id)
        self.assertEqual((ended["state"], len(ended["reason"])), ("aborted", 500))
        self.assertTrue(ended["reason"].startswith("out of paper ?."))

    def test_stay_open_when_what_was_done_does_not_fit(self) -> None:
        with (
            self.assertRaises(NotAnnounced) as caught,
            self.events.around("ORDER_CREATE", {"item": "a pen"}) as operation,
        ):
            operation.result({"id": "seven"})
        self.assertEqual(
            (caught.exception.data["operation_id"], caught.exception.data["code"]),
            (operation.operation_id, "invalid_request"),
        )
        self.assertIn("params.id", [field.path for field in caught.exception.fields])
        self.assertEqual([one["operation_id"] for one in self.events.operations("open")], [operation.operation_id])
        first = self.events.commit(operation.operation_id, {"id": 7, "item": "a pen"})
        # What is repeated is answered alike, whatever it says.
        self.assertEqual(self.events.commit(operation.operation_id, {"id": 8, "item": "a cup"}), first)
        self.assertRaises(Conflict, self.events.abort, operation.operation_id, "too late")
        self.assertRaises(NotFound, self.events.commit, "not-known", {"id": 7, "item": "a pen"})

    def test_are_only_asked_about_by_check(self) -> None:
        agreed = self.events.check("ORDER_CREATE", {"item": "a pen"}, user="ada")
        self.assertEqual(agreed.params, {"item": "a pen", "discount": 5})
        self.assertEqual(list(self.events.operations()), [])
        self.assertRaises(HookDenied, self.events.check, "ORDER_CREATE", {"item": "a bomb"}, user="eve")

    def test_whose_end_is_not_known_are_asked_about(self) -> None:
        resolver = Resolver()
        self.addCleanup(resolver.close)
        self.assertRaises(NotFound, self.events.get_resolver)
        declared = self.events.set_resolver(resolver.url)
        self.addCleanup(self.events.remove_resolver)
        resolver.secret = declared["signing_secret"]
        left = []
        for at in range(3):
            with self.assertRaises(OSError):
                with self.events.around(
                    "ORDER_CREATE", {"item": f"pen {at}"}, user="ada", unknown_on=(OSError,)
                ) as operation:
                    raise OSError("the connection was lost in a COMMIT")
            left.append(operation.operation_id)
        self.assertEqual([one["operation_id"] for one in self.events.operations("open", limit=2)], left)
        done, given_up, under_way = left
        resolver.outcomes = {done: committed({"id": 7, "item": "pen 0"}), given_up: aborted("there is no such order")}
        self.assertEqual(self.events.ask(done)["state"], "committed")
        self.assertEqual(self.events.ask(done)["state"], "committed")
        ended = self.events.ask(given_up)
        self.assertEqual((ended["state"], ended["reason"]), ("aborted", "there is no such order"))
        self.assertEqual(self.events.ask(under_way)["state"], "unresolved")
        self.assertEqual([one["operation_id"] for one in self.events.operations("unresolved")], [under_way])
        self.assertEqual(
            {(question.operation_id, question.tenant) for question in resolver.asked},
            {(one, "default") for one in left},
        )

        # A change keeps the secret, unless a new one is asked for; the one before it signs too meanwhile.
        self.assertNotIn("signing_secret", self.events.set_resolver(resolver.url))
        renewed = self.events.set_resolver(resolver.url, new_secret=True)["signing_secret"]
        self.assertNotEqual(renewed, resolver.secret)
        self.events.ask(under_way)
        resolver.secret = renewed
        resolver.outcomes[under_way] = committed({"id": 9, "item": "pen 2"})
        self.assertEqual(self.events.ask(under_way)["state"], "committed")
        self.assertEqual(self.events.get_resolver()["url"], resolver.url)
        self.assertEqual(list(self.events.operations()), [])

    def test_do_the_same_with_async(self) -> None:
        async def run() -> None:
            async with AsyncHost() as host:
                async with host.events.around("ORDER_CREATE", {"item": "a pen"}, user="ada") as operation:
                    operation.result({"id": 7, "item": operation.params["item"]})
                assert operation.announced is not None
                [task] = operation.announced.data.task_ids
                self.assertEqual(await host.events.task(task.task_id).get(), {"id": 7, "by": "ada"})
                with self.assertRaises(HookDenied):
                    async with host.events.around("ORDER_CREATE", {"item": "a bomb"}, user="eve"):
                        self.fail("the operation was begun")
                with self.assertRaises(KeyError):
                    async with host.events.around("ORDER_CREATE", {"item": "a pen"}) as operation:
                        raise KeyError
                self.assertEqual((await host.events.operation(operation.operation_id))["state"], "aborted")
                # A task that is cancelled leaves its end open.
                with self.assertRaises(asyncio.CancelledError):
                    async with host.events.around("ORDER_CREATE", {"item": "a pen"}) as operation:
                        raise asyncio.CancelledError
                self.assertEqual(
                    [one["operation_id"] async for one in host.events.operations()], [operation.operation_id]
                )
                await host.events.abort(operation.operation_id, "nothing was done")
                self.assertEqual((await host.events.check("ORDER_CREATE", {"item": "a pen"})).params["discount"], 5)

        asyncio.run(run())

    def test_many_events_are_published_at_once_or_none(self) -> None:
        def order(at: object) -> Event:
            return Event(event_type="POST_ORDER_CREATE", params={"id": at, "item": "a pen"})

        results = self.events.publish_events([order(at) for at in range(3)], user="ada")
        self.assertEqual([result.event for result in results], ["POST_ORDER_CREATE"] * 3)
        values = [self.events.task(result.task_ids[0].task_id).get() for result in results]
        self.assertEqual(values, [{"id": at, "by": "ada"} for at in range(3)])
        with self.assertRaises(InvalidRequest) as wrong, Host() as host:
            host.events.publish_events([order(4), order("five")])
        self.assertEqual([field.path for field in wrong.exception.fields], ["events[1].params.id"])


if __name__ == "__main__":
    unittest.main()
