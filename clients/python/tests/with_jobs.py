"""
A worker registers jobs and raises their status events as CloudEvents; owners get webhooks and mail, and strangers nothing.

Against a server whose addresses and tokens the environment names; it keeps mails, and may send to the loopback. `JOBS`: how many (100).
"""

from __future__ import annotations

import collections
import os
import time
import unittest

import httpx
from cloudevents.core.bindings import http
from cloudevents.core.v1.event import CloudEvent

from signalbox import Client, Host, NotFound

from .ears import Ears, until

jobs = int(os.environ.get("JOBS", "100"))
states = [
    "PENDING",
    "PROCESSING_INPUTS",
    "STAGING_INPUTS",
    "STAGING_JOB",
    "SUBMITTING",
    "QUEUED",
    "RUNNING",
    "ARCHIVING",
    "CLEANING_UP",
    "FINISHED",
]
batch = 1_000
system = "cluster-006"


def owner_of(index: int) -> str:
    return "ada" if index % 2 == 0 else "ben"


def status(index: int, state: str, **more: str) -> CloudEvent:
    said = {"id": f"{index}-{state}", "source": "/scheduler", "type": state, "subject": f"job{index}-007", **more}
    return CloudEvent({**said, "specversion": "1.0", "datacontenttype": "application/json"}, {"status": state})


class Worker(unittest.TestCase):
    def setUp(self) -> None:
        self.admin = Client()
        self.addCleanup(self.admin.close)
        self.host = Host()
        self.addCleanup(self.host.close)

    def _user(self, name: str) -> Client:
        """A member of the tenant, whose address is confirmed."""
        self.host.users.create(username=name, email=f"{name}@example.com")
        token = self.admin.request("POST", "/api/cloud/tokens/", {"principal": name, "role": "member"})["token"]
        client = Client(token=token)
        self.addCleanup(client.close)
        return client

    def _ears(self) -> Ears:
        ears = Ears()
        self.addCleanup(ears.close)
        return ears

    def test_registers_jobs_and_raises_their_events(self) -> None:
        users = {name: self._user(name) for name in ("ada", "ben", "carol")}
        ears = {name: self._ears() for name in users}
        self.host.resources.put(system, kind="system", owner="admin", data={"name": "cluster"})
        self.host.resources.grant(system, "*", "read")
        for at in range(0, jobs, batch):
            self.host.resources.put_many(
                {
                    "uuid": f"job{index}-007",
                    "kind": "job",
                    "owner": owner_of(index),
                    "parents": [system],
                    "data": {"name": f"n{index}"},
                }
                for index in range(at, min(jobs, at + batch))
            )
        self.assertEqual(sum(1 for _ in self.host.resources.all(kind="job")), jobs)

        for name, client in users.items():
            target = {
                "type": "webhook",
                "url": ears[name].url,
                "format": "cloudevents" if name == "ada" else "cloudevents-binary",
            }
            made = client.create_subscription(face="notifications", resource=system, event="*", target=target)
            ears[name].secrets.append(made["signing_secret"])
        users["ada"].request(
            "POST", "/notifications/v2/", {"associatedUuid": "job0-007", "event": "FINISHED", "url": ""}
        )
        with self.assertRaises(NotFound):
            users["carol"].request(
                "POST",
                "/notifications/v2/",
                {"associatedUuid": "job0-007", "event": "FINISHED", "url": ears["carol"].url},
            )

        events = [status(index, state) for state in states for index in range(jobs)]
        began = time.monotonic()
        for at in range(0, len(events), batch):
            results = self.host.events.publish_cloud_events(events[at : at + batch])
            self.assertFalse(any(result.duplicate for result in results))
        published = time.monotonic()
        # A batch that is sent again, as after an answer that was lost, publishes nothing.
        again = self.host.events.publish_cloud_events(events[:batch])
        self.assertTrue(all(result.duplicate for result in again))

        for name in ("ada", "ben"):
            own = [index for index in range(jobs) if owner_of(index) == name]
            until(f"{name} has all events", lambda name=name, own=own: len(ears[name].heard) >= len(own) * len(states))  # type: ignore[misc]
            told = collections.Counter(
                (event.get_data()["of"]["uuid"], event.get_data()["status"]) for event in ears[name].heard
            )  # type: ignore[index, call-overload]
            self.assertEqual(told, collections.Counter((f"job{index}-007", state) for index in own for state in states))
        until(
            "ada's mail is there",
            lambda: any(mail["to"] == "ada@example.com" for mail in self.admin.items("/api/cloud/mails/")),
        )
        self.assertEqual(ears["carol"].heard, [])
        print(
            f"{len(events)} events in {published - began:.1f} s, "
            f"delivered to their owners in {time.monotonic() - published:.1f} s more"
        )

    def test_speaks_as_the_sdk_does(self) -> None:
        ears = self._ears()
        target = {"type": "webhook", "url": ears.url, "format": "cloudevents"}
        made = self.admin.create_subscription(event="POST_USER_CREATE", target=target)
        ears.secrets.append(made["signing_secret"])
        url, headers = (
            os.environ["SIGNALBOX_HOST_URL"],
            {"authorization": f"Bearer {os.environ['SIGNALBOX_HOST_TOKEN']}"},
        )
        with httpx.Client(base_url=url, headers=headers) as plain:
            for name, pack in (("binary", http.to_binary_event), ("structured", http.to_structured_event)):
                said = {
                    "id": name,
                    "source": "/sdk",
                    "type": "POST_USER_CREATE",
                    "specversion": "1.0",
                    "datacontenttype": "application/json",
                }
                message = pack(CloudEvent(said, {"username": f"by-{name}"}))
                answer = plain.post("/host/v1/events", headers=message.headers, content=message.body)
                self.assertEqual(answer.status_code, 200, answer.text)
                repeated = plain.post("/host/v1/events", headers=message.headers, content=message.body)
                self.assertIn('"duplicate":true', repeated.text)
        until("both are heard of", lambda: len(ears.heard) >= 2)
        names = {event.get_data()["params"]["username"] for event in ears.heard}  # type: ignore[index, call-overload]
        self.assertEqual(names, {"by-binary", "by-structured"})
        self.assertEqual({event.get_type() for event in ears.heard}, {"POST_USER_CREATE"})


if __name__ == "__main__":
    unittest.main()
