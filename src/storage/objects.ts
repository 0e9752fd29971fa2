import type { ObjectReason } from "../domain/event.ts";
import { freshId, type ResourceDeps } from "../platform/deps.ts";
import { ResourceFailure } from "../platform/failure.ts";
import type { Bucket, ObjectFacts, StoredObject } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { type HeldOptions, settleHeld, whenAllowed } from "./held.ts";
import { fileEventNames, noticedEvent, removedEvent } from "./object-events.ts";
import { allowedFacts, removeOperation, writeOperation } from "./object-hooks.ts";
import { orDiscard, type Plan, settle } from "./settle.ts";
import { Slots } from "./slots.ts";
import { type Content, type ObjectPlace, planWrite, turnOf, unchanged } from "./write-object.ts";

export interface PutRequest extends ObjectPlace {
  readonly facts: ObjectFacts;
  /** Of the bytes, as the client announced them. */
  readonly size?: number;
  /** Where it did not: so many will come. */
  readonly atLeast?: number;
  /** `PutObject` unless it was by a form. */
  readonly reason?: "PutObject" | "PostObject";
  /** Called once the hooks agreed: until then a refusal costs the client nothing. */
  readonly receive: () => Promise<Content>;
}

/**
 * Makes what is received the object at that key. In this order: the precondition is judged; hooks are asked; the bytes come;
 * the precondition is judged again. Resolves once object and event are durable; when it rejects, the content's blobs are
 * deleted.
 *
 * @throws ResourceFailure `no_such_bucket`, `conflict`, `busy`; SignalboxError `quota_exceeded`, `hook_denied`, `hook_error`, `hook_failed`, `hook_recursion`;
 * what the precondition and `receive` throw.
 */
export async function putObject(deps: ResourceDeps, request: PutRequest): Promise<StoredObject> {
  await judgeNow(deps, request);
  const { reason = "PutObject" } = request;
  return whenAllowed(deps, writeOperation(deps, request, { ...request, reason }), async (allowed) => {
    const facts = allowedFacts(request.facts, allowed);
    const { bucket, key, size = request.atLeast ?? 0 } = request;
    const current = await deps.store.objects.object(bucket.uuid, key);
    const replaced = current === undefined ? { newObject: true } : { replaces: current.size };
    using _room = await deps.room.take(bucket.tenant, { size, ...replaced });
    const content = await request.receive();
    const write = { ...request, content, facts, reason, allowed } as const;
    return await orDiscard(deps, content.pieces, () =>
      settleAt(deps, request, async (found) => planWrite(deps, write, found)),
    );
  });
}

/** Spares hooks, and the client a body, where a write is refused anyway. The commit judges again. */
export async function judgeNow(deps: ResourceDeps, { bucket, key, precondition }: ObjectPlace): Promise<void> {
  precondition?.(await deps.store.objects.object(bucket.uuid, key));
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

/** How a removal came to be asked for. */
export interface RemoveOptions extends Pick<HeldOptions, "chains"> {
  readonly reason?: ObjectReason;
}

/**
 * Removes an object. Resolves with what was removed, or `undefined` when there was none: then no hook is asked and nothing is
 * announced. Hooks agree to the removal of the object that they are told of: when there is another once they have, they are
 * asked about that one.
 *
 * @throws as {@link putObject}
 */
export function removeObject(
  deps: ResourceDeps,
  place: ObjectPlace,
  { reason = "DeleteObject", chains }: RemoveOptions = {},
): Promise<StoredObject | undefined> {
  const { principal, bucket, key, origin, precondition } = place;
  const options = {
    place: turnOf(place),
    conditional: precondition !== undefined,
    ...(chains === undefined ? {} : { chains }),
  };
  return settleHeld<StoredObject | undefined>(deps, options, async () => {
    const current = await deps.store.objects.object(bucket.uuid, key);
    precondition?.(current);
    if (current === undefined) return { kind: "nothing", result: undefined };
    return {
      kind: "operation",
      operation: removeOperation(deps, place, current, reason),
      about: current.version,
      plan: (allowed) => {
        const doing = { principal, bucket, reason, origin, operation: allowed.operation };
        return {
          result: current,
          unit: {
            conditions: unchanged(bucket, key, current),
            changes: [
              { do: "object.remove", bucket: bucket.uuid, key },
              { do: "resource.end", uuid: current.uuid, atMs: deps.clock.now() },
              ...allowed.changesFor(current.uuid),
            ],
            events: [removedEvent(deps.clock, doing, current)],
          },
          unused: current.pieces,
        };
      },
    };
  });
}

/** One of many: the key, and its own condition. */
export type Removal = Pick<ObjectPlace, "key" | "precondition">;

/** How many removals of one request are on their way together: enough to share commits, too few to crowd out others. */
const removalsAtOnce = 64;
/** Of these, how many may have their hooks asked. */
const chainsAtOnce = 16;

/** Removes many objects, each on its own and each within the tenant's rate of events. One result for each removal, in their order: `undefined`, or why it failed. */
export async function removeObjects(
  deps: ResourceDeps,
  from: Omit<ObjectPlace, "key" | "precondition">,
  removals: readonly Removal[],
): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  failures.length = removals.length;
  const options = { reason: "DeleteObjects", chains: new Slots(chainsAtOnce) } as const;
  const queue = removals.entries();
  const work = async (): Promise<void> => {
    // All workers draw from the one iterator, so each removal is drawn once.
    for (const [index, removal] of queue) {
      try {
        using _admitted = deps.rates.admit(from.principal.tenant);
        await removeObject(deps, { ...from, ...removal }, options);
      } catch (error) {
        failures[index] = error;
      }
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
  const { principal, bucket, key, origin } = place;
  return settleAt(deps, place, async (current) => {
    if (current === undefined) throw new ResourceFailure("no_such_key");
    const object = { ...current, tags, version: freshId(deps.clock) };
    const told = { object, name: fileEventNames.tagged };
    return {
      result: object,
      unit: {
        conditions: unchanged(bucket, key, current),
        changes: [{ do: "object.put", object }],
        events: [noticedEvent(deps.clock, { principal, bucket, origin }, told)],
      },
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
