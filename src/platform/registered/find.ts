import { defined } from "../../domain/defined.ts";
import { parseUuid } from "../../domain/ids.ts";
import { commitOptimistically } from "../../store/optimistic.ts";
import type { Registered } from "../../store/records.ts";
import type { RegisteredQuery } from "../../store/registered.ts";
import type { Store } from "../../store/store.ts";
import type { By } from "../asking.ts";
import { hostEvent, type RegisteredContext } from "./resource.ts";
import { missing, TenantView } from "./view.ts";

/** Looking at what a host registered, and ending it. */

/** @throws SignalboxError `not_found` */
export async function findRegistered(
  { registered }: Pick<Store, "registered">,
  tenant: string,
  uuid: string,
): Promise<Registered> {
  const parsed = parseUuid(uuid);
  const resource = parsed === undefined ? undefined : await registered.get(parsed);
  return resource?.tenant === tenant ? resource : missing(uuid);
}

/**
 * By uuid.
 *
 * @param page.after uuid of the last one of the page before. `max`: 1 to 1,000.
 * @throws SignalboxError `not_found` for an `after` that cannot be one.
 */
export async function listRegistered(
  { registered }: Pick<Store, "registered">,
  query: RegisteredQuery,
  { after, max }: { readonly after?: string; readonly max: number },
): Promise<Registered[]> {
  const place = after === undefined ? undefined : (parseUuid(after) ?? missing(after));
  const page = { max: Math.min(Math.max(1, max), 1_000), ...defined({ after: place }) };
  return registered.list(query, page);
}

/**
 * Ends it: `DELETED` is raised, with its last public part, which is what resolves.
 *
 * @throws SignalboxError `not_found`; `unavailable` when others keep changing it.
 */
export async function removeRegistered(
  context: RegisteredContext,
  tenant: string,
  { uuid, by }: { readonly uuid: string; readonly by: By },
): Promise<Registered> {
  const { store, publish, clock } = context;
  return commitOptimistically({ publish, what: "resource" }, async () => {
    const found = await findRegistered(store, tenant, uuid);
    const { revision, ...resource } = found;
    const view = new TenantView(store, tenant);
    return {
      unit: {
        conditions: [{ if: "registered.revision", uuid: resource.uuid, revision }],
        changes: [
          { do: "registered.remove", uuid: resource.uuid },
          { do: "resource.end", uuid: resource.uuid, atMs: clock.now() },
        ],
        events: [await hostEvent(context, view, resource, { name: "DELETED", by })],
      },
      committed: () => found,
    };
  });
}
