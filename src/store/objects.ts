import type { Uuid } from "../domain/ids.ts";
import type { Page } from "./page.ts";
import type { Bucket, ListedObject, StoredObject } from "./records.ts";

/** Buckets, and what is in them. */
export interface Objects {
  bucket(tenant: string, name: string): Promise<Bucket | undefined>;
  bucketByUuid(uuid: Uuid): Promise<Bucket | undefined>;
  /** Deleted ones too: what came of their rules still belongs to who managed them. */
  bucketThatWas(uuid: Uuid): Promise<Bucket | undefined>;
  /** By name. With `visibleTo`, only those that this principal owns or holds a grant on. */
  buckets(query: { readonly tenant: string; readonly visibleTo?: string }, page: Page<string>): Promise<Bucket[]>;
  object(bucket: Uuid, key: string): Promise<StoredObject | undefined>;
  objectByUuid(uuid: Uuid): Promise<StoredObject | undefined>;
  /** By key in UTF-8 byte order: keys ≥ `from` (or > `after`) that begin with `prefix`. */
  list(
    query: { readonly bucket: Uuid; readonly prefix: string; readonly from?: string },
    page: Page<string>,
  ): Promise<ListedObject[]>;
  /** How large they are, by key in UTF-8 byte order: what costs less than {@link Objects.list}. */
  sizes(bucket: Uuid, page: Page<string>): Promise<readonly Pick<ListedObject, "key" | "size">[]>;
  /** Those of `blobs` that an object or a part refers to. */
  referred(blobs: readonly string[]): Promise<ReadonlySet<string>>;
}

export type ObjectCondition =
  | { readonly if: "bucket.nameFree"; readonly tenant: string; readonly name: string }
  | { readonly if: "bucket.live"; readonly bucket: Uuid }
  /** No objects in it. */
  | { readonly if: "bucket.empty"; readonly bucket: Uuid }
  /** The object's current version; `undefined`: there is none. */
  | {
      readonly if: "object.version";
      readonly bucket: Uuid;
      readonly key: string;
      readonly version: string | undefined;
    };

export type ObjectChange =
  | { readonly do: "bucket.add"; readonly bucket: Bucket }
  /** Ends the bucket's subscriptions, uploads and configurations too, and its grants as `resource.end` does; the parts' blobs are the caller's to delete. */
  | { readonly do: "bucket.remove"; readonly bucket: Uuid; readonly atMs: number }
  /** Adds or replaces (by bucket and key). */
  | { readonly do: "object.put"; readonly object: StoredObject }
  | { readonly do: "object.remove"; readonly bucket: Uuid; readonly key: string };
