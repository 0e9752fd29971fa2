import type { StorageContext } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { NewEvent } from "../domain/event.ts";
import type { Uuid } from "../domain/ids.ts";
import { fileLeft } from "../domain/raised-events.ts";
import { invalidField, notFound, SignalboxError } from "../errors.ts";
import type { Allowed, HookedOperation } from "../hooks/guard.ts";
import type { Several } from "../hooks/operate.ts";
import { freshId } from "../platform/deps.ts";
import { raised } from "../platform/raise.ts";
import { shownBucket } from "../platform/shown.ts";
import type { Bucket, ObjectFacts, StoredObject } from "../store/records.ts";
import { findBucket } from "./buckets.ts";
import { hookedWrite, type Proposed, type WriteDecision } from "./hooked-write.ts";
import { fileEventNames, leftEvent, movedEvent, removedEvent } from "./object-events.ts";
import { allowedFacts, removeOperation, writeOperation } from "./object-hooks.ts";
import { type ObjectPlace, turnOf, unchanged } from "./write-object.ts";

/**
 * Renaming and moving files. A file keeps its uuid, its owner and its grants, so its subscribers go on getting its events. To
 * hooks, functions and the rules of buckets it is an object that is written at its new key and deleted at its old one.
 */

export interface RenameRequest {
  readonly principal: Principal;
  readonly origin: string;
  readonly signal?: AbortSignal;
  readonly file: Uuid;
  /** Absent: as it is. */
  readonly key?: string;
  /** By name. Absent: the one that it lies in. */
  readonly bucket?: string;
  /** Whether a file that lies there already is deleted. */
  readonly overwrite: boolean;
}

/** What is there, and what is to become of it. */
interface Look {
  readonly source: StoredObject;
  readonly from: Bucket;
  readonly to: Bucket;
  readonly key: string;
  /** In the way. */
  readonly replaced: StoredObject | undefined;
}

/**
 * Moves a file to another key, another bucket, or both. Hooks are asked first about what is to be written, then about what is to be
 * deleted; no lock is held while they run, and they are asked anew when another came between.
 *
 * @throws SignalboxError `not_found` for no such file; `invalid_request` when it lies there already; `conflict` when another file does and
 * `overwrite` is false; `hook_denied`, `hook_error`, `hook_failed`, `hook_recursion`. ResourceFailure `no_such_bucket`, `access_denied` where the
 * principal may not write, in either bucket; `busy` when others kept coming between.
 */
export function renameObject(context: StorageContext, request: RenameRequest): Promise<Renamed> {
  return hookedWrite(context, {}, async (): Promise<Proposed<Renamed>> => {
    const look = await lookAt(context, request);
    const { source, from, to, key, replaced } = look;
    return {
      kind: "write",
      operations: operationsOf(context, request, look),
      about: JSON.stringify([source.version, to.uuid, replaced?.version]),
      places: [turnOf({ bucket: from, key: source.key }), turnOf({ bucket: to, key })],
      decide: (allowed) => decideMove(context, request, { look, allowed }),
    };
  });
}

interface Renamed {
  readonly bucket: Bucket;
  readonly object: StoredObject;
}

async function lookAt({ store }: StorageContext, request: RenameRequest): Promise<Look> {
  const { principal, file, overwrite } = request;
  const source = await store.objects.objectByUuid(file);
  const lying = source === undefined ? undefined : await store.objects.bucketByUuid(source.bucket);
  if (source === undefined || lying?.tenant !== principal.tenant) throw notFound("a resource with that uuid");
  const from = await findBucket(store, principal, lying.name, "write");
  const to = request.bucket === undefined ? from : await findBucket(store, principal, request.bucket, "write");
  const { key = source.key } = request;
  if (to.uuid === from.uuid && key === source.key) throw invalidField("key", "is where the file lies already");
  const replaced = await store.objects.object(to.uuid, key);
  if (replaced !== undefined && !overwrite) {
    const where = `there is a file '${key}' in bucket '${to.name}' already`;
    throw new SignalboxError("conflict", `${where}: choose another key, or set overwrite to true to delete that one`);
  }
  return { source, from, to, key, replaced };
}

function placeOf({ principal, origin, signal }: RenameRequest, bucket: Bucket, key: string): ObjectPlace {
  return { principal, origin, ...defined({ signal }), bucket, key };
}

/** The write first. */
function operationsOf(context: StorageContext, request: RenameRequest, look: Look): Several<HookedOperation> {
  const { source, from, to, key, replaced } = look;
  const target = placeOf(request, to, key);
  const write = writeOperation(context, target, { facts: source, size: source.size, reason: "CopyObject" });
  const leave = removeOperation(context, placeOf(request, from, source.key), source, "DeleteObject");
  if (replaced === undefined) return [write, leave];
  return [write, leave, removeOperation(context, target, replaced, "DeleteObject")];
}

interface Agreed {
  readonly look: Look;
  /** Of the write, the delete, and the delete of what is in the way. */
  readonly allowed: Several<Allowed>;
}

function decideMove(
  context: StorageContext,
  request: RenameRequest,
  { look, allowed: [write, leave, remove] }: Agreed,
): WriteDecision<Renamed> {
  const { source, from, to, key, replaced } = look;
  if (leave === undefined) throw new RangeError("a move has a write and a delete");
  const object = movedObject(context, look, allowedFacts(source, write));
  const gone = replaced === undefined || remove === undefined ? undefined : { object: replaced, allowed: remove };
  return {
    result: { bucket: to, object },
    unit: {
      conditions: [...unchanged(from, source.key, source), ...unchanged(to, key, replaced)],
      changes: [
        { do: "object.remove", bucket: from.uuid, key: source.key },
        { do: "object.put", object },
        ...write.changesFor(object.uuid),
        ...leave.changesFor(object.uuid),
        ...(gone === undefined
          ? []
          : [
              { do: "resource.end", uuid: gone.object.uuid, atMs: context.clock.now() } as const,
              ...gone.allowed.changesFor(gone.object.uuid),
            ]),
      ],
      events: eventsOf(context, request, { look, object, operations: [write, leave, remove] }),
    },
    unused: gone?.object.pieces ?? [],
  };
}

function movedObject({ clock }: StorageContext, { source, to, key }: Look, facts: ObjectFacts): StoredObject {
  const { userMetadata, tags } = facts;
  const place = { bucket: to.uuid, key };
  return { ...source, userMetadata, tags, ...place, version: freshId(clock), modifiedMs: clock.now() };
}

interface Moved {
  readonly look: Look;
  readonly object: StoredObject;
  readonly operations: readonly (Allowed | undefined)[];
}

/** Deletes come first: who keeps account of files by their uuid is left with one that is there. */
function eventsOf(context: StorageContext, request: RenameRequest, { look, object, operations }: Moved): NewEvent[] {
  const { clock } = context;
  const { principal, origin } = request;
  const { source, from, to, replaced } = look;
  const [write = "", leave = "", remove = ""] = operations.map((allowed) => allowed?.operation);
  const deleting = { principal, origin, reason: "DeleteObject" } as const;
  const writing = { principal, origin, reason: "CopyObject", bucket: to, operation: write } as const;
  return [
    ...(replaced === undefined ? [] : [removedEvent(clock, { ...deleting, bucket: to, operation: remove }, replaced)]),
    leftEvent(clock, { ...deleting, bucket: from, operation: leave }, source),
    movedEvent(writing, object, { bucket: from.name, key: source.key }),
    ...(from.uuid === to.uuid ? [] : [leftBucketEvent(context, request, { bucket: from, file: object.uuid })]),
  ];
}

/**
 * Who watches the bucket that it came to gets the event of the file itself. Who watches the other, and may not see where it went, learns that it left.
 */
function leftBucketEvent(
  { clock }: StorageContext,
  { principal, origin }: RenameRequest,
  { bucket, file }: { readonly bucket: Bucket; readonly file: Uuid },
): NewEvent {
  const { tenant, uuid, owner } = bucket;
  const left = { event: fileEventNames.moved, kind: "file", uuid: file };
  const about = { tenant, uuid, kind: "bucket", owners: [owner], resource: shownBucket(bucket), of: left } as const;
  return raised(clock, { ...about, name: fileLeft, actor: principal.name, origin });
}
