import { type Static, Type } from "typebox";
import type { Json } from "../../domain/event.ts";
import type { Params, User } from "../../domain/lifecycle.ts";
import { fieldsText, fieldsWithin } from "../../domain/path.ts";
import { plainJson } from "../../domain/plain-json.ts";
import { SignalboxError } from "../../errors.ts";
import { nullable } from "../http/fields.ts";

/** What callers say of events that they thought of. */

const anything = Type.Object({}, { additionalProperties: true });
export const params = Type.Object({}, { additionalProperties: true, description: "What the event tells." });
export const user = nullable({
  ...anything,
  description: "For whom, as functions see it. Default: the caller. Null: no user.",
});

/** As events hold them, at most. */
const limits = { maxBytes: 262_144, maxDepth: 32 };

/** @throws SignalboxError `invalid_request` for what is too long or lies too deep. */
export function readParams(path: string, said: Static<typeof params>): Params {
  return readObject(path, said) as Params;
}

export function readUser(path: string, said: Static<typeof user> | undefined): User | null | undefined {
  return said === undefined || said === null ? said : (readObject(path, said) as User);
}

function readObject(path: string, said: object): Json {
  const plain = plainJson(said, limits);
  if (plain.kind === "ok") return plain.value;
  const fields = fieldsWithin(path, plain.fields);
  throw new SignalboxError("invalid_request", fieldsText(fields), { fields });
}
