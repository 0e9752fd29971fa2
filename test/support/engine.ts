/**
 * The engine with a real store in a temporary folder, a clock that moves when told to, and targets that answer as a script
 * says. What it commits is as if one bucket's objects were written.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Deliverer } from "../../src/delivery/deliver.ts";
import type { Publish } from "../../src/delivery/publish.ts";
import type { Redriver } from "../../src/delivery/redrive.ts";
import type { Attempt } from "../../src/domain/delivery.ts";
import type { Event } from "../../src/domain/event.ts";
import type { Uuid } from "../../src/domain/ids.ts";
import type { Outcome } from "../../src/domain/retry.ts";
import type { Subscription } from "../../src/domain/subscription.ts";
import type { Engine as WiredEngine } from "../../src/engine.ts";
import { type Log, type LogFields, silentLog } from "../../src/log.ts";
import { type Meter, prometheusMeter } from "../../src/metrics/meter.ts";
import type { Feed, LocalFeed } from "../../src/store/feed.ts";
import { databaseFile } from "../../src/store/sqlite/open.ts";
import type { Delivery, Store } from "../../src/store/store.ts";
import type { NewSubscription, SubscriptionPatch } from "../../src/store/unit.ts";
import type { AttemptResult, Deliverable } from "../../src/targets/target.ts";
import {
  aBucket,
  anEvent,
  aSubscription,
  committed,
  subscriptionNow,
  tenantWithAda,
  uuid,
} from "../conformance/store/given.ts";
import { type FakeClock, fakeClock } from "./clock.ts";
import { openTestStore } from "./test-store.ts";
import { until } from "./until.ts";
import { unwatched } from "./unwatched.ts";
import { testEngine } from "./wired.ts";

/** One attempt that the engine made. */
export interface Tried {
  /** `webhook-id`. */
  readonly id: string;
  readonly event: Event;
  readonly key: string;
  /** Of all that were in the request. */
  readonly keys: readonly string[];
  /** As it was when the attempt began. */
  readonly subscription: Subscription;
  readonly atMs: number;
  /** Cancelled when this aborts. */
  readonly signal: AbortSignal;
  readonly over: boolean;
}

export type Answer = Outcome & { readonly status?: number };

export const ok: Answer = { kind: "delivered" };
export const failed: Answer = { kind: "failed", reason: "status", status: 500 };
export const gone: Answer = { kind: "stop", reason: "gone", status: 410 };

/** Never answers; ends only when it is cancelled. */
export function never({ signal }: Tried): Promise<Answer> {
  return new Promise((resolve) => {
    const cancelled = (): void => resolve({ kind: "failed", reason: "internal" });
    if (signal.aborted) cancelled();
    else signal.addEventListener("abort", cancelled, { once: true });
  });
}

export interface Logged {
  readonly level: "info" | "warn";
  readonly message: string;
  readonly fields: LogFields;
}

export interface EngineOptions {
  readonly clock?: FakeClock;
  /** What the deliverer and dispatch see instead of the store and the feed. */
  readonly between?: (real: { store: Store; feed: Feed }) => { store: Store; feed: Feed };
  /** Whether dispatch runs from the start. Default true. */
  readonly dispatching?: boolean;
}

export interface Engine extends AsyncDisposable {
  readonly clock: FakeClock;
  /** These change with {@link restart}. */
  readonly store: Store;
  readonly feed: Feed;
  readonly deliverer: Deliverer;
  readonly redriver: Redriver;
  readonly publish: Publish;
  readonly meter: Meter;
  /** Errors that were logged. */
  readonly errors: readonly string[];
  /** Informations and warnings that were logged. */
  readonly logged: readonly Logged[];
  readonly bucket: Uuid;
  /** Every attempt so far, over restarts. */
  readonly tried: readonly Tried[];
  /** How targets answer. At first all acknowledge. */
  answer: (tried: Tried) => Answer | Promise<Answer>;
  subscribe(over?: Partial<NewSubscription>): Promise<Subscription>;
  /** As the API does it: changed, and the deliverer told. */
  change(subscription: Subscription, patch: SubscriptionPatch): Promise<Subscription>;
  unsubscribe(subscription: Subscription): Promise<void>;
  /** Events of objects written, one commit each; their sequences. */
  put(...keys: string[]): Promise<number[]>;
  /** Keys of what was tried for a subscription, in order. */
  keysFor(subscription: Subscription): string[];
  delivery(sequence: number, subscription: Subscription): Promise<Delivery | undefined>;
  attempts(sequence: number, subscription: Subscription): Promise<Attempt[]>;
  triedTimes(times: number): Promise<void>;
  statusOf(sequence: number, subscription: Subscription): Promise<string>;
  /** Of the database file, its log apart. */
  databaseBytes(): Promise<number>;
  /** Changes the database of an engine that is stopped. */
  sql(statement: string): void;
  /** Waits until the delivery's status is that. */
  becomes(status: string, sequence: number, subscription: Subscription): Promise<Delivery>;
  /** Lets everything happen that can without the clock moving: several round trips through the store's thread. */
  calm(): Promise<void>;
  startDispatch(): void;
  /** Stops as SIGTERM does; `grace` aborted (the default) cancels what is under way. */
  stop(grace?: AbortSignal): Promise<void>;
  /** Stops, if it runs, and starts anew on the same folder. */
  restart(options?: Pick<EngineOptions, "dispatching">): Promise<void>;
}

export function keyOf({ data: { key } }: Event): string {
  return typeof key === "string" ? key : "";
}

interface Running {
  readonly opened: Awaited<ReturnType<typeof openTestStore>>;
  readonly engine: WiredEngine;
  readonly stop: (grace: AbortSignal) => Promise<void>;
}

export async function engine(options: EngineOptions = {}): Promise<Engine> {
  const { clock = fakeClock(), between = (real) => real } = options;
  const folder = await mkdtemp(join(tmpdir(), "signalbox-engine-"));
  const errors: string[] = [];
  const logged: Logged[] = [];
  const noting =
    (level: Logged["level"]) =>
    (fields: LogFields, message: string): void =>
      void logged.push({ level, message, fields });
  const log: Log = {
    ...silentLog,
    info: noting("info"),
    warn: noting("warn"),
    error: (fields, message) => errors.push(`${message} ${JSON.stringify(fields)}`),
  };
  const meter = prometheusMeter(() => clock.now());
  const tried: Tried[] = [];
  const script: { answer: (tried: Tried) => Answer | Promise<Answer> } = { answer: () => ok };

  const attempt = async (
    subscription: Subscription,
    { uuid: id, event }: { readonly uuid: string; readonly event: Event },
    signal: AbortSignal,
    keys: readonly string[] = [keyOf(event)],
  ) => {
    const key = keyOf(event);
    const startedMs = clock.now();
    const one = { id, event, key, keys, subscription, atMs: startedMs, signal, over: false };
    tried.push(one);
    const { status, ...outcome } = await script.answer(one);
    one.over = true;
    const message = outcome.kind === "delivered" ? {} : { message: "as the script says" };
    const made = { outcome, startedMs, durationMs: clock.now() - startedMs, ...message };
    return (status === undefined ? made : { ...made, status }) satisfies AttemptResult;
  };

  const run = async (dispatching: boolean): Promise<Running> => {
    const opened = await unwatched(() => openTestStore({ folder, clock, log }));
    const { store, feed } = between(opened);
    const unstopped = new AbortController().signal;
    const prepareTarget = (subscription: Subscription) => ({
      attempt: (delivery: Deliverable, signal = unstopped) => attempt(subscription, delivery, signal),
      beginBatch: (
        deliveries: readonly Deliverable[],
        attempted: (result: AttemptResult) => void,
        signal = unstopped,
      ) => {
        const [first] = deliveries;
        if (first === undefined) throw new RangeError("a batch holds at least one");
        const keys = deliveries.map(({ event }) => keyOf(event));
        const batch = { id: `batch of ${first.uuid}`.replaceAll(" ", "-"), size: deliveries.length };
        void attempt(subscription, first, signal, keys).then((result) => attempted({ ...result, batch }));
        return deliveries.length;
      },
      sent: () => Promise.resolve(undefined),
    });
    const local: LocalFeed = {
      next: (max, signal) => feed.next(max, signal),
      take: (settlement) => feed.take(settlement),
      holds: (sequence) => feed.holds(sequence),
      settle: (settlement) => feed.settle(settlement),
      listen: (heard) => opened.feed.listen(heard),
      wake: () => opened.feed.wake(),
      observe: (observers) => opened.feed.observe(observers),
      stopping: () => opened.feed.stopping(),
      get oldestMs() {
        return opened.feed.oldestMs;
      },
    };
    const ports = { store, feed: local, clock, log, meter };
    const made = await testEngine(ports, { prepare: () => prepareTarget });
    await made.start();
    if (dispatching) made.dispatch();
    let stopped: Promise<void> | undefined;
    const stop = (grace: AbortSignal): Promise<void> => {
      stopped ??= (async () => {
        await made.stop(grace);
        await made[Symbol.asyncDispose]();
        await opened[Symbol.asyncDispose]();
      })();
      return stopped;
    };
    return { opened, engine: made, stop };
  };

  let running = await run(options.dispatching ?? true);
  const bucket = aBucket();
  await committed(running.opened.store, { changes: [...tenantWithAda("acme"), { do: "bucket.add", bucket }] });

  const place = (sequence: number, { number }: Subscription) => ({ sequence, subscription: number });
  const self: Engine = {
    clock,
    get store() {
      return running.opened.store;
    },
    get feed() {
      return running.opened.feed;
    },
    get deliverer() {
      return running.engine.deliverer;
    },
    get redriver() {
      return running.engine.redriver;
    },
    get publish() {
      return running.engine.context.publish;
    },
    meter,
    errors,
    logged,
    bucket: bucket.uuid,
    tried,
    get answer() {
      return script.answer;
    },
    set answer(answer) {
      script.answer = answer;
    },
    subscribe: async (over = {}) => {
      const subscription = aSubscription(bucket.uuid, over);
      await self.publish({ changes: [{ do: "subscription.add", subscription }] });
      return subscriptionNow(self.store, subscription.uuid);
    },
    change: async ({ uuid: of, number }, patch) => {
      await committed(self.store, { changes: [{ do: "subscription.change", uuid: of, patch, atMs: clock.now() }] });
      await self.deliverer.wake(number);
      return subscriptionNow(self.store, of);
    },
    unsubscribe: async ({ uuid: of, number }) => {
      await committed(self.store, { changes: [{ do: "subscription.remove", uuid: of, atMs: clock.now() }] });
      await self.deliverer.wake(number);
    },
    put: async (...keys) => {
      const commits = keys.map(async (key) => {
        const data = { bucket: bucket.name, key, size: 1, eTag: "e", contentType: "text/plain", lastModifiedMs: 0 };
        const event = anEvent(bucket.uuid, { resource: uuid("file"), timeMs: clock.now(), data });
        const commit = await self.publish({ events: [event] });
        assert.equal(commit.kind, "committed");
        return commit.kind === "committed" ? (commit.sequences[0] ?? 0) : 0;
      });
      return Promise.all(commits);
    },
    keysFor: ({ number }) => tried.filter(({ subscription }) => subscription.number === number).map(({ key }) => key),
    delivery: (sequence, subscription) => self.store.deliveries.get(place(sequence, subscription)),
    attempts: (sequence, subscription) => self.store.deliveries.attempts(place(sequence, subscription)),
    triedTimes: (times) => until(`${times} attempts, not ${tried.length}`, () => tried.length >= times),
    statusOf: async (sequence, subscription) => (await self.delivery(sequence, subscription))?.status ?? "unknown",
    sql: (statement) => {
      using db = new DatabaseSync(join(folder, databaseFile));
      db.exec(statement);
    },
    databaseBytes: async () => (await stat(join(folder, databaseFile))).size,
    becomes: async (status, sequence, subscription) => {
      await until(`${sequence} is ${status}`, async () => (await self.statusOf(sequence, subscription)) === status);
      return (await self.delivery(sequence, subscription)) ?? assert.fail("it was there a moment ago");
    },
    calm: async () => {
      // One to commit what was handed in, one for what came of that, and so on; outcomes wait some milliseconds for company.
      for (let trip = 0; trip < 4; trip++) {
        await running.opened.feed.settle({ records: [], done: [] });
        await self.store.upkeep.ready();
      }
    },
    startDispatch: () => running.engine.dispatch(),
    stop: (grace = AbortSignal.abort()) => running.stop(grace),
    restart: async ({ dispatching = true } = {}) => {
      await running.stop(AbortSignal.abort());
      clock.begin();
      running = await run(dispatching);
    },
    [Symbol.asyncDispose]: async () => {
      await running.stop(AbortSignal.abort());
      await rm(folder, { recursive: true, force: true });
    },
  };
  return self;
}
