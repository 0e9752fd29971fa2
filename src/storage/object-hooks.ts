import type { StorageContext } from "../context.ts";
import { defined } from "../domain/defined.ts";
import type { Json, ObjectReason } from "../domain/event.ts";
import { objectParams } from "../domain/lifecycle.ts";
import { metadataFault, tagsFault } from "../domain/object-facts.ts";
import { isSecretName } from "../domain/secret-names.ts";
import { SignalboxError } from "../errors.ts";
import type { Allowed, HookedOperation } from "../hooks/guard.ts";
import { userOf } from "../platform/asking.ts";
import { freshId } from "../platform/deps.ts";
import type { ObjectFacts, StoredObject } from "../store/records.ts";
import { objectOperations } from "./object-events.ts";
import type { ObjectPlace } from "./write-object.ts";

/** What hooks are asked about objects, and what becomes of their answers. */

/** What is known of a write before it is done. */
interface ProposedObject {
  readonly facts: ObjectFacts;
  /** Absent: the client did not say how much it sends. */
  readonly size?: number;
  readonly reason: ObjectReason;
}

export function writeOperation(
  context: StorageContext,
  place: ObjectPlace,
  { facts: { contentType, userMetadata, tags }, size, reason }: ProposedObject,
): HookedOperation {
  const { bucket, key } = place;
  const proposed = { bucket: bucket.name, key, contentType, ...tellable({ userMetadata, tags }), reason };
  const params = objectParams(size === undefined ? proposed : { ...proposed, size });
  return { ...asked(context, place), type: objectOperations.put.pre, params };
}

export function removeOperation(
  context: StorageContext,
  place: ObjectPlace,
  object: StoredObject,
  reason: ObjectReason,
): HookedOperation {
  const { uuid, key, size, eTag, contentType, modifiedMs: lastModifiedMs } = object;
  const bucket = place.bucket.name;
  const proposed = { bucket, key, size, eTag, contentType, lastModifiedMs, ...tellable(object), reason };
  const params = { uuid, ...objectParams(proposed) };
  return { ...asked(context, place), type: objectOperations.delete.pre, resource: uuid, params };
}

type Annotations = Pick<ObjectFacts, "userMetadata" | "tags">;

/** A client may call something so; params of events leave it out, and hooks neither see nor change it. */
function isUntold(name: string): boolean {
  return name === "__proto__" || isSecretName(name);
}

function tellable({ userMetadata, tags }: Annotations): Annotations {
  const without = (all: Texts): Texts => Object.fromEntries(Object.entries(all).filter(([name]) => !isUntold(name)));
  return { userMetadata: without(userMetadata), tags: without(tags) };
}

type Texts = Readonly<Record<string, string>>;

/** Who asks, and how long they wait. */
function asked(context: StorageContext, place: ObjectPlace): Omit<HookedOperation, "type" | "params"> {
  const { principal, bucket, origin, chainMs, signal } = place;
  return {
    tenant: bucket.tenant,
    user: userOf(principal),
    actor: principal.name,
    origin,
    // The object's event gets it as its id, so that hooks and POST functions see one operation.
    operation: freshId(context.clock),
    ...defined({ chain: principal.chain, chainMs, signal }),
  };
}

/**
 * The facts with the metadata and tags that the hooks left.
 *
 * @throws SignalboxError `hook_failed` when these cannot be kept.
 */
export function allowedFacts(facts: ObjectFacts, { params, changes }: Allowed): ObjectFacts {
  // No hook was asked, so nothing can have been changed.
  if (changes.length === 0) return facts;
  const userMetadata = texts("metadata", params["metadata"], facts.userMetadata);
  const tags = texts("tags", params["tags"], facts.tags);
  const fault = metadataFault(userMetadata, facts.userMetadata) ?? tagsFault(tags);
  if (fault !== undefined) throw unusable(fault);
  return { ...facts, userMetadata, tags };
}

function texts(path: string, value: Json | undefined, before: Texts): Texts {
  const kept = Object.entries(before).filter(([name]) => isUntold(name));
  const left = Object.entries(value ?? {}).map(([name, text]): [string, string] => {
    if (typeof text !== "string") throw unusable(`${path}.${name}: must be a text`);
    return [name, text];
  });
  return Object.fromEntries([...kept, ...left]);
}

function unusable(fault: string): SignalboxError {
  return new SignalboxError(
    "hook_failed",
    `What hooks of ${objectOperations.put.pre} changed cannot be kept: ${fault}`,
  );
}
