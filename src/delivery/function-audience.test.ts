/** Which of a tenant's functions get an event, and which are asked before an operation. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { anEvent, changed, uuid } from "../../test/conformance/store/given.ts";
import { type Engine, engine } from "../../test/support/engine.ts";
import { stored } from "../../test/support/stored.ts";
import type { Json, NewEvent } from "../domain/event.ts";
import type { LifecycleData } from "../domain/lifecycle.ts";
import type { Subscription } from "../domain/subscription.ts";
import { silentLog } from "../log.ts";
import type { NewSubscription } from "../store/unit.ts";
import { Audience } from "./audience.ts";

const app = uuid("app");
const otherApp = uuid("app");

function listens(at: Engine, fn: number, over: Partial<NewSubscription> = {}): Promise<Subscription> {
  return at.subscribe({
    face: "lifecycle",
    scope: app,
    event: "POST_X",
    target: { kind: "function", function: fn },
    ...over,
  });
}

function happened(at: Engine, data: Partial<LifecycleData> = {}): NewEvent {
  const facts: LifecycleData = { params: {}, operation: "1", ...data };
  const { scope: _, ...event } = anEvent(at.bucket, { resource: uuid("profile"), names: { lifecycle: "POST_X" } });
  return { ...event, data: { ...facts } as unknown as Readonly<Record<string, Json>> };
}

/** Numbers of the functions that get it. */
async function reached(at: Engine, event: NewEvent): Promise<number[]> {
  const audience = new Audience(at.store, silentLog, "lifecycle");
  const commit = await at.store.commit({ events: [event] });
  assert.equal(commit.kind, "committed");
  const committed = await at.store.events.get(commit.sequences[0] ?? 0);
  assert.ok(committed);
  const [alone, batch] = [await audience.match(committed), new Audience(at.store, silentLog)];
  await batch.freshen([committed]);
  assert.deepEqual(await batch.of(committed), alone, "dispatch finds the same");
  return alone.map(({ target }) => (target.kind === "function" ? target.function : 0)).toSorted((a, b) => a - b);
}

describe("an event of the lifecycle face", () => {
  it("reaches functions of every app, unless it is of one", async () => {
    await using at = await engine({ dispatching: false });
    await listens(at, 1);
    await listens(at, 2, { scope: otherApp });
    await listens(at, 3, { event: "POST_Y" });
    assert.deepEqual(await reached(at, happened(at)), [1, 2]);
    assert.deepEqual(await reached(at, happened(at, { app: { uuid: otherApp, slug: "other" } })), [2]);
  });

  it("reaches those only whom it names, when it names any", async () => {
    await using at = await engine({ dispatching: false });
    for (const fn of [1, 2, 3]) await listens(at, fn);
    assert.deepEqual(await reached(at, happened(at, { only: [3, 1] })), [1, 3]);
    assert.deepEqual(await reached(at, happened(at, { only: [] })), []);
  });

  it("reaches those whose filter agrees to its params", async () => {
    await using at = await engine({ dispatching: false });
    await listens(at, 1, { filter: stored("WHERE plan.name = 'pro' AND seats >= 10") });
    assert.deepEqual(await reached(at, happened(at, { params: { plan: { name: "pro" }, seats: 10 } })), [1]);
    assert.deepEqual(await reached(at, happened(at, { params: { plan: { name: "pro" }, seats: "10" } })), []);
  });

  it("reaches what was subscribed at its commit, whatever was changed while it is asked", async () => {
    await using at = await engine({ dispatching: false });
    const subscription = await listens(at, 1);
    const audience = new Audience(at.store, silentLog, "lifecycle");
    const commit = await at.store.commit({ events: [happened(at)] });
    assert.equal(commit.kind, "committed");
    const event = await at.store.events.get(commit.sequences[0] ?? 0);
    assert.ok(event);
    await changed(at.store, { do: "subscription.remove", uuid: subscription.uuid, atMs: 1 });
    await listens(at, 2);
    const [matched, hooks] = await Promise.all([audience.match(event), audience.hooks("acme", "POST_X", {})]);
    assert.deepEqual(
      matched.map(({ number }) => number),
      [subscription.number],
    );
    assert.deepEqual(
      hooks.map(({ subscription: { target } }) => target.function),
      [2],
    );
  });
});

describe("the hooks of an event type", () => {
  it("are those that live now, of this tenant and type, with what their filters say", async () => {
    await using at = await engine({ dispatching: false });
    const audience = new Audience(at.store, silentLog, "lifecycle");
    const asked = async (params = {}): Promise<(readonly [number, boolean])[]> =>
      (await audience.hooks("acme", "PRE_X", params)).map(({ subscription, wanted }) => [
        subscription.target.function,
        wanted,
      ]);
    assert.deepEqual(await asked(), []);
    const first = await listens(at, 1, { event: "PRE_X", filter: stored("WHERE a = 'b'") });
    await listens(at, 2, { event: "PRE_X" });
    await listens(at, 3, { event: "PRE_Y" });
    assert.deepEqual(await asked({ a: "b" }), [
      [1, true],
      [2, true],
    ]);
    assert.deepEqual(await asked(), [
      [1, false],
      [2, true],
    ]);
    await at.change(first, { enabled: false });
    assert.deepEqual(await asked(), [[2, true]]);
    await at.change(first, { enabled: true, filter: null });
    assert.deepEqual(
      (await asked()).toSorted(([a], [b]) => a - b),
      [
        [1, true],
        [2, true],
      ],
    );
    assert.deepEqual(await audience.hooks("nobody", "PRE_X", {}), []);
  });
});
