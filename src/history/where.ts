import { filterable } from "../delivery/event-scopes.ts";
import { defined } from "../domain/defined.ts";
import type { Face } from "../domain/event.ts";
import { type Filter, readFilter } from "../domain/filter/index.ts";
import { SignalboxError } from "../errors.ts";

/**
 * Reads the parameter `where` of what happened: a filter as subscriptions of `face` have it. Interrupted once, before it is read.
 *
 * @throws SignalboxError `invalid_filter` about `where`.
 */
export function* readingWhere(where: string, face: Face): Generator<void, Filter, void> {
  yield;
  try {
    return readFilter(where, filterable[face].fields);
  } catch (thrown) {
    throw aboutWhere(thrown);
  }
}

/** The same refusal, about the parameter that it came in. */
function aboutWhere(thrown: unknown): unknown {
  if (!(thrown instanceof SignalboxError)) return thrown;
  const fields = thrown.fields.map(({ message }) => ({ path: "where", message }));
  const message = thrown.message.replace(/^filter: /, "where: ");
  return new SignalboxError(thrown.code, message, { fields, ...defined({ data: thrown.data }), cause: thrown });
}
