import type { Context } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { Uuid } from "../domain/ids.ts";
import type { JsonObject } from "../domain/merge-patch.ts";
import { notFound } from "../errors.ts";
import { seenResource } from "../platform/registry.ts";
import { inTurn } from "../platform/search.ts";
import { announcedFile } from "../platform/shown.ts";
import { lastOfFull } from "../store/page.ts";
import type { Store } from "../store/store.ts";
import { findBucket } from "./buckets.ts";
import { type ListPlace, listObjects } from "./list-objects.ts";

/** Objects as files: by their uuid, and as they are shown to who watches them. */

interface FileQuery {
  /** By name. */
  readonly bucket: string;
  /** Exactly that. */
  readonly key?: string;
  readonly prefix?: string;
  /** The last key of the page before. */
  readonly after?: string;
  readonly max: number;
}

/**
 * By key, in UTF-8 byte order. `next` is where to go on when there may be more.
 *
 * @throws ResourceFailure `no_such_bucket`.
 */
export async function listFiles(
  store: Store,
  caller: Principal,
  { bucket: name, key, prefix = "", after, max }: FileQuery,
): Promise<{ readonly files: readonly JsonObject[]; readonly next?: string }> {
  const bucket = await findBucket(store, caller, name, "read");
  if (key !== undefined) {
    const object = await store.objects.object(bucket.uuid, key);
    return { files: object === undefined ? [] : [announcedFile(bucket, object)] };
  }
  const page = { max, ...defined({ after }) };
  const objects = await store.objects.list({ bucket: bucket.uuid, prefix }, page);
  const files = objects.map((object) => announcedFile(bucket, object));
  return { files, ...defined({ next: lastOfFull(objects, page)?.key }) };
}

interface FolderQuery extends Pick<FileQuery, "bucket" | "prefix" | "max"> {
  /** Keys that have it after the prefix lie in a folder, which ends with it. Not empty. */
  readonly delimiter: string;
  /** Where the page before ended. */
  readonly after?: ListPlace;
}

interface Folder {
  readonly files: readonly JsonObject[];
  /** What keys begin with, up to the delimiter and with it. */
  readonly folders: readonly string[];
  readonly next?: ListPlace;
}

/**
 * What lies directly below a prefix, as in a folder: together at most `max` files and folders, by key in UTF-8 byte order.
 *
 * @throws ResourceFailure `no_such_bucket`.
 */
export async function listFolder(
  context: Pick<Context, "store" | "slices">,
  caller: Principal,
  { bucket: name, prefix = "", delimiter, after, max }: FolderQuery,
): Promise<Folder> {
  const { store } = context;
  const bucket = await findBucket(store, caller, name, "read");
  const query = { bucket, prefix, delimiter, max, ...defined({ place: after }) };
  const { objects, prefixes, next } = await listObjects(store, query, (read) => inTurn(context, caller.tenant, read));
  return {
    files: objects.map((object) => announcedFile(bucket, object)),
    folders: prefixes,
    ...defined({ next }),
  };
}

/** @throws SignalboxError `not_found` when there is none that the caller sees. */
export async function findFile(store: Store, caller: Principal, uuid: Uuid | undefined): Promise<JsonObject> {
  const { kind, shown } = await seenResource(store, caller, uuid);
  if (kind !== "file") throw notFound("a resource with that uuid");
  return shown;
}
