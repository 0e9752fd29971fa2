import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostIntent } from "../../src/faces/library/host.ts";
import type { Resolution } from "../../src/platform/host/resolution.ts";
import { agreed, type Stage, stage } from "../support/library.ts";
import { until } from "../support/until.ts";

const order = { item: "a pen" };
const made = { id: 7, item: "a pen" };

/** Begins operations that never end in this process, as if it died in them; their ids. */
async function leftBehind(at: Stage, count = 1): Promise<string[]> {
  at.check = async (operation) => agreed(operation, { ran: [4] });
  const ids: string[] = [];
  for (let nth = 0; nth < count; nth++) {
    void at.service.around(
      "ORDER_CREATE",
      order,
      (_, { operationId }) => {
        ids.push(operationId);
        return new Promise<never>(() => {});
      },
      { user: "ada", app: at.app.slug },
    );
  }
  await until("all have begun", () => ids.length === count);
  return ids;
}

async function told({ store }: Stage): Promise<unknown[]> {
  return (await store.events.after(0, 1_000)).map(({ data, actor }) => ({ ...data, actor }));
}

describe("what an earlier process left behind", () => {
  it("is asked about, each once, and told with the same operation id when it was done", async () => {
    await using at = await stage();
    const ids = await leftBehind(at, 25);
    const asked: HostIntent[] = [];
    await at.restart({
      resolve: async (intent) => {
        asked.push(intent);
        return { outcome: "committed", params: made };
      },
    });
    assert.deepEqual(await at.library.counts(), { open: 25, unresolved: 0 });
    await at.library.recover();
    const [intent] = asked;
    assert.deepEqual(
      { ...intent, createdMs: 0 },
      {
        operationId: intent?.operationId,
        tenant: "acme",
        type: "ORDER_CREATE",
        params: order,
        user: { username: "ada" },
        app: at.app.slug,
        createdMs: 0,
      },
    );
    const app = { uuid: at.app.uuid, slug: at.app.slug };
    const expected = ids.map((operation) => ({
      params: made,
      user: { username: "ada" },
      app,
      operation,
      actor: "ada",
    }));
    const byOperation = (events: unknown[]) =>
      new Map(events.map((event) => [(event as { operation: string }).operation, event]));
    assert.equal((await told(at)).length, 25);
    assert.deepEqual(byOperation(await told(at)), byOperation(expected));
    assert.deepEqual(await at.library.counts(), { open: 0, unresolved: 0 });
    // Asked again there is nothing left, also after another start.
    await at.library.recover();
    assert.equal(asked.length, 25);
  });

  it("is dropped when it was not done, and functions whose hooks ran are told", async () => {
    await using at = await stage();
    const [operation] = await leftBehind(at);
    await at.restart({ resolve: () => ({ outcome: "aborted" }) });
    await at.library.recover();
    assert.deepEqual(
      at.aborted.map(([{ type, operation, actor, app }]) => [type, operation, actor, app?.slug]),
      [["PRE_ORDER_CREATE", operation, "ada", at.app.slug]],
    );
    assert.deepEqual([await told(at), await at.library.intents()], [[], []]);
  });

  it("is kept, listed and counted when nobody can say, and asked about again by a later start", async () => {
    await using at = await stage();
    const ids = await leftBehind(at, 3);
    await at.restart();
    await at.library.recover();
    assert.deepEqual(await at.library.counts(), { open: 0, unresolved: 3 });
    const first = await at.library.intents({ max: 1 });
    assert.deepEqual([first.length, first[0]?.unresolved], [1, "start() was not given a resolve function"]);
    const rest = await at.library.intents({ tenant: "acme", after: first[0]?.operationId ?? "" });
    assert.deepEqual([...first, ...rest].map(({ operationId }) => operationId).toSorted(), ids.toSorted());
    assert.deepEqual(await at.library.intents({ tenant: "other" }), []);

    const answers: Resolution[] = [
      { outcome: "unknown" },
      { outcome: "aborted" },
      { outcome: "committed", params: made },
    ];
    await at.restart({ resolve: () => answers.pop() ?? assert.fail("it is asked about each once") });
    await at.library.recover();
    assert.deepEqual(await at.library.counts(), { open: 0, unresolved: 1 });
    assert.deepEqual(
      (await at.library.intents()).map(({ unresolved }) => unresolved),
      ["resolve does not know"],
    );
    assert.equal((await told(at)).length, 1);
    assert.ok(at.logged.some((line) => line.includes("it is not known what became of an operation")));
  });

  it("is kept as unresolved when the host does not answer, so that a start does not wait for ever", async () => {
    await using at = await stage();
    await leftBehind(at, 2);
    await at.restart({ resolve: () => new Promise(() => {}) });
    let over = false;
    const recovering = at.library.recover().then(() => {
      over = true;
    });
    await until("it goes on", () => {
      if (!over) at.clock.advance(10_000);
      return over;
    });
    await recovering;
    const reasons = (await at.library.intents()).map(({ unresolved }) => unresolved);
    assert.deepEqual(reasons, Array(2).fill("resolve has not answered within 30000 ms"));
  });

  it("is asked about again when the host could not say, without another start, and no more once it stops", async () => {
    await using at = await stage();
    await leftBehind(at, 3);
    let known = false;
    let asked = 0;
    await at.restart({
      resolve: () => {
        asked += 1;
        return known ? { outcome: "committed", params: made } : { outcome: "unknown" };
      },
    });
    await at.library.recover();
    assert.deepEqual([asked, await at.library.counts()], [3, { open: 0, unresolved: 3 }]);
    at.clock.advance(1_000);
    await until("it is asked about again", () => asked === 6);
    known = true;
    await until("all are told", async () => {
      at.clock.advance(2_000);
      return (await told(at)).length === 3;
    });
    assert.deepEqual(await at.library.counts(), { open: 0, unresolved: 0 });
    await at.stop();
    at.clock.advance(1_000_000);
    assert.equal(asked, 9);
  });

  it("is told from what is under way in this process, which nobody is asked about", async () => {
    await using at = await stage();
    const [left] = await leftBehind(at);
    const asked: string[] = [];
    await at.restart({
      resolve: ({ operationId }) => {
        asked.push(operationId);
        return { outcome: "aborted" };
      },
    });
    const done = Promise.withResolvers<typeof made>();
    const begun = Promise.withResolvers<void>();
    const running = at.service.around("ORDER_CREATE", order, () => {
      begun.resolve();
      return done.promise;
    });
    await begun.promise;
    await at.library.recover();
    assert.deepEqual(asked, [left]);
    done.resolve(made);
    await running;
    assert.equal((await told(at)).length, 1);
  });

  it("waits for the next start when this one is stopped before the host has answered", async () => {
    await using at = await stage();
    await leftBehind(at);
    const answer = Promise.withResolvers<Resolution>();
    const asked = Promise.withResolvers<void>();
    await at.restart({
      resolve: () => {
        asked.resolve();
        return answer.promise;
      },
    });
    const recovering = at.library.recover();
    await asked.promise;
    await at.stop();
    answer.resolve({ outcome: "committed", params: made });
    await recovering;
    await at.restart({ resolve: () => ({ outcome: "committed", params: made }) });
    assert.deepEqual(await told(at), []);
    await at.library.recover();
    assert.equal((await told(at)).length, 1);
  });
});
