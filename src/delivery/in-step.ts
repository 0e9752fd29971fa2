import { type Clock, sleep } from "../clock.ts";
import { asError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { EventRates } from "../pace/event-rates.ts";
import type { Store } from "../store/store.ts";
import type { Wake } from "../store/wake.ts";
import type { Watching } from "./watching.ts";

/** A hint may be lost: what other nodes have changed is known after this. */
const lookEveryMs = 10_000;

interface InStepDeps {
  readonly store: Pick<Store, "quotas" | "watchers">;
  readonly hints: Wake;
  readonly watching: Pick<Watching, "renew">;
  readonly rates: Pick<EventRates, "setLimits">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Keeps what this process has in memory as the other nodes change it: when they say so, and from time to time. Resolves when `signal` aborts. */
export async function keepInStep(deps: InStepDeps, signal: AbortSignal): Promise<void> {
  const { store, hints, watching, rates, clock, log } = deps;
  if (store.watchers === undefined) return;
  const soon = (read: () => Promise<unknown>): void => {
    read().catch((thrown: unknown) =>
      log.warn({ error: asError(thrown).message }, "could not read what other nodes have changed; trying again"),
    );
  };
  const watchers = (): void => soon(() => watching.renew());
  const quotas = (): void => soon(async () => rates.setLimits(await store.quotas.bounds("events_per_second")));
  using _listening = hints.listen(({ about }) => {
    if (about === "watchers") watchers();
    else if (about === "quotas") quotas();
  });
  while (!signal.aborted) {
    await sleep(clock, lookEveryMs, signal);
    if (signal.aborted) return;
    watchers();
    quotas();
  }
}
