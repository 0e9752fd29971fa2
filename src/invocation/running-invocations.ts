import { defined } from "../domain/defined.ts";
import type { Invocation } from "../domain/invocation.ts";
import type { FunctionRun } from "./runner.ts";

/** Runs that have begun and are recorded nowhere yet: so that who looks at what functions do sees what they do now. */
export class RunningInvocations {
  readonly #runs = new Map<number, Invocation>();

  /** The returned function says that it has ended. */
  begin(run: FunctionRun, startedMs: number): () => void {
    // Of a simulation nothing is kept, and so nothing is shown.
    if (run.event.dry_run === true && run.trigger !== "trial") return () => {};
    this.#runs.set(run.number, pending(run, startedMs));
    return () => void this.#runs.delete(run.number);
  }

  all(): Iterable<Invocation> {
    return this.#runs.values();
  }
}

function pending(run: FunctionRun, startedMs: number): Invocation {
  return { ...runFacts(run), status: "pending", logs: [], logsCut: false, createdMs: startedMs, startedMs };
}

type Facts = Omit<Invocation, "status" | "logs" | "logsCut" | "createdMs">;

/** What is known of a run before it has ended. */
export function runFacts({ runnable, number, trigger, event, subscription, sequence }: FunctionRun): Facts {
  return {
    number,
    tenant: runnable.fn.tenant,
    function: runnable.fn.number,
    version: runnable.version.number,
    trigger,
    eventType: event.event_type,
    eventId: event.id,
    operation: event.operation_id,
    ...(subscription === undefined ? {} : { subscription: subscription.number }),
    ...defined({ sequence }),
    attempt: event.attempt,
  };
}
