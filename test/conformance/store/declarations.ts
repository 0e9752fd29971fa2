import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DeclarationChange, DeclarationCondition, SubscribedQuery } from "../../../src/store/declarations.ts";
import { anEvent, changed, holds, noonMs, refused, tenantWithAda, uuid } from "./given.ts";
import { aSubscriber, givenApp, givenFunction, givenSubscriber } from "./given-functions.ts";
import type { OpenStore } from "./under-test.ts";

type NewDeclaration = Extract<DeclarationChange, { do: "declaration.put" }>["declaration"];
type NewEventType = Extract<NewDeclaration, { sort: "event_type" }>;
type NewKind = Extract<NewDeclaration, { sort: "kind" }>;

export function aType(name: string, over: Partial<NewEventType> = {}): NewEventType {
  const definition = { name, phase: "post", resource: "order", schema: { type: "object" } } as const;
  return { sort: "event_type", name, definition, by: "ada", createdMs: noonMs, updatedMs: noonMs, ...over };
}

export function aKind(name: string): NewKind {
  return { sort: "kind", name, definition: { name, events: ["SHIPPED"] }, createdMs: noonMs, updatedMs: noonMs };
}

const put = (declaration: NewDeclaration) => ({ do: "declaration.put", declaration }) as const;
const fewer = (count: number): DeclarationCondition => ({ if: "declarations.fewer", sort: "event_type", fewer: count });

export function declarationsConformance(open: OpenStore): void {
  describe("declarations", () => {
    it("are read back as declared, also after a restart, each time with another version and revision", async () => {
      await using at = await open();
      const [first, kind] = [aType("POST_ORDER_SHIP"), aKind("order")];
      await changed(at.store, put(first));
      await changed(at.store, put(kind));
      const second = aType("POST_ORDER_SHIP", { createdMs: 1, updatedMs: noonMs + 9 });
      const { by: _, ...without } = second;
      await changed(at.store, put({ ...without, definition: { ...without.definition, description: "Shipped." } }));
      await at.reopen();
      const { declarations } = at.store;
      const found = await declarations.eventType("POST_ORDER_SHIP");
      const definition = { ...second.definition, description: "Shipped." };
      assert.deepEqual(found, { ...without, createdMs: noonMs, definition, version: 2, revision: 3 });
      assert.deepEqual(await declarations.kind("order"), { ...kind, version: 1, revision: 2 });
      assert.equal(await declarations.kind("POST_ORDER_SHIP"), undefined);
      assert.equal(await declarations.eventType("order"), undefined);
    });

    it("come by name, in pages, each sort by itself", async () => {
      await using at = await open();
      for (const name of ["POST_C", "POST_A", "POST_B"]) await changed(at.store, put(aType(name)));
      await changed(at.store, put(aKind("order")));
      const { declarations } = at.store;
      const names = async (page: object) =>
        (await declarations.eventTypes({ max: 9, ...page })).map(({ name }) => name);
      assert.deepEqual(await names({}), ["POST_A", "POST_B", "POST_C"]);
      assert.deepEqual(await names({ max: 2 }), ["POST_A", "POST_B"]);
      assert.deepEqual(await names({ after: "POST_B" }), ["POST_C"]);
      assert.deepEqual(
        (await declarations.kinds({ max: 9 })).map(({ name }) => name),
        ["order"],
      );
    });

    it("are found by what changed since a revision, which never comes again", async () => {
      await using at = await open();
      const { declarations } = at.store;
      assert.equal(await declarations.revision(), 0);
      await changed(at.store, put(aType("POST_A")));
      const first = await declarations.changedSince(0);
      assert.deepEqual([first.revision, first.changed.length, [...first.names]], [1, 1, ["event_type:POST_A"]]);
      await changed(at.store, { do: "declaration.remove", sort: "event_type", name: "POST_A" });
      await changed(at.store, put(aKind("order")), put(aType("POST_A")));
      const { revision, changed: since, names } = await declarations.changedSince(first.revision);
      assert.equal(revision, await declarations.revision());
      assert.deepEqual(since.map(({ name }) => name).toSorted(), ["POST_A", "order"]);
      assert.deepEqual([...names].toSorted(), ["event_type:POST_A", "kind:order"]);
      const again = await declarations.eventType("POST_A");
      assert.deepEqual([again?.version, (again?.revision ?? 0) > 2], [1, true]);
      assert.deepEqual((await declarations.changedSince(revision)).changed, []);
    });

    it("judge a unit in its commit: of many that have seen the same, one is committed, and no more than there may be", async () => {
      await using at = await open();
      const { store } = at;
      const absent = { if: "declaration.is", sort: "event_type", name: "POST_A", revision: null } as const;
      const declare = () => store.commit({ conditions: [absent], changes: [put(aType("POST_A"))] });
      const commits = await Promise.all([declare(), declare(), declare()]);
      assert.equal(commits.filter(({ kind }) => kind === "committed").length, 1);
      await refused(store, absent);
      await holds(store, { ...absent, revision: 1 });
      await holds(store, { if: "declarations.are", revision: 1 });
      await holds(store, fewer(2));
      await refused(store, fewer(1));
      await changed(store, put(aKind("order")));
      await refused(store, { if: "declarations.are", revision: 1 });
      await holds(store, { ...absent, revision: 1 });
      await holds(store, fewer(2));
      const more = ["POST_B", "POST_C", "POST_D"].map((name) =>
        store.commit({ conditions: [fewer(3)], changes: [put(aType(name))] }),
      );
      const kinds = (await Promise.all(more)).map(({ kind }) => kind);
      assert.deepEqual(kinds.toSorted(), ["committed", "committed", "refused"]);
      await changed(store, { do: "declaration.remove", sort: "event_type", name: "POST_A" });
      await holds(store, absent);
    });
  });

  describe("what depends on declarations", () => {
    it("are the live subscriptions to an event type in every tenant, and each change of them shows", async () => {
      await using at = await open();
      const { store } = at;
      const { declarations } = store;
      const app = await givenApp(store);
      const event = "POST_ORDER_SHIP";
      const all: SubscribedQuery = { event, filtered: false };
      const filtered: SubscribedQuery = { event, filtered: true };
      const same = async (to: SubscribedQuery): Promise<DeclarationCondition> => ({
        if: "declaration.subscribed",
        to,
        are: await declarations.subscribedState(to),
      });
      assert.deepEqual(await declarations.subscribedState(all), { count: 0, numbers: 0, revisions: 0 });
      const bare = await givenSubscriber(store, await givenFunction(store, app), event);
      const fn = await givenFunction(store, app);
      const none = await same(filtered);
      const filter = "total > 5" as NonNullable<Parameters<typeof aSubscriber>[2]>["filter"];
      await changed(store, {
        do: "subscription.add",
        subscription: aSubscriber(fn, event, filter === undefined ? {} : { filter }),
      });
      await givenSubscriber(store, fn, "POST_ORDER_PAY");
      const [, picky] = await declarations.subscribed(all, { max: 9 });
      assert.ok(picky !== undefined);
      assert.deepEqual(await declarations.subscribed(all, { max: 9 }), [bare, picky]);
      assert.deepEqual(await declarations.subscribed(all, { after: bare.number, max: 9 }), [picky]);
      assert.deepEqual(await declarations.subscribed(all, { max: 1 }), [bare]);
      assert.deepEqual(await declarations.subscribed(filtered, { max: 9 }), [picky]);
      await refused(store, none);
      const before = await same(filtered);
      await holds(store, before);
      await changed(store, {
        do: "subscription.change",
        uuid: picky.uuid,
        patch: { enabled: false },
        atMs: noonMs,
      });
      await refused(store, before);
      const [beforeAll, beforeRemoval] = [await same(all), await same(filtered)];
      await changed(store, { do: "subscription.remove", uuid: bare.uuid, atMs: noonMs });
      await refused(store, beforeAll);
      await holds(store, beforeRemoval);
      assert.deepEqual(
        (await declarations.subscribed(all, { max: 9 })).map(({ uuid: of }) => of),
        [picky.uuid],
      );
      // Of the other faces none counts.
      await changed(store, put(aType(event)));
      await store.commit({ events: [anEvent(uuid("bucket"), { tenant: app.tenant })] });
      assert.equal((await declarations.subscribedState(all)).count, 1);
    });

    it("are the registered resources of a kind, in every tenant", async () => {
      await using at = await open();
      const { store } = at;
      await changed(store, ...tenantWithAda("acme"), ...tenantWithAda("other"));
      const unused = { if: "declaration.unused", kind: "order" } as const;
      await holds(store, unused);
      const times = { createdMs: noonMs, updatedMs: noonMs };
      for (const tenant of ["acme", "other"]) {
        const resource = { uuid: uuid("job"), tenant, kind: "order", owner: "ada", data: {}, ...times };
        await changed(store, { do: "registered.put", resource });
      }
      await refused(store, unused);
      await holds(store, { ...unused, kind: "invoice" });
      const { declarations } = store;
      assert.deepEqual([await declarations.registered("order", 9), await declarations.registered("order", 1)], [2, 1]);
      assert.equal(await declarations.registered("invoice", 9), 0);
    });
  });
}
