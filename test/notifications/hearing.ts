/** What was raised, and who hears it: asked of the store, the index of subscriptions and the judge of sight, without sending anything. */
import assert from "node:assert/strict";
import { Audience } from "../../src/delivery/audience.ts";
import { Visibility } from "../../src/delivery/visibility.ts";
import type { Event } from "../../src/domain/event.ts";
import { anyResource, type Uuid } from "../../src/domain/ids.ts";
import { nameForSubscription } from "../../src/domain/notifications/names.ts";
import { silentLog } from "../../src/log.ts";
import type { Store } from "../../src/store/store.ts";
import { aSubscription, givenSubscription } from "../conformance/store/given.ts";

/** Whoever of `owner` listens to every event of a resource, or of all of them. */
export async function listen(
  store: Store,
  owner: string,
  scope: Uuid = anyResource,
  tenant = "default",
): Promise<void> {
  await givenSubscription(store, aSubscription(scope, { tenant, face: "notifications", owner }));
}

export function allEvents(store: Store): Promise<Event[]> {
  return store.events.after(0, 100_000);
}

/** `CREATED kind` for each event of the notifications face, in order of sequence, `from` a sequence on. */
export async function raisedSince(store: Store, from = 0): Promise<readonly Event[]> {
  return (await allEvents(store)).filter(({ sequence, names }) => sequence > from && names.notifications !== undefined);
}

export async function lastSequence(store: Store): Promise<number> {
  return (await allEvents(store)).at(-1)?.sequence ?? 0;
}

/** The only event of that name; fails when there is none, or several. */
export async function theEvent(store: Store, name: string, resource?: Uuid): Promise<Event> {
  const found = (await allEvents(store)).filter(
    (event) => event.names.notifications === name && (resource === undefined || event.resource === resource),
  );
  assert.equal(found.length, 1, `${name} was raised ${found.length} times`);
  return found[0] ?? assert.fail();
}

/** `ada OVERWRITTEN`: owners of the subscriptions that hear it as of now, with what they are told it is called, in one order. */
export async function heardBy(store: Store, event: Event): Promise<readonly string[]> {
  const audience = new Audience(store, silentLog);
  await audience.freshen([event]);
  const heard = await new Visibility(store).among(event, await audience.of(event));
  return heard.map((subscription) => `${subscription.owner} ${nameForSubscription(event, subscription)}`).toSorted();
}
