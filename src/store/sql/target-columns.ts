import { functionNumberOf, type Target } from "../../domain/subscription.ts";
import type { Sql } from "./step.ts";

/** How a target is kept in the row of its subscription. */

/** What is sealed of a target lies beside it, for a change of the key, and the function that it runs. */
export function targetColumns(target: Target): readonly [target: Sql, sealed: Sql, fn: Sql] {
  if (target.kind === "destination") {
    const { kind, destination, ownRetries } = target;
    return [JSON.stringify({ kind, destination, ownRetries }), null, null];
  }
  const { sealed = null, ...open } = target as Target & { readonly sealed?: string };
  return [JSON.stringify(open), sealed, functionNumberOf(target) ?? null];
}

/** The number of the destination that it goes to. */
export function destinationColumn(target: Target | undefined): Sql {
  return target?.kind === "destination" ? target.destination : null;
}
