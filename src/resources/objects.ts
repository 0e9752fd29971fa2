import type { ObjectReason } from "../domain/event.ts";
import type { Bucket, ObjectFacts, StoredObject } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { freshId, type ResourceDeps } from "./deps.ts";
import { ResourceFailure } from "./failure.ts";
import { removedEvent } from "./object-events.ts";
import { orDiscard, type Plan, settle } from "./settle.ts";
import { type Content, type ObjectPlace, planWrite, turnOf, unchanged } from "./write-object.ts";

export interface PutRequest extends ObjectPlace {
  readonly content: Content;
  readonly facts: ObjectFacts;
}

/**
 * Makes `content` the object at that key. Resolves once object and event are durable; when it rejects, the content's blobs
 * are deleted.
 *
 * @throws ResourceFailure `no_such_bucket`, `conflict`, `busy`; what the precondition throws.
 */
export function putObject(deps: ResourceDeps, request: PutRequest): Promise<StoredObject> {
  return orDiscard(deps, request.content.pieces, () =>
    settleAt(deps, request, async (current) => planWrite(deps, { ...request, reason: "PutObject" }, current)),
  );
}

/**
 * What is known of an object.
 *
 * @throws ResourceFailure `no_such_key`
 */
export async function statObject(store: Store, bucket: Bucket, key: string): Promise<StoredObject> {
  const object = await store.objects.object(bucket.uuid, key);
  if (object === undefined) throw new ResourceFailure("no_such_key");
  return object;
}

/** Removes an object. Resolves with what was removed, or `undefined` when there was none: then nothing is announced. */
export function removeObject(
  deps: ResourceDeps,
  place: ObjectPlace,
  reason: ObjectReason = "DeleteObject",
): Promise<StoredObject | undefined> {
  const { principal, bucket, key, origin } = place;
  return settleAt(deps, place, async (current) => {
    if (current === undefined) return { result: undefined };
    return {
      result: current,
      unit: {
        conditions: unchanged(bucket, key, current),
        changes: [{ do: "object.remove", bucket: bucket.uuid, key }],
        events: [removedEvent(deps.clock, { principal, bucket, reason, origin }, current)],
      },
      unused: current.pieces,
    };
  });
}

/** One of many: the key, and its own condition. */
export type Removal = Pick<ObjectPlace, "key" | "precondition">;

/** How many removals of one request are on their way together: enough to share commits, too few to crowd out others. */
const removalsAtOnce = 64;

/** Removes many objects, each on its own. One result for each removal, in their order: `undefined`, or why it failed. */
export async function removeObjects(
  deps: ResourceDeps,
  from: Omit<ObjectPlace, "key" | "precondition">,
  removals: readonly Removal[],
): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  failures.length = removals.length;
  const queue = removals.entries();
  const work = async (): Promise<void> => {
    // All workers draw from the one iterator, so each removal is drawn once.
    for (const [index, removal] of queue) {
      await removeObject(deps, { ...from, ...removal }, "DeleteObjects").catch((error: unknown) => {
        failures[index] = error;
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(removalsAtOnce, removals.length) }, work));
  return failures;
}

/**
 * Gives an object other tags. Its content, and when that was written, stay as they are.
 *
 * @throws ResourceFailure `no_such_key`
 */
export function tagObject(
  deps: ResourceDeps,
  place: ObjectPlace,
  tags: Readonly<Record<string, string>>,
): Promise<StoredObject> {
  const { bucket, key } = place;
  return settleAt(deps, place, async (current) => {
    if (current === undefined) throw new ResourceFailure("no_such_key");
    const object = { ...current, tags, version: freshId(deps.clock) };
    return {
      result: object,
      unit: { conditions: unchanged(bucket, key, current), changes: [{ do: "object.put", object }] },
    };
  });
}

/** Settles a plan made from the object that is there, once the precondition agrees to it. */
export function settleAt<T>(
  deps: ResourceDeps,
  place: ObjectPlace,
  plan: (current: StoredObject | undefined) => Promise<Plan<T>>,
): Promise<T> {
  const { bucket, key, precondition } = place;
  return settle(deps, { place: turnOf(place), conditional: precondition !== undefined }, async () => {
    const current = await deps.store.objects.object(bucket.uuid, key);
    precondition?.(current);
    return plan(current);
  });
}
