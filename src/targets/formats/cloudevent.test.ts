/** What is sent as CloudEvents, read by the official SDK. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CloudEvent, HTTP } from "cloudevents";
import { anEvent, uuid } from "../../../test/conformance/store/given.ts";
import type { Event } from "../../domain/event.ts";
import { pairsOf } from "../request-head.ts";
import { binaryHeaders, cloudEvent, structured, structuredType } from "./cloudevent.ts";

const event: Event = {
  ...anEvent(uuid("bucket")),
  id: "01890a5d-ac96-774b-bcce-b302099a8057",
  tenant: "acme",
  names: { objects: "OBJECT_CREATED_PUT" },
  timeMs: Date.UTC(2023, 4, 15, 10, 30),
  data: { bucket: "photos", key: "images/cat.jpg" },
  sequence: 255,
  revision: 1,
};
const about = {
  name: "OBJECT_CREATED_PUT",
  eventSource: "signalbox",
  delivery: uuid("delivery"),
  test: false,
  data: '{"a":["ü",1]}',
} as const;
const attributes = {
  specversion: "1.0",
  id: event.id,
  source: "signalbox",
  type: "OBJECT_CREATED_PUT",
  subject: "photos/images/cat.jpg",
  time: "2023-05-15T10:30:00.000Z",
  datacontenttype: "application/json",
  sequence: "00000000000000ff",
  tenant: "acme",
  delivery: about.delivery,
};

function read(headers: Readonly<Record<string, string>>, body: string): CloudEvent<unknown> {
  const made = HTTP.toEvent({ headers: { ...headers }, body });
  assert.ok(made instanceof CloudEvent);
  assert.equal(made.validate(), true);
  return made;
}

const inBinary = (over: Partial<Event> = {}): Readonly<Record<string, string>> => ({
  "content-type": "application/json",
  ...Object.fromEntries(pairsOf(binaryHeaders(cloudEvent({ ...event, ...over }, about)))),
});

describe("a CloudEvent", () => {
  it("is read by the SDK in structured mode", () => {
    const made = read({ "content-type": structuredType }, structured(cloudEvent(event, about)));
    assert.deepEqual(JSON.parse(JSON.stringify(made)), { ...attributes, data: { a: ["ü", 1] } });
  });

  it("is read by the SDK in binary mode", () => {
    assert.deepEqual(JSON.parse(JSON.stringify(read(inBinary(), about.data))), {
      ...attributes,
      data: { a: ["ü", 1] },
    });
  });

  it("holds the uuid of what is no object, and the mark of a test", () => {
    const other = cloudEvent({ ...event, names: { notifications: "UPDATED" } }, { ...about, test: true });
    assert.deepEqual([other.attributes["subject"], other.attributes["test"]], [event.resource, true]);
  });

  it("takes any key: none is lost on the way, in a header or out of it", () => {
    for (const key of ['a b"c%d', "ü/日本/💡", "a\r\nce-id: other\u0000\u009f\ufffe", "~"]) {
      const subject = inBinary({ data: { bucket: "b", key } })["ce-subject"] ?? "";
      assert.match(subject, /^[\x21-\x7e]+$/);
      const whole = cloudEvent({ ...event, data: { bucket: "b", key } }, about);
      const kept = String(whole.attributes["subject"]);
      assert.doesNotMatch(kept, /[\p{Cc}\ufffe]/u);
      assert.equal(decodeURIComponent(subject), kept);
      const made = read({ "content-type": structuredType }, structured(whole));
      assert.equal(made.subject, kept);
    }
  });

  it("names its source by a reference, whatever the installation calls itself", () => {
    const { source } = cloudEvent(event, { ...about, eventSource: "our box/€ 1" }).attributes;
    assert.equal(source, "our%20box/%E2%82%AC%201");
  });
});
