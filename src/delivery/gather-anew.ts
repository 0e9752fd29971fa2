import type { Clock } from "../clock.ts";
import { batchBounds } from "../domain/batch.ts";
import { blockedMs } from "../domain/delivery.ts";
import type { Store, WaitPlace } from "../store/store.ts";
import type { Lane } from "./lane.ts";

/** Looked at, and brought forward in one commit, before other commits and others on the loop have their turn. */
const lookedAt = 256;

/**
 * After a change of how many go together, or how long they wait: what is parked until others come is due now. Those that it waits for may
 * be too many by now, or go alone.
 */
export async function gatherAnew(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  lane: Lane,
  stopped: () => boolean,
): Promise<void> {
  const nowMs = clock.steady();
  const lastMs = nowMs + batchBounds.maxWaitMs.most;
  lane.gathering.renewed();
  for (let after: WaitPlace = { dueMs: nowMs, sequence: blockedMs }; !stopped(); ) {
    const page = await store.deliveries.waits(lane.number, { after, max: lookedAt });
    // What was tried waits for its retry.
    const parked = page.filter(({ attempts, dueMs }) => attempts === 0 && dueMs <= lastMs);
    if (parked.length > 0) {
      const sequences = parked.map(({ sequence }) => sequence);
      const change = {
        do: "delivery.forward",
        subscription: lane.number,
        sequences,
        nowMs,
        usualMs: 0,
        mostMs: 0,
      } as const;
      await store.commit({ changes: [change] });
    }
    const last = page.at(-1);
    if (last === undefined || page.length < lookedAt || last.dueMs > lastMs) return;
    after = last;
    await new Promise(setImmediate);
  }
}
