import assert from "node:assert/strict";
import { it } from "node:test";
import { systemClock } from "../../clock.ts";
import { RequestIds } from "./request-ids.ts";

it("gives each exchange a name of its own, in the form that S3 has", () => {
  const ids = new RequestIds(systemClock);
  const given = Array.from({ length: 300 }, () => ids.next());
  for (const { requestId, hostId } of given) {
    assert.match(requestId, /^[0-9A-F]{16}$/);
    assert.match(hostId, /^[A-Za-z0-9+/]{32}$/);
  }
  assert.equal(new Set(given.map(({ requestId }) => requestId)).size, 300);
  assert.equal(new Set(given.map(({ hostId }) => hostId)).size, 300);
});
