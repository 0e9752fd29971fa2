/** Declarations over a real store: what one process declares, and what another on the same store makes of it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../../src/context.ts";
import type { Principal } from "../../src/domain/access.ts";
import type { EventTypeDefinition } from "../../src/domain/catalog.ts";
import type { Uuid } from "../../src/domain/ids.ts";
import type { KindInput } from "../../src/domain/notifications/resource-kinds.ts";
import type { Subscription } from "../../src/domain/subscription.ts";
import type { EngineOptions } from "../../src/engine.ts";
import { SignalboxError } from "../../src/errors.ts";
import { type Log, silentLog } from "../../src/log.ts";
import { offload } from "../../src/offload/offload.ts";
import type { Store } from "../../src/store/store.ts";
import { changed } from "../conformance/store/given.ts";
import { aSubscriber, givenApp, givenFunction } from "../conformance/store/given-functions.ts";
import { fakeClock } from "../support/clock.ts";
import { openTestStore } from "../support/test-store.ts";
import { unwatched } from "../support/unwatched.ts";
import { testEngine } from "../support/wired.ts";

export const operator: Principal = { tenant: "default", name: "ops", role: "operator" };

export const shipped: EventTypeDefinition = {
  name: "POST_PARCEL_SHIP",
  phase: "post",
  resource: "parcel",
  description: "After a parcel was shipped.",
  schema: {
    type: "object",
    properties: { carrier: { type: "string" }, grams: { type: "integer" }, pin: { type: "string" } },
    required: ["carrier"],
    additionalProperties: false,
  },
};

export const parcel: KindInput = { name: "parcel", events: ["SHIPPED", "LOST"], macros: { CARRIER: "carrier" } };

export interface Declaring extends AsyncDisposable {
  readonly context: Context;
  readonly store: Store;
  /** What was logged as a warning. */
  readonly warnings: readonly string[];
  /** Another process on the same store, which is told nothing. */
  another(host?: EngineOptions["host"]): Promise<Context>;
  /** Subscribes a new function to an event type, in the tenant `acme`. */
  subscribe(event: string, filter?: string): Promise<Subscription>;
  now(uuid: Uuid): Promise<Subscription>;
}

export async function declaring(host: EngineOptions["host"] = {}): Promise<Declaring> {
  await using made = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-declarations-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const clock = fakeClock();
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warn: (fields) => void warnings.push(JSON.stringify(fields)) };
  const opened = await unwatched(() => openTestStore({ folder, clock, log }));
  made.use(opened);
  const threads = made.use(offload({ clock, log }));
  const { store, feed } = opened;
  const contextOf = async (of: EngineOptions["host"]): Promise<Context> =>
    (await testEngine({ store, feed, clock, log, offload: threads }, { host: of })).context;
  const context = await contextOf(host);
  const app = await givenApp(store);
  const owned = made.move();
  return {
    context,
    store,
    warnings,
    another: contextOf,
    subscribe: async (event, filter) => {
      const fn = await givenFunction(store, app);
      const over = filter === undefined ? {} : { filter: filter as NonNullable<Subscription["filter"]> };
      const subscription = aSubscriber(fn, event, over);
      await changed(store, { do: "subscription.add", subscription });
      const found = await store.subscriptions.get(subscription.uuid);
      if (found === undefined) throw new Error("it was not added");
      return found;
    },
    now: async (uuid) => {
      const found = await store.subscriptions.get(uuid);
      if (found === undefined) throw new Error("it is not there");
      return found;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The code and message of what `work` is refused with, and its data. */
export async function refusal(work: Promise<unknown>): Promise<SignalboxError> {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof SignalboxError) return thrown;
    throw thrown;
  }
  throw new Error("it was not refused");
}
