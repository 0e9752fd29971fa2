import type { IncomingHttpHeaders } from "node:http";
import { defined } from "../../domain/defined.ts";
import type { WantedPart } from "../../storage/complete-upload.ts";
import type { Part, Upload } from "../../store/records.ts";
import { combiningChecksums } from "./combine-checksums.ts";
import { header } from "./request.ts";
import {
  type ChecksumAlgorithm,
  checksumAlgorithms,
  checksumOf,
  isChecksum,
  parseChecksumAlgorithm,
  readAlgorithm,
} from "./wire/checksums.ts";
import { S3Error } from "./wire/errors.ts";

/**
 * Checksums of what comes in parts. An upload is begun with an algorithm and a type, and its parts have checksums of that algorithm. The whole
 * has either the checksum of all bytes (`FULL_OBJECT`), which CRCs of parts can be combined to, or the checksum of the parts'
 * checksums (`COMPOSITE`), written with the number of parts behind it: `…-3`.
 */

type ChecksumType = "COMPOSITE" | "FULL_OBJECT";

/** The first is what an upload has that says none. Hashes cannot be combined. */
const typesOf: Readonly<Record<ChecksumAlgorithm, readonly ChecksumType[]>> = {
  crc32: ["COMPOSITE", "FULL_OBJECT"],
  crc32c: ["COMPOSITE", "FULL_OBJECT"],
  crc64nvme: ["FULL_OBJECT"],
  sha1: ["COMPOSITE"],
  sha256: ["COMPOSITE"],
};

/** What an upload was begun with. */
interface UploadChecksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
}

/** `x-amz-checksum-algorithm` and `-type` of a request to begin an upload. @throws S3Error InvalidRequest */
export function readUploadChecksum(headers: IncomingHttpHeaders): UploadChecksum | undefined {
  const algorithm = readAlgorithm(headers);
  const type = readType(headers);
  if (algorithm === undefined) {
    if (type === undefined) return undefined;
    throw new S3Error(
      "InvalidRequest",
      "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
    );
  }
  const allowed = typesOf[algorithm];
  const [usual = "COMPOSITE"] = allowed;
  if (type !== undefined && !allowed.includes(type)) {
    throw new S3Error(
      "InvalidRequest",
      `The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`,
    );
  }
  return { algorithm, type: type ?? usual };
}

function readType(headers: IncomingHttpHeaders): ChecksumType | undefined {
  const text = header(headers, "x-amz-checksum-type")?.trim().toUpperCase();
  if (text === undefined || text === "COMPOSITE" || text === "FULL_OBJECT") return text;
  throw new S3Error("InvalidRequest", "Value for x-amz-checksum-type header is invalid.");
}

/** What `upload` was begun with; one of an older version said no type. */
export function checksumOfUpload({
  checksumAlgorithm,
  checksumType,
}: Pick<Upload, "checksumAlgorithm" | "checksumType">): UploadChecksum | undefined {
  const algorithm = checksumAlgorithm === undefined ? undefined : parseChecksumAlgorithm(checksumAlgorithm);
  if (algorithm === undefined) return undefined;
  const type = typesOf[algorithm].find((known) => known === checksumType) ?? typesOf[algorithm][0];
  return type === undefined ? undefined : { algorithm, type };
}

/** @throws S3Error InvalidRequest when a part, or the whole, has another algorithm than its upload was begun with */
export function judgeAlgorithms(begun: UploadChecksum | undefined, given: readonly ChecksumAlgorithm[]): void {
  const other = begun === undefined ? undefined : given.find((algorithm) => algorithm !== begun.algorithm);
  if (other === undefined) return;
  throw new S3Error(
    "InvalidRequest",
    `Checksum Type mismatch occurred, expected checksum Type: ${begun?.algorithm}, actual checksum Type: ${other}`,
  );
}

/** What a request to complete an upload says of the whole. */
interface ChecksumClaim {
  readonly algorithm?: ChecksumAlgorithm;
  /** Base64, without the number of parts. */
  readonly value?: string;
  /** As it stands behind the value. */
  readonly count?: number;
  readonly type?: ChecksumType;
}

/** @throws S3Error InvalidRequest for values that are none, and for more than one */
export function readChecksumClaim(headers: IncomingHttpHeaders): ChecksumClaim {
  const type = readType(headers);
  const given = checksumAlgorithms.filter((algorithm) => headers[`x-amz-checksum-${algorithm}`] !== undefined);
  const [algorithm, ...others] = given;
  if (others.length > 0) {
    throw new S3Error(
      "InvalidRequest",
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  }
  const ofType = defined({ type });
  if (algorithm === undefined) return ofType;
  const text = header(headers, `x-amz-checksum-${algorithm}`) ?? "";
  const [, value = "", count] = /^([A-Za-z0-9+/]+=*)(?:-(\d{1,5}))?$/.exec(text) ?? [];
  if (!isChecksum(algorithm, value)) {
    throw new S3Error("InvalidRequest", `Value for x-amz-checksum-${algorithm} header is invalid.`);
  }
  return { ...ofType, algorithm, value, ...(count === undefined ? {} : { count: Number(count) }) };
}

/** An upload at its end: how it was begun, what is said of it, which parts are wanted, and these. */
interface Completion {
  readonly begun: UploadChecksum | undefined;
  readonly claim: ChecksumClaim;
  readonly wanted: readonly WantedPart[];
  readonly parts: readonly Part[];
}

/**
 * The checksum of the whole, by algorithm, as it is kept: verified against what the client says of it.
 *
 * @throws S3Error InvalidRequest for what cannot be, or cannot be verified; BadDigest for what is not so
 */
export function* wholeChecksums(completion: Completion): Generator<void, Readonly<Record<string, string>>, void> {
  const { begun, claim, parts } = completion;
  judgeClaim(completion);
  const isComposite = begun === undefined ? saysComposite(claim) : begun.type === "COMPOSITE";
  const known = isComposite
    ? composite(begun?.algorithm ?? claim.algorithm, parts)
    : yield* combiningChecksums(parts, begun?.algorithm);
  const { algorithm, value, count } = claim;
  if (algorithm === undefined || value === undefined) return known;
  const whole = known[algorithm];
  if (whole === undefined) {
    throw new S3Error(
      "InvalidRequest",
      `The ${algorithm} of the whole is not known, as not all parts have it: begin the upload with x-amz-checksum-algorithm: ${algorithm.toUpperCase()}.`,
    );
  }
  const given = count === undefined ? value : `${value}-${count}`;
  if (given !== whole && !(count === undefined && whole.startsWith(`${value}-`))) {
    throw new S3Error("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
  }
  return known;
}

function saysComposite({ type, count }: ChecksumClaim): boolean {
  return type === "COMPOSITE" || (type === undefined && count !== undefined);
}

function judgeClaim({ begun, claim, wanted }: Completion): void {
  if (claim.count !== undefined && (begun?.type ?? claim.type) === "FULL_OBJECT") {
    throw new S3Error("InvalidRequest", `Value for x-amz-checksum-${claim.algorithm} header is invalid.`);
  }
  if (begun === undefined) return;
  const { algorithm, type } = begun;
  if (claim.type !== undefined && claim.type !== type) {
    throw new S3Error(
      "InvalidRequest",
      `The upload was created using the ${type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  judgeAlgorithms(begun, claim.algorithm === undefined ? [] : [claim.algorithm]);
  const missing = type === "COMPOSITE" ? wanted.find(({ checksums }) => checksums[algorithm] === undefined) : undefined;
  if (missing === undefined) return;
  throw new S3Error(
    "InvalidRequest",
    `The upload was created using a ${algorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${missing.number} in the request.`,
  );
}

/** The checksum of the checksums of the parts, and how many they are; nothing when one has none. */
function composite(algorithm: ChecksumAlgorithm | undefined, parts: readonly Part[]): Record<string, string> {
  if (algorithm === undefined) return {};
  const given = parts.flatMap(({ checksums }) => checksums[algorithm] ?? []);
  if (given.length !== parts.length) return {};
  const bytes = Buffer.concat(given.map((text) => Buffer.from(text, "base64")));
  return { [algorithm]: `${checksumOf(algorithm, bytes)}-${parts.length}` };
}
