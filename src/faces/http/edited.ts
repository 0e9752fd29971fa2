import type { Principal } from "../../domain/access.ts";
import type { Store } from "../../store/store.ts";
import { findSubscription, type Reference } from "../../subscriptions/find.ts";

/** What a route shows or changes, as `store/edits.ts` names it. */
export interface Edited {
  /** An edit of any of them is one of the whole. */
  readonly things: readonly string[];
  /** What was never edited is not there, as a grant that was never given. */
  readonly madeByEdits?: true;
}

/** The `ETag` of each of these: to be read before what a list shows of them, which then is never older than its `ETag`. */
export async function etagsOf(
  { edits }: Pick<Store, "edits">,
  things: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const etag = async (thing: string) => [thing, `"${(await edits.last(thing))?.version ?? thing}"`] as const;
  return new Map(await Promise.all(things.map(etag)));
}

/** One subscription has one `ETag`, whichever route shows it. @throws SignalboxError `not_found`. */
export async function editedSubscription(store: Store, caller: Principal, reference: Reference): Promise<Edited> {
  return { things: [(await findSubscription(store, caller, reference)).uuid] };
}
