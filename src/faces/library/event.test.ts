import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SignalboxError } from "../../errors.ts";
import { type EventInput, PublishedEvent } from "./event.ts";

function refused(input: unknown, ...paths: string[]): void {
  assert.throws(
    () => new PublishedEvent(input as EventInput),
    (thrown) => {
      assert.ok(thrown instanceof SignalboxError, String(thrown));
      assert.equal(thrown.code, "invalid_request");
      assert.deepEqual(
        thrown.fields.map(({ path }) => path),
        paths,
      );
      return true;
    },
  );
}

describe("an event", () => {
  it("is a type and params, copied: what the program does with its own object changes nothing", () => {
    const params = { user_id: 123, tags: ["a"], nickname: undefined };
    const event = new PublishedEvent({ event_type: "POST_USER_CREATE", params, app: "crm" });
    params.tags.push("b");
    assert.deepEqual(
      [event.event_type, event.params, event.app],
      ["POST_USER_CREATE", { user_id: 123, tags: ["a"] }, "crm"],
    );
    assert.ok(Object.isFrozen(event.params["tags"]));
  });

  it("has a type of the form that event types have", () => {
    for (const event_type of ["post_user_create", "_POST", "PO", "P".repeat(65), "POST USER", 7, undefined]) {
      refused({ event_type, params: {} }, "event_type");
    }
  });

  it("has params that are a plain JSON object", () => {
    const event_type = "POST_USER_CREATE";
    refused({ event_type }, "params");
    refused({ event_type, params: null }, "params");
    refused({ event_type, params: ["a"] }, "params");
    refused({ event_type, params: "a" }, "params");
    refused({ event_type, params: { at: new Date("never"), n: { x: Number.NaN } } }, "params.at", "params.n.x");
    refused({ event_type, params: { call: () => 1 } }, "params.call");
    refused({ event_type, params: { long: "x".repeat(256 * 1024) } }, "params");
    refused({ event_type, params: JSON.parse('{"__proto__":{"admin":true}}') }, "params.__proto__");
  });

  it("has dates as RFC 3339", () => {
    const { params } = new PublishedEvent({ event_type: "POST_USER_CREATE", params: { at: new Date(0) } });
    assert.deepEqual(params, { at: "1970-01-01T00:00:00.000Z" });
  });

  it("is for one app, named by its slug, or for all", () => {
    assert.equal(new PublishedEvent({ event_type: "POST_USER_CREATE", params: {} }).app, undefined);
    refused({ event_type: "POST_USER_CREATE", params: {}, app: "" }, "app");
    refused({ event_type: "POST_USER_CREATE", params: {}, app: 5 }, "app");
  });
});
