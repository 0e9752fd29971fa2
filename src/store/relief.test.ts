import assert from "node:assert/strict";
import { it } from "node:test";
import { relieves } from "./relief.ts";
import type { Change } from "./unit.ts";

const uuid = "00000000-0000-7000-8000-000000000000" as Extract<Change, { do: "resource.end" }>["uuid"];

it("lets pass what deletes or turns off, with what tells of that, and nothing that adds", () => {
  const remove: Change = { do: "object.remove", bucket: uuid, key: "a" };
  const off = (enabled: boolean): Change => ({ do: "subscription.change", uuid, patch: { enabled }, atMs: 1 });
  const grow: Change = { do: "grant.put", grant: { resource: uuid, grantee: "ann", permission: "read" } };
  const note: Change = {
    do: "remembered.add",
    remembered: {} as Extract<Change, { do: "remembered.add" }>["remembered"],
  };
  const cases: readonly [readonly Change[], boolean][] = [
    [[remove], true],
    [[remove, note], true],
    [[off(false)], true],
    [[off(true)], false],
    [[{ do: "redrive.cancel", uuid }], true],
    [[note], false],
    [[grow], false],
    [[remove, grow], false],
    [[], false],
  ];
  for (const [changes, relief] of cases) assert.equal(relieves({ changes }), relief, JSON.stringify(changes));
});
