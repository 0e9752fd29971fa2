import { type HostEvent, newUuid, type Uuid } from "../../src/index.ts";

/** The event of a PUT that put nothing: what is measured is what comes after. */
export function putEvent(bucket: { readonly name: string; readonly uuid: Uuid }, key: string): HostEvent {
  const timeMs = Date.now();
  return {
    tenant: "default",
    resource: newUuid("file", { nowMs: timeMs, bytes: unlike() }),
    scope: bucket.uuid,
    names: { objects: "OBJECT_CREATED_PUT" },
    actor: "admin",
    timeMs,
    data: {
      bucket: bucket.name,
      key,
      size: 1_024,
      eTag: exampleETag,
      contentType: "application/octet-stream",
      lastModifiedMs: timeMs,
      reason: "PutObject",
      userMetadata: {},
      tags: {},
    },
  };
}

export const exampleETag = "d41d8cd98f00b204e9800998ecf8427e";

const bytes = Buffer.alloc(10);
let counter = 0;

/** Ids need to differ here, not to be unpredictable. */
function unlike(): Uint8Array {
  counter += 1;
  bytes.writeUInt32BE(counter, 6);
  return bytes;
}
