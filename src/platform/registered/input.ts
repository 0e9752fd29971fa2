import type { Clock } from "../../clock.ts";
import { parseUuid, type Uuid } from "../../domain/ids.ts";
import type { Params } from "../../domain/lifecycle.ts";
import { isJsonObject, mergePatch } from "../../domain/merge-patch.ts";
import { sharedCode } from "../../domain/notifications/known-kinds.ts";
import type { ResourceKind } from "../../domain/notifications/resource-kinds.ts";
import { fieldsText, fieldsWithin } from "../../domain/path.ts";
import { plainJson } from "../../domain/plain-json.ts";
import { withoutSecrets } from "../../domain/secret-names.ts";
import { invalidField, SignalboxError } from "../../errors.ts";
import { freshId } from "../deps.ts";

/** What a host says about its resources, checked against what can be kept. Programs without types say it too. */

const dataLimits = { maxBytes: 65_536, maxDepth: 24 };
/** A patch names what it takes away beside what it brings. */
const patchLimits = { ...dataLimits, maxBytes: 2 * dataLimits.maxBytes };

/** @throws SignalboxError `invalid_request` about `data`. */
export function registeredData(data: unknown = {}): Params {
  return plainObject(data, dataLimits);
}

/** @throws SignalboxError `invalid_request` about `data`. */
export function mergedData(before: Params, patch: unknown): Params {
  return plainObject(mergePatch(before, plainObject(patch, patchLimits)), dataLimits);
}

function plainObject(value: unknown, limits: typeof dataLimits): Params {
  const plain = plainJson(value, limits);
  if (plain.kind === "refused") {
    const fields = fieldsWithin("data", plain.fields);
    throw new SignalboxError("invalid_request", fieldsText(fields), { fields });
  }
  const { value: shown } = withoutSecrets(plain.value);
  if (isJsonObject(shown)) return shown;
  throw invalidField("data", "must be a JSON object");
}

const longestOwner = 150;

/** @throws SignalboxError `invalid_request` about `owner`. */
export function readOwner(owner: unknown): string {
  if (typeof owner !== "string" || owner === "") throw invalidField("owner", "must be the name of a principal");
  if (owner.length > longestOwner) throw invalidField("owner", `must have at most ${longestOwner} characters`);
  if (!owner.isWellFormed()) throw invalidField("owner", "must not hold half a character (a lone surrogate)");
  return owner;
}

/**
 * The uuid of a new resource of that kind.
 *
 * @param how.field what the caller calls it.
 * @throws SignalboxError `invalid_request` about that field.
 */
export function readId(
  id: unknown,
  { name, code }: ResourceKind,
  { clock, field }: { readonly clock: Clock; readonly field: string },
): Uuid {
  const text = id === undefined ? `${freshId(clock)}-${code}` : id;
  const uuid = typeof text === "string" ? parseUuid(text) : undefined;
  if (uuid === undefined) {
    throw invalidField(field, `must be at most 60 of 0-9, A-Z, a-z and -, then -${code}, such as 42-${code}`);
  }
  if (code === sharedCode || uuid.endsWith(`-${code}`)) return uuid;
  throw invalidField(field, `must end in -${code}, as those of every ${name} do`);
}
