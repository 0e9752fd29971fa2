import type { Parent } from "../domain/event.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Store } from "../store/store.ts";
import { type Resource, resourceAt } from "./registry.ts";

/** In what a resource lies, as it is now, and in what that does. */

/** So far up, and so many, the nearest first: on what lies further nothing is announced. */
const ancestorLimits = { levels: 4, most: 16 } as const;

/** Those that are there; each once, and never the resource itself. */
async function ancestorsOf(
  at: (uuid: Uuid) => Promise<Resource | undefined>,
  { uuid, parents }: Pick<Resource, "uuid" | "parents">,
): Promise<readonly Parent[]> {
  const found: Parent[] = [];
  const looked = new Set<Uuid>([uuid]);
  let level: readonly Uuid[] = parents ?? [];
  for (let up = 0; up < ancestorLimits.levels && level.length > 0; up++) {
    const next: Uuid[] = [];
    for (const one of level) {
      if (looked.has(one) || found.length >= ancestorLimits.most) continue;
      looked.add(one);
      const resource = await at(one);
      if (resource === undefined) continue;
      found.push({ uuid: one, kind: resource.kind, owner: resource.owners[0] ?? "" });
      // Of a file its bucket.
      next.push(...(resource.parents ?? []), ...(resource.scope === undefined ? [] : [resource.scope]));
    }
    level = next;
  }
  return found;
}

/** As events name them: of what lies in nothing, nothing. */
export async function withParents(
  store: Store,
  resource: Pick<Resource, "uuid" | "tenant" | "parents">,
): Promise<{ readonly parents?: readonly Parent[] }> {
  return withParentsAt((uuid) => resourceAt(store, resource.tenant, uuid), resource);
}

/** @param at how what has a uuid is found. */
export async function withParentsAt(
  at: (uuid: Uuid) => Promise<Resource | undefined>,
  resource: Pick<Resource, "uuid" | "parents">,
): Promise<{ readonly parents?: readonly Parent[] }> {
  const parents = resource.parents === undefined ? [] : await ancestorsOf(at, resource);
  return parents.length === 0 ? {} : { parents };
}
