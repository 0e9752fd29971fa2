import { SignalboxError } from "../../errors.ts";
import type { Reply } from "./requests.ts";
import type { Settled, UnitResult } from "./wire.ts";

/** What replies of a writer mean. */

/** Whether all of it could be written: a unit that is refused by its conditions was, one that failed was not. */
export function isWell(reply: Reply): boolean {
  if (reply.kind !== "committed") return false;
  return reply.settlement?.kind !== "failed" && reply.units.every(({ kind }) => kind !== "failed");
}

export function notCommitted(why: string): Error {
  return new SignalboxError("unavailable", `the store could not commit: ${why}`);
}

/** What a reply that is no answer means to a caller. */
export function storeError(
  reply: Reply | UnitResult | Settled | undefined,
  damaged: (why: string) => Error = notCommitted,
): Error {
  if (reply?.kind !== "failed") return new SignalboxError("internal", `the store answered ${reply?.kind ?? "nothing"}`);
  if (reply.full) {
    return new SignalboxError("storage_full", "the disk is full: nothing was changed; free some space and try again");
  }
  return reply.damaged === true ? damaged(reply.message) : notCommitted(reply.message);
}
