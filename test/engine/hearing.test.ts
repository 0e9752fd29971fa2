/** Who hears an event: the subscriptions that were live at its commit, as they were then. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Subscription } from "../../src/domain/subscription.ts";
import { engine, ok } from "../support/engine.ts";
import { stored } from "../support/stored.ts";

const images = 'WHERE key REGEXP "^images"';
const documents = 'WHERE key REGEXP "^documents"';

function withUrl({ target }: Subscription, url: string): Subscription["target"] {
  assert.equal(target.kind, "webhook");
  return { ...target, url: stored(url) };
}

describe("an event that is dispatched late", () => {
  it("meets filters as they were at its commit, however often they have changed since", async () => {
    await using at = await engine({ dispatching: false });
    const rule = await at.subscribe({ filter: stored(images) });
    await at.put("images/1", "documents/1");
    await at.change(rule, { filter: stored(documents) });
    await at.put("images/2", "documents/2");
    await at.change(rule, { filter: null });
    await at.put("images/3", "documents/3");
    await at.change(rule, { filter: stored(images) });
    await at.put("images/4", "documents/4");
    at.startDispatch();
    await at.triedTimes(5);
    await at.calm();
    const heard = ["documents/2", "documents/3", "images/1", "images/3", "images/4"];
    assert.deepEqual(at.keysFor(rule).toSorted(), heard);
  });

  it("meets them so after a restart, too", async () => {
    await using at = await engine({ dispatching: false });
    const rule = await at.subscribe({ filter: stored(images) });
    await at.put("images/1", "documents/1");
    await at.change(rule, { filter: stored(documents) });
    await at.put("images/2", "documents/2");
    await at.restart();
    await at.triedTimes(2);
    await at.calm();
    assert.deepEqual(at.keysFor(rule).toSorted(), ["documents/2", "images/1"]);
  });

  it("is not heard by who subscribed after its commit", async () => {
    await using at = await engine({ dispatching: false });
    const early = await at.subscribe();
    await at.put("one");
    const late = await at.subscribe();
    await at.put("two");
    at.startDispatch();
    await at.triedTimes(3);
    await at.calm();
    assert.deepEqual(at.keysFor(early).toSorted(), ["one", "two"]);
    assert.deepEqual(at.keysFor(late), ["two"]);
  });

  it("is heard by who disabled the rule after its commit, once it is enabled; not by who had it disabled then", async () => {
    await using at = await engine({ dispatching: false });
    const rule = await at.subscribe();
    const [heard = 0] = await at.put("heard");
    const off = await at.change(rule, { enabled: false });
    const [unheard = 0] = await at.put("unheard");
    at.startDispatch();
    await at.becomes("paused", heard, rule);
    await at.change(off, { enabled: true });
    await at.becomes("delivered", heard, rule);
    assert.equal(await at.statusOf(unheard, rule), "unknown");
  });

  it("is a dead letter of who deleted the rule after its commit", async () => {
    await using at = await engine({ dispatching: false });
    const rule = await at.subscribe();
    const [event = 0] = await at.put("a");
    await at.unsubscribe(rule);
    at.startDispatch();
    assert.equal((await at.becomes("dead", event, rule)).reason, "subscription_deleted");
    assert.equal(at.tried.length, 0);
  });

  it("goes to the URL of now, for that is no part of what it met", async () => {
    await using at = await engine({ dispatching: false });
    const rule = await at.subscribe();
    const [event = 0] = await at.put("a");
    await at.change(rule, { target: withUrl(rule, "https://example.org/mended") });
    at.startDispatch();
    await at.becomes("delivered", event, rule);
    assert.deepEqual(
      at.tried.map(({ subscription: { target } }) => target.kind === "webhook" && target.url),
      ["https://example.org/mended"],
    );
  });
});

describe("an event", () => {
  it("is heard once by each rule that matches it", async () => {
    await using at = await engine();
    const all = await at.subscribe();
    const some = await at.subscribe({ filter: stored(images) });
    const deletes = await at.subscribe({ event: "OBJECT_DELETED" });
    const [image = 0, document = 0] = await at.put("images/1", "documents/1");
    await at.becomes("delivered", image, all);
    await at.becomes("delivered", document, all);
    await at.becomes("delivered", image, some);
    await at.calm();
    assert.deepEqual([at.keysFor(some), at.keysFor(deletes)], [["images/1"], []]);
    assert.equal(at.tried.length, 3);
    assert.equal(new Set(at.tried.map(({ id }) => id)).size, 3);
  });

  it("carries a sequence that grows with its commit", async () => {
    await using at = await engine();
    const rule = await at.subscribe();
    at.answer = () => ok;
    const sequences: number[] = [];
    for (const key of ["a", "b", "c"]) sequences.push(...(await at.put(key)));
    for (const event of sequences) await at.becomes("delivered", event, rule);
    assert.deepEqual(
      sequences,
      sequences.toSorted((a, b) => a - b),
    );
    assert.deepEqual(
      at.tried.map(({ event }) => event.sequence),
      sequences,
    );
  });
});
