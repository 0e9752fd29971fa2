"""Against a server that `SIGNALBOX_URL` and `SIGNALBOX_TOKEN` name."""

from __future__ import annotations

import asyncio
import unittest

import pydantic

from signalbox import (
    AsyncClient,
    Client,
    Conflict,
    HookDenied,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
    Unauthenticated,
)

from .ears import Ears, until

only_ours = """
export default ({ params }) => params.email?.endsWith("@example.com")
  || { decision: "deny", message: "only @example.com addresses", fields: [{ path: "email", message: "is of another domain" }] };
"""


class Subscription(pydantic.BaseModel):
    id: str
    enabled: bool


class PublicApi(unittest.TestCase):
    def test_functions_and_their_refusals(self) -> None:
        with Client() as client:
            client.request("POST", "/api/apps/", {"name": "User Management"})
            with self.assertRaises(InvalidRequest) as wrong:
                client.create_function("user-management", "Broken", "export default (event) => {")
            self.assertEqual(wrong.exception.fields[0].path, "code")
            function = client.create_function("user-management", "Validate User Data", only_ours)
            client.subscribe("PRE_USER_CREATE", function["id"], priority=5)
            with self.assertRaises(InvalidRequest):
                client.subscribe("PRE_USER_CREATE", function["id"])
            self.assertEqual([one["slug"] for one in client.functions("user-management")], ["validate-user-data"])
            self.assertEqual(client.simulate("PRE_USER_CREATE", {"username": "eve"})["outcome"], "denied")
            run = client.invoke("user-management", function["id"], params={"email": "a@example.com"})
            self.assertEqual(run["status"], "succeeded")
            with self.assertRaises(HookDenied) as refused:
                client.request("POST", "/api/cloud/users/", {"username": "eve", "email": "eve@elsewhere.example"})
            self.assertEqual(refused.exception.by_field(), {"email": ["is of another domain"]})
            self.assertEqual(refused.exception.data["function_id"], function["id"])
            said = {"username": "ada", "email": "ada@example.com"}
            made = client.request("POST", "/api/cloud/users/", said, idempotency_key="sign-up-ada")
            self.assertEqual(client.request("POST", "/api/cloud/users/", said, idempotency_key="sign-up-ada"), made)
            client.update_function("user-management", function["id"], enabled=False)
            client.unsubscribe("PRE_USER_CREATE", function["id"])
            with self.assertRaises(NotFound):
                client.unsubscribe("PRE_USER_CREATE", function["id"])

    def test_subscriptions_and_lists(self) -> None:
        with Client() as client:
            target = {"type": "webhook", "url": "https://hooks.example.com/users"}
            made = [client.create_subscription(event="POST_USER_UPDATE", target=target) for _ in range(5)]
            self.assertTrue(made[0]["signing_secret"].startswith("whsec_"))
            listed = [one["id"] for one in client.subscriptions(limit=2) if one["id"] in {each["id"] for each in made}]
            self.assertEqual(sorted(listed), sorted(one["id"] for one in made))
            path = f"/api/cloud/subscriptions/{made[0]['id']}/"
            one = client.request("GET", path)
            changed = client.update_subscription(one["id"], enabled=False, if_match=one.etag)
            with self.assertRaises(PreconditionFailed):
                client.update_subscription(one["id"], enabled=True, if_match=one.etag)
            client.update_subscription(one["id"], max_retries=3, if_match=changed.etag)
            self.assertFalse(client.request("GET", path, into=Subscription).enabled)
            for each in made:
                client.delete_subscription(each["id"])
            self.assertEqual(list(client.deliveries(status="dead")), [])
            with self.assertRaises(InvalidRequest):
                list(client.deliveries(status="lost"))
            with self.assertRaises(NotFound):
                client.redrive("00000000-0000-0000-0000-000000000000-042")

    def test_notifications(self) -> None:
        with Client() as client:
            made = [
                client.request(
                    "POST",
                    "/notifications/v2/",
                    {"associatedUuid": "*", "event": "CREATED", "url": "https://hooks.example.com/"},
                )
                for _ in range(3)
            ]
            listed = [one["id"] for one in client.items("/notifications/v2/", limit=2)]
            self.assertEqual(sorted(listed), sorted(one["id"] for one in made))
            self.assertTrue(made[0]["signingSecret"].startswith("whsec_"))
            with self.assertRaises(InvalidRequest) as wrong:
                client.request(
                    "POST",
                    "/notifications/v2/",
                    {"associatedUuid": "*", "event": "no name", "url": "https://a.example/"},
                )
            self.assertEqual(wrong.exception.fields[0].path, "event")

    def test_deliveries_that_the_sdk_of_cloudevents_reads(self) -> None:
        ears = Ears()
        self.addCleanup(ears.close)
        with Client() as client:
            for form in ("cloudevents", "cloudevents-binary"):
                target = {"type": "webhook", "url": ears.url, "format": form, "compression": "gzip", "handshake": True}
                made = client.create_subscription(event="POST_USER_CREATE", target=target)
                ears.secrets.append(made["signing_secret"])
            client.request("POST", "/api/cloud/users/", {"username": "lovelace"})
            until("both have come", lambda: len(ears.heard) >= 2)
            for event in ears.heard:
                self.assertEqual((event.get_type(), event.get_specversion()), ("POST_USER_CREATE", "1.0"))
                told = event.get_data()
                self.assertIsInstance(told, dict)
                self.assertEqual(told["params"]["username"], "lovelace")  # type: ignore[index, call-overload]
            self.assertEqual(len({event.get_id() for event in ears.heard}), 1)

    def test_filters(self) -> None:
        with Client() as client:
            self.assertIsNotNone(
                client.check_filter("WHERE email LIKE '%@example.com'", face="lifecycle", event="POST_USER_CREATE")
            )
            with self.assertRaises(InvalidRequest):
                client.check_filter("WHERE email LIKE", face="lifecycle", event="POST_USER_CREATE")

    def test_with_async_and_without_a_token_that_counts(self) -> None:
        async def run() -> list[str]:
            async with AsyncClient() as client:
                names = (await client.request("GET", "/api/cloud/events/"))["events"]
                await asyncio.gather(*(client.request("GET", "/api/cloud/events/") for _ in range(20)))
            async with AsyncClient(token="another") as client:
                with self.assertRaises(Unauthenticated):
                    await client.request("GET", "/api/cloud/events/")
            return names

        self.assertIn("PRE_USER_CREATE", asyncio.run(run()))

    def test_conflicts(self) -> None:
        with Client() as client:
            client.request("POST", "/api/cloud/users/", {"username": "grace"}, idempotency_key="grace-1")
            with self.assertRaises(Conflict):
                client.request("POST", "/api/cloud/users/", {"username": "hopper"}, idempotency_key="grace-1")


if __name__ == "__main__":
    unittest.main()
