import type { Clock } from "../clock.ts";
import { blockedMs } from "../domain/delivery.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { Store, WaitPlace } from "../store/store.ts";

/** Looked at, and brought forward in one commit, before other commits and others on the loop have their turn. */
const lookedAt = 50;

/**
 * After a start: what is due later than its own wait from now was put off by a process whose clock showed a later time. It is due after that
 * wait. While a process lives, due times follow the time that passes, whatever the clock is set to.
 *
 * @returns whether any was brought forward; ends early when `stopped`.
 */
export async function boundWaits(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  { number, policy }: Subscription,
  stopped: () => boolean,
): Promise<boolean> {
  const usualMs = Math.max(...policy.scheduleMs) * (1 + policy.jitter);
  let any = false;
  for (let after: WaitPlace = { dueMs: clock.steady(), sequence: blockedMs }; !stopped(); ) {
    const page = await store.deliveries.waits(number, { after, max: lookedAt });
    const nowMs = clock.steady();
    const late = page.filter(({ dueMs, waitMs = usualMs }) => dueMs > nowMs + waitMs);
    if (late.length > 0) {
      const sequences = late.map(({ sequence }) => sequence);
      const change = { do: "delivery.forward", subscription: number, sequences, nowMs, usualMs } as const;
      await store.commit({ changes: [change] });
      any = true;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < lookedAt) break;
    after = last;
    await new Promise(setImmediate);
  }
  return any;
}
