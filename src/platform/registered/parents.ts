import { parseUuid, type Uuid } from "../../domain/ids.ts";
import type { ResourceKind } from "../../domain/notifications/resource-kinds.ts";
import { invalidField } from "../../errors.ts";
import type { TenantView } from "./view.ts";

/** In what a host says that its resource lies. */

const mostParents = 8;

interface ParentsOf {
  readonly kind: ResourceKind;
  /** Of the resource itself. */
  readonly uuid: Uuid;
  /** Of the app that it was said to belong to. */
  readonly app?: Uuid;
}

/**
 * Each once; `undefined` for none.
 *
 * @throws SignalboxError `invalid_request` about `parents`.
 */
export async function readParents(
  view: TenantView,
  { kind, uuid, app }: ParentsOf,
  said: unknown,
): Promise<readonly Uuid[] | undefined> {
  const given: unknown = said ?? [];
  if (!Array.isArray(given) || given.length > mostParents) {
    throw invalidField("parents", `must be a list of at most ${mostParents} uuids`);
  }
  const parents = new Set<Uuid>();
  for (const [index, one] of given.entries()) {
    const parent = typeof one === "string" ? parseUuid(one) : undefined;
    const path = `parents[${index}]`;
    if (parent === undefined) throw invalidField(path, "must be the uuid of a resource");
    if (parent === uuid) throw invalidField(path, "is the resource itself");
    const found = await view.at(parent);
    if (found === undefined) throw invalidField(path, `there is no resource '${parent}': register it before`);
    if (!kind.parents.includes(found.kind)) throw invalidField(path, misplaced(kind, found.kind));
    parents.add(parent);
  }
  if (app !== undefined && kind.parents.includes("app")) parents.add(app);
  return parents.size === 0 ? undefined : [...parents];
}

function misplaced({ name, parents }: ResourceKind, parent: string): string {
  const may = parents.length === 0 ? "in nothing" : `in ${parents.join(", ")}`;
  return `a ${name} lies ${may}, not in a ${parent}: declare more in Host.kinds ({ name: "${name}", parents: [...] })`;
}
