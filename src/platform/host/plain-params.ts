import type { Json } from "../../domain/event.ts";
import type { Params } from "../../domain/lifecycle.ts";
import { isJsonObject } from "../../domain/merge-patch.ts";
import { fieldsText, fieldsWithin } from "../../domain/path.ts";
import { plainJson } from "../../domain/plain-json.ts";
import { paramsLimits } from "../../domain/prepared-event-type.ts";
import { SignalboxError } from "../../errors.ts";

/**
 * A frozen copy of a JSON object.
 *
 * @throws SignalboxError `invalid_request` when `value` is anything else, naming what lies below `path`.
 */
export function plainParams(path: string, value: unknown): Params {
  if (value === undefined) throw refused(path, [{ path: "", message: "is required: a JSON object" }]);
  const copy = plainJson(value, paramsLimits);
  if (copy.kind === "refused") throw refused(path, copy.fields);
  if (!isJsonObject(copy.value)) throw refused(path, [{ path: "", message: "must be a JSON object" }]);
  return deepFrozen(copy.value);
}

function refused(within: string, fields: SignalboxError["fields"]): SignalboxError {
  const all = fieldsWithin(within, fields);
  return new SignalboxError("invalid_request", fieldsText(all), { fields: all });
}

function deepFrozen<T extends Json>(value: T): T {
  if (typeof value === "object" && value !== null) for (const part of Object.values(value)) deepFrozen(part);
  return Object.freeze(value);
}
