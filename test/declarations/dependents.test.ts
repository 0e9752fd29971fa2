import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EventTypeDefinition } from "../../src/domain/catalog.ts";
import { declareEventType, removeEventType } from "../../src/platform/declarations/event-types.ts";
import { declareKind, removeKind } from "../../src/platform/declarations/kinds.ts";
import { createSubscription } from "../../src/subscriptions/create.ts";
import { changed, noonMs, uuid } from "../conformance/store/given.ts";
import { declaring, operator, parcel, refusal, shipped } from "./declaring.ts";

const { name } = shipped;
const properties = shipped.schema["properties"] as object;
const withProperties = (over: object, more: object = {}): EventTypeDefinition => ({
  ...shipped,
  schema: { ...shipped.schema, properties: { ...properties, ...over } },
  ...more,
});

interface Broken {
  readonly total: number;
  readonly subscriptions: readonly { readonly id: string; readonly filter: string; readonly message: string }[];
}

describe("a change of an event type that breaks filters", () => {
  it("is refused with the subscriptions, unless it is forced: then they are paused with it", async () => {
    await using at = await declaring();
    const { context } = at;
    await declareEventType(context, operator, shipped);
    const bare = await at.subscribe(name);
    const heavy = await at.subscribe(name, "grams > 500");
    const dhl = await at.subscribe(name, "carrier = 'dhl'");
    const { grams: _, ...left } = properties as { readonly grams: unknown };
    const gone = { ...shipped, schema: { ...shipped.schema, properties: left } };
    const text = withProperties({ grams: { type: "string" } });
    const hidden = withProperties({}, { sensitive: ["grams"] });
    for (const change of [gone, text, hidden]) {
      const { code, status, data } = await refusal(declareEventType(context, operator, change));
      assert.deepEqual([code, status], ["breaks_filters", 409]);
      const { total, subscriptions } = data as unknown as Broken;
      assert.equal(total, 1);
      assert.deepEqual(
        subscriptions.map(({ id, filter }) => [id, filter]),
        [[heavy.uuid, "grams > 500"]],
      );
      assert.match(subscriptions[0]?.message ?? "", /grams/);
    }
    assert.equal((await at.store.declarations.eventType(name))?.version, 1);
    assert.deepEqual(context.catalog.get(name), shipped);
    // What breaks none is done.
    await declareEventType(context, operator, withProperties({ note: { type: "string" } }));

    const forced = await declareEventType(context, operator, gone, { force: true });
    assert.deepEqual([forced.outcome, forced.paused], ["changed", 1]);
    assert.equal((await at.now(heavy.uuid)).paused?.reason, "filter");
    for (const { uuid: of } of [bare, dhl]) assert.equal((await at.now(of)).paused, undefined);
    // One that is paused for that already is no reason to refuse the next change.
    assert.equal((await declareEventType(context, operator, { ...gone, description: "Again." })).outcome, "changed");
  });

  it("names no more than a hundred, with how many there are", async () => {
    await using at = await declaring();
    await declareEventType(at.context, operator, shipped);
    for (let count = 0; count < 103; count += 1) await at.subscribe(name, "grams > 500");
    const { data } = await refusal(
      declareEventType(at.context, operator, withProperties({ grams: { type: "string" } })),
    );
    const { total, subscriptions } = data as unknown as Broken;
    assert.deepEqual([total, subscriptions.length], [103, 100]);
  });

  it("is never beaten by a subscription that is made or changed at the same moment", async () => {
    await using at = await declaring();
    const { context } = at;
    await declareEventType(context, operator, shipped);
    const admin = { tenant: "acme", name: "ada", role: "admin" } as const;
    const subscription = await at.subscribe(name);
    const { function: fn } = subscription.target as { readonly function: number };
    await changed(at.store, { do: "subscription.remove", uuid: subscription.uuid, atMs: noonMs });
    const text = withProperties({ grams: { type: "string" } });
    const create = () =>
      createSubscription(context, admin, {
        surface: "subscribers",
        face: "lifecycle",
        event: name,
        filter: "grams > 500",
        target: { kind: "function", function: fn },
      });
    const [created, declared] = await Promise.allSettled([create(), declareEventType(context, operator, text)]);
    // Whichever came first, the other was refused: no subscription is left with a filter that its type cannot read.
    assert.notEqual(created.status, declared.status, JSON.stringify([created, declared]));
    const after = await at.store.declarations.subscribed({ event: name, filtered: true }, { max: 9 });
    assert.equal(after.length, created.status === "fulfilled" ? 1 : 0);
    assert.equal((await at.store.declarations.eventType(name))?.version, declared.status === "fulfilled" ? 2 : 1);
    // Another process that has not heard of the change accepts no filter of before.
    const other = await at.another();
    await declareEventType(context, operator, withProperties({ grams: { type: "boolean" } }), { force: true });
    const late = await refusal(
      createSubscription(other, admin, {
        surface: "subscribers",
        face: "lifecycle",
        event: name,
        filter: declared.status === "fulfilled" ? "grams = 'x'" : "grams > 500",
        target: { kind: "function", function: fn },
      }),
    );
    assert.equal(late.code, "conflict");
  });
});

describe("the removal of an event type", () => {
  it("is refused with the names of who is subscribed, unless it is forced", async () => {
    await using at = await declaring();
    await declareEventType(at.context, operator, shipped);
    const subscription = await at.subscribe(name);
    const { code, data } = await refusal(removeEventType(at.context, name));
    assert.equal(code, "in_use");
    assert.equal((data as unknown as Broken).subscriptions[0]?.id, subscription.uuid);
    await removeEventType(at.context, name, { force: true });
    assert.equal(at.context.catalog.get(name), undefined);
    assert.equal((await at.now(subscription.uuid)).deletedMs, undefined);
  });
});

describe("a kind that is declared while others are served", () => {
  it("is in effect at once, and its change is another version", async () => {
    await using at = await declaring();
    const { context } = at;
    const made = await declareKind(context, operator, parcel);
    assert.deepEqual([made.outcome, made.declaration.by], ["made", "ops"]);
    assert.ok(context.kinds.byName("parcel")?.events.includes("SHIPPED"));
    assert.equal((await declareKind(context, operator, { ...parcel })).outcome, "unchanged");
    const coded = await declareKind(context, operator, { ...parcel, code: "321", parents: ["system"] });
    assert.equal(coded.declaration.version, 2);
    assert.equal(context.kinds.byCode("321")?.name, "parcel");
    assert.ok(context.kinds.within("system").some(({ name: child }) => child === "parcel"));
    const other = await at.another();
    assert.equal(other.kinds.byCode("321")?.name, "parcel");
    await removeKind(context, "parcel");
    assert.equal(context.kinds.byName("parcel"), undefined);
    await other.declared.refresh();
    assert.equal(other.kinds.byName("parcel"), undefined);
  });

  it("is refused with what is wrong beside those that there are", async () => {
    await using at = await declaring({ kinds: [{ name: "invoice", events: ["PAID"], code: "300" }] });
    const { context } = at;
    await declareKind(context, operator, { ...parcel, code: "301" });
    const problems = async (input: unknown) => {
      const { status, fields } = await refusal(declareKind(context, operator, input));
      return [status, ...fields.map(({ path }) => path)];
    };
    assert.deepEqual(await problems({ name: "box", events: ["MADE"], code: "300" }), [400, "code"]);
    assert.deepEqual(await problems({ name: "box", events: ["MADE"], code: "301" }), [400, "code"]);
    assert.deepEqual(await problems({ name: "box", events: ["MADE"], parents: ["crate"] }), [400, "parents[0]"]);
    assert.deepEqual(await problems({ name: "bucket", events: ["MADE"] }), [400, "name"]);
    assert.deepEqual(await problems({ name: "invoice", events: ["MADE"] }), [409]);
    assert.deepEqual(await problems("parcel"), [400, ""]);
  });

  it("stays what resources of it need, unless that is forced", async () => {
    await using at = await declaring();
    const { context, store } = at;
    await declareKind(context, operator, parcel);
    await declareKind(context, operator, { ...parcel, events: ["SHIPPED"] });
    await declareKind(context, operator, parcel);
    await at.subscribe(name);
    const times = { createdMs: noonMs, updatedMs: noonMs };
    const resource = { uuid: uuid("job"), tenant: "acme", kind: "parcel", owner: "ada", data: {}, ...times };
    await changed(store, { do: "registered.put", resource });
    const fewer = await refusal(declareKind(context, operator, { ...parcel, events: ["SHIPPED"] }));
    assert.deepEqual([fewer.code, fewer.data], ["in_use", { resources: 1 }]);
    assert.match(fewer.message, /would lose its event LOST, and 1 resource of it/);
    assert.equal(
      (await declareKind(context, operator, { ...parcel, events: ["SHIPPED", "LOST", "FOUND"] })).outcome,
      "changed",
    );
    assert.equal((await refusal(removeKind(context, "parcel"))).code, "in_use");
    await declareKind(context, operator, { ...parcel, events: ["SHIPPED"] }, { force: true });
    await removeKind(context, "parcel", { force: true });
  });

  it("stays as long as others name it as a parent, and a documented one loses only what was added", async () => {
    await using at = await declaring();
    const { context } = at;
    await declareKind(context, operator, parcel);
    await declareKind(context, operator, { name: "label", events: ["PRINTED"], parents: ["parcel"] });
    const refused = await refusal(removeKind(context, "parcel"));
    assert.deepEqual([refused.code, /label/.test(refused.message)], ["conflict", true]);
    await declareKind(context, operator, { name: "job", events: ["PREEMPTED"] });
    assert.ok(context.kinds.byName("job")?.events.includes("PREEMPTED"));
    await removeKind(context, "job");
    assert.equal(context.kinds.byName("job")?.events.includes("PREEMPTED"), false);
    assert.equal((await refusal(removeKind(context, "job"))).code, "conflict");
    assert.equal((await refusal(removeKind(context, "nothing"))).code, "not_found");
  });

  it("is left out, and a start goes on, when it is at odds with what the host program declares", async () => {
    await using at = await declaring();
    await declareKind(at.context, operator, { ...parcel, code: "300" });
    await declareKind(at.context, operator, { name: "label", events: ["PRINTED"], parents: ["parcel"] });
    const hosted = await at.another({ kinds: [{ name: "invoice", events: ["PAID"], code: "300" }] });
    assert.equal(hosted.kinds.byCode("300")?.name, "invoice");
    assert.equal(hosted.kinds.byName("parcel"), undefined);
    assert.equal(hosted.kinds.byName("label"), undefined);
    assert.match(at.warnings.join(), /parcel/);
  });
});
