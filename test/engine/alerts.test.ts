import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { targetTo } from "../../src/domain/destination.ts";
import { alertsPlace } from "../../src/domain/ids.ts";
import type { Subscription } from "../../src/domain/subscription.ts";
import { type Engine, engine, failed, gone, keyOf, ok } from "../support/engine.ts";
import { stored } from "../support/stored.ts";
import { until } from "../support/until.ts";

/** What a tenant's alert target is told of. */

const alerting = { face: "notifications", scope: alertsPlace, event: "*" } as const;
const oneTry = { maxRetries: 0, scheduleMs: [1_000], jitter: 0 };
const twoTries = { maxRetries: 1, scheduleMs: [1_000], jitter: 0 };

type Told = readonly [name: string | undefined, about: string, resource: Readonly<Record<string, unknown>>];

function toldTo(at: Engine, alerts: Subscription): readonly Told[] {
  return at.tried
    .filter(({ subscription }) => subscription.number === alerts.number)
    .map(({ event }) => [event.names.notifications, event.resource, event.data["resource"] as Told[2]]);
}

async function told(at: Engine, alerts: Subscription, times: number): Promise<readonly Told[]> {
  await until(`${times} alerts`, () => toldTo(at, alerts).length >= times);
  await at.calm();
  assert.equal(toldTo(at, alerts).length, times);
  return toldTo(at, alerts);
}

describe("alerts", () => {
  it("tell of the first failure in a row and of dead letters, and of nothing that goes well", async () => {
    await using at = await engine();
    const alerts = await at.subscribe(alerting);
    const rule = await at.subscribe({ policy: twoTries });
    at.answer = ({ key }) => (key.startsWith("bad") ? failed : ok);
    const [fine = 0] = await at.put("fine");
    await at.becomes("delivered", fine, rule);
    const [one = 0] = await at.put("bad1");
    const [first] = await told(at, alerts, 1);
    assert.deepEqual(first?.slice(0, 2), ["FAILING", rule.uuid]);
    const { reason, responseCode, message, attempts, eventName, deadLetters } = first?.[2] ?? {};
    assert.deepEqual(
      [reason, responseCode, message, attempts, eventName, deadLetters],
      ["status", 500, "as the script says", 1, "OBJECT_CREATED_PUT", undefined],
    );
    const [two = 0] = await at.put("bad2");
    await at.becomes("waiting", two, rule);
    await told(at, alerts, 1);
    at.clock.advance(1_000);
    await at.becomes("dead", one, rule);
    await at.becomes("dead", two, rule);
    const [, dead] = await told(at, alerts, 2);
    assert.deepEqual([dead?.[0], dead?.[2]["deadLetters"], dead?.[2]["attempts"]], ["DEAD_LETTER", 1, 2]);
    const [well = 0] = await at.put("fine again");
    await at.becomes("delivered", well, rule);
    await at.put("bad3");
    assert.equal((await told(at, alerts, 3))[2]?.[0], "FAILING", "it had gone well in between");
  });

  it("count the dead letters of an hour, and tell of them with the first after it", async () => {
    await using at = await engine();
    const alerts = await at.subscribe(alerting);
    const rule = await at.subscribe({ policy: oneTry });
    at.answer = ({ key }) => (key.startsWith("bad") ? failed : ok);
    for (const key of ["bad1", "bad2", "bad3"]) {
      const [sequence = 0] = await at.put(key);
      await at.becomes("dead", sequence, rule);
    }
    assert.deepEqual(
      (await told(at, alerts, 1)).map(([name, , { deadLetters }]) => [name, deadLetters]),
      [["DEAD_LETTER", 1]],
    );
    at.clock.advance(3_600_000);
    await at.put("bad4");
    const [, later] = await told(at, alerts, 2);
    assert.equal(later?.[2]["deadLetters"], 3, "two that were not told of, and this one");
  });

  it("tell that a subscription was paused, and never of what is sent to the target itself", async () => {
    await using at = await engine();
    const alerts = await at.subscribe({ ...alerting, policy: oneTry });
    const rule = await at.subscribe({ policy: oneTry });
    at.answer = (tried) => (keyOf(tried.event) === "gone" ? gone : failed);
    await at.put("gone");
    await until("both", () => toldTo(at, alerts).some(([name]) => name === "PAUSED"));
    await at.calm();
    const names = toldTo(at, alerts).map(([name]) => name);
    assert.deepEqual(new Set(names), new Set(["FAILING", "PAUSED"]));
    assert.equal(names.length, 2);
    const paused = toldTo(at, alerts).find(([name]) => name === "PAUSED");
    assert.deepEqual([paused?.[1], paused?.[2]["reason"]], [rule.uuid, "gone"]);
  });

  it("say nothing of what goes to a destination that has them off, until it has them on", async () => {
    await using at = await engine();
    const alerts = await at.subscribe(alerting);
    const { tenant, createdMs } = alerts;
    const url = stored("https://orders.example/in");
    const webhook = { kind: "webhook", url, timeoutMs: 5_000, fields: [], format: "object", sealed: "b25l" } as const;
    const made = { tenant, name: "orders", webhook, policy: oneTry, alerts: false, createdMs };
    await at.publish({ changes: [{ do: "destination.add", destination: made }] });
    const destination = (await at.store.destinations.get(tenant, "orders")) ?? assert.fail();
    const rule = await at.subscribe({ target: targetTo("objects", destination) });
    at.answer = ({ subscription }) => (subscription.number === rule.number ? failed : ok);
    const die = async (key: string): Promise<void> => {
      const [sequence = 0] = await at.put(key);
      await at.becomes("dead", sequence, rule);
      await at.calm();
    };
    await die("a");
    assert.deepEqual(toldTo(at, alerts), []);
    const { number } = destination;
    const atMs = at.clock.now();
    await at.publish({ changes: [{ do: "destination.change", number, patch: { alerts: true }, atMs }] });
    await die("b");
    assert.deepEqual(
      (await told(at, alerts, 1)).map(([name, about, { deadLetters }]) => [name, about, deadLetters]),
      [["DEAD_LETTER", rule.uuid, 1]],
    );
  });

  it("go to nobody unless set, nor to an address whose owner has not agreed, and go on after a restart", async () => {
    await using at = await engine();
    const rule = await at.subscribe({ policy: oneTry });
    at.answer = ({ key }) => (key.startsWith("bad") ? failed : ok);
    const fail = async (key: string): Promise<void> => {
      const [sequence = 0] = await at.put(key);
      await at.becomes("dead", sequence, rule);
    };
    await fail("bad1");
    const alerts = await at.subscribe({ ...alerting, unconfirmed: true });
    await fail("bad2");
    await at.calm();
    assert.deepEqual(toldTo(at, alerts), []);
    const atMs = at.clock.now();
    await at.publish({
      changes: [{ do: "subscription.change", uuid: alerts.uuid, patch: { unconfirmed: false }, atMs }],
    });
    await fail("bad3");
    await told(at, alerts, 1);
    await at.restart();
    await fail("bad4");
    await told(at, alerts, 2);
    await at.publish({ changes: [{ do: "subscription.remove", uuid: alerts.uuid, atMs }] });
    at.clock.advance(3_600_000);
    await fail("bad5");
    await at.calm();
    assert.equal(toldTo(at, alerts).length, 2);
  });
});
