import { targetTo } from "../../../src/domain/destination.ts";
import type { Condition } from "../../../src/store/unit.ts";
import {
  addSubscription,
  rivals,
  type Scene,
  subscriptionIn,
  withApp,
  withDestination,
  withEvent,
  withFunction,
  withSubscription,
} from "./arena.ts";
import { aKind, aType } from "./declarations.ts";
import { aDestination } from "./destinations.ts";
import { aRecord, changed, noonMs, uuid } from "./given.ts";
import { addFunction, aFunction, anApp, aSubscriber } from "./given-functions.ts";
import { anIntent, aRemembered } from "./operations.ts";
import { aJob } from "./redrive.ts";
import { aResource } from "./registered.ts";
import { aResolver } from "./resolvers.ts";
import { aUser } from "./users.ts";

/** What is wanted of subscriptions, deliveries, functions and what else there is, and what makes it false. */

export const rivalsOfThings = {
  "subscription.revision": async (arena) => {
    const { uuid: of, revision } = await withSubscription(arena);
    const condition = { if: "subscription.revision", uuid: of, revision } as const;
    return rivals(condition, () => ({ do: "subscription.change", uuid: of, patch: { event: "a" }, atMs: noonMs }));
  },
  "subscriptions.fewer": (arena) =>
    rivals({ if: "subscriptions.fewer", tenant: arena.tenant, of: { owner: "ada" }, fewer: 1 }, () =>
      addSubscription(subscriptionIn(arena)),
    ),
  "subscriptions.noneSince": (arena) => {
    const of = { tenant: arena.tenant, scope: uuid("bucket"), face: "objects" } as const;
    const condition = { if: "subscriptions.noneSince", of, last: 0 } as const;
    return rivals(condition, () => addSubscription(subscriptionIn(arena, { scope: of.scope })));
  },
  "destination.nameFree": ({ tenant }) => {
    const destination = aDestination({ tenant });
    const condition = { if: "destination.nameFree", tenant, name: destination.name } as const;
    return rivals(condition, () => ({ do: "destination.add", destination }));
  },
  "destinations.fewer": ({ tenant }) =>
    rivals({ if: "destinations.fewer", tenant, fewer: 1 }, (which) => ({
      do: "destination.add",
      destination: aDestination({ tenant, name: `d${which}` }),
    })),
  "destination.live": async (arena) => {
    const { number } = await withDestination(arena);
    return rivals({ if: "destination.live", number }, () => ({ do: "destination.remove", number, atMs: noonMs }));
  },
  "destination.revision": async (arena) => {
    const { number, revision } = await withDestination(arena);
    const condition = { if: "destination.revision", number, revision } as const;
    return rivals(condition, () => ({ do: "destination.change", number, patch: { alerts: false }, atMs: noonMs }));
  },
  "destination.usersFewer": async (arena) => {
    const destination = await withDestination(arena);
    const condition = { if: "destination.usersFewer", number: destination.number, fewer: 1 } as const;
    return rivals(condition, () =>
      addSubscription(subscriptionIn(arena, { target: targetTo("objects", destination) })),
    );
  },
  "subscriber.absent": async (arena) => {
    const fn = await withFunction(arena);
    const condition = { if: "subscriber.absent", function: fn.number, event: "A" } as const;
    return rivals(condition, () => addSubscription(aSubscriber(fn, "A", { tenant: arena.tenant })));
  },
  "subscribers.fewer": async (arena) => {
    const { tenant } = arena;
    const functions = [await withFunction(arena), await withFunction(arena)] as const;
    const condition = { if: "subscribers.fewer", tenant, event: "A", fewer: 1 } as const;
    return rivals(condition, (which) => addSubscription(aSubscriber(functions[which], "A", { tenant })));
  },
  "event.poisoned": async (arena) => {
    const { sequence } = await withEvent(arena);
    const { tenant } = arena;
    const aside = { do: "event.aside", tenant, sequences: [sequence], atMs: noonMs } as const;
    await changed(arena.store, { ...aside, state: "poisoned" });
    return rivals({ if: "event.poisoned", tenant, sequence }, (which) =>
      which === 0 ? { do: "event.done", sequences: [sequence] } : { ...aside, state: "waiting" },
    );
  },
  "delivery.finished": async (arena) => {
    const { sequence, subscription, place } = await withEvent(arena);
    await arena.feed.settle({ records: [aRecord(sequence, subscription, { status: "dead" })], done: [] });
    return rivals({ if: "delivery.finished", ...place }, () => ({ do: "delivery.redrive", ...place, dueMs: noonMs }));
  },
  "delivery.absent": async (arena) => {
    const { sequence, subscription, place } = await withEvent(arena);
    const delivery = aRecord(sequence, subscription, { status: "waiting" });
    return rivals({ if: "delivery.absent", ...place }, () => ({ do: "delivery.add", delivery }));
  },
  "redrive.running": async ({ store, tenant }) => {
    const redrive = aJob({ tenant });
    await changed(store, { do: "redrive.add", redrive });
    return rivals({ if: "redrive.running", uuid: redrive.uuid }, () => ({ do: "redrive.cancel", uuid: redrive.uuid }));
  },
  "app.slugFree": ({ tenant }) =>
    rivals({ if: "app.slugFree", tenant, slug: "shop" }, () => ({
      do: "app.add",
      app: anApp({ tenant, slug: "shop" }),
    })),
  "apps.fewer": ({ tenant }) =>
    rivals({ if: "apps.fewer", tenant, fewer: 1 }, () => ({ do: "app.add", app: anApp({ tenant }) })),
  "app.exists": async (arena) => {
    const { uuid: of } = await withApp(arena);
    return rivals({ if: "app.exists", uuid: of }, () => ({ do: "app.remove", uuid: of, atMs: noonMs }));
  },
  "app.empty": async (arena) => {
    const { uuid: of } = await withApp(arena);
    const { tenant } = arena;
    return rivals({ if: "app.empty", uuid: of }, () => addFunction(of, aFunction({ tenant })));
  },
  "function.slugFree": async (arena) => {
    const { uuid: of, number } = await withApp(arena);
    const wanted = () => aFunction({ tenant: arena.tenant, slug: "wanted" });
    return rivals({ if: "function.slugFree", app: number, slug: "wanted" }, () => addFunction(of, wanted()));
  },
  "functions.fewer": async (arena) => {
    const { uuid: of, number } = await withApp(arena);
    const { tenant } = arena;
    return rivals({ if: "functions.fewer", app: number, fewer: 1 }, () => addFunction(of, aFunction({ tenant })));
  },
  "function.revision": async (arena) => {
    const { number, revision } = await withFunction(arena);
    const condition = { if: "function.revision", number, revision } as const;
    return rivals(condition, () => ({ do: "function.change", number, patch: { name: "x" }, atMs: noonMs }));
  },
  "edit.is": ({ tenant: thing }) =>
    rivals({ if: "edit.is", thing, version: null }, () => ({
      do: "edit.note",
      thing,
      edit: { version: "a", atMs: noonMs },
    })),
  "user.nameFree": ({ tenant }) =>
    rivals({ if: "user.nameFree", tenant, username: "zoe" }, () => ({
      do: "user.add",
      user: aUser("zoe", { tenant }),
    })),
  "user.revision": async ({ store, tenant }) => {
    const user = aUser("zoe", { tenant });
    await changed(store, { do: "user.add", user });
    return rivals({ if: "user.revision", uuid: user.uuid, revision: 1 }, (which) =>
      which === 0 ? { do: "user.put", user } : { do: "user.remove", uuid: user.uuid },
    );
  },
  "remembered.absent": ({ tenant }) => {
    const remembered = aRemembered("k", { tenant, principal: "ada" });
    const condition = { if: "remembered.absent", tenant, principal: "ada", key: "k" } as const;
    return rivals(condition, () => ({ do: "remembered.add", remembered }));
  },
  "intent.open": async ({ store, tenant }) => {
    const intent = anIntent(`of ${tenant}`, { tenant });
    await changed(store, { do: "intent.add", intent });
    const { operation } = intent;
    return rivals({ if: "intent.open", operation }, () => ({ do: "intent.remove", operation }));
  },
  "resource.live": async ({ store, tenant }) => {
    const resource = aResource({ tenant });
    await changed(store, { do: "registered.put", resource });
    const of = { uuid: resource.uuid };
    return rivals({ if: "resource.live", ...of }, () => ({ do: "registered.remove", ...of }));
  },
  "resource.absent": ({ tenant }) => {
    const resource = aResource({ tenant });
    return rivals({ if: "resource.absent", uuid: resource.uuid }, () => ({ do: "registered.put", resource }));
  },
  "registered.revision": async ({ store, tenant }) => {
    const resource = aResource({ tenant });
    await changed(store, { do: "registered.put", resource });
    const condition = { if: "registered.revision", uuid: resource.uuid, revision: 1 } as const;
    return rivals(condition, () => ({ do: "registered.put", resource }));
  },
  "resolver.unchanged": ({ tenant }) =>
    rivals({ if: "resolver.unchanged", tenant, updatedMs: undefined }, () => ({
      do: "resolver.put",
      resolver: aResolver({ tenant }),
    })),
  "received.absent": ({ tenant }) =>
    rivals({ if: "received.absent", tenant, key: "k" }, () => ({ do: "received.add", tenant, key: "k", atMs: noonMs })),
  "declaration.is": ({ tenant: name }) =>
    rivals({ if: "declaration.is", sort: "event_type", name, revision: null }, () => ({
      do: "declaration.put",
      declaration: aType(name),
    })),
  "declarations.are": async ({ store, tenant }) => {
    const condition = { if: "declarations.are", revision: await store.declarations.revision() } as const;
    return rivals(condition, (which) => ({ do: "declaration.put", declaration: aType(`${tenant}${which}`) }));
  },
  "declarations.fewer": async ({ store, tenant }) => {
    const known = await store.declarations.kinds({ max: 10_000 });
    const condition = { if: "declarations.fewer", sort: "kind", fewer: known.length + 1 } as const;
    return rivals(condition, (which) => ({ do: "declaration.put", declaration: aKind(`${tenant}${which}`) }));
  },
  "declaration.subscribed": async (arena) => {
    const fn = await withFunction(arena);
    const { tenant } = arena;
    const to = { event: `OF_${tenant}`, filtered: false };
    const are = await arena.store.declarations.subscribedState(to);
    const over = { tenant, oncePerFunction: false };
    const condition = { if: "declaration.subscribed", to, are } as const;
    return rivals(condition, () => addSubscription(aSubscriber(fn, to.event, over)));
  },
  "declaration.unused": ({ tenant }) =>
    rivals({ if: "declaration.unused", kind: tenant }, () => ({
      do: "registered.put",
      resource: aResource({ tenant, kind: tenant }),
    })),
} satisfies Partial<Record<Condition["if"], Scene>>;
