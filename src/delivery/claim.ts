import type { DueDelivery } from "../domain/delivery.ts";
import { readTogetherBytes } from "../store/page.ts";
import { filterable, storedFilter } from "./event-scopes.ts";
import type { Lane } from "./lane.ts";
import type { OutboundContext } from "./outbound-context.ts";

/** What was claimed of what waits in the store for one subscription. */
interface Claimed {
  /** To be attempted now. */
  readonly due: readonly DueDelivery[];
  /** Wanted no more: the filter that can be read by now does not match them, or their subscriber does not see them any more. */
  readonly unmatched: readonly DueDelivery[];
  readonly unseen: readonly DueDelivery[];
  /** More is due than was asked for. */
  readonly more: boolean;
}

type ClaimContext = Pick<OutboundContext, "store" | "sight">;

/** Dead letters of a deleted subscription that are made at once. */
const buriedTogether = 256;

/** Up to `most` deliveries that are due and not under way, the earliest first. */
export async function claim(
  context: ClaimContext,
  lane: Lane,
  { nowMs, most }: { readonly nowMs: number; readonly most: number },
): Promise<Claimed> {
  const { subscription } = lane;
  const { store } = context;
  // Those under way still wait as far as the store knows, and may end while it is asked: hence the copy.
  const busy = new Set(lane.busy);
  const ready = await store.deliveries.due(subscription.number, nowMs, most + busy.size + 1, busy);
  const more = ready.length > most || endedEarly(ready);
  const { wanted, unmatched } = await matched(subscription, ready.slice(0, most));
  if (subscription.face !== "notifications") return { due: wanted, unmatched, unseen: [], more };
  const due: DueDelivery[] = [];
  const unseen: DueDelivery[] = [];
  // Sight may have been lost since they were put off.
  for (const delivery of wanted) {
    const sees = (await context.sight.among(delivery.event, [subscription])).length > 0;
    (sees ? due : unseen).push(delivery);
  }
  return { due, unmatched, unseen, more };
}

/** What waits for a subscription that is deleted, due or not, and whether there is more. */
export async function claimAll(
  { store }: Pick<OutboundContext, "store">,
  lane: Lane,
): Promise<{ readonly all: readonly DueDelivery[]; readonly more: boolean }> {
  const busy = new Set(lane.busy);
  const max = buriedTogether + busy.size;
  const all = await store.deliveries.due(lane.number, Number.MAX_SAFE_INTEGER, max, busy);
  return { all, more: all.length >= buriedTogether || endedEarly(all) };
}

/** Of those that were kept while the filter could not be read, those that it matches now; while it cannot, they stay where they are. */
async function matched(
  subscription: Lane["subscription"],
  claimed: readonly DueDelivery[],
): Promise<{ readonly wanted: readonly DueDelivery[]; readonly unmatched: readonly DueDelivery[] }> {
  if (!claimed.some((delivery) => delivery.unfiltered === true)) return { wanted: claimed, unmatched: [] };
  const filter = storedFilter(subscription);
  if (filter === undefined) {
    return { wanted: claimed.filter((delivery) => delivery.unfiltered !== true), unmatched: [] };
  }
  const wanted: DueDelivery[] = [];
  const unmatched: DueDelivery[] = [];
  for (const delivery of claimed) {
    const isWanted = delivery.unfiltered !== true || filter.matches(filterable[subscription.face].read(delivery.event));
    (isWanted ? wanted : unmatched).push(delivery);
    // Rare, and each may take milliseconds.
    if (delivery.unfiltered === true) await new Promise(setImmediate);
  }
  return { wanted, unmatched };
}

/** The store gave no more, since there was so much data: more may be due. */
function endedEarly(due: readonly DueDelivery[]): boolean {
  return due.reduce((sum, { bytes = 0 }) => sum + bytes, 0) >= readTogetherBytes;
}
