"""Resources and users of a platform, through the host listener that the environment names. Its kind `job` takes any event."""

from __future__ import annotations

import asyncio
import unittest

from signalbox import AsyncHost, Conflict, Host, InvalidRequest, NotFound


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

        asyncio.run(run())


if __name__ == "__main__":
    unittest.main()
