import { sleep } from "../clock.ts";
import { asError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { Upkeep } from "../store/store.ts";

export interface Retention extends Pick<Ports, "clock" | "log"> {
  readonly upkeep: Upkeep;
  /** How long finished events and their deliveries are kept. */
  readonly keepMs: number;
  /** How long events with a dead letter are kept. */
  readonly keepDeadMs: number;
  /** Beyond this many bytes in use, the oldest finished events go before their time; `undefined`: no limit. */
  readonly keepBytes: number | undefined;
}

/** Events in one step, which holds up other commits for a few milliseconds at the most. */
const stepSize = 500;
/** Space given back in one step. */
const releaseBytes = 1_048_576;

/**
 * Drops what is past its time, oldest first, in small steps between other work, and gives the space back to the disk. What is
 * undelivered is never dropped, whatever its age or size. Runs until `signal` aborts.
 */
export async function retain(deps: Retention, signal: AbortSignal): Promise<void> {
  // Often enough that the excess stays small beside what is kept.
  const everyMs = Math.min(60_000, Math.max(1_000, deps.keepMs / 20));
  while (!signal.aborted) {
    try {
      const dropped = (await byAge(deps, signal)) + (await bySize(deps, signal));
      if (dropped > 0) deps.log.debug({ events: dropped }, "dropped what was past its time");
      while (!signal.aborted && (await deps.upkeep.release(releaseBytes)));
    } catch (thrown) {
      if (signal.aborted) return;
      deps.log.error({ error: asError(thrown).message }, "retention failed; trying again");
    }
    await sleep(deps.clock, everyMs, signal);
  }
}

async function byAge({ upkeep, clock, keepMs, keepDeadMs }: Retention, signal: AbortSignal): Promise<number> {
  let dropped = 0;
  while (!signal.aborted) {
    const nowMs = clock.now();
    const step = { beforeMs: nowMs - keepMs, deadBeforeMs: nowMs - keepDeadMs, max: stepSize };
    const done = await upkeep.prune(step);
    dropped += done.dropped;
    if (!done.more) break;
  }
  return dropped;
}

async function bySize({ upkeep, clock, keepDeadMs, keepBytes }: Retention, signal: AbortSignal): Promise<number> {
  if (keepBytes === undefined) return 0;
  let dropped = 0;
  while (!signal.aborted && (await upkeep.usedBytes()) > keepBytes) {
    const nowMs = clock.now();
    const done = await upkeep.prune({ beforeMs: nowMs, deadBeforeMs: nowMs - keepDeadMs, max: stepSize });
    dropped += done.dropped;
    if (!done.more) break;
  }
  return dropped;
}
