import type { Event } from "../../src/domain/event.ts";
import { newUuid, type Uuid, uuidV7 } from "../../src/domain/ids.ts";
import { defaultRequestedRetries, retryPolicyOf } from "../../src/domain/requested-retries.ts";
import type { NewSubscription } from "../../src/store/unit.ts";
import { stored } from "../../test/support/stored.ts";

/** Filters of a bucket's rules, and events that meet some of them. */

/**
 * `prefixes`: of ten, seven want a folder, one an extension, two a content type; half of them one event type, some a size. `keys`: one object
 * each. `branches`: alternatives, lists and negations.
 */
export const mixes = ["prefixes", "keys", "branches"] as const;
export type Mix = (typeof mixes)[number];

let given = 0;

/** The next one of its own. */
export function moment(): { readonly nowMs: number; readonly bytes: Uint8Array } {
  given += 1;
  const bytes = Buffer.alloc(10);
  bytes.writeUInt32BE(given, 6);
  return { nowMs: Date.now(), bytes };
}

/** Two rules want each folder, and a content type is one of 100,000. */
function folderOf(number: number, size: number): number {
  return number % Math.max(1, size >> 1);
}

function typeOf(number: number): string {
  return `application/x-type-${number % 100_000}`;
}

export function matchFilter(mix: Mix, number: number, size: number): string {
  switch (mix) {
    case "prefixes":
      return prefixed(number, size);
    case "keys":
      return `WHERE key = "tenant-${number}/images/a.jpg"`;
    case "branches":
      return branched(number);
    default:
      return mix satisfies never;
  }
}

function prefixed(number: number, size: number): string {
  const turn = number % 10;
  const conditions = [
    turn === 7
      ? `key LIKE "%.ext${number % 1_000}"`
      : turn > 7
        ? `\`Content-Type\` = "${typeOf(number)}"`
        : `key REGEXP "^tenant-${folderOf(number, size)}/images/"`,
  ];
  if (number % 2 === 0) conditions.push('`Event-Type` = "OBJECT_CREATED_PUT"');
  if (turn < 3) conditions.push(`size > ${100 * (number % 50)}`);
  return `WHERE ${conditions.join(" AND ")}`;
}

function branched(number: number): string {
  switch (number % 3) {
    case 0:
      return `WHERE key LIKE "tenant-${number}/%" OR key LIKE "shared-${number}/%"`;
    case 1:
      return `WHERE key LIKE "tenant-${number}/%" AND Reason IN ("PutObject", "CopyObject")`;
    default:
      return `WHERE NOT (size < ${number % 50} OR NOT key REGEXP "^tenant-${number}/")`;
  }
}

/** One that the filter of a number wants, where that wants a folder, and the filters of some others. */
export function matchEvent(of: {
  readonly tenant: string;
  readonly bucket: Uuid;
  readonly mix: Mix;
  readonly number: number;
  readonly size: number;
}): Event {
  const { tenant, bucket, mix, number, size } = of;
  const folder = mix === "prefixes" ? folderOf(number, size) : number;
  const data = {
    bucket: "photos",
    key: `tenant-${folder}/images/a.jpg`,
    size: 5_000,
    eTag: "5d41402abc4b2a76b9719d911017c592",
    contentType: typeOf(number),
    lastModifiedMs: 1_795_000_000_000,
    reason: "PutObject",
    userMetadata: {},
    tags: {},
  };
  return {
    id: uuidV7(moment()),
    tenant,
    resource: newUuid("file", moment()),
    scope: bucket,
    names: { objects: "OBJECT_CREATED_PUT" },
    owners: ["ada"],
    origin: "bench",
    timeMs: Date.now(),
    data,
    sequence: given,
    revision: 1,
  };
}

/** Of a webhook of its own. */
export function subscriptionOf({
  tenant,
  bucket,
  filter,
}: {
  readonly tenant: string;
  readonly bucket: Uuid;
  readonly filter: string;
}): NewSubscription {
  const uuid = newUuid("subscription", moment());
  return {
    uuid,
    tenant,
    face: "objects",
    scope: bucket,
    event: given % 3 === 0 ? "*" : "OBJECT_CREATED_PUT",
    filter: stored(filter),
    target: {
      kind: "webhook",
      url: stored(`https://hooks.example/${given}`),
      ack: "2xx",
      timeoutMs: 10_000,
      fields: [],
      format: "object",
      sealed: "",
    },
    policy: retryPolicyOf(defaultRequestedRetries),
    enabled: true,
    owner: "ada",
    createdMs: Date.now(),
  };
}
