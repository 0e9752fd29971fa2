import type { Context } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import { SignalboxError } from "../errors.ts";
import type { AsideEvent, Store } from "../store/store.ts";

/** Events whose dispatch killed the process twice. */

/** Those of the caller's tenant, the oldest first; `after` is a sequence. */
export function listPoisoned(
  store: Store,
  { tenant }: Principal,
  page: { readonly max: number; readonly after?: number },
): Promise<AsideEvent[]> {
  return store.aside.list({ tenant, state: "poisoned" }, page);
}

/**
 * Has it dispatched again. When it kills the process once more it is set aside again.
 *
 * @param id of the event.
 * @throws SignalboxError `not_found` when no event of the tenant with that id is set aside as poisoned.
 */
export async function redrivePoisoned(
  { store, clock, redispatch }: Pick<Context, "store" | "clock" | "redispatch">,
  { tenant }: Principal,
  id: string,
): Promise<AsideEvent> {
  const found = await store.aside.poisoned(tenant, id);
  const sequence = found?.event.sequence ?? 0;
  const commit = await store.commit({
    conditions: [{ if: "event.poisoned", tenant, sequence }],
    changes: [{ do: "event.aside", tenant, sequences: [sequence], state: "waiting", atMs: clock.now() }],
  });
  if (found === undefined || commit.kind === "refused") {
    throw new SignalboxError("not_found", `there is no poisoned event ${id.slice(0, 64)}`);
  }
  redispatch(tenant);
  return found;
}
