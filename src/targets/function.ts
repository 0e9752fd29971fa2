/** Events to a function of the tenant's own: one run for each attempt. */

import { defined } from "../domain/defined.ts";
import { functionEvent } from "../domain/function-event.ts";
import { type FunctionEvent, lifecycleOf } from "../domain/lifecycle.ts";
import { nameForSubscription } from "../domain/notifications/names.ts";
import type { FailureReason } from "../domain/retry.ts";
import type { FunctionSubscription } from "../domain/subscription.ts";
import { asError } from "../errors.ts";
import type { Ran, Runnable } from "../invocation/runner.ts";
import type { SandboxFailure } from "../sandbox/sandbox.ts";
import type { Redactor } from "../secrets/redact.ts";
import type { SendingMeans } from "./sending-means.ts";
import type { AttemptResult, Deliverable, PreparedTarget } from "./target.ts";

/** As long as answers of webhooks are kept. */
const snippetLength = 2_048;

/** What found no room waits so long, at random so that not all come again at once. */
const roomAfterMs = { least: 2_000, spread: 8_000 } as const;

export function functionTargets(
  means: Pick<SendingMeans, "functions" | "clock">,
): (subscription: FunctionSubscription) => PreparedTarget {
  return (subscription) => ({
    attempt: async (delivery, signal) => {
      const [startedMs, beganMs] = [means.clock.now(), means.clock.steady()];
      const times = (): Pick<AttemptResult, "startedMs" | "durationMs"> => {
        return { startedMs, durationMs: means.clock.steady() - beganMs };
      };
      try {
        const ran = await run(means, subscription, delivery, signal);
        if (ran !== undefined) {
          return { ...result(ran, { redactor: ran.redactor, random: () => means.clock.random() }), ...times() };
        }
        return { outcome: failed("internal"), message: "the function does not exist any more", ...times() };
      } catch (thrown) {
        return { outcome: failed("internal"), message: asError(thrown).message, ...times() };
      }
    },
    sent: async (delivery) => {
      const runnable = await means.functions.load(subscription.target.function).catch(() => undefined);
      return runnable && { kind: "input", input: inputOf(subscription, runnable, delivery) };
    },
  });
}

function timeoutOf({ target }: FunctionSubscription, { fn }: Runnable): number {
  return Math.min(target.timeoutMs ?? fn.timeoutMs, fn.timeoutMs);
}

function inputOf(
  subscription: FunctionSubscription,
  runnable: Runnable,
  { event, attempt }: Pick<Deliverable, "event" | "attempt">,
): FunctionEvent {
  const name = nameForSubscription(event, subscription);
  return functionEvent(event, { attempt, deadlineMs: timeoutOf(subscription, runnable), name });
}

/** `undefined`: there is nothing to run. */
async function run(
  { functions }: Pick<SendingMeans, "functions">,
  subscription: FunctionSubscription,
  delivery: Deliverable,
  signal: AbortSignal | undefined,
): Promise<(Ran & { readonly redactor: Redactor }) | undefined> {
  const { uuid, number, target } = subscription;
  const runnable = await functions.load(target.function);
  if (runnable === undefined) return undefined;
  const { event } = delivery;
  const { chain } = lifecycleOf(event);
  const ran = await functions.run(
    {
      runnable,
      number: await functions.nextNumber(),
      lane: "post",
      trigger: "post",
      event: inputOf(subscription, runnable, delivery),
      timeoutMs: timeoutOf(subscription, runnable),
      subscription: { uuid, number },
      sequence: event.sequence,
      ...defined({ chain }),
    },
    signal,
  );
  return { ...ran, redactor: runnable.redactor };
}

function failed(reason: FailureReason): AttemptResult["outcome"] {
  return { kind: "failed", reason };
}

function result(
  { outcome, invocation }: Ran,
  { redactor, random }: { readonly redactor: Redactor; readonly random: () => number },
): Pick<AttemptResult, "outcome" | "message" | "snippet" | "invocation"> {
  if (outcome.kind === "failed") {
    const { name, message } = outcome.error;
    // It was never begun, for which the function is not to blame: no try is counted.
    if (outcome.reason === "busy" || outcome.reason === "unavailable") {
      const waitMs = roomAfterMs.least + random() * roomAfterMs.spread;
      return { outcome: { kind: "later", reason: outcome.reason, waitMs }, message };
    }
    return { outcome: failed(reasonOf(outcome.reason)), message: `${name}: ${message}`.slice(0, 500), invocation };
  }
  const returned = JSON.stringify(outcome.value);
  return {
    outcome: { kind: "delivered" },
    ...(returned === "null" ? {} : { snippet: redactor.ofCut(returned.slice(0, snippetLength)) }),
    invocation,
  };
}

/** Only the stop of the engine cancels a delivery, and that does not count. */
function reasonOf(reason: SandboxFailure): FailureReason {
  return reason === "cancelled" ? "internal" : reason;
}
