import { createHash } from "node:crypto";
import type { StorageContext } from "../context.ts";
import { ResourceFailure } from "../platform/failure.ts";
import type { Part, StoredObject, Upload } from "../store/records.ts";
import { hookedWrite, type Proposed } from "./hooked-write.ts";
import { allowedFacts, writeOperation } from "./object-hooks.ts";
import { allParts } from "./uploads.ts";
import { decideWrite, type ObjectPlace, turnOf } from "./write-object.ts";

/** A part that the client wants in the object. */
export interface WantedPart {
  readonly number: number;
  /** Without quotes. */
  readonly eTag: string;
  /** Those that the client named; each must be the part's. */
  readonly checksums: Readonly<Record<string, string>>;
}

interface PartLimits {
  /** Bytes that every part but the last must have. */
  readonly minPartBytes: number;
  /** Bytes of the whole object. */
  readonly maxUploadBytes: number;
}

interface CompleteRequest extends ObjectPlace {
  readonly id: string;
  /** At least one. */
  readonly parts: readonly WantedPart[];
  readonly limits: PartLimits;
  /** Throws when the object that the parts make is not what the client meant; gives its checksums, where they are known. */
  readonly check?: (upload: Upload, parts: readonly Part[]) => Promise<Readonly<Record<string, string>>>;
}

/**
 * Makes the parts one object, without copying a byte: their blobs become the object's pieces. Parts that were put but are not
 * wanted are deleted. A repeated Complete of an upload whose object is still there answers with that object and announces
 * nothing, and asks no hook: the client lost the first answer. Otherwise hooks are asked once all that can be judged is judged.
 *
 * @throws SignalboxError as {@link putObject}; ResourceFailure `no_such_upload`, `invalid_part`, `invalid_part_order`, `part_too_small`, `too_large`, `conflict`,
 * `busy`; what the precondition throws.
 */
export function completeUpload(context: StorageContext, request: CompleteRequest): Promise<StoredObject> {
  const { bucket, key, id, precondition } = request;
  return hookedWrite(
    context,
    { conditional: precondition !== undefined },
    async (): Promise<Proposed<StoredObject>> => {
      const found = await context.store.uploads.upload(id);
      const upload = found?.bucket === bucket.uuid && found.key === key ? found : undefined;
      const all = upload === undefined ? [] : await allParts(context.store, id);
      // Read last: the commit that takes an upload away writes its object, so that what is missing above stands here.
      const current = await context.store.objects.object(bucket.uuid, key);
      if (current?.upload === id) return { kind: "nothing", result: current };
      if (upload === undefined) throw new ResourceFailure("no_such_upload");
      precondition?.(current);
      return proposeComplete(context, request, { upload, all, current });
    },
  );
}

interface Found {
  readonly upload: Upload;
  readonly all: readonly Part[];
  readonly current: StoredObject | undefined;
}

async function proposeComplete(
  context: StorageContext,
  request: CompleteRequest,
  { upload, all, current }: Found,
): Promise<Proposed<StoredObject>> {
  const { id, changes } = upload;
  const chosen = choose(all, request.parts, request.limits);
  const used = new Set(chosen.map(({ blob }) => blob));
  const reason = "CompleteMultipartUpload";
  const content = {
    pieces: chosen.map(({ blob, size }) => ({ blob, size })),
    size: sizeOf(chosen),
    eTag: multipartETag(chosen),
    checksums: (await request.check?.(upload, chosen)) ?? {},
    upload: id,
  };
  const also = {
    conditions: [
      // First of all that the parts are as they were read: what it says when it fails is the most exact.
      { if: "upload.changes" as const, id, changes },
    ],
    changes: [{ do: "upload.remove" as const, id }],
  };
  return {
    kind: "write",
    operations: [writeOperation(context, request, { facts: upload, size: content.size, reason })],
    places: [turnOf(request)],
    // The client names its parts by their ETags: these make the same object at every look.
    about: id,
    decide: ([allowed]) => {
      const facts = allowedFacts(upload, allowed);
      const decision = decideWrite(context, { ...request, facts, reason, content, also, allowed }, current);
      return { ...decision, unused: [...(decision.unused ?? []), ...all.filter(({ blob }) => !used.has(blob))] };
    },
  };
}

/** The stored parts that the client wants, judged as S3 judges them. */
function choose(all: readonly Part[], wanted: readonly WantedPart[], limits: PartLimits): Part[] {
  const byNumber = new Map(all.map((part) => [part.number, part]));
  const chosen: Part[] = [];
  for (const { number, eTag, checksums } of wanted) {
    const before = chosen.at(-1);
    if (before !== undefined && before.number >= number) throw new ResourceFailure("invalid_part_order");
    const part = byNumber.get(number);
    if (part === undefined || part.eTag !== eTag || !agrees(part, checksums)) {
      throw new ResourceFailure("invalid_part", { PartNumber: String(number), ETag: eTag });
    }
    chosen.push(part);
  }
  const small = chosen.slice(0, -1).find(({ size }) => size < limits.minPartBytes);
  if (small !== undefined) {
    throw new ResourceFailure("part_too_small", {
      PartNumber: String(small.number),
      ETag: small.eTag,
      ProposedSize: String(small.size),
      MinSizeAllowed: String(limits.minPartBytes),
    });
  }
  if (sizeOf(chosen) > limits.maxUploadBytes) throw new ResourceFailure("too_large");
  return chosen;
}

/** Whether the part has the checksums that the client names: one that is not known was not verified. */
function agrees(part: Part, checksums: Readonly<Record<string, string>>): boolean {
  return Object.entries(checksums).every(([algorithm, value]) => part.checksums[algorithm] === value);
}

function sizeOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { size }) => sum + size, 0);
}

/** S3's ETag of what came in parts: the MD5 of the parts' MD5s, and how many they are. */
function multipartETag(parts: readonly Part[]): string {
  const hash = createHash("md5");
  for (const { eTag } of parts) hash.update(eTag, "hex");
  return `${hash.digest("hex")}-${parts.length}`;
}
