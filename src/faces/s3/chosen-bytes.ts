import type { Range } from "../../storage/read-object.ts";
import type { StoredObject } from "../../store/records.ts";
import { preconditionFailed, validatorsOf } from "./request.ts";
import { httpTime, quoted } from "./respond.ts";
import { type Conditions, judgeRead } from "./wire/conditions.ts";
import { S3Error } from "./wire/errors.ts";
import { parseRange } from "./wire/range.ts";

/** What a request to read asks for. */
export interface WantedBytes {
  readonly conditions: Conditions;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  /** From 1; `undefined`: the whole. */
  readonly part?: number | undefined;
}

/** Bytes to send, and whether they are answered as a part of the whole. */
export interface ChosenBytes extends Range {
  readonly partial: boolean;
  /** The client has them already: none are sent. */
  readonly isKnown: boolean;
}

/**
 * Which bytes to send, once the conditions agree.
 *
 * @throws S3Error PreconditionFailed, InvalidRange, InvalidPartNumber
 */
export function chooseBytes(object: StoredObject, { conditions, range, ifRange, part }: WantedBytes): ChosenBytes {
  const judgement = judgeRead(conditions, validatorsOf(object));
  if (judgement.kind === "not-modified") return { start: 0, end: -1, partial: false, isKnown: true };
  if (judgement.kind === "failed") throw preconditionFailed(judgement.condition);
  if (part !== undefined) return { ...rangeOfPart(object, part), partial: object.size > 0, isKnown: false };
  const fresh = ifRange === undefined || ifRange === quoted(object.eTag) || ifRange === httpTime(object.modifiedMs);
  const asked = fresh ? parseRange(range, object.size) : undefined;
  const bytes = asked ?? { start: 0, end: object.size - 1 };
  return { ...bytes, partial: asked !== undefined, isKnown: false };
}

/** An object that came in parts is still made of them; any other is its own first part. */
function rangeOfPart({ pieces, size }: StoredObject, part: number): Range {
  const piece = pieces[part - 1];
  if (piece === undefined) {
    if (part === 1) return { start: 0, end: size - 1 };
    throw new S3Error("InvalidPartNumber");
  }
  const start = pieces.slice(0, part - 1).reduce((sum, before) => sum + before.size, 0);
  return { start, end: start + piece.size - 1 };
}
