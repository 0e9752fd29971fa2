import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Event } from "./event.ts";
import { functionEvent, hookEvent } from "./function-event.ts";
import type { Uuid } from "./ids.ts";

const base = {
  id: "0199-event",
  tenant: "default",
  resource: "0199-user-001" as Uuid,
  origin: "api",
  timeMs: Date.UTC(2026, 10, 20, 10, 30),
  sequence: 255,
  revision: 1,
} as const;

describe("the argument of functions", () => {
  it("of a POST event: all of it, in the documented order of keys", () => {
    const event: Event = {
      ...base,
      names: { lifecycle: "POST_USER_CREATE" },
      data: {
        params: { user_id: 123, username: "john_doe", email: "john@example.com" },
        user: { username: "admin" },
        app: { uuid: "0199-app-005", slug: "user-management" },
        operation: "0199-operation",
        only: [1],
      },
    };
    assert.equal(
      JSON.stringify(functionEvent(event, { attempt: 2, deadlineMs: 30_000 })),
      JSON.stringify({
        id: "0199-event",
        event_type: "POST_USER_CREATE",
        params: { user_id: 123, username: "john_doe", email: "john@example.com" },
        user: { username: "admin" },
        tenant: "default",
        app: "user-management",
        origin: "api",
        time: "2026-11-20T10:30:00.000Z",
        sequence: "00000000000000ff",
        operation_id: "0199-operation",
        attempt: 2,
        deadline_ms: 30_000,
      }),
    );
  });

  it("of an object that was put", () => {
    const event: Event = {
      ...base,
      names: { objects: "OBJECT_CREATED_PUT", lifecycle: "POST_OBJECT_PUT" },
      actor: "alice",
      origin: "s3",
      data: { bucket: "b", key: "k", size: 1, userMetadata: {}, tags: { a: "b" } },
    };
    const argument = functionEvent(event, { attempt: 1, deadlineMs: 1 });
    assert.deepEqual(argument.params, {
      uuid: base.resource,
      bucket: "b",
      key: "k",
      size: 1,
      metadata: {},
      tags: { a: "b" },
    });
    assert.deepEqual([argument.user, argument.app, argument.operation_id], [{ username: "alice" }, null, "0199-event"]);
  });

  it("of an operation before it: no sequence, the first attempt, and whether it is only tried out", () => {
    const { id, tenant, origin, timeMs } = base;
    const proposal = { id, tenant, origin, timeMs, type: "PRE_USER_CREATE", params: {}, operation: "op" };
    const argument = hookEvent(proposal, { deadlineMs: 2_000 });
    assert.deepEqual(
      [argument.sequence, argument.attempt, argument.user, argument.app, argument.deadline_ms, "dry_run" in argument],
      [null, 1, null, null, 2_000, false],
    );
    assert.equal(hookEvent(proposal, { deadlineMs: 1, dryRun: true }).dry_run, true);
    assert.deepEqual(hookEvent({ ...proposal, actor: "alice" }, { deadlineMs: 1 }).user, { username: "alice" });
    assert.deepEqual(
      Object.keys(argument),
      Object.keys(functionEvent({ ...base, names: {}, data: { params: {}, operation: "o" } }, { deadlineMs: 1 })),
    );
  });
});
