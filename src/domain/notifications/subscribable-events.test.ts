import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ownKindNames, raisedOn } from "../raised-events.ts";
import { subscribableNameForm } from "./known-kinds.ts";
import { type KindInput, type ResourceKinds, resourceKinds } from "./resource-kinds.ts";
import { eventNameOn, eventNameOnAny, subscribableEvents } from "./subscribable-events.ts";

const alone = resourceKinds([], { host: false });
const hosted = resourceKinds();

function at(kinds: ResourceKinds, name: string) {
  return subscribableEvents(kinds).find(({ resource }) => resource === name) ?? assert.fail(`${name} is not listed`);
}

function nameAt(kinds: ResourceKinds, kind: string, said: string): string {
  return eventNameOn(kinds, kinds.byName(kind) ?? assert.fail(), said);
}

describe("the events that an installation raises", () => {
  it("are, without a host, those that Signalbox raises on its own kinds, and no others", () => {
    const listed = subscribableEvents(alone);
    assert.deepEqual(
      listed.map(({ resource }) => resource),
      ownKindNames,
    );
    for (const { resource, events, raised, open } of listed) {
      assert.equal(open, false);
      assert.deepEqual(
        events,
        raised.map(({ event }) => event),
      );
      assert.ok(
        raised.every(({ by, when }) => by === "signalbox" && when !== undefined),
        resource,
      );
      const own = Object.keys(raisedOn(resource));
      for (const event of own.filter((name) => name !== "DOWNLOAD")) assert.ok(events.includes(event), event);
    }
    assert.deepEqual(at(alone, "app").events.slice(0, 2), ["REGISTERED", "CREATED"]);
    assert.deepEqual(at(alone, "bucket").events.slice(0, 4), ["CREATED", "UPDATED", "DELETED", "CONTENT_CHANGED"]);
    for (const name of ["STAGING", "INDEX_START", "DOWNLOAD"]) assert.ok(!at(alone, "file").events.includes(name));
    assert.ok(at(resourceKinds([], { host: false, downloads: true }), "file").events.includes("DOWNLOAD"));
  });

  it("are, with a host, those that it may raise too, and who raises them is listed", () => {
    const by = Object.fromEntries(at(hosted, "file").raised.map(({ event, by }) => [event, by]));
    assert.deepEqual([by["OVERWRITTEN"], by["UPLOAD"], by["STAGING"]], ["signalbox", "signalbox", "host"]);
    const job = Object.fromEntries(at(hosted, "job").raised.map(({ event, by }) => [event, by]));
    assert.deepEqual([job["RUNNING"], job["CREATED"], job["PERMISSION_GRANT"]], ["host", "host", "signalbox"]);
  });

  it("are announced on what a resource lies in with its kind before their name", () => {
    const system = at(hosted, "system").raised;
    assert.deepEqual(
      system.find(({ event }) => event === "JOB_HEARTBEAT"),
      { event: "JOB_HEARTBEAT", by: "host", of: "job" },
    );
    const bucket = at(alone, "bucket").raised;
    const { when = "", ...changed } = bucket.find(({ event }) => event === "CONTENT_CHANGED") ?? assert.fail();
    assert.deepEqual(changed, { event: "CONTENT_CHANGED", by: "signalbox" });
    assert.notEqual(when, "");
    assert.ok(at(alone, "app").events.includes("FUNCTION_DISABLED"));
    assert.ok(!at(alone, "app").events.includes("JOB_RUNNING"), "nobody is there to run jobs");
    for (const { events } of [...subscribableEvents(alone), ...subscribableEvents(hosted)]) {
      assert.equal(new Set(events).size, events.length);
      for (const event of events) assert.match(event, subscribableNameForm);
    }
  });

  it("are those of kinds that a host declares, and of what lies in them", () => {
    const order: KindInput = { name: "order", events: ["SHIPPED"], parents: ["shop", "bucket"] };
    const kinds = resourceKinds([order, { name: "shop", events: ["OPENED"] }]);
    assert.equal(nameAt(kinds, "shop", "order_shipped"), "ORDER_SHIPPED");
    assert.equal(nameAt(kinds, "bucket", "ORDER_SHIPPED"), "ORDER_SHIPPED");
    assert.equal(nameAt(kinds, "shop", "opened"), "OPENED");
    assert.throws(() => nameAt(kinds, "order", "OPENED"), { message: /no event of a resource of kind order/ });
  });
});

describe("the name of an event that is subscribed to", () => {
  it("may be written in any case of letters", () => {
    assert.equal(nameAt(alone, "file", "overwritten"), "OVERWRITTEN");
    assert.equal(nameAt(alone, "bucket", "file_Deleted"), "FILE_DELETED");
    assert.equal(nameAt(hosted, "system", "Job_Running"), "JOB_RUNNING");
  });

  it("is any other of open kinds, there and where one of these may lie", () => {
    assert.equal(nameAt(hosted, "job", "my_Step"), "my_Step");
    assert.equal(nameAt(hosted, "system", "JOB_my_Step"), "JOB_my_Step");
    assert.throws(() => nameAt(hosted, "system", "my_Step"), { code: "invalid_request" });
    assert.throws(() => nameAt(alone, "bucket", "JOB_RUNNING"), {
      message: /"JOB_RUNNING" is no event of a resource of kind bucket\..* Its events are CREATED, UPDATED/,
    });
  });

  it("of any resource is one of some kind; others are refused, or doubtful where a kind is open", () => {
    assert.deepEqual(eventNameOnAny(alone, "registered"), { event: "REGISTERED" });
    assert.throws(() => eventNameOnAny(alone, "OVERWRITEN"), {
      code: "invalid_request",
      message: /"OVERWRITEN" is no event of any kind of resource\. Did you mean "OVERWRITTEN"\? There are CREATED/,
    });
    assert.throws(() => eventNameOnAny(alone, "RUNNING"), { code: "invalid_request" });
    assert.deepEqual(eventNameOnAny(hosted, "running"), { event: "RUNNING" });
    const { event, warning } = eventNameOnAny(hosted, "OVERWRITEN");
    assert.equal(event, "OVERWRITEN");
    assert.match(warning ?? "", /open kinds \(job, .*Did you mean "OVERWRITTEN"/);
    assert.throws(() => eventNameOnAny(hosted, "no name"), { code: "invalid_request" });
    const closed = resourceKinds(
      hosted.all.filter(({ open }) => open).map(({ name }) => ({ name, open: false, events: ["A"] })),
    );
    assert.throws(() => eventNameOnAny(closed, "OVERWRITEN"), { code: "invalid_request" });
  });
});
