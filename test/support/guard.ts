/** A guard whose hooks are functions of the test, with what the real one promises of verdicts, patches and aborts. */
import { randomUUID } from "node:crypto";
import type { Json } from "../../src/domain/event.ts";
import type { Params } from "../../src/domain/lifecycle.ts";
import { mergePatch } from "../../src/domain/merge-patch.ts";
import type { Verdict } from "../../src/domain/verdict.ts";
import { asError, SignalboxError } from "../../src/errors.ts";
import type { Allowed, Begun, Guard, HookedOperation, HookTask } from "../../src/hooks/guard.ts";
import type { Decision } from "../../src/store/records.ts";

/** Returns nothing to allow, throws to fail. `signal`: nobody waits any more. */
export type FakeHook = (operation: HookedOperation, signal: AbortSignal) => Verdict | void | Promise<Verdict | void>;

export interface Aborted {
  readonly type: string;
  readonly operation: string;
  readonly params: Params;
  readonly ran: readonly number[];
  readonly reason: string;
}

export interface FakeGuard extends Guard {
  /** Subscribed to that event type; their numbers are 1, 2 … in this order. */
  readonly hooks: { readonly type: string; readonly run: FakeHook }[];
  /** What hooks were asked about. */
  readonly asked: HookedOperation[];
  /** Who was told of what did not happen. */
  readonly aborts: Aborted[];
}

/** Subscribes `run` to an event type. */
export function subscribe(guard: FakeGuard, type: string, run: FakeHook): void {
  guard.hooks.push({ type, run });
}

/** To which nobody is subscribed yet. */
export function fakeGuard(): FakeGuard {
  const hooks: FakeGuard["hooks"] = [];
  const asked: HookedOperation[] = [];
  const aborts: Aborted[] = [];

  const begin = async (operation: HookedOperation): Promise<Begun> => {
    const id = operation.operation ?? randomUUID();
    const live = [...hooks.entries()].filter(([, { type }]) => type === operation.type);
    if (live.length > 0) asked.push(operation);
    const run = live.map(async ([index, hook]): Promise<Verdict> => {
      const gone = Promise.withResolvers<never>();
      const signal = operation.signal ?? new AbortController().signal;
      const leave = (): void => gone.reject(new Error("cancelled"));
      signal.addEventListener("abort", leave, { once: true });
      try {
        if (signal.aborted) leave();
        return (await Promise.race([hook.run(operation, signal), gone.promise])) ?? { decision: "allow" };
      } catch (error) {
        throw new SignalboxError("hook_failed", `Function '${name(index)}' failed: ${asError(error).message}`);
      } finally {
        signal.removeEventListener("abort", leave);
      }
    });
    const tasks = live.map(([index], nth): HookTask => {
      const verdict = run[nth] ?? Promise.reject(new Error("no such hook"));
      verdict.catch(() => {});
      return {
        taskId: randomUUID(),
        invocation: index + 1,
        function: { number: index + 1, name: name(index), slug: name(index) },
        verdict,
      };
    });
    return { operation: id, tasks, result: outcome(operation, id, tasks) };
  };

  return {
    hooks,
    asked,
    aborts,
    begin,
    check: async (operation) => (await begin(operation)).result,
    simulate: async () => {
      throw new Error("nobody simulates here");
    },
    aborted: async ({ type }, { operation, params, ran }, reason) => {
      aborts.push({ type, operation, params, ran, reason });
      return { kind: "committed", sequences: [] };
    },
  };
}

function name(index: number): string {
  return `hook-${index + 1}`;
}

/** A wave runs to its end; a denial is told before a failure; patches are merged in the order of the hooks. */
async function outcome(asked: HookedOperation, operation: string, tasks: readonly HookTask[]): Promise<Allowed> {
  const ended = await Promise.allSettled(tasks.map(({ verdict }) => verdict));
  let params: Json = asked.params;
  for (const [index, end] of ended.entries()) {
    if (end.status === "rejected" || end.value.decision !== "deny") continue;
    const refused = `Function '${tasks[index]?.function.name}' refused ${asked.type}: ${end.value.message}`;
    throw new SignalboxError("hook_denied", refused);
  }
  for (const end of ended) {
    if (end.status === "rejected") throw end.reason;
    if (end.value.decision === "allow" && end.value.patch !== undefined) params = mergePatch(params, end.value.patch);
  }
  const decision: Decision = {
    operation,
    tenant: asked.tenant,
    eventType: asked.type,
    outcome: "allowed",
    origin: asked.origin,
    timeMs: Date.now(),
    durationMs: 0,
    hooks: [],
    conflicts: [],
  };
  const changesFor: Allowed["changesFor"] = (resource) =>
    tasks.length === 0 ? [] : [{ do: "decision.add", decision: { ...decision, resource } }];
  return {
    operation,
    params: params as Params,
    warnings: [],
    ran: tasks.map(({ function: { number } }) => number),
    changes: tasks.length === 0 ? [] : [{ do: "decision.add", decision }],
    changesFor,
  };
}
