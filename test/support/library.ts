/**
 * The library over a real store and engine, with a clock that moves when told to, functions that answer as a script says, and a
 * guard whose verdict the test writes.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Publish } from "../../src/delivery/publish.ts";
import type { EventTypeDefinition } from "../../src/domain/catalog.ts";
import type { Json } from "../../src/domain/event.ts";
import type { FunctionEvent } from "../../src/domain/lifecycle.ts";
import { type KindInput } from "../../src/domain/notifications/resource-kinds.ts";
import type { Subscription } from "../../src/domain/subscription.ts";
import { EventService } from "../../src/faces/library/event-service.ts";
import type { Resolve } from "../../src/faces/library/host.ts";
import { type Library, library } from "../../src/faces/library/library.ts";
import { type Handle, nowRunning } from "../../src/faces/library/running.ts";
import type { Allowed, Begun, Guard, HookedOperation } from "../../src/hooks/guard.ts";
import { type Log, silentLog } from "../../src/log.ts";
import { offload } from "../../src/offload/offload.ts";
import type { Sandbox, SandboxCall, SandboxResult } from "../../src/sandbox/sandbox.ts";
import { aesVault } from "../../src/secrets/vault.ts";
import type { Feed, Settlement } from "../../src/store/feed.ts";
import type { App, KnownFunction } from "../../src/store/records.ts";
import type { Store } from "../../src/store/store.ts";
import type { NewSubscription } from "../../src/store/unit.ts";
import { changed, givenSubscription, uuid } from "../conformance/store/given.ts";
import {
  addFunction,
  aFunction,
  anApp,
  appNow,
  aSubscriber,
  aVersion,
  givenApp,
} from "../conformance/store/given-functions.ts";
import { type FakeClock, fakeClock } from "./clock.ts";
import { openTestStore } from "./test-store.ts";
import { unwatched } from "./unwatched.ts";
import { testEngine } from "./wired.ts";

/** An order: what the host programs of these tests deal in. */
export const orderEvents: readonly EventTypeDefinition[] = [
  {
    name: "PRE_ORDER_CREATE",
    phase: "pre",
    resource: "order",
    schema: {
      type: "object",
      properties: { item: { type: "string" }, discount: { type: "number" }, card: {} },
      required: ["item"],
      additionalProperties: false,
    },
    sensitive: ["card"],
    changeable: ["discount"],
  },
  {
    name: "POST_ORDER_CREATE",
    phase: "post",
    resource: "order",
    schema: {
      type: "object",
      properties: { id: { type: "integer" }, item: { type: "string" }, uuid: { type: "string" }, card: {} },
      required: ["id", "item"],
    },
    sensitive: ["card"],
  },
  {
    name: "POST_ORDER_SHIP",
    phase: "post",
    resource: "order",
    schema: { type: "object", additionalProperties: true },
    sensitive: ["card"],
  },
];

export interface Called {
  readonly slug: string;
  readonly event: FunctionEvent;
}

/** What a function returns, or throws as an Error. */
export type Script = (called: Called) => Json | Promise<Json>;

export interface StageOptions {
  readonly resolve?: Resolve;
  /** What the library publishes by, instead of the real thing. */
  readonly publish?: (real: Publish) => Publish;
  readonly dispatching?: boolean;
  /** What the host declares. */
  readonly kinds?: readonly KindInput[];
}

export interface Stage extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly store: Store;
  readonly library: Library;
  readonly service: EventService;
  readonly app: App;
  /** Of functions, over restarts. */
  readonly calls: readonly Called[];
  /** What was logged as an error or warning. */
  readonly logged: readonly string[];
  /** Told of what was aborted. */
  readonly aborted: readonly (readonly [operation: HookedOperation, reason: string])[];
  script: Script;
  /** What the hooks say. At first they agree. */
  check: (operation: HookedOperation) => Promise<Allowed>;
  begin: (operation: HookedOperation) => Promise<Begun>;
  /** Absent: of no tenant in particular. */
  serviceOf(tenant?: string): EventService;
  addApp(slug: string): Promise<App>;
  subscribe(name: string, event: string, over?: SubscribeOptions): Promise<Subscribed>;
  /** As another process would do it: nobody here is told. */
  settleUnseen(settlement: Settlement): Promise<void>;
  stop(grace?: AbortSignal): Promise<void>;
  /** Stops, if it runs, and starts anew on the same folder. */
  restart(options?: StageOptions): Promise<void>;
}

export interface SubscribeOptions extends Partial<NewSubscription> {
  /** Of the function. Default the stage's. */
  readonly app?: App;
}

export interface Subscribed {
  readonly fn: KnownFunction;
  readonly subscription: Subscription;
}

/** Every hook agreed, as {@link Guard.check} says it. */
export function agreed(operation: HookedOperation, over: Partial<Allowed> = {}): Allowed {
  const allowed = {
    operation: operation.operation ?? "",
    params: operation.params,
    warnings: [],
    ran: [],
    changes: [],
  };
  return { ...allowed, changesFor: () => [], ...over };
}

interface Running {
  readonly store: Store;
  readonly feed: Feed;
  readonly library: Library;
  readonly handle: Handle;
  readonly stop: (grace: AbortSignal) => Promise<void>;
}

export async function stage(options: StageOptions = {}): Promise<Stage> {
  const clock = fakeClock();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-library-"));
  const logged: string[] = [];
  const note = (fields: object, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { ...silentLog, warn: note, error: note };
  const calls: Called[] = [];
  const aborted: [HookedOperation, string][] = [];

  const callSandbox = async ({ code, event }: SandboxCall): Promise<SandboxResult> => {
    const called = { slug: code.js, event: event as unknown as FunctionEvent };
    calls.push(called);
    const rest = { logs: [], logsCut: false, times: { queueMs: 0, coldMs: 0, totalMs: 1 } };
    try {
      return { outcome: { kind: "ok", value: await self.script(called) }, ...rest };
    } catch (thrown) {
      const error = { name: "Error", message: thrown instanceof Error ? thrown.message : String(thrown) };
      return { outcome: { kind: "failed", reason: "threw", error }, ...rest };
    }
  };
  const sandbox: Sandbox = {
    run: callSandbox,
    check: async () => undefined,
    warm: () => {},
    processes: () => [],
    [Symbol.asyncDispose]: async () => {},
  };
  const guard: Guard = {
    check: (operation) => self.check(operation),
    begin: (operation) => self.begin(operation),
    simulate: () => Promise.reject(new Error("nobody simulates here")),
    aborted: async (operation, { changes: decided = [] }, reason, { conditions = [], changes = [] } = {}) => {
      const commit = await running.store.commit({ conditions, changes: [...decided, ...changes] });
      if (commit.kind === "committed") aborted.push([operation, reason]);
      return commit;
    },
  };

  const run = async ({
    resolve,
    publish: between = (real) => real,
    dispatching = true,
  }: StageOptions): Promise<Running> => {
    const opened = await unwatched(() => openTestStore({ folder, clock, log }));
    const { store } = opened;
    const vault = { ...aesVault(new Uint8Array(32)), open: () => "{}" };
    const threads = offload({ clock, log });
    const ports = { ...opened, sandbox, vault, clock, log, offload: threads };
    const host = { events: orderEvents, kinds: options.kinds ?? [] };
    const engine = await testEngine(ports, { host });
    const { publish } = engine.context;
    const handle = { url: "http://127.0.0.1:0", [Symbol.asyncDispose]: async () => {} };
    const made = library({
      ...engine.context,
      guard,
      publish: between(publish),
      ...(resolve === undefined ? {} : { resolve }),
    });
    await engine.start();
    if (dispatching) engine.dispatch();
    const gone = nowRunning(handle, made);
    let stopped: Promise<void> | undefined;
    const stop = (grace: AbortSignal): Promise<void> => {
      stopped ??= (async () => {
        gone();
        await made.stop(grace);
        await threads[Symbol.asyncDispose]();
        await engine.stop(grace);
        await engine[Symbol.asyncDispose]();
        await opened[Symbol.asyncDispose]();
      })();
      return stopped;
    };
    return { store, feed: opened.feed, library: made, handle, stop };
  };

  let running = await run(options);
  const app = await givenApp(running.store);
  const self: Stage = {
    clock,
    get store() {
      return running.store;
    },
    get library() {
      return running.library;
    },
    get service() {
      return self.serviceOf("acme");
    },
    app,
    calls,
    logged,
    aborted,
    script: () => null,
    check: async (operation) => agreed(operation),
    begin: async (operation) => ({ operation: "operation", tasks: [], result: Promise.resolve(agreed(operation)) }),
    serviceOf: (tenant) => new EventService({ ...(tenant === undefined ? {} : { tenant }), signalbox: running.handle }),
    addApp: async (slug) => {
      const added = anApp({ slug });
      await changed(running.store, { do: "app.add", app: added });
      return appNow(running.store, added);
    },
    subscribe: async (name, event, { app: of = app, ...over } = {}) => {
      const slug = name.toLowerCase().replaceAll(" ", "-");
      const fn = aFunction({ uuid: uuid("function"), slug, name });
      await changed(running.store, addFunction(of.uuid, fn, aVersion({ source: slug, js: slug })));
      const known = await running.store.functions.bySlug(of.number, slug);
      if (known === undefined) throw new Error(`there is no function ${slug}`);
      const subscription = await givenSubscription(running.store, aSubscriber(known, event, over));
      return { fn: known, subscription };
    },
    settleUnseen: (settlement) => running.feed.settle(settlement),
    stop: (grace = AbortSignal.abort()) => running.stop(grace),
    restart: async (again = {}) => {
      await running.stop(AbortSignal.abort());
      running = await run(again);
    },
    [Symbol.asyncDispose]: async () => {
      await running.stop(AbortSignal.abort());
      await rm(folder, { recursive: true, force: true });
    },
  };
  return self;
}
