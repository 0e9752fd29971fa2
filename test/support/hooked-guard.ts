/** The guard with functions that are scripts of the test, on a clock that moves when told to. What it commits is kept in lists. */

import assert from "node:assert/strict";
import type { Publish } from "../../src/delivery/publish.ts";
import type { EventTypeDefinition } from "../../src/domain/catalog.ts";
import type { NewEvent } from "../../src/domain/event.ts";
import { catalogOf } from "../../src/domain/event-types.ts";
import { type Kind, newUuid, type Uuid } from "../../src/domain/ids.ts";
import type { Invocation } from "../../src/domain/invocation.ts";
import type { Params } from "../../src/domain/lifecycle.ts";
import { defaultRetryPolicy } from "../../src/domain/retry.ts";
import type { FunctionSubscription, HookOptions } from "../../src/domain/subscription.ts";
import { SignalboxError } from "../../src/errors.ts";
import { type Guard, guard, type HookedOperation } from "../../src/hooks/guard.ts";
import type { FunctionRun, FunctionRunner, Runnable } from "../../src/invocation/runner.ts";
import { type LogFields, silentLog } from "../../src/log.ts";
import { redactor } from "../../src/secrets/redact.ts";
import type { Decision } from "../../src/store/records.ts";
import type { Change, Unit } from "../../src/store/unit.ts";
import { type FakeClock, fakeClock } from "./clock.ts";
import { crashes, played, type Script } from "./function-scripts.ts";

export interface GivenHook extends Partial<HookOptions> {
  readonly name?: string;
  /** Default `PRE_USER_CREATE`. */
  readonly event?: string;
  readonly app?: Uuid;
  /** Of the subscription, and of the function (300,000). */
  readonly timeoutMs?: number;
  readonly functionTimeoutMs?: number;
  readonly filter?: (params: Params) => boolean;
}

/** A hook that tests can change between operations. */
export interface Hooked {
  subscription: FunctionSubscription;
  /** `undefined`: deleted. */
  runnable: Runnable | undefined;
  script: Script;
}

export interface Hooks {
  readonly clock: FakeClock;
  readonly guard: Guard;
  /** What was run, in that order. */
  readonly runs: readonly FunctionRun[];
  /** What the guard committed by itself. */
  readonly units: readonly Unit[];
  readonly warned: readonly string[];
  readonly errors: readonly { readonly fields: LogFields; readonly message: string }[];
  readonly decided: readonly string[];
  breakersOpened: number;
  /** How often functions were looked up. */
  loads: number;
  /** Thrown by the next commits. */
  broken: Error | undefined;
  /** Thrown when functions are looked up. */
  lost: Error | undefined;
  hook(script: Script, given?: GivenHook): Hooked;
  /** Moves time on once so many runs have been begun. */
  after(begun: number, ms: number): Promise<void>;
  operation(over?: Partial<HookedOperation>): HookedOperation;
}

export interface HooksOptions {
  readonly chainMs?: number;
  readonly events?: readonly EventTypeDefinition[];
  /** Beside the list of units. */
  readonly publish?: Publish;
}

export const bob: Params = { username: "bob", email: "bob@example.com" };

export function hooks({ chainMs = 10_000, events = [], publish }: HooksOptions = {}): Hooks {
  const clock = fakeClock();
  const all: { hooked: Hooked; filter: GivenHook["filter"] }[] = [];
  const runs: FunctionRun[] = [];
  const units: Unit[] = [];
  const warned: string[] = [];
  const errors: { fields: LogFields; message: string }[] = [];
  const decided: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let numbers = 0;
  const functions: FunctionRunner = {
    load: async (number) => {
      self.loads += 1;
      if (self.lost !== undefined) throw self.lost;
      return all.find(({ hooked }) => hooked.subscription.target.function === number)?.hooked.runnable;
    },
    nextNumber: async () => ++numbers,
    underWay: () => [],
    run: async (run, signal) => {
      runs.push(run);
      for (const waiter of waiting) if (runs.length >= waiter.count) waiter.resolve();
      // Found by the code that was frozen, not by what is current.
      const script = scripts.get(run.runnable.code.id) ?? crashes;
      return played(clock, { run, script, signal });
    },
  };
  const scripts = new Map<string, Script>();

  const self: Hooks = {
    clock,
    runs,
    units,
    warned,
    errors,
    decided,
    breakersOpened: 0,
    loads: 0,
    broken: undefined,
    lost: undefined,
    guard: guard({
      audience: {
        hooks: async (_tenant, type, params) =>
          all
            .filter(({ hooked: { subscription } }) => subscription.event === type && subscription.enabled)
            .map(({ hooked: { subscription }, filter = () => true }) => ({ subscription, wanted: filter(params) })),
      },
      functions,
      publish: async (unit) => {
        if (self.broken !== undefined) throw self.broken;
        units.push(unit);
        return (await publish?.(unit)) ?? { kind: "committed", sequences: [] };
      },
      catalog: catalogOf(events),
      clock,
      log: {
        ...silentLog,
        warn: (_fields, message) => warned.push(message),
        error: (fields, message) => errors.push({ fields, message }),
      },
      chainMs,
      meter: {
        hook: (outcome) => decided.push(outcome),
        breakerOpened: () => {
          self.breakersOpened += 1;
        },
      },
    }),
    hook: (script, given = {}) => {
      const number = all.length + 1;
      const { name = `Hook ${number}`, event = "PRE_USER_CREATE", app = anId(clock, "app"), timeoutMs } = given;
      const { stage = "prepare", priority = 0, failurePolicy = "closed", functionTimeoutMs = 300_000 } = given;
      const options = { stage, priority, failurePolicy };
      const target = { kind: "function", function: 100 + number, hook: options } as const;
      const hooked: Hooked = {
        subscription: {
          uuid: anId(clock, "subscription"),
          number,
          tenant: "acme",
          face: "lifecycle",
          scope: app,
          event,
          target: timeoutMs === undefined ? target : { ...target, timeoutMs },
          policy: defaultRetryPolicy,
          enabled: true,
          owner: "ada",
          createdMs: clock.now(),
          updatedMs: clock.now(),
          fromRevision: number,
          revision: number,
        },
        runnable: runnableOf({ number: 100 + number, name, app, timeoutMs: functionTimeoutMs }, clock),
        get script() {
          return scripts.get(this.runnable?.code.id ?? "") ?? crashes;
        },
        set script(changed) {
          if (this.runnable !== undefined) scripts.set(this.runnable.code.id, changed);
        },
      };
      hooked.script = script;
      all.push({ hooked, filter: given.filter });
      return hooked;
    },
    after: async (count, ms) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (runs.length >= count) resolve();
      else waiting.push({ count, resolve });
      await promise;
      clock.advance(ms);
    },
    operation: (over = {}) => ({
      tenant: "acme",
      type: "PRE_USER_CREATE",
      params: bob,
      user: { username: "ada" },
      actor: "ada",
      origin: "api",
      ...over,
    }),
  };
  return self;
}

/** Another version of a hook's function, with another script. */
export function deploy(hooked: Hooked, script: Script): void {
  const { runnable } = hooked;
  if (runnable === undefined) return;
  const number = runnable.version.number + 1;
  const { fn } = runnable;
  hooked.runnable = {
    fn: { ...fn, version: number, revision: fn.revision + 1 },
    version: { ...runnable.version, number },
    code: { ...runnable.code, id: `${fn.number}.${fn.revision + 1}` },
    redactor: runnable.redactor,
  };
  hooked.script = script;
}

interface GivenFunction {
  readonly number: number;
  readonly name: string;
  readonly app: Uuid;
  readonly timeoutMs: number;
}

function runnableOf({ number, name, app, timeoutMs }: GivenFunction, clock: FakeClock): Runnable {
  const nowMs = clock.now();
  return {
    redactor: redactor([]),
    fn: {
      uuid: anId(clock, "function"),
      number,
      tenant: "acme",
      app: 1,
      slug: name.toLowerCase().replaceAll(" ", "-"),
      name,
      enabled: true,
      timeoutMs,
      env: {},
      secretNames: [],
      secretRoles: {},
      egress: [],
      writes: false,
      version: 1,
      owner: "ada",
      author: "ada",
      role: "developer",
      createdMs: nowMs,
      updatedMs: nowMs,
      revision: 1,
      appName: "Users",
      appSlug: "users",
      appUuid: app,
    },
    version: { number: 1, hash: "0".repeat(64), language: "javascript" },
    code: { id: `${number}.1`, js: "", env: {}, egress: [] },
  };
}

/** The decision among changes. */
export function decisionIn(changes: readonly Change[] = []): Decision | undefined {
  for (const change of changes) if (change.do === "decision.add") return change.decision;
  return undefined;
}

export function invocationsIn(changes: readonly Change[] = []): readonly Invocation[] {
  return changes.flatMap((change) => (change.do === "invocation.put" ? [change.invocation] : []));
}

export function eventsIn(units: readonly Unit[]): readonly NewEvent[] {
  return units.flatMap(({ events = [] }) => events);
}

/** Why it was not allowed. */
export async function refused(promise: Promise<unknown>): Promise<SignalboxError> {
  try {
    await promise;
  } catch (thrown) {
    assert.ok(thrown instanceof SignalboxError, String(thrown));
    return thrown;
  }
  return assert.fail("it was allowed");
}

export function anId(clock: FakeClock, kind: Kind): Uuid {
  return newUuid(kind, { nowMs: clock.now(), bytes: clock.bytes(10) });
}
