import { Breakers, type CallResult } from "../domain/breaker.ts";
import { failed, functionOf, type HookFailure, type HookFailureReason, type HookResult } from "./answer.ts";
import type { HookContext } from "./hook-context.ts";
import type { PlannedHook } from "./plan.ts";

/** What a breaker says to a call: that it may not be made, or who wants to know how it ended. */
type Admitted =
  | { readonly kind: "open"; readonly failure: HookFailure }
  | { readonly kind: "go"; ended(answer: HookResult): void };

/** One breaker for each version of a function in each subscription: a new version begins anew. */
function breakerKey(subscription: number, version: number): string {
  return `${subscription}/${version}`;
}

/** Keeps operations from waiting for hooks that fail all the time. */
export class HookBreakers {
  readonly #context: Pick<HookContext, "clock" | "log" | "meter">;
  readonly #breakers = new Breakers();

  constructor(context: Pick<HookContext, "clock" | "log" | "meter">) {
    this.#context = context;
  }

  admit(hook: PlannedHook): Admitted {
    const { clock } = this.#context;
    const breaker = this.#breakers.of(
      breakerKey(hook.subscription.number, hook.runnable.version.number),
      clock.steady(),
    );
    const admission = breaker.admit(clock.steady());
    if (typeof admission === "object") {
      const until = `until ${new Date(admission.openUntilMs).toISOString()}`;
      return {
        kind: "open",
        failure: failed("breaker_open", `its circuit breaker is open ${until}`, { detail: until }),
      };
    }
    return {
      kind: "go",
      ended: (answer) => {
        const change = breaker.record(admission, resultOf(answer), clock.steady());
        if (change !== undefined) this.#tell(hook, change);
      },
    };
  }

  #tell({ subscription, runnable }: PlannedHook, change: "opened" | "closed"): void {
    const { log, meter } = this.#context;
    const about = {
      tenant: subscription.tenant,
      subscription: subscription.uuid,
      eventType: subscription.event,
      function: functionOf({ runnable }).number,
      version: runnable.version.number,
    };
    if (change === "closed") {
      log.info(about, "a hook is well again: its circuit breaker is closed");
      return;
    }
    log.warn(about, "a hook fails all the time: its circuit breaker is open, and it is not asked for a while");
    meter?.breakerOpened();
  }
}

/** What says nothing about the function itself: it was not begun, or nobody waited for its end. */
const unknown: ReadonlySet<HookFailureReason> = new Set<HookFailureReason>(["busy", "unavailable", "cancelled"]);
const late: ReadonlySet<HookFailureReason> = new Set<HookFailureReason>(["timeout", "stalled"]);

/** A denial is a function that does its work, and so is an error of its own. */
function resultOf(answer: HookResult): CallResult {
  if (answer.kind === "verdict") return "ok";
  if (unknown.has(answer.reason)) return "unknown";
  // It could have refused by it, were it asked to agree.
  if (answer.reason === "threw" && answer.detail !== undefined) return "ok";
  return late.has(answer.reason) ? "timeout" : "failed";
}
