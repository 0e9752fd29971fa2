import { SignalboxError } from "../../errors.ts";
import type { Redrives } from "../redrives.ts";
import type { Committer } from "./committer.ts";
import type { Fold } from "./figures.ts";
import type { Reply, Request } from "./requests.ts";
import { optional } from "./step.ts";
import type { Reserve } from "./wire.ts";

/** What is written between commits, for those who only read. */

/** A job of which one kind of answer is expected. */
export async function ask<K extends Reply["kind"]>(
  committer: Committer,
  request: Request,
  kind: K,
): Promise<Extract<Reply, { kind: K }>> {
  const reply = await committer.job(request);
  if (reply.kind !== kind) throw committer.errorOf(reply);
  return reply as Extract<Reply, { kind: K }>;
}

export function foldBy(committer: Committer): Fold {
  return async () => {
    try {
      await ask(committer, { kind: "fold" }, "ok");
    } catch (thrown) {
      // A full disk hides no figures: those of the last commits are missing until it has room.
      if (!(thrown instanceof SignalboxError && thrown.code === "storage_full")) throw thrown;
    }
  };
}

export function advanceBy(committer: Committer): Redrives["advanceRedrive"] {
  return async (uuid, { max, nowMs }) => {
    const { state, subscriptions, waitMs } = await ask(committer, { kind: "redrive", uuid, max, nowMs }, "redriven");
    return { state, subscriptions, ...optional("waitMs", waitMs) };
  };
}

export function reserveBy(committer: Committer): Reserve {
  return async (counter, count) => {
    if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`cannot reserve ${count} numbers`);
    return (await ask(committer, { kind: "reserve", counter, count }, "reserved")).first;
  };
}
