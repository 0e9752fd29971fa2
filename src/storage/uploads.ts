import type { StorageContext } from "../context.ts";
import { defined } from "../domain/defined.ts";
import { type Ending, resultOf } from "../hooks/operate.ts";
import { freshId } from "../platform/deps.ts";
import { ResourceFailure } from "../platform/failure.ts";
import type { Bucket, ObjectFacts, Part, Upload } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { commitInTurn, discardUnlessKept } from "./hooked-write.ts";
import type { Content, ObjectPlace } from "./write-object.ts";

/** Multipart uploads: made, filled with parts in any order, and completed (`complete-upload.ts`) or aborted. */

interface NewUpload extends Omit<ObjectPlace, "precondition" | "origin"> {
  readonly facts: ObjectFacts;
  /** `CRC32`, …: what the client announced for the parts. */
  readonly checksumAlgorithm?: string;
  readonly checksumType?: string;
}

/** @throws ResourceFailure `no_such_bucket` */
export async function createUpload(
  context: StorageContext,
  { principal, bucket, key, facts, checksumAlgorithm, checksumType }: NewUpload,
): Promise<Upload> {
  const upload = {
    ...facts,
    id: freshId(context.clock),
    bucket: bucket.uuid,
    key,
    owner: principal.name,
    createdMs: context.clock.now(),
    ...defined({ checksumAlgorithm, checksumType }),
  };
  const ending = await commitInTurn(context, { places: [`upload/${upload.id}`] }, async () => ({
    result: { ...upload, changes: 0 },
    unit: { conditions: [{ if: "bucket.live", bucket: bucket.uuid }], changes: [{ do: "upload.add", upload }] },
  }));
  return resultOf(ending);
}

/** An upload is known by its id together with where it goes. */
export interface UploadPlace {
  readonly bucket: Bucket;
  readonly key: string;
  readonly id: string;
}

/** @throws ResourceFailure `no_such_upload` */
export async function findUpload(store: Store, { bucket, key, id }: UploadPlace): Promise<Upload> {
  const upload = await store.uploads.upload(id);
  if (upload === undefined || upload.bucket !== bucket.uuid || upload.key !== key) {
    throw new ResourceFailure("no_such_upload");
  }
  return upload;
}

/** All parts of an upload, by number: at most 10,000. */
export async function allParts(store: Store, upload: string): Promise<Part[]> {
  const parts: Part[] = [];
  for (let after = 0; ; ) {
    const page = await store.uploads.parts(upload, { after, max: 1000 });
    parts.push(...page);
    if (page.length < 1000) return parts;
    after = page.at(-1)?.number ?? after;
  }
}

/** A part's bytes, which are one blob. */
export type PartContent = Pick<Part, "blob" | "size" | "eTag" | "checksums">;

/**
 * Makes `content` the part of that number, instead of the one that was. When it rejects, the content's blob is deleted.
 *
 * @throws ResourceFailure `no_such_upload`, `busy`
 */
export async function putPart(
  context: StorageContext,
  { id }: Pick<Upload, "id">,
  number: number,
  content: PartContent,
): Promise<Part> {
  const { blob, size, eTag, checksums } = content;
  const ending = await commitInTurn(context, { places: [`part/${id}/${number}`] }, async () => {
    const before = await context.store.uploads.part(id, number);
    const part: Part = { upload: id, number, blob, size, eTag, checksums, modifiedMs: context.clock.now() };
    return {
      result: part,
      unit: {
        conditions: [
          { if: "upload.open", id },
          { if: "part.blob", upload: id, number, blob: before?.blob },
        ],
        changes: [{ do: "part.put", part }],
      },
      unused: before === undefined ? [] : [before],
    };
  });
  await discardUnlessKept(context, [content], ending);
  return resultOf(ending);
}

/**
 * Ends an upload and deletes its parts. Nothing is announced: there never was an object.
 *
 * @throws ResourceFailure `no_such_upload`, `busy`
 */
export async function abortUpload(context: StorageContext, place: UploadPlace): Promise<void> {
  await findUpload(context.store, place);
  resultOf(await endUpload(context, place.id));
}

/** The same for one that is known by its id alone. */
export function endUpload(context: StorageContext, id: string): Promise<Ending<undefined>> {
  return commitInTurn(context, { places: [`upload/${id}`] }, async () => {
    const upload = await context.store.uploads.upload(id);
    if (upload === undefined) throw new ResourceFailure("no_such_upload");
    const { changes } = upload;
    const parts = await allParts(context.store, id);
    return {
      result: undefined,
      unit: {
        conditions: [
          { if: "upload.open", id },
          // No part came in since they were listed, so none is forgotten.
          { if: "upload.changes", id, changes },
        ],
        changes: [{ do: "upload.remove", id }],
      },
      unused: parts,
    };
  });
}

/** One blob as the content of a part or of an object. */
export function wholeContent({ blob, size, eTag, checksums }: PartContent): Content {
  return { pieces: [{ blob, size }], size, eTag, checksums };
}

interface UploadQuery {
  readonly bucket: Bucket;
  readonly prefix: string;
  readonly delimiter?: string;
  /** Uploads of this key with a greater id, and of greater keys. Without an id: of greater keys only. */
  readonly after?: { readonly key: string; readonly id?: string };
  readonly max: number;
}

interface UploadListing {
  readonly uploads: readonly Upload[];
  readonly prefixes: readonly string[];
  /** The last thing listed, when there are more. */
  readonly next?: { readonly key: string; readonly id: string };
}

/** Greater than every id. */
const afterAllIds = "~";

/** Uploads under way, by key and then by age. They are few, so what lies below a common prefix is read and passed over. */
export async function listUploads(store: Store, query: UploadQuery): Promise<UploadListing> {
  const { bucket, prefix, delimiter, after, max } = query;
  if (max <= 0) return { uploads: [], prefixes: [] };
  const uploads: Upload[] = [];
  const prefixes: string[] = [];
  let place = after === undefined ? undefined : { key: after.key, id: after.id ?? afterAllIds };
  let next: { readonly key: string; readonly id: string } | undefined;
  for (;;) {
    const rows: Upload[] = await store.uploads.uploads(
      { bucket: bucket.uuid, prefix },
      { max: 1000, ...defined({ after: place }) },
    );
    for (const upload of rows) {
      const at = delimiter === undefined ? -1 : upload.key.indexOf(delimiter, prefix.length);
      const common = at < 0 ? undefined : upload.key.slice(0, at + (delimiter?.length ?? 0));
      const isListed = common !== undefined && (prefixes.at(-1) === common || after?.key.startsWith(common) === true);
      if (!isListed && uploads.length + prefixes.length === max) {
        return { uploads, prefixes, ...defined({ next }) };
      }
      next = { key: upload.key, id: upload.id };
      if (isListed) continue;
      if (common === undefined) uploads.push(upload);
      else prefixes.push(common);
    }
    place = rows.at(-1);
    if (rows.length < 1000) return { uploads, prefixes };
  }
}
