import type { NewEvent, Parent } from "../event.ts";
import { kindNameOfCode } from "./resource-data.ts";

/** In what a resource lies: its events are announced there, too. */

/**
 * What an event's resource lay in at its commit, the nearest first. Of what has one scope only (a file in its bucket) that is all, and the
 * owner of the scope is the last of the event's owners.
 */
export function parentsOf({
  parents,
  scope,
  owners,
}: Pick<NewEvent, "parents" | "scope" | "owners">): readonly Parent[] {
  if (parents !== undefined) return parents;
  if (scope === undefined) return [];
  return [{ uuid: scope, kind: kindNameOfCode(scope.slice(-3)), owner: owners?.at(-1) ?? "" }];
}
