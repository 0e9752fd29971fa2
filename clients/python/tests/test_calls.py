from __future__ import annotations

import asyncio
import email.utils
import os
import pathlib
import socket
import tempfile
import time
import unittest
from unittest import mock

import pydantic

from signalbox import (
    AsyncClient,
    AsyncHost,
    AsyncResult,
    Client,
    Conflict,
    ConnectionFailed,
    Event,
    EventService,
    HookDenied,
    Host,
    InvalidRequest,
    NotAnnounced,
    NotFound,
    Retries,
    SignalboxError,
    TaskTimeout,
    TooManyRequests,
    Unavailable,
    UnexpectedAnswer,
    ValidationError,
    no_retries,
)
from signalbox._address import read_address
from signalbox._calls import path_of
from signalbox._retries import seconds_of

from .scripted import Answer, ScriptedServer, data, failure

quick = Retries(count=3, first_wait=0, longest_wait=0)
published = Answer(
    200, {"status": "success", "message": "Event published successfully", "data": {"event": "POST_A_B", "task_ids": []}}
)
event = Event(event_type="POST_A_B", params={"a": 1})


def host(server: ScriptedServer, retries: Retries = quick) -> Host:
    return Host(server.url, "host-token", retries=retries)


class RetriesOfCalls(unittest.TestCase):
    def test_are_made_under_one_key_until_there_is_an_answer(self) -> None:
        troubles = [Answer(cut=True), failure(503, "unavailable"), failure(500, "internal")]
        with ScriptedServer(*troubles, published) as server, host(server) as at:
            self.assertEqual(at.events.publish_event(event, user="ada").status, "success")
            self.assertEqual(len(server.asked), 4)
            self.assertEqual(len({asked.headers["idempotency-key"] for asked in server.asked}), 1)
            self.assertEqual({asked.headers["authorization"] for asked in server.asked}, {"Bearer host-token"})
            self.assertEqual(server.asked[3].json(), {"event_type": "POST_A_B", "params": {"a": 1}, "user": "ada"})
            at.events.publish_event(event)
            self.assertNotEqual(server.asked[4].headers["idempotency-key"], server.asked[3].headers["idempotency-key"])

    def test_end(self) -> None:
        with ScriptedServer(failure(429, "too_many_requests")) as server, host(server) as at:
            self.assertRaises(TooManyRequests, at.events.publish_event, event)
            self.assertEqual(len(server.asked), 4)
        with ScriptedServer(Answer(cut=True)) as server, host(server, no_retries) as at:
            with self.assertRaises(ConnectionFailed) as caught:
                at.events.publish_event(event)
            self.assertTrue(caught.exception.sent)
            self.assertEqual(len(server.asked), 1)

    def test_are_not_made_of_what_was_decided(self) -> None:
        for answer, kind in (
            (failure(400, "hook_denied"), HookDenied),
            (failure(409, "conflict"), Conflict),
            (failure(503, "hook_failed"), ValidationError),
            (failure(400, "invalid_request"), InvalidRequest),
        ):
            with ScriptedServer(answer) as server, host(server) as at:
                self.assertRaises(kind, at.events.publish_event, event)
                self.assertEqual(len(server.asked), 1)

    def test_wait_as_they_are_asked_to_and_give_up_when_that_is_too_long(self) -> None:
        with ScriptedServer(failure(503, "unavailable", headers={"retry-after": "3"}), published) as server:
            with host(server) as at, mock.patch("time.sleep") as sleep:
                at.events.publish_event(event)
                sleep.assert_called_once_with(3.0)
        with ScriptedServer(failure(503, "unavailable", headers={"retry-after": "3600"})) as server, host(server) as at:
            self.assertRaises(Unavailable, at.events.publish_event, event)
            self.assertEqual(len(server.asked), 1)
        self.assertAlmostEqual(seconds_of(email.utils.formatdate(time.time() + 20, usegmt=True)), 20, delta=2)
        self.assertEqual([seconds_of(text) for text in (None, "soon", "-1", "7")], [0, 0, 0, 7])

    def test_spread_and_grow_to_a_limit(self) -> None:
        retries = Retries(count=9, first_wait=0.5, longest_wait=4)
        for retry, most in enumerate((0.5, 1, 2, 4, 4, 4, 4, 4, 4)):
            waits = {retries.wait_before(retry, None) for _ in range(50)}
            self.assertTrue(len(waits) > 10 and all(wait is not None and 0 <= wait <= most for wait in waits))
        self.assertIsNone(retries.wait_before(9, None))
        self.assertRaises(ValueError, Retries, count=-1)

    def test_of_a_post_without_a_key_only_when_it_did_nothing(self) -> None:
        done = data({"id": 1})
        with ScriptedServer(Answer(cut=True), done) as server, Client(server.url, "token", retries=quick) as client:
            self.assertRaises(ConnectionFailed, client.request, "POST", "/api/cloud/tokens/", {})
            self.assertEqual(client.request("post", "/api/cloud/tokens/", {}), {"id": 1})
        with ScriptedServer(failure(503, "unavailable"), done) as server:
            with Client(server.url, "token", retries=quick) as client:
                self.assertEqual(client.request("POST", "/api/cloud/tokens/", {}), {"id": 1})
        with ScriptedServer(Answer(cut=True), done) as server, Client(server.url, "token", retries=quick) as client:
            client.request("POST", "/api/cloud/users/", {"username": "ada"}, idempotency_key="sign-up-1")
            self.assertEqual([asked.headers["idempotency-key"] for asked in server.asked], ["sign-up-1"] * 2)

    def test_of_a_delete_that_may_have_been_done_are_content_with_nothing(self) -> None:
        with ScriptedServer(Answer(cut=True), failure(404, "not_found")) as server, host(server) as at:
            at.resources.delete("1-050")
            self.assertRaises(NotFound, at.resources.delete, "1-050")

    def test_are_made_without_a_listener_too(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            with Client(f"127.0.0.1:{taken.getsockname()[1]}", "token", retries=quick) as client:
                with self.assertRaises(ConnectionFailed) as caught:
                    client.request("POST", "/api/cloud/users/", {})
                self.assertFalse(caught.exception.sent)


class Errors(unittest.TestCase):
    def test_tell_all_that_the_answer_does(self) -> None:
        fields = [{"path": "params.email", "message": "is of another domain"}]
        answer = failure(400, "hook_denied", fields=fields, data={"function_id": 1}, headers={"x-request-id": "r1"})
        with ScriptedServer(answer) as server, host(server) as at, self.assertRaises(SignalboxError) as caught:
            at.events.publish_event(event)
        error = caught.exception
        self.assertEqual(
            (error.code, error.status, error.message, error.request_id), ("hook_denied", 400, "it is hook_denied", "r1")
        )
        self.assertEqual((error.fields[0].path, error.data), ("params.email", {"function_id": 1}))
        self.assertEqual(error.by_field(), {"email": ["is of another domain"]})

    def test_of_what_is_no_signalbox(self) -> None:
        for answer in (Answer(502, b"<html>"), Answer(404, b"[]"), Answer(200, b"hello"), Answer(200, [1])):
            with ScriptedServer(answer) as server, Client(server.url, "token", retries=no_retries) as client:
                self.assertRaises(UnexpectedAnswer, client.request, "GET", "/api/cloud/events/")


class Tasks(unittest.TestCase):
    def test_are_looked_at_until_they_end(self) -> None:
        pending = data({"task_id": "t/1", "status": "pending"})
        ended = data({"task_id": "t/1", "status": "success", "result": {"decision": "allow"}})
        with ScriptedServer(pending, ended) as server, host(server) as at:
            self.assertEqual(at.events.task("t/1").get(timeout=300), {"decision": "allow"})
            self.assertEqual(server.asked[0].path, "/host/v1/tasks/t%2F1?wait_ms=25000")
            self.assertTrue(at.events.task("t/1").ready())
            self.assertEqual(server.asked[2].path, "/host/v1/tasks/t%2F1?wait_ms=0")
            self.assertEqual(AsyncResult("t/1", at).get(timeout=300), {"decision": "allow"})

    def test_raise_what_they_came_to(self) -> None:
        error = {"code": "hook_denied", "message": "no", "data": {"function_id": 7, "fields": []}}
        with ScriptedServer(data({"task_id": "t", "status": "error", "error": error})) as server, host(server) as at:
            with self.assertRaises(ValidationError) as caught:
                at.events.task("t").get()
            self.assertEqual((str(caught.exception), caught.exception.data["function_id"]), ("no", 7))

    def test_are_waited_for_no_longer_than_is_said(self) -> None:
        with ScriptedServer(data({"task_id": "t", "status": "pending"})) as server, host(server) as at:
            self.assertRaises(TaskTimeout, at.events.task("t").get, timeout=0)
            self.assertRaises(TimeoutError, at.events.task("t").get, timeout=0.01)
            self.assertRaises(InvalidRequest, at.events.task("t").get, timeout=-1)


begun = data({"operation_id": "op1", "params": {"total": 9}, "warnings": ["w"]})
committed = data({"operation_id": "op1", "event": "POST_ORDER_CREATE", "task_ids": [], "total_subscribers": 0})


class Around(unittest.TestCase):
    def test_commits_what_the_operation_came_to(self) -> None:
        with ScriptedServer(begun, committed) as server, host(server) as at:
            with at.events.around("ORDER_CREATE", {"total": 10}, user="ada", deadline=2) as operation:
                self.assertEqual(
                    (operation.operation_id, operation.params, operation.warnings), ("op1", {"total": 9}, ("w",))
                )
                operation.result({"id": 1}, resource="1-050")
            self.assertEqual(operation.announced and operation.announced.data.event, "POST_ORDER_CREATE")
            first, second = server.asked
            said = {
                "event": "ORDER_CREATE",
                "params": {"total": 10},
                "user": "ada",
                "deadline_ms": 2000,
                "intent": True,
            }
            self.assertEqual((first.path, first.json()), ("/host/v1/operations", said))
            self.assertEqual(second.path, "/host/v1/operations/op1/commit")
            self.assertEqual(second.json(), {"params": {"id": 1}, "resource": "1-050"})

    def test_aborts_with_the_reason_and_lets_the_error_through(self) -> None:
        with ScriptedServer(begun, data({})) as server, host(server) as at:
            with self.assertRaisesRegex(KeyError, "no such row"), at.events.around("ORDER_CREATE", {}):
                raise KeyError("no such row")
            self.assertEqual(server.asked[1].path, "/host/v1/operations/op1/abort")
            self.assertEqual(server.asked[1].json(), {"reason": "'no such row'"})
        with ScriptedServer(begun, failure(409, "conflict")) as server, host(server) as at:
            with (
                self.assertLogs("signalbox", "WARNING"),
                self.assertRaises(KeyError),
                at.events.around("ORDER_CREATE", {}),
            ):
                raise KeyError

    def test_leaves_to_the_resolve_url_what_is_not_known(self) -> None:
        with ScriptedServer(begun) as server, host(server) as at:
            for error, unknown_on in ((KeyboardInterrupt(), ()), (OSError(), (OSError,))):
                with self.assertRaises(type(error)), at.events.around("ORDER_CREATE", {}, unknown_on=unknown_on):
                    raise error
            self.assertEqual([asked.path for asked in server.asked], ["/host/v1/operations"] * 2)

    def test_does_not_begin_what_was_refused(self) -> None:
        with ScriptedServer(failure(400, "hook_denied")) as server, host(server) as at:
            with self.assertRaises(HookDenied), at.events.around("ORDER_CREATE", {}):
                self.fail("the operation was begun")

    def test_says_that_it_was_done_when_it_cannot_be_announced(self) -> None:
        with ScriptedServer(begun, failure(400, "invalid_request")) as server, host(server) as at:
            with self.assertRaises(NotAnnounced) as caught, at.events.around("ORDER_CREATE", {}):
                pass
            self.assertEqual((caught.exception.data["operation_id"], caught.exception.status), ("op1", 400))

    def test_does_the_same_with_async(self) -> None:
        async def run(url: str) -> None:
            async with AsyncHost(url, "host-token", retries=quick) as at:
                async with at.events.around("ORDER_CREATE", {"total": 10}) as operation:
                    operation.result({"id": 1})
                with self.assertRaises(asyncio.CancelledError):
                    async with at.events.around("ORDER_CREATE", {}):
                        raise asyncio.CancelledError
                with self.assertRaises(KeyError):
                    async with at.events.around("ORDER_CREATE", {}):
                        raise KeyError("x")

        with ScriptedServer(begun, committed, begun, begun, data({})) as server:
            asyncio.run(run(server.url))
            self.assertEqual(
                [asked.path.rsplit("/", 1)[1] for asked in server.asked],
                ["operations", "commit", "operations", "operations", "abort"],
            )


class Lists(unittest.TestCase):
    pages = (data({"deliveries": [{"id": 1}, {"id": 2}], "next_cursor": "c2"}), data({"deliveries": [{"id": 3}]}))

    def test_are_loaded_page_by_page_as_they_are_asked_for(self) -> None:
        with ScriptedServer(*self.pages) as server, Client(server.url, "token") as client:
            found = client.deliveries(status=["dead", "waiting"], limit=2)
            self.assertEqual(next(found), {"id": 1})
            self.assertEqual(len(server.asked), 1)
            self.assertEqual(list(found), [{"id": 2}, {"id": 3}])
            self.assertEqual(
                server.asked[1].path, "/api/cloud/deliveries/?status=dead&status=waiting&limit=2&cursor=c2"
            )

    def test_with_async(self) -> None:
        async def run(url: str) -> list[int]:
            async with AsyncClient(url, "token") as client:
                return [delivery["id"] async for delivery in client.deliveries()]

        with ScriptedServer(*self.pages) as server:
            self.assertEqual(asyncio.run(run(server.url)), [1, 2, 3])

    def test_of_several_are_named(self) -> None:
        with ScriptedServer(data({"files": [1], "folders": [2]})) as server, Client(server.url, "token") as client:
            self.assertEqual(list(client.items("/api/cloud/files/", "folders")), [2])
            self.assertRaises(UnexpectedAnswer, list, client.items("/api/cloud/files/"))

    def test_of_notifications_go_on_by_how_many_came(self) -> None:
        pages = [Answer(200, {"status": "success", "message": None, "result": part}) for part in ([{"id": 1}], [])]
        with ScriptedServer(*pages) as server, Client(server.url, "token") as client:
            self.assertEqual(list(client.items("/notifications/v2/", limit=1)), [{"id": 1}])
            self.assertEqual(server.asked[1].path, "/notifications/v2/?limit=1&offset=1")

    def test_and_answers_are_read_into_models(self) -> None:
        class Delivery(pydantic.BaseModel):
            id: int

        with ScriptedServer(data({"id": 1}), data({"id": "x"})) as server, Client(server.url, "token") as client:
            self.assertEqual(client.request("GET", "/api/cloud/deliveries/1/", into=Delivery).id, 1)
            with self.assertRaises(UnexpectedAnswer):
                client.request("GET", "/api/cloud/deliveries/1/", into=Delivery)


class Configuration(unittest.TestCase):
    def test_is_that_of_the_environment(self) -> None:
        with ScriptedServer(published) as server:
            said = {"SIGNALBOX_HOST_URL": server.url, "SIGNALBOX_HOST_TOKEN": "from-the-environment"}
            with mock.patch.dict(os.environ, said), mock.patch("signalbox.host._defaults", {}) as made:
                EventService().publish_event(event)
                EventService().publish_event(event)
                [only] = made.values()
                only.close()
            self.assertEqual(server.asked[0].headers["authorization"], "Bearer from-the-environment")
        with mock.patch.dict(os.environ, clear=True), self.assertRaisesRegex(ValueError, "SIGNALBOX_HOST_URL"):
            Host()
        with mock.patch.dict(os.environ, clear=True), self.assertRaisesRegex(ValueError, "SIGNALBOX_TOKEN"):
            Client("http://127.0.0.1:1")

    def test_tells_addresses_of_every_form(self) -> None:
        self.assertEqual(read_address("127.0.0.1:7072").url, "http://127.0.0.1:7072")
        self.assertEqual(read_address("http://[::1]:7072/").url, "http://[::1]:7072")
        for text in ("unix:/run/host.sock", "unix:///run/host.sock"):
            self.assertEqual(read_address(text).socket, "/run/host.sock")
        for text in ("", "unix:run.sock", "ftp://a", "http://", "http://a:b@c", "http://a:99999", "http://a/?b"):
            self.assertRaises(ValueError, read_address, text)
        for token in ("two words", "ü", "a\nb"):
            self.assertRaises(ValueError, Host, "127.0.0.1:1", token)

    def test_takes_a_tenant(self) -> None:
        with ScriptedServer(published) as server, Host(server.url, "t", tenant="acme") as at:
            at.events.publish_event(event)
            self.assertEqual(server.asked[0].headers["x-signalbox-tenant"], "acme")

    def test_speaks_through_a_unix_socket(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = str(pathlib.Path(folder, "host.sock"))
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(path)
                listener.listen()
                listener.settimeout(10)
                with Host(f"unix:{path}", "t", timeout=0.05, retries=no_retries) as at:
                    with self.assertRaises(ConnectionFailed):
                        at.events.publish_event(event)
                accepted, _ = listener.accept()
                with accepted:
                    self.assertIn(b"POST /host/v1/events HTTP/1.1", accepted.recv(65_536))

    def test_keeps_names_one_part_of_a_path(self) -> None:
        self.assertEqual(path_of("a/b", "c?d", "ü"), "/a%2Fb/c%3Fd/%C3%BC")
        for part in ("", ".", ".."):
            self.assertRaises(ValueError, path_of, "a", part)
        with ScriptedServer(published) as server, Client(server.url, "t") as client:
            for path in ("api", "//elsewhere.example/"):
                self.assertRaises(ValueError, client.request, "GET", path)


if __name__ == "__main__":
    unittest.main()
