/** Compares what clients were told, what the log of events says, what is stored and what arrived. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { GetObjectCommand, NoSuchKey, type S3Client } from "@aws-sdk/client-s3";
import type { Event } from "../../src/domain/event.ts";
import { deliveryUuid, sequenceText, type Uuid } from "../../src/domain/ids.ts";
import { verify } from "../../src/domain/signature.ts";
import type { StoredObject } from "../../src/store/records.ts";
import type { Delivery, Store } from "../../src/store/store.ts";
import { formatObjectEvent } from "../../src/targets/formats/object.ts";
import { objectData } from "../support/s3.ts";
import { type Asked, type Book, bytesOf } from "./book.ts";
import type { Arrival } from "./flaky-receiver.ts";
import { Bucket } from "./writers.ts";

export interface Rule {
  readonly id: Uuid;
  readonly path: string;
  readonly secret: string;
  readonly matches: (key: string) => boolean;
}

/** Everything that the store holds at the end. */
export interface Remains {
  readonly events: readonly Event[];
  readonly objects: readonly StoredObject[];
  readonly deliveries: readonly Delivery[];
  /** Blobs that objects and uploads refer to. */
  readonly blobs: ReadonlySet<string>;
}

export async function remainsOf(store: Store, bucketName: string): Promise<Remains> {
  const bucket = await store.objects.bucket("default", bucketName);
  assert.ok(bucket !== undefined, "the bucket is there");
  const events: Event[] = [];
  for (let page = await store.events.after(0, 1_000); page.length > 0; ) {
    events.push(...page);
    page = await store.events.after(events.at(-1)?.sequence ?? 0, 1_000);
  }
  // Of the bucket's rules; what was made beforehand is told to others.
  const written = events.filter(({ names }) => names.objects !== undefined);
  const deliveries: Delivery[] = [];
  let page = await store.deliveries.list({ tenant: "default" }, { max: 500 });
  deliveries.push(...page.deliveries);
  while (page.next !== undefined) {
    page = await store.deliveries.list({ tenant: "default" }, { max: 500, after: page.next });
    deliveries.push(...page.deliveries);
  }
  const listed = await store.objects.list({ bucket: bucket.uuid, prefix: "" }, { max: 1_000 });
  const found = await Promise.all(listed.map(({ key }) => store.objects.object(bucket.uuid, key)));
  const objects = found.filter((object) => object !== undefined);
  const uploads = await store.uploads.uploads({ bucket: bucket.uuid, prefix: "" }, { max: 1_000 });
  const parts = await Promise.all(uploads.map(({ id }) => store.uploads.parts(id, { max: 10 })));
  const pieces = [...objects.flatMap((object) => object.pieces), ...parts.flat()];
  return { events: written, objects, deliveries, blobs: new Set(pieces.map(({ blob }) => blob)) };
}

/** Names of the files that hold bytes. */
export async function blobFiles(folder: string): Promise<ReadonlySet<string>> {
  const entries = await readdir(join(folder, "blobs"), { recursive: true, withFileTypes: true });
  // Not those that are put aside, and not what says whose they are.
  const blobs = entries.filter((entry) => entry.isFile() && /^[\da-f]{2}$/.test(basename(entry.parentPath)));
  return new Set(blobs.map(({ name }) => name));
}

/** What can be read of a key is what one of its writes wrote. Whether it should be there is for the log to say. */
export async function assertBytesFit(s3: S3Client, book: Book): Promise<void> {
  const candidates = new Map(book.asked.map((entry) => [`"${entry.eTag}"`, entry]));
  for (const key of new Set(book.asked.map((entry) => entry.key))) {
    try {
      const { Body, ETag = "" } = await s3.send(new GetObjectCommand({ Bucket, Key: key }));
      const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
      const write = candidates.get(ETag);
      assert.ok(write?.key === key && bytes.equals(bytesOf(write)), `${key} has the exact bytes of a write`);
    } catch (thrown) {
      if (!(thrown instanceof NoSuchKey)) throw thrown;
    }
  }
}

/** The log says what the clients were told: nothing acknowledged is missing, nothing is in it that nobody asked for. */
export function assertLogFits({ events, objects }: Remains, book: Book): void {
  const keys = new Set([...book.asked.map(({ key }) => key), ...events.map(({ data }) => objectData(data).key)]);
  for (const key of keys) {
    const log = events.filter(({ data }) => objectData(data).key === key);
    const asked = book.asked.filter((entry) => entry.key === key);
    assertHistory(key, log, asked);
    const last = log.at(-1);
    const kept = objects.find((object) => object.key === key);
    const told = last === undefined || last.names.objects === "OBJECT_DELETED" ? undefined : objectData(last.data).eTag;
    assert.equal(kept?.eTag, told, `${key} is what its last event says`);
  }
}

/** Places are counted from 1: the state after `place` events of the key. */
function assertHistory(key: string, log: readonly Event[], asked: readonly Asked[]): void {
  const places = new Map<Asked, number>();
  let present: string | undefined;
  let deletions = 0;
  for (const [index, { names, data }] of log.entries()) {
    const { eTag, size } = objectData(data);
    if (names.objects === "OBJECT_DELETED") {
      assert.equal(eTag, present, `${key}: what is deleted was there`);
      present = undefined;
      deletions += 1;
    } else {
      const write = asked.find((entry) => entry.eTag === eTag);
      assert.ok(write !== undefined, `${key}: somebody asked for the write of event ${index + 1}`);
      assert.equal(size, write.size);
      assert.ok(!places.has(write), `${key}: write ${write.number} has one event`);
      places.set(write, index + 1);
      present = eTag;
    }
  }
  const deletes = asked.filter(({ what }) => what === "delete");
  assert.ok(deletions <= deletes.length, `${key}: ${deletions} deletions of ${deletes.length} that were asked for`);
  for (const write of asked) {
    if (write.what === "delete" || write.acknowledged === undefined) continue;
    assert.ok(places.has(write), `${key}: write ${write.number} was acknowledged, so it has an event`);
  }
  for (const [later, place] of places) {
    for (const [earlier, before] of places) {
      const follows = earlier.acknowledged !== undefined && earlier.acknowledged < later.asked;
      assert.ok(!follows || before < place, `${key}: write ${later.number} was asked after ${earlier.number}`);
    }
  }
  for (const one of deletes) if (one.acknowledged !== undefined) assertAbsence(key, log, places, one);
}

/** At some moment between the request and its acknowledgement the key was not there. */
function assertAbsence(
  key: string,
  log: readonly Event[],
  places: ReadonlyMap<Asked, number>,
  { number, asked, acknowledged = 0 }: Asked,
): void {
  let from = 0;
  let to = log.length;
  for (const [write, place] of places) {
    if (write.acknowledged !== undefined && write.acknowledged < asked) from = Math.max(from, place);
    if (write.asked > acknowledged) to = Math.min(to, place - 1);
  }
  const moments = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  const absent = (place: number): boolean => place === 0 || log[place - 1]?.names.objects === "OBJECT_DELETED";
  assert.ok(moments.some(absent), `${key}: delete ${number} was acknowledged, so the key was not there then`);
}

/** What arrived at the rules is what the log has: each event at each rule that matches it, under one id, and nothing besides. */
export function assertArrivalsFit({ events, deliveries }: Remains, arrivals: readonly Arrival[], rules: Rule[]): void {
  const bySequence = new Map(events.map((event) => [sequenceText(event.sequence), event]));
  const thanked = new Set<string>();
  for (const { path, headers, body, answer } of arrivals) {
    const rule = rules.find((one) => one.path === path);
    const event = bySequence.get(String(headers["x-signalbox-sequence"]));
    assert.ok(rule !== undefined && event !== undefined, `what arrived at ${path} was committed: ${body}`);
    assert.ok(rule.matches(objectData(event.data).key), `${path} asked for this: ${body}`);
    const id = headers["webhook-id"];
    assert.equal(id, deliveryUuid(event.sequence, rule.id), "the id follows from event and rule");
    assert.equal(body, formatObjectEvent(event, { eventSource: "signalbox", fields: [] }));
    const signed = headers as Parameters<typeof verify>[1];
    const nowMs = Number(headers["webhook-timestamp"]) * 1_000;
    assert.deepEqual(verify([rule.secret], signed, body, { nowMs }), { kind: "ok" });
    if (answer === "ok") thanked.add(id);
  }
  const ofRules = deliveries.filter(({ subscription }) => rules.some(({ id }) => id === subscription));
  const delivered = new Map(ofRules.map((one) => [deliveryUuid(one.event.sequence, one.subscription), one]));
  let expected = 0;
  for (const rule of rules) {
    for (const event of events) {
      if (!rule.matches(objectData(event.data).key)) continue;
      expected += 1;
      const id = deliveryUuid(event.sequence, rule.id);
      assert.ok(thanked.has(id), `event ${event.sequence} was acknowledged by ${rule.path}`);
      assert.equal(delivered.get(id)?.status, "delivered");
    }
  }
  assert.equal(delivered.size, expected, "there is a delivery for each of these, and no other");
}
