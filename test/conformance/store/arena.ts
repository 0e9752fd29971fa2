import assert from "node:assert/strict";
import type { Uuid } from "../../../src/domain/ids.ts";
import type { Subscription } from "../../../src/domain/subscription.ts";
import type { Feed } from "../../../src/store/feed.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Change, Condition, NewSubscription, Unit } from "../../../src/store/unit.ts";
import { aDestination } from "./destinations.ts";
import {
  aBucket,
  anEvent,
  anUpload,
  aSubscription,
  changed,
  committed,
  givenSubscription,
  tenantWithAda,
  uuid,
} from "./given.ts";
import { aFunction, anApp, appNow, givenFunction } from "./given-functions.ts";

/** Where rivals race, and what they race for. */

/** Where the rivals of one round are to race. */
export interface Arena {
  readonly store: Store;
  readonly feed: Feed;
  /** A tenant with ada, and nothing else: new for each round. */
  readonly tenant: string;
}

/** Two units of which each makes false what the other wants. */
export type Rivals = readonly [Unit, Unit];
export type Scene = (arena: Arena) => Rivals | Promise<Rivals>;

export function rivals(condition: Condition, change: (which: 0 | 1) => Change): Rivals {
  const unit = (which: 0 | 1): Unit => ({ conditions: [condition], changes: [change(which)] });
  return [unit(0), unit(1)];
}

export async function withBucket({ store, tenant }: Arena): Promise<Uuid> {
  const bucket = aBucket({ tenant });
  await changed(store, { do: "bucket.add", bucket });
  return bucket.uuid;
}

export async function withApp({ store, tenant }: Arena) {
  const app = anApp({ tenant });
  await changed(store, { do: "app.add", app });
  return appNow(store, app);
}

export async function withFunction(arena: Arena) {
  const { store, tenant } = arena;
  return givenFunction(store, await withApp(arena), aFunction({ tenant }));
}

export const subscriptionIn = ({ tenant }: Arena, over: Partial<NewSubscription> = {}): NewSubscription =>
  aSubscription(over.scope ?? uuid("bucket"), { tenant, ...over });
export const withSubscription = (arena: Arena, over: Partial<NewSubscription> = {}): Promise<Subscription> =>
  givenSubscription(arena.store, subscriptionIn(arena, over));
export const addSubscription = (subscription: NewSubscription): Change => ({ do: "subscription.add", subscription });

export async function withDestination({ store, tenant }: Arena) {
  const destination = aDestination({ tenant });
  await changed(store, { do: "destination.add", destination });
  return (await store.destinations.get(tenant, destination.name)) ?? assert.fail();
}

/** An event, and what might have been sent of it. */
export async function withEvent(arena: Arena) {
  const subscription = await withSubscription(arena);
  const event = anEvent(subscription.scope, { tenant: arena.tenant });
  const [sequence = assert.fail()] = await committed(arena.store, { events: [event] });
  return { subscription, sequence, place: { sequence, subscription: subscription.number } };
}

export async function withUpload(arena: Arena): Promise<string> {
  const upload = anUpload(await withBucket(arena), "k");
  await changed(arena.store, { do: "upload.add", upload });
  return upload.id;
}

let arenas = 0;

/** A place for one more round. */
export async function newArena({ store, feed }: Pick<Arena, "store" | "feed">): Promise<Arena> {
  arenas += 1;
  const tenant = `arena${arenas}`;
  await changed(store, ...tenantWithAda(tenant));
  return { store, feed, tenant };
}
