import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Principal, Role } from "../../../src/domain/access.ts";
import type { DeliveryRecord } from "../../../src/domain/delivery.ts";
import { faceRulesOf } from "../../../src/domain/face-rules.ts";
import { anyResource } from "../../../src/domain/ids.ts";
import type { Subscription } from "../../../src/domain/subscription.ts";
import { seesSubscription, viewerOf } from "../../../src/domain/visibility.ts";
import { spanMs } from "../../../src/store/figures.ts";
import type { Bucket, Redrive } from "../../../src/store/records.ts";
import type { DeliveryPlace, Store } from "../../../src/store/store.ts";
import { stored } from "../../support/stored.ts";
import {
  aBucket,
  anEvent,
  aRecord,
  aSubscription,
  changed,
  committed,
  givenSubscription,
  noonMs,
  tenantWithAda,
  uuid,
} from "./given.ts";
import type { OpenStore, StoreUnderTest } from "./under-test.ts";

/** Lists, usage and redrives are judged by the store: by the rule of `domain/visibility.ts`, for every caller. */

const callers: readonly Principal[] = (["admin", "operator", "developer", "member"] as const).flatMap((role: Role) =>
  ["ada", "bob", "eve"].map((name) => ({ tenant: "acme", name, role })),
);

interface Scene {
  readonly buckets: readonly Bucket[];
  readonly subscriptions: readonly Subscription[];
  readonly sequence: number;
}

/** Subscriptions of every face and target, of two owners, on buckets of two owners (one deleted), on a file, and on everything. */
async function aScene(at: StoreUnderTest): Promise<Scene> {
  const buckets = [aBucket(), aBucket({ owner: "bob" }), aBucket({ owner: "bob" })];
  await changed(
    at.store,
    ...tenantWithAda("acme"),
    ...buckets.map((bucket) => ({ do: "bucket.add", bucket }) as const),
  );
  const scopes = [...buckets.map((bucket) => bucket.uuid), uuid("file"), anyResource];
  const webhook = aSubscription(anyResource).target;
  const targets = [
    webhook,
    { kind: "email", address: stored("a@example.org") },
    { kind: "function", function: 1 },
  ] as const;
  const subscriptions: Subscription[] = [];
  let event = 0;
  for (const face of ["objects", "notifications", "lifecycle"] as const) {
    for (const scope of scopes) {
      for (const owner of ["ada", "bob"]) {
        for (const target of targets) {
          // One subscription of a function to an event of the lifecycle face.
          const of = { face, owner, target, event: `E${event++}`, ...faceRulesOf({ face, scope, target }) };
          subscriptions.push(await givenSubscription(at.store, aSubscription(scope, of)));
        }
      }
    }
  }
  const gone = buckets[2]?.uuid ?? anyResource;
  const grant = { resource: buckets[1]?.uuid ?? gone, grantee: "eve", permission: "write" } as const;
  await changed(at.store, { do: "grant.put", grant }, { do: "bucket.remove", bucket: gone, atMs: noonMs });
  const [sequence = 0] = await committed(at.store, { events: [anEvent(buckets[0]?.uuid ?? gone)] });
  const records = subscriptions.map((of): DeliveryRecord => aRecord(sequence, of, { status: "dead" }));
  await at.feed.settle({ records, done: [] });
  return { buckets, subscriptions, sequence };
}

function seenIn({ buckets, subscriptions }: Scene, caller: Principal): string[] {
  return subscriptions
    .filter((of) =>
      seesSubscription(
        caller,
        of,
        buckets.find(({ uuid: bucket }) => bucket === of.scope),
      ),
    )
    .map((of) => of.uuid)
    .sort();
}

async function listed(store: Store, query: Parameters<Store["deliveries"]["list"]>[0]): Promise<string[]> {
  const found: string[] = [];
  let after: DeliveryPlace | undefined;
  do {
    const page = await store.deliveries.list(query, { max: 7, ...(after === undefined ? {} : { after }) });
    found.push(...page.deliveries.map(({ subscription }) => subscription));
    after = page.next;
  } while (after !== undefined);
  return found.sort();
}

export function sightConformance(open: OpenStore): void {
  describe("what a viewer is shown", () => {
    it("is what the rule of sight says, in lists of deliveries and subscriptions, and in usage", async () => {
      await using at = await open();
      const scene = await aScene(at);
      const { store } = at;
      for (const caller of callers) {
        const viewer = viewerOf(caller);
        const through = { tenant: "acme", ...(viewer === undefined ? {} : { viewer }) };
        const expected = seenIn(scene, caller);
        const who = `${caller.role} ${caller.name}`;
        assert.deepEqual(await listed(store, through), expected, who);
        assert.deepEqual(await listed(store, { ...through, statuses: ["dead"] }), expected, who);
        const scope = scene.buckets[1]?.uuid ?? anyResource;
        const there = scene.subscriptions.filter((of) => of.scope === scope).map((of) => of.uuid as string);
        const inScope = expected.filter((of) => there.includes(of));
        assert.deepEqual(await listed(store, { ...through, scope }), inScope, who);
        const newest = await store.subscriptions.newest(through, { max: 999 });
        assert.deepEqual(newest.map((of) => of.uuid).sort(), expected, who);
        const query = { ...through, fromDay: "2000-01-01", toDay: "2999-01-01" };
        const { usage: rows } = await store.events.usage(query, { max: 999 });
        const sent = rows.flatMap(({ subscription }) => subscription ?? []).sort();
        assert.deepEqual(sent, expected, who);
        assert.equal(rows.filter(({ subscription }) => subscription === undefined).length, 1, who);
        const atMs = Math.floor(noonMs / spanMs.hour) * spanMs.hour;
        const { counted } = await store.figures.ofHour({ ...through, atMs });
        const seen = scene.subscriptions.filter(({ uuid: of }) => expected.includes(of));
        const numbered = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);
        assert.deepEqual(numbered(counted.map((of) => of.subscription)), numbered(seen.map((of) => of.number)), who);
        const [why] = (await store.figures.reasonsOfHour({ ...through, atMs })).counted;
        assert.equal(why?.dead ?? 0, expected.length, who);
        const standings = await store.figures.standings({ ...through, nowMs: noonMs }, { max: 999 });
        const live = seen
          .filter((of) => of.scope !== scene.buckets[2]?.uuid || of.face === "notifications")
          .map((of) => of.number);
        assert.deepEqual(numbered(standings.map(({ number }) => number)), numbered(live), who);
      }
    });

    it("is what a redrive of theirs sends again", async () => {
      await using at = await open();
      const scene = await aScene(at);
      const { store } = at;
      for (const caller of callers) {
        const viewer = viewerOf(caller);
        const redrive: Redrive = {
          uuid: uuid("job"),
          tenant: "acme",
          filter: viewer === undefined ? {} : { viewer },
          state: "running",
          redriven: 0,
          looked: 0,
          createdMs: noonMs,
          createdBy: caller.name,
        };
        await changed(store, { do: "redrive.add", redrive });
        const woken = new Set<number>();
        for (let state = "running"; state === "running"; ) {
          const step = await store.redrives.advanceRedrive(redrive.uuid, { max: 5, nowMs: noonMs });
          for (const number of step.subscriptions) woken.add(number);
          state = step.state;
        }
        const sent = scene.subscriptions.filter(({ number }) => woken.has(number));
        assert.deepEqual(sent.map((of) => of.uuid).sort(), seenIn(scene, caller), `${caller.role} ${caller.name}`);
        const again = sent.map((of) => aRecord(scene.sequence, of, { status: "dead" }));
        await at.feed.settle({ records: again, done: [] });
      }
    });
  });
}
