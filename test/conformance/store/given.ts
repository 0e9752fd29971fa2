import assert from "node:assert/strict";
import type { DeliveryRecord } from "../../../src/domain/delivery.ts";
import type { NewEvent } from "../../../src/domain/event.ts";
import { newUuid, type Uuid, uuidV7 } from "../../../src/domain/ids.ts";
import { defaultRetryPolicy } from "../../../src/domain/retry.ts";
import type { Subscription } from "../../../src/domain/subscription.ts";
import type { FedEvent, Feed } from "../../../src/store/feed.ts";
import type { RevisionPlace } from "../../../src/store/page.ts";
import type { Bucket, ObjectFacts, StoredObject, Upload } from "../../../src/store/records.ts";
import type { DeliveryPlace, ListeningState, PastVersion, Store } from "../../../src/store/store.ts";
import type { Change, Condition, NewSubscription, Unit } from "../../../src/store/unit.ts";
import { stored } from "../../support/stored.ts";

/** What the tests put into a store: complete records of which a test names only what matters to it. */

/** When everything happens, unless a test says otherwise. */
export const noonMs = Date.UTC(2026, 10, 20, 12);
export const dayMs = 86_400_000;

let given = 0;

/** Unlike any other, and later than those before it. */
function moment(): { nowMs: number; bytes: Uint8Array } {
  given += 1;
  const bytes = new Uint8Array(10);
  new DataView(bytes.buffer).setUint32(0, given);
  return { nowMs: noonMs + given, bytes };
}

export function uuid(kind: Parameters<typeof newUuid>[0]): Uuid {
  return newUuid(kind, moment());
}

/** A tenant with one admin, `ada`. */
export function tenantWithAda(id: string): Change[] {
  return [
    { do: "tenant.add", tenant: { id, name: `Tenant ${id}`, createdMs: noonMs } },
    { do: "principal.put", principal: { tenant: id, name: "ada", role: "admin", createdMs: noonMs } },
  ];
}

export function aBucket(over: Partial<Bucket> = {}): Bucket {
  const of = uuid("bucket");
  return { uuid: of, tenant: "acme", name: `bucket-${of}`, owner: "ada", createdMs: noonMs, ...over };
}

const bareFacts: ObjectFacts = { contentType: "text/plain", headers: {}, userMetadata: {}, tags: {} };

export function anObject(bucket: Uuid, key: string, over: Partial<StoredObject> = {}): StoredObject {
  const of = uuid("file");
  return {
    bucket,
    key,
    uuid: of,
    owner: "ada",
    version: `version of ${of}`,
    size: 3,
    eTag: "0cc175b9c0f1b6a831c399e269772661",
    modifiedMs: noonMs,
    pieces: [{ blob: `blob of ${of}`, size: 3 }],
    checksums: {},
    ...bareFacts,
    ...over,
  };
}

export function anUpload(bucket: Uuid, key: string, over: Partial<Upload> = {}): Omit<Upload, "changes"> {
  const { changes: _, ...upload } = { changes: 0, ...over };
  return { id: uuidV7(moment()), bucket, key, owner: "ada", createdMs: noonMs, ...bareFacts, ...upload };
}

export function aSubscription(scope: Uuid, over: Partial<NewSubscription> = {}): NewSubscription {
  return {
    uuid: uuid("subscription"),
    tenant: "acme",
    face: "objects",
    scope,
    event: "*",
    target: {
      kind: "webhook",
      url: stored("https://example.org/hook?a=b"),
      ack: "200",
      timeoutMs: 10_000,
      fields: ["tags", "reason"],
      format: "object",
      sealed: "c2VhbGVk",
    },
    policy: defaultRetryPolicy,
    enabled: true,
    owner: "ada",
    createdMs: noonMs,
    ...over,
  };
}

export function anEvent(scope: Uuid, over: Partial<NewEvent> = {}): NewEvent {
  return {
    id: uuidV7(moment()),
    tenant: "acme",
    resource: uuid("file"),
    scope,
    names: { objects: "OBJECT_CREATED_PUT" },
    actor: "ada",
    origin: "s3",
    timeMs: noonMs,
    data: { key: "a" },
    ...over,
  };
}

/** Commits what cannot be refused. */
export async function committed(store: Store, unit: Unit): Promise<readonly number[]> {
  const commit = await store.commit(unit);
  assert.equal(commit.kind, "committed");
  return commit.kind === "committed" ? commit.sequences : [];
}

export function changed(store: Store, ...changes: Change[]): Promise<readonly number[]> {
  return committed(store, { changes });
}

export async function holds(store: Store, condition: Condition): Promise<void> {
  await committed(store, { conditions: [condition] });
}

export async function refused(store: Store, condition: Condition): Promise<void> {
  assert.deepEqual(await store.commit({ conditions: [condition] }), { kind: "refused", condition });
}

/** The tenant `acme` with ada and a bucket of hers. */
export async function givenBucket(store: Store): Promise<Bucket> {
  const bucket = aBucket();
  await changed(store, ...tenantWithAda("acme"), { do: "bucket.add", bucket });
  return bucket;
}

export async function givenSubscription(store: Store, subscription: NewSubscription): Promise<Subscription> {
  await changed(store, { do: "subscription.add", subscription });
  return subscriptionNow(store, subscription.uuid);
}

export async function subscriptionNow(store: Store, of: Uuid): Promise<Subscription> {
  const found = await store.subscriptions.get(of);
  assert.ok(found !== undefined, `${of} is there`);
  return found;
}

/** What is fed by now, `max` at a time, until there is nothing more; the feed looks without a wake-up. */
export async function fedNow(feed: Feed, count: number): Promise<FedEvent[]> {
  const fed: FedEvent[] = [];
  while (fed.length < count) fed.push(...(await feed.next(count - fed.length, new AbortController().signal)));
  return fed;
}

/** Waiting, or with the attempt that made it delivered or dead. */
export function aRecord(
  sequence: number,
  subscription: Pick<Subscription, "number" | "tenant">,
  over: Partial<DeliveryRecord> & Pick<DeliveryRecord, "status">,
): DeliveryRecord {
  const attempts = over.attempts ?? 1;
  const timing = { number: attempts, startedMs: noonMs + 1, durationMs: 7 };
  const failed = { ...timing, status: 500, reason: "status" as const, message: "answered 500", snippet: "oh no" };
  const how = {
    waiting: { dueMs: noonMs + 5_000, attempt: failed },
    dead: { reason: "status" as const, attempt: failed },
    delivered: { attempt: { ...timing, status: 200, snippet: "ok" } },
  } satisfies Record<DeliveryRecord["status"], Partial<DeliveryRecord>>;
  const of = { sequence, subscription: subscription.number, tenant: subscription.tenant };
  return { ...of, attempts, tries: attempts, ...how[over.status], ...over };
}

/** `sequence/subscription` of all that is recorded for events `from`..`to`, asked for in small pages. */
export async function recordedOf(store: Store, from: number, to: number): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for (let after: DeliveryPlace | undefined; ; ) {
    const page = await store.deliveries.recorded({ from, to }, { max: 3, ...(after === undefined ? {} : { after }) });
    for (const { sequence, subscription } of page) keys.add(`${sequence}/${subscription}`);
    after = page.at(-1);
    if (after === undefined) return keys;
  }
}

/** All that {@link Subscriptions.changedSince} tells, read two at a time. */
export async function changedSince(
  { subscriptions }: Pick<Store, "subscriptions">,
  tenant: string,
  revision: number,
): Promise<{ readonly revision: number; readonly changed: readonly ListeningState[] }> {
  const changed: ListeningState[] = [];
  for (let after: RevisionPlace = { revision, number: Number.MAX_SAFE_INTEGER }; ; ) {
    const page = await subscriptions.changedSince(tenant, after, 2);
    changed.push(...page.changed);
    if (page.changed.length < 2) return { revision: page.revision, changed };
    after = page.changed.at(-1) ?? after;
  }
}

export type ThenHeard = Omit<PastVersion, "toRevision">;

/** All of {@link Subscriptions.pastAt}, whatever has changed until now, read two at a time. */
export async function pastAt(
  { subscriptions }: Pick<Store, "subscriptions">,
  tenant: string,
  revision: number,
): Promise<ThenHeard[]> {
  const found: ThenHeard[] = [];
  for (let after: { readonly after?: RevisionPlace } = {}; ; ) {
    const at = { revision, upTo: Number.MAX_SAFE_INTEGER };
    const page = await subscriptions.pastAt(tenant, at, { ...after, max: 2 });
    for (const { toRevision, ...version } of page) {
      found.push(version);
      after = { after: { revision: toRevision, number: version.number } };
    }
    if (page.length < 2) return found;
  }
}
