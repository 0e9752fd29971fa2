import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Event } from "../../domain/event.ts";
import type { Uuid } from "../../domain/ids.ts";
import { additiveFields, formatObjectEvent } from "./object.ts";

const event: Event = {
  id: "01890a5d-ac96-774b-bcce-b302099a8057",
  tenant: "acme",
  resource: "01890a5d-ac96-774b-bcce-b302099a8057-002" as Uuid,
  names: { objects: "OBJECT_CREATED_PUT" },
  actor: "ada",
  origin: "s3",
  timeMs: Date.UTC(2023, 4, 15, 10, 30),
  data: {
    bucket: "my-bucket",
    key: "path/to/myfile.txt",
    size: 1024,
    eTag: "d41d8cd98f00b204e9800998ecf8427e",
    contentType: "text/plain",
    lastModifiedMs: Date.UTC(2023, 4, 15, 10, 29, 59, 7),
    reason: "PutObject",
    userMetadata: { color: "blue" },
    tags: {},
  },
  sequence: 255,
  revision: 1,
};
const plain = { eventSource: "tigris", fields: [] };

describe("Notification Format", () => {
  it("is the documented example, key by key and in its order", () => {
    assert.equal(
      formatObjectEvent(event, plain),
      '{"events":[{"eventVersion":"1","eventSource":"tigris","eventName":"OBJECT_CREATED_PUT",' +
        '"eventTime":"2023-05-15T10:30:00.000Z","bucket":"my-bucket","object":{"key":"path/to/myfile.txt","size":1024,' +
        '"eTag":"d41d8cd98f00b204e9800998ecf8427e"}}]}',
    );
  });

  it("tells a delete with what the removed object was", () => {
    const deleted: Event = {
      ...event,
      names: { objects: "OBJECT_DELETED" },
      timeMs: Date.UTC(2023, 4, 15, 11, 45),
      data: { ...event.data, key: "path/to/anotherfile.jpg", size: 2048, eTag: "c4ca4238a0b923820dcc509a6f75849b" },
    };
    assert.deepEqual(JSON.parse(formatObjectEvent(deleted, plain)), {
      events: [
        {
          eventVersion: "1",
          eventSource: "tigris",
          eventName: "OBJECT_DELETED",
          eventTime: "2023-05-15T11:45:00.000Z",
          bucket: "my-bucket",
          object: { key: "path/to/anotherfile.jpg", size: 2048, eTag: "c4ca4238a0b923820dcc509a6f75849b" },
        },
      ],
    });
  });

  it("keeps a key as it is: no URL encoding, any character", () => {
    for (const key of ["a b+c%20?&/ü/日本/💡", '"\\\n\u0000\u2028', "\ud800"]) {
      const text = formatObjectEvent({ ...event, data: { ...event.data, key } }, plain);
      assert.equal((JSON.parse(text) as { events: [{ object: { key: string } }] }).events[0].object.key, key);
    }
  });
});

describe("additive fields", () => {
  it("come after the documented ones, each in its place, in the order asked for", () => {
    const [payload] = (
      JSON.parse(formatObjectEvent(event, { ...plain, fields: additiveFields })) as { events: [{ object: object }] }
    ).events;
    assert.deepEqual(Object.entries(payload).slice(6), [
      ["eventId", event.id],
      ["sequence", "00000000000000ff"],
      ["reason", "PutObject"],
      ["principal", "ada"],
    ]);
    assert.deepEqual(Object.entries(payload.object).slice(3), [
      ["lastModified", "2023-05-15T10:29:59.007Z"],
      ["contentType", "text/plain"],
      ["userMetadata", { color: "blue" }],
    ]);
  });

  it("leave out the principal when nobody is known, and what is unknown", () => {
    const { actor: _nobody, ...anonymous } = event;
    assert.equal(
      formatObjectEvent(anonymous, { ...plain, fields: ["principal", "nonsense"] }),
      formatObjectEvent(event, plain),
    );
  });

  it("mark a test event", () => {
    const text = formatObjectEvent(event, { ...plain, test: true });
    assert.equal((JSON.parse(text) as { events: [{ test: boolean }] }).events[0].test, true);
  });
});
