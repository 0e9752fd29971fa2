/** A stored filter that an older version accepted and this one cannot read. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { Audience } from "../../src/delivery/audience.ts";
import { dispatch } from "../../src/delivery/dispatch.ts";
import { Visibility } from "../../src/delivery/visibility.ts";
import { silentLog } from "../../src/log.ts";
import { engine } from "../support/engine.ts";
import { stored } from "../support/stored.ts";
import { until } from "../support/until.ts";

it("pauses its subscription, once; what it may want is kept, and sent as far as the mended filter matches it", async () => {
  await using at = await engine({ dispatching: false });
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (_: object, message: string) => void warnings.push(message) };
  const broken = await at.subscribe({ filter: stored("WHERE key WAS ONCE ALLOWED") });
  const other = await at.subscribe({ filter: stored("WHERE key = 'a'") });
  await at.put("a");
  await at.put("b");
  const stopping = new AbortController();
  const { store, feed, deliverer, publish, clock, meter } = at;
  const parts = { feed, store, deliverer, publish, clock, meter, sight: new Visibility(store), log };
  const loop = dispatch({ ...parts, audience: new Audience(store, log) }, stopping.signal);
  const now = async () => store.subscriptions.get(broken.uuid);
  await until("it is paused", async () => (await now())?.paused?.reason === "filter");
  await until("both events are done", async () => (await store.deliveries.depth()).waiting === 2);
  assert.deepEqual(
    at.tried.map(({ subscription, event }) => [subscription.uuid, event.data["key"]]),
    [[other.uuid, "a"]],
  );
  assert.equal(warnings.filter((message) => message.includes("is paused")).length, 1);
  await at.change(broken, { filter: stored("WHERE key = 'b'") });
  await at.change(broken, { paused: null });
  await until("the kept ones are settled", async () => (await store.deliveries.depth()).waiting === 0);
  const sent = at.tried.filter(({ subscription }) => subscription.uuid === broken.uuid);
  assert.deepEqual(
    sent.map(({ event }) => event.data["key"]),
    ["b"],
  );
  assert.equal((await store.deliveries.depth()).dead, 1);
  stopping.abort();
  await loop;
});
