import { type Batch, goesAlone, inBatches } from "../domain/batch.ts";
import type { DueDelivery } from "../domain/delivery.ts";
import { readTogetherBytes } from "../store/page.ts";
import { filterable, storedFilter } from "./event-scopes.ts";
import type { Lane } from "./lane.ts";
import type { OutboundContext } from "./outbound-context.ts";
import type { TickQueue } from "./tick-queue.ts";

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

interface ClaimContext extends Pick<OutboundContext, "store" | "sight"> {
  /** Of all lanes: as each reads hundreds for a batch, one does in a turn of the loop. */
  readonly parts: TickQueue;
}

/** Dead letters of a deleted subscription that are made at once. */
const buriedTogether = 256;

/** Of those that go together, so many may be under way or claimed, and are read at once. */
const mostClaimed = 2_048;
const readTogether = 256;
const readFirst = 64;
/** So many are judged before others get their turn of the loop. */
const seenTogether = 64;

/** What is due and not under way for up to `most` attempts, the earliest first. */
export async function claim(
  context: ClaimContext,
  lane: Lane,
  { nowMs, most }: { readonly nowMs: number; readonly most: number },
): Promise<Claimed> {
  const { subscription } = lane;
  const { batch } = lane;
  const { ready, more } = await (batch === undefined
    ? readyFor(context, lane, { nowMs, most })
    : readyTogether(context, lane, { nowMs, most, batch }));
  const { wanted, unmatched } = await matched(subscription, ready);
  if (subscription.face !== "notifications") return { due: wanted, unmatched, unseen: [], more };
  const due: DueDelivery[] = [];
  const unseen: DueDelivery[] = [];
  // Sight may have been lost since they were put off.
  for (const [index, delivery] of wanted.entries()) {
    if (index % seenTogether === seenTogether - 1) await new Promise(setImmediate);
    const sees = (await context.sight.among(delivery.event, [subscription])).length > 0;
    (sees ? due : unseen).push(delivery);
  }
  return { due, unmatched, unseen, more };
}

interface Ready {
  readonly ready: readonly DueDelivery[];
  /** More is due. */
  readonly more: boolean;
}

async function readyFor(
  { store }: Pick<OutboundContext, "store">,
  { number, busy: underWay }: Lane,
  { nowMs, most }: { readonly nowMs: number; readonly most: number },
): Promise<Ready> {
  // Those under way still wait as far as the store knows, and may end while it is asked: hence the copy.
  const busy = new Set(underWay);
  const ready = await store.deliveries.due(number, nowMs, most + busy.size + 1, busy);
  return { ready: ready.slice(0, most), more: ready.length > most || endedEarly(ready) };
}

/**
 * For `most` requests, a part at a time. The last of them is filled with those that wait for nothing but others. What goes alone is looked past for those that do not,
 * but not when there are none for a whole part: for each request of one event hundreds would be read, again and again.
 */
async function readyTogether(
  { store, parts }: Pick<ClaimContext, "store" | "parts">,
  { number, busy }: Lane,
  { nowMs, most, batch }: { readonly nowMs: number; readonly most: number; readonly batch: Batch },
): Promise<Ready> {
  const { maxEvents, maxWaitMs, maxBytes } = batch;
  const known = new Set(busy);
  // One more tells whether there are more; and the least goes on, however many are under way.
  const wanted = Math.max(1, Math.min(most * maxEvents, mostClaimed - known.size));
  const mostBytes = Math.max(readTogetherBytes, Math.min(most * maxBytes, 4 * readTogetherBytes));
  const found: DueDelivery[] = [];
  let alone = 0;
  let bytes = 0;
  for (let part = readFirst; ; part = readTogether) {
    await parts.turn();
    for (const sequence of busy) known.add(sequence);
    const asked = Math.min(part, wanted - found.length + 1);
    const some = await store.deliveries.due(number, nowMs, asked + known.size, known);
    for (const one of some) {
      known.add(one.event.sequence);
      bytes += one.bytes ?? 0;
    }
    found.push(...some);
    const ofPart = some.filter((one) => goesAlone(one, batch)).length;
    alone += ofPart;
    if (found.length > wanted || bytes >= mostBytes) return { ready: found.slice(0, wanted), more: true };
    if (some.length < asked && !endedEarly(some)) break;
    if (ofPart === some.length && alone >= most) return { ready: found, more: true };
  }
  const last = inBatches(
    found.filter((one) => !goesAlone(one, batch)),
    batch,
  ).at(-1);
  const room = Math.min(wanted - found.length, readTogether, maxEvents - (last?.length ?? maxEvents));
  if (last !== undefined && room > 0) {
    const early = await store.deliveries.due(number, nowMs + maxWaitMs, room + known.size, known);
    let left = maxBytes - bytesOf(last);
    for (const one of early) {
      if (one.attempts > 0 || one.unfiltered === true) continue;
      left -= one.bytes ?? 0;
      if (left < 0) break;
      found.push(one);
    }
  }
  return { ready: found, more: false };
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
  return bytesOf(due) >= readTogetherBytes;
}

function bytesOf(some: readonly DueDelivery[]): number {
  return some.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
}
