"""Resources and users of a platform, through the host listener that the environment names. Its kind `job` takes any event."""

from __future__ import annotations

import asyncio
import unittest

from signalbox import AsyncHost, Conflict, Event, Host, InvalidRequest, NotFound, PreconditionFailed


class Resources(unittest.TestCase):
    def test_are_registered_told_of_shared_and_removed(self) -> None:
        with Host() as host:
            host.resources.put("a-007", kind="job", owner="ada", data={"name": "demo"})
            rows = [{"uuid": f"n{at}-007", "kind": "job", "owner": "ada"} for at in range(120)]
            self.assertEqual(len(host.resources.put_many(rows, announce=False)["resources"]), 120)
            with self.assertRaises(Conflict):
                host.resources.put_many(rows[:1])
            host.resources.put_many(rows[:1], existing="change")
            self.assertEqual(sum(1 for _ in host.resources.all(kind="job", owner="ada", limit=50)), 121)
            self.assertTrue(
                host.resources.raise_event("a-007", "RUNNING", {"status": "RUNNING"}, user="scheduler")["sequence"]
            )
            host.resources.raise_events([{"uuid": row["uuid"], "event": "QUEUED"} for row in rows])
            self.assertEqual(host.resources.get("a-007")["data"], {"name": "demo", "status": "RUNNING"})
            host.resources.grant("a-007", "*")
            host.resources.revoke("a-007", "*")
            with self.assertRaises(InvalidRequest) as wrong:
                host.resources.put_many([{"uuid": "x-007", "kind": "job", "owner": ""}])
            self.assertEqual(wrong.exception.fields[0].path, "resources[0].owner")
            host.resources.delete("a-007")
            with self.assertRaises(NotFound):
                host.resources.get("a-007")

    def test_and_users_with_async(self) -> None:
        async def run() -> None:
            async with AsyncHost() as host:
                await host.resources.put("b-007", kind="job", owner="ben")
                await host.resources.raise_event("b-007", "RUNNING")
                made = await host.users.create(username="grace", email="grace@example.com", first_name="Grace")
                await host.users.change(made["id"], acting="admin", first_name=None)
                self.assertEqual((await host.users.get(made["id"]))["first_name"], "")
                await host.users.delete(made["id"])
                put = await host.users.put("hopper", email="hopper@example.com")
                self.assertEqual(put["result"], "created")
                names = [one["username"] async for one in host.users.all(username="hopper")]
                self.assertEqual(names, ["hopper"])

        asyncio.run(run())

    def test_users_by_name_and_one_after_another(self) -> None:
        with Host() as host:
            said = {"email": "name@example.com", "attributes": {"plan": "free"}}
            results = [host.users.put("named", **fields)["result"] for fields in ({}, said, said, {"first_name": "N."})]
            self.assertEqual(results, ["created", "changed", "unchanged", "changed"])
            for at in range(3):
                host.users.put(f"many-{at}")
            names = [one["username"] for one in host.users.all(limit=2)]
            self.assertTrue({"many-0", "many-1", "many-2", "named"} <= set(names))
            self.assertEqual([one["email"] for one in host.users.all(username="named")], ["name@example.com"])


class Declarations(unittest.TestCase):
    shipped = {
        "phase": "post",
        "resource": "parcel",
        "schema": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]},
    }

    def test_of_event_types_are_made_changed_and_removed(self) -> None:
        with Host() as host:
            made = host.event_types.put("POST_PARCEL_SHIP", self.shipped)
            self.assertEqual(made["name"], "POST_PARCEL_SHIP")
            result = host.events.publish_event(Event(event_type="POST_PARCEL_SHIP", params={"id": 1}))
            self.assertEqual(result.data.event, "POST_PARCEL_SHIP")
            read = host.event_types.get("POST_PARCEL_SHIP")
            self.assertEqual(read["schema"], self.shipped["schema"])
            assert read.etag is not None
            changed = {**self.shipped, "description": "A parcel has left"}
            host.event_types.put("POST_PARCEL_SHIP", changed, if_match=read.etag)
            with self.assertRaises(PreconditionFailed):
                host.event_types.put("POST_PARCEL_SHIP", self.shipped, if_match=read.etag)
            self.assertIn("POST_PARCEL_SHIP", [one["name"] for one in host.event_types.all()])
            host.event_types.delete("POST_PARCEL_SHIP")
            with self.assertRaises(NotFound):
                host.event_types.get("POST_PARCEL_SHIP")

    def test_of_kinds_with_async(self) -> None:
        async def run() -> None:
            async with AsyncHost() as host:
                await host.kinds.put("parcel", {"code": "120", "events": ["SENT", "LOST"]})
                self.assertEqual((await host.kinds.get("parcel"))["name"], "parcel")
                self.assertIn("parcel", [one["name"] async for one in host.kinds.all()])
                await host.kinds.delete("parcel")

        asyncio.run(run())


if __name__ == "__main__":
    unittest.main()
