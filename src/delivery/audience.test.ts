import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { aBucket, anEvent, changed, committed, tenantWithAda, uuid } from "../../test/conformance/store/given.ts";
import { type Engine, engine } from "../../test/support/engine.ts";
import { aCondition } from "../../test/support/filter-arbitraries.ts";
import { printFilter } from "../../test/support/filters.ts";
import { stored } from "../../test/support/stored.ts";
import { objectFields, readFilter, readObjectField } from "../domain/filter/index.ts";
import type { Subscription } from "../domain/subscription.ts";
import { type Log, silentLog } from "../log.ts";
import { Audience } from "./audience.ts";

/** Uuids are made in ascending order. */
async function wantedBy(at: Engine, log: Log = silentLog): Promise<string[][]> {
  const audience = new Audience(at.store, log);
  const events = await at.store.events.after(0, 100);
  await audience.freshen(events);
  const all = await Promise.all(events.map((event) => audience.of(event)));
  return all.map((some) => some.map(({ uuid: of }) => of).toSorted());
}

describe("the audience", () => {
  it("is that of the event's tenant, and of its resource or what that lies in", async () => {
    await using at = await engine({ dispatching: false });
    const file = uuid("file");
    const ofBucket = await at.subscribe();
    const ofFile = await at.subscribe({ scope: file });
    await at.subscribe({ scope: uuid("bucket") });
    const other = aBucket({ tenant: "other" });
    await changed(at.store, ...tenantWithAda("other"), { do: "bucket.add", bucket: other });
    const foreign = await at.subscribe({ tenant: "other" });
    const event = anEvent(at.bucket, { resource: file });
    await committed(at.store, { events: [event, { ...event, tenant: "other" }, anEvent(at.bucket)] });
    assert.deepEqual(await wantedBy(at), [[ofBucket.uuid, ofFile.uuid], [foreign.uuid], [ofBucket.uuid]]);
  });

  it("matches events by the name that they have on its face, each subscription once", async () => {
    await using at = await engine({ dispatching: false });
    const any = await at.subscribe();
    const puts = await at.subscribe({ event: "OBJECT_CREATED_PUT" });
    await at.subscribe({ event: "OBJECT_DELETED" });
    const names = { objects: "OBJECT_CREATED_PUT", notifications: "UPLOADED" } as const;
    // A resource that is its own scope is found twice, and notified once.
    await committed(at.store, { events: [anEvent(at.bucket, { resource: at.bucket, names })] });
    assert.deepEqual(await wantedBy(at), [[any.uuid, puts.uuid]]);
  });

  it("leaves out who has a stored filter that cannot be read any more, and that is logged once", async () => {
    await using at = await engine({ dispatching: false });
    await at.subscribe({ filter: stored("WHERE key WAS ONCE ALLOWED") });
    const rule = await at.subscribe({ filter: stored("WHERE key = 'a'") });
    const warnings: string[] = [];
    await at.put("a");
    await at.put("a");
    const found = await wantedBy(at, { ...silentLog, warn: (_, message) => warnings.push(message) });
    assert.deepEqual(found, [[rule.uuid], [rule.uuid]]);
    assert.equal(warnings.length, 1);
  });

  it("is what asking each subscription comes to, whatever they ask and however they change between events", async () => {
    await using at = await engine({ dispatching: false });
    const seed = 20_261_129;
    const conditions = fc.sample(aCondition, { numRuns: 60, seed }).map((condition) => stored(printFilter(condition)));
    const short = fc.constantFrom("", "a", "b", "ab", "ba", "aa", "a%", "a_b", "\\\\", "b\n");
    const object = fc.record({ key: short, eTag: short, size: fc.nat(2) }, { requiredKeys: [] });
    const objects = fc.sample(object, { numRuns: conditions.length, seed });
    const dice = fc.sample(fc.nat(1_000), { numRuns: 400, seed });
    const roll = (sides: number): number => (dice.pop() ?? 0) % sides;
    const live: Subscription[] = [];
    const expected: string[][] = [];
    const following = new Audience(at.store, silentLog);
    const followed: string[][] = [];
    for (const [turn, filter] of conditions.entries()) {
      const [at0, event] = [roll(live.length + 1), roll(3) === 0 ? "OBJECT_CREATED_PUT" : "*"];
      const other = live[at0];
      if (other !== undefined && roll(4) === 0) {
        await at.unsubscribe(other);
        live.splice(at0, 1);
      } else if (other !== undefined && roll(2) === 0) live[at0] = await at.change(other, { filter, event });
      else live.push(await at.subscribe({ filter, event }));
      const [sequence = 0] = await committed(at.store, { events: [anEvent(at.bucket, { data: objects[turn] ?? {} })] });
      const newest = (await at.store.events.get(sequence)) ?? assert.fail();
      const read = readObjectField(newest);
      const wanted = live.filter(
        (one) => one.filter === undefined || readFilter(one.filter, objectFields).matches(read),
      );
      expected.push(wanted.map(({ uuid: of }) => of).toSorted());
      if (roll(3) > 0) {
        followed.push((await following.match(newest)).map(({ uuid: of }) => of).toSorted());
        assert.deepEqual(followed.at(-1), expected.at(-1));
      }
    }
    assert.ok(expected.some((some) => some.length > 1) && followed.length > 20);
    assert.deepEqual(await wantedBy(at), expected);
  });

  it("of a batch that spans many revisions is right for each of its events", async () => {
    await using at = await engine({ dispatching: false });
    const expected: string[][] = [];
    const live: Awaited<ReturnType<Engine["subscribe"]>>[] = [];
    for (let count = 0; count < 8; count++) {
      live.push(await at.subscribe());
      const [gone] = count % 3 === 2 ? live.splice(1, 1) : [];
      if (gone !== undefined) await at.unsubscribe(gone);
      await at.put(String(count));
      expected.push(live.map(({ uuid: of }) => of));
    }
    const found = await wantedBy(at);
    assert.deepEqual(
      found,
      expected.map((some) => some.toSorted()),
    );
  });
});
