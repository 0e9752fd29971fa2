import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { anEvent, aSubscription, changed, committed, noonMs, uuid } from "../../test/conformance/store/given.ts";
import { type Engine, engine } from "../../test/support/engine.ts";
import { stored } from "../../test/support/stored.ts";
import type { Event } from "../domain/event.ts";
import { silentLog } from "../log.ts";
import type { Store } from "../store/store.ts";
import type { Change } from "../store/unit.ts";
import { Audience } from "./audience.ts";

const many = 3_000;
const mostAtOnce = 200;

async function inParts(at: Engine, changes: readonly Change[]): Promise<void> {
  for (let from = 0; from < changes.length; from += 1_000)
    await changed(at.store, ...changes.slice(from, from + 1_000));
}

/** A bucket's rules for one key each, and what changes all of them to another. */
async function rules(at: Engine) {
  const scope = at.bucket;
  const all = Array.from({ length: many }, () => aSubscription(scope, { filter: stored("key = 'before'") }));
  await inParts(
    at,
    all.map((subscription) => ({ do: "subscription.add", subscription })),
  );
  return {
    first: all[0],
    change: () =>
      inParts(
        at,
        all.map(({ uuid: of }) => ({
          do: "subscription.change",
          uuid: of,
          patch: { filter: stored("key = 'after'") },
          atMs: noonMs,
        })),
      ),
  };
}

async function putOf(at: Engine, key: string): Promise<Event> {
  const [sequence = 0] = await committed(at.store, { events: [anEvent(at.bucket, { data: { key } })] });
  const [event] = await at.store.events.after(sequence - 1, 1);
  return event ?? assert.fail();
}

/** Tells how many rows were read at once at the most, and after how many such reads the loop had its turn. */
function watched(store: Store) {
  const seen = { most: 0, inARow: 0, mostInARow: 0 };
  const noted = <T extends readonly unknown[]>(rows: T): T => {
    seen.most = Math.max(seen.most, rows.length);
    if (rows.length === mostAtOnce) seen.inARow += 1;
    seen.mostInARow = Math.max(seen.mostInARow, seen.inARow);
    setImmediate(() => {
      seen.inARow = 0;
    });
    return rows;
  };
  const { subscriptions } = store;
  return {
    seen,
    store: {
      ...store,
      subscriptions: {
        ...subscriptions,
        listening: async (...given) => noted(await subscriptions.listening(...given)),
        byNumbers: async (...given) => noted(await subscriptions.byNumbers(...given)),
        pastAt: async (...given) => noted(await subscriptions.pastAt(...given)),
        changedSince: async (...given) => {
          const found = await subscriptions.changedSince(...given);
          return { ...found, changed: noted(found.changed) };
        },
      },
    } satisfies Store,
  };
}

function bounded({ seen }: ReturnType<typeof watched>): void {
  assert.equal(seen.most, mostAtOnce);
  // Pages of a quarter of a millisecond at least, on a machine as busy as it likes.
  assert.ok(seen.mostInARow <= 20, `${seen.mostInARow} pages without a turn of the loop`);
}

describe("thousands of subscriptions", () => {
  it("that change between two events are read in bounded steps, and each event meets them as they were", async () => {
    await using at = await engine({ dispatching: false });
    const { change } = await rules(at);
    const early = await putOf(at, "before");
    const watch = watched(at.store);
    const audience = new Audience(watch.store, silentLog);
    await audience.freshen([early]);
    assert.equal((await audience.of(early)).length, many);
    const late = await putOf(at, "before");
    await change();
    const after = await putOf(at, "after");
    // All at once, as the lines of tenants and batches do.
    const [matched] = await Promise.all([audience.match(after), audience.freshen([late, after])]);
    assert.equal(matched.length, many);
    assert.equal((await audience.of(after)).length, many);
    // Too much has changed since that one to be known with a batch.
    assert.equal(audience.ask(late), undefined);
    assert.equal((await audience.match(late)).length, many);
    bounded(watch);
  });

  it("are each met once, also when they change while they are looked for", async () => {
    await using at = await engine({ dispatching: false });
    const { change } = await rules(at);
    const early = await putOf(at, "before");
    const audience = new Audience(at.store, silentLog);
    await audience.freshen([early]);
    const changing = change();
    const matched = await Promise.all([audience.match(early), audience.match(early), audience.match(early)]);
    await changing;
    for (const some of [...matched, await audience.match(early)]) {
      assert.equal(some.length, many);
      assert.equal(new Set(some.map(({ number }) => number)).size, many);
    }
  });

  it("whose filters another version read are read anew at the first start, and are found as before", async () => {
    await using at = await engine({ dispatching: false });
    const kept: readonly string[] = [
      "key = 'before'",
      "key LIKE 'bef%' OR size > 3",
      "key REGEXP '^b[a-f]+ore$'",
      "WAS ONCE",
    ];
    const all = [];
    for (const text of kept) all.push(await at.subscribe({ filter: stored(text) }));
    const accesses = async (store: Store): Promise<(string | undefined)[]> => {
      const states = await store.subscriptions.listening({ tenant: "acme" }, { max: 9 });
      return states.map(({ access }) => access);
    };
    const now = await accesses(at.store);
    const made = all.map(({ number, filter = stored("") }) => ({ number, filter, access: "0 of another version" }));
    await changed(at.store, { do: "subscription.access", made });
    const event = await putOf(at, "before");
    const broken: object[] = [];
    const audience = new Audience(at.store, { ...silentLog, warn: (fields) => broken.push(fields) });
    await audience.freshen([event]);
    const found = (await audience.of(event)).map(({ number }) => number);
    assert.deepEqual(
      found,
      all.slice(0, 3).map(({ number }) => number),
    );
    assert.equal(broken.length, 1);
    assert.deepEqual(await accesses(at.store), now);
  });

  it("of functions are read in bounded steps by those that ask at once, and all of them know the newest", async () => {
    await using at = await engine({ dispatching: false });
    await at.put("x");
    const watch = watched(at.store);
    const audience = new Audience(watch.store, silentLog, "lifecycle");
    const ask = async (): Promise<number> => (await audience.hooks("acme", "PRE_X", {})).length;
    assert.equal(await ask(), 0);
    const hooks = Array.from({ length: many }, (_, index) =>
      aSubscription(uuid("app"), {
        face: "lifecycle",
        event: "PRE_X",
        target: {
          kind: "function",
          function: index + 1,
          hook: { stage: "prepare", priority: 0, failurePolicy: "closed" },
        },
      }),
    );
    await inParts(
      at,
      hooks.map((subscription) => ({ do: "subscription.add", subscription })),
    );
    assert.deepEqual(await Promise.all([ask(), ask(), ask()]), [many, many, many]);
    bounded(watch);
  });
});
