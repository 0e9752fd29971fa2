import { SignalboxError } from "../../errors.ts";
import type { Redrives } from "../redrives.ts";
import type { Fold } from "../sql/figures.ts";
import { optional } from "../sql/step.ts";
import { ask, type Committer } from "./committer.ts";

/** What the writer's thread does between commits, for those who only read. */

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
