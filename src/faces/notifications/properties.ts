import { didYouMean } from "../../domain/did-you-mean.ts";
import { isRecord } from "../../domain/schema/unions.ts";
import { invalidField } from "../../errors.ts";
import type { Problems } from "../../subscriptions/problems.ts";

/** Bodies of the notifications face, whose properties may be written in any case of letters. */

/** By the name that the property is known under. */
type Said = ReadonlyMap<string, unknown>;

/**
 * What a body says of `known` properties; `ignored` ones are passed over, so that what was read can be sent back. No body at all is an
 * empty one. What is not known, and what is said twice, is a problem; `path` is that of the body in the request.
 *
 * @throws SignalboxError `invalid_request` when it is no object.
 */
export function saidOf(
  body: unknown,
  {
    known,
    ignored,
    path = "",
  }: { readonly known: readonly string[]; readonly ignored: readonly string[]; readonly path?: string },
  problems: Problems,
): Said {
  if (body === undefined || body === null) return new Map();
  if (!isRecord(body)) throw invalidField("body", "must be a JSON object");
  const names = new Map([...known, ...ignored].map((name) => [name.toLowerCase(), name]));
  const said = new Map<string, unknown>();
  for (const [typed, value] of Object.entries(body)) {
    if (problems.isFull) break;
    const name = names.get(typed.toLowerCase());
    if (name === undefined) problems.add(path + typed, `is not a known property.${didYouMean(typed, known)}`);
    else if (said.has(name)) problems.add(path + typed, `says ${name} a second time`);
    else said.set(name, value);
  }
  return said;
}
