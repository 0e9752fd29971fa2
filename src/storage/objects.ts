import type { StorageContext } from "../context.ts";
import { defined } from "../domain/defined.ts";
import type { ObjectReason } from "../domain/event.ts";
import type { Allowed, Guard } from "../hooks/guard.ts";
import { type Ending, resultOf } from "../hooks/operate.ts";
import { Semaphore } from "../pace/semaphore.ts";
import { freshId } from "../platform/deps.ts";
import { ResourceFailure } from "../platform/failure.ts";
import type { Bucket, ObjectFacts, StoredObject } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { commitInTurn, discardUnlessKept, hookedWrite, type WriteDecision, whenAllowed } from "./hooked-write.ts";
import { fileEventNames, noticedEvent, removedEvent } from "./object-events.ts";
import { allowedFacts, removeOperation, writeOperation } from "./object-hooks.ts";
import { type Content, decideWrite, type ObjectPlace, turnOf, unchanged } from "./write-object.ts";

interface PutRequest extends ObjectPlace {
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
export async function putObject(context: StorageContext, request: PutRequest): Promise<StoredObject> {
  await judgeNow(context, request);
  const { reason = "PutObject" } = request;
  const operation = writeOperation(context, request, { ...request, reason });
  return resultOf(
    await whenAllowed(context, [operation], ([allowed]) => receive(context, { ...request, reason }, allowed)),
  );
}

/** Takes the bytes, where there is room for them, and makes them the object. */
async function receive(
  context: StorageContext,
  request: PutRequest & Required<Pick<PutRequest, "reason">>,
  allowed: Allowed,
): Promise<Ending<StoredObject>> {
  const facts = allowedFacts(request.facts, allowed);
  const { bucket, key, size = request.atLeast ?? 0 } = request;
  const current = await context.store.objects.object(bucket.uuid, key);
  const replaced = current === undefined ? { newObject: true } : { replaces: current.size };
  using _room = await context.room.take(bucket.tenant, { size, ...replaced });
  const content = await request.receive();
  const write = { ...request, content, facts, allowed } as const;
  const ending = await writeInTurn(context, request, (found) => decideWrite(context, write, found));
  await discardUnlessKept(context, content.pieces, ending);
  return ending;
}

/** Spares hooks, and the client a body, where a write is refused anyway. The commit judges again. */
export async function judgeNow(context: StorageContext, { bucket, key, precondition }: ObjectPlace): Promise<void> {
  precondition?.(await context.store.objects.object(bucket.uuid, key));
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

/**
 * Removes an object. Resolves with what was removed, or `undefined` when there was none: then no hook is asked and nothing is
 * announced. Hooks agree to the removal of the object that they are shown: when there is another once they have, they are
 * asked about that one.
 *
 * @param reason how it came to be asked for.
 * @throws as {@link putObject}
 */
export function removeObject(
  context: StorageContext,
  place: ObjectPlace,
  reason: ObjectReason = "DeleteObject",
): Promise<StoredObject | undefined> {
  const { principal, bucket, key, origin, request, precondition } = place;
  return hookedWrite<StoredObject | undefined>(context, { conditional: precondition !== undefined }, async () => {
    const current = await context.store.objects.object(bucket.uuid, key);
    precondition?.(current);
    if (current === undefined) return { kind: "nothing", result: undefined };
    return {
      kind: "write",
      operations: [removeOperation(context, place, current, reason)],
      about: current.version,
      places: [turnOf(place)],
      decide: ([allowed]) => {
        const by = { principal, bucket, reason, origin, ...defined({ request }) };
        const doing = { ...by, operation: allowed.operation };
        return {
          result: current,
          unit: {
            conditions: unchanged(bucket, key, current),
            changes: [
              { do: "object.remove", bucket: bucket.uuid, key },
              { do: "resource.end", uuid: current.uuid, atMs: context.clock.now() },
              ...allowed.changesFor(current.uuid),
            ],
            events: [removedEvent(context.clock, doing, current)],
          },
          unused: current.pieces,
        };
      },
    };
  });
}

/** One of many: the key, and its own condition. */
type Removal = Pick<ObjectPlace, "key" | "precondition">;

/** How many removals of one request are on their way together: enough to share commits, too few to crowd out others. */
const removalsAtOnce = 64;
/** Of these, how many may have their hooks asked. */
const chainsAtOnce = 16;

/** Removes many objects, each on its own and each within the tenant's rate of events. One result for each removal, in their order: `undefined`, or why it failed. */
export async function removeObjects(
  context: StorageContext,
  from: Omit<ObjectPlace, "key" | "precondition">,
  removals: readonly Removal[],
): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  failures.length = removals.length;
  const paced = { ...context, guard: askingAtMost(chainsAtOnce, context.guard) };
  const queue = removals.entries();
  const work = async (): Promise<void> => {
    // All workers draw from the one iterator, so each removal is drawn once.
    for (const [index, removal] of queue) {
      try {
        using _admitted = context.rates.admit(from.principal.tenant);
        await removeObject(paced, { ...from, ...removal }, "DeleteObjects");
      } catch (error) {
        failures[index] = error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(removalsAtOnce, removals.length) }, work));
  return failures;
}

function askingAtMost(most: number, guard: Guard): Guard {
  const asking = new Semaphore(most);
  const check: Guard["check"] = async (operation) => {
    using _slot = await asking.take();
    return await guard.check(operation);
  };
  return { ...guard, check };
}

/**
 * Gives an object other tags. Its content, and when that was written, stay as they are.
 *
 * @throws ResourceFailure `no_such_key`
 */
export async function tagObject(
  context: StorageContext,
  place: ObjectPlace,
  tags: Readonly<Record<string, string>>,
): Promise<StoredObject> {
  const { principal, bucket, key, origin } = place;
  const ending = await writeInTurn(context, place, (current) => {
    if (current === undefined) throw new ResourceFailure("no_such_key");
    const object = { ...current, tags, version: freshId(context.clock) };
    const tagged = { object, name: fileEventNames.tagged };
    return {
      result: object,
      unit: {
        conditions: unchanged(bucket, key, current),
        changes: [{ do: "object.put", object }],
        events: [noticedEvent(context.clock, { principal, bucket, origin }, tagged)],
      },
    };
  });
  return resultOf(ending);
}

/** {@link commitInTurn} of what is decided on the object that is there, once the precondition agrees to it. */
export function writeInTurn<T>(
  context: StorageContext,
  place: ObjectPlace,
  decide: (current: StoredObject | undefined) => WriteDecision<T>,
): Promise<Ending<T>> {
  const { bucket, key, precondition } = place;
  return commitInTurn(context, { places: [turnOf(place)], conditional: precondition !== undefined }, async () => {
    const current = await context.store.objects.object(bucket.uuid, key);
    precondition?.(current);
    return decide(current);
  });
}
