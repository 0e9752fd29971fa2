import { type Clock, sleep } from "../clock.ts";
import { asError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Vault } from "../secrets/vault.ts";
import { connect } from "../store/postgres/connection.ts";
import { otherNodes } from "../store/postgres/others.ts";
import { whileStarting } from "../store/postgres/start-lock.ts";
import { finishKeyChange, sealsOtherwise } from "./database-key.ts";

/** So often it is looked whether others seal with the key before: they go when they are replaced. */
const againMs = 2_000;

interface KeyChange {
  readonly url: string;
  readonly vault: Vault;
  /** This node's name. */
  readonly self: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Finishes a change of the key as soon as no other node seals with the one before. Resolves then, or when `signal` aborts. Never rejects. */
export async function finishLater({ url, vault, self, clock, log }: KeyChange, signal: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(clock, againMs, signal);
    if (signal.aborted) return;
    try {
      const connection = await connect(url, log);
      try {
        const { client } = connection;
        const isDone = await whileStarting(client, log, async () => {
          const others = await otherNodes(client, self);
          return !sealsOtherwise(vault, others) && finishKeyChange(client, vault, { others, log });
        });
        if (isDone) return;
      } finally {
        await connection.end();
      }
    } catch (thrown) {
      log.warn({ error: asError(thrown).message }, "the change of the key could not be finished yet");
    }
  }
}
