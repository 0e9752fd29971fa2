import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Publish } from "../../src/delivery/publish.ts";
import type { Params } from "../../src/domain/lifecycle.ts";
import { SignalboxError } from "../../src/errors.ts";
import type { OperationContext } from "../../src/faces/library/around.ts";
import { agreed, type Stage, stage } from "../support/library.ts";
import { until } from "../support/until.ts";

const order = { item: "a pen", card: "4111" };
const made = { id: 7, item: "a pen" };

async function postEvents({ store }: Stage) {
  const events = await store.events.after(0, 100);
  return events.map(({ names, data, actor, resource }) => ({ name: names.lifecycle, data, actor, resource }));
}

describe("an operation that was done", () => {
  it("and returned what its POST type does not take: the intent is kept as unresolved, and the error says so", async () => {
    await using at = await stage();
    const done: OperationContext[] = [];
    const returns = (returned: unknown) => (_: Params, context: OperationContext) => {
      done.push(context);
      return returned;
    };
    for (const returned of [
      { item: "a pen" },
      "a pen",
      undefined,
      { id: 7n, item: "a pen" },
      { id: "7", item: "a pen" },
    ]) {
      await assert.rejects(at.service.around("ORDER_CREATE", order, returns(returned)), (thrown) => {
        assert.ok(thrown instanceof SignalboxError);
        assert.deepEqual([thrown.code, thrown.status], ["not_announced", 500]);
        assert.match(
          thrown.message,
          /^ORDER_CREATE was done, but POST_ORDER_CREATE could not be made.*Map it by the option/,
        );
        assert.deepEqual(thrown.data, { operation_id: done.at(-1)?.operationId, done: true, announced: false });
        assert.ok(thrown.fields.every(({ path }) => path.startsWith("params")) && thrown.fields.length > 0);
        return true;
      });
    }
    const post = () => {
      throw new Error("no such column");
    };
    await assert.rejects(at.service.around("ORDER_CREATE", order, returns(made), { post }), {
      message: /no such column/,
    });
    const kept = await at.library.intents();
    assert.deepEqual(
      kept.map(({ operationId }) => operationId),
      done.map(({ operationId }) => operationId),
    );
    assert.ok(kept.every(({ unresolved }) => unresolved?.includes("was done")));
    assert.deepEqual(await postEvents(at), []);
  });

  it("takes dates as they come from a database", async () => {
    await using at = await stage();
    const row = { id: 7, item: "a pen", at: new Date(0) };
    assert.equal(await at.service.around("ORDER_CREATE", order, () => row), row);
    const [event] = await postEvents(at);
    assert.deepEqual(event?.data["params"], { ...made, at: "1970-01-01T00:00:00.000Z" });
  });

  const unfit = { id: 7n, item: "a pen" };

  it("and returned what its POST type does not take: resolve is asked at once, and what it tells is published", async () => {
    await using at = await stage({ resolve: () => ({ outcome: "committed", params: made }) });
    await assert.rejects(
      at.service.around("ORDER_CREATE", order, () => unfit),
      {
        code: "not_announced",
        message: /params\.id: must be JSON, not a bigint; write it by String\(\).*published with what resolve told/,
      },
    );
    const [event, ...others] = await postEvents(at);
    assert.deepEqual([event?.name, event?.data["params"], others.length], ["POST_ORDER_CREATE", made, 0]);
    assert.deepEqual(await at.library.intents(), []);
  });

  it("and cannot be told yet: resolve is asked again, less and less often, until it can tell", async () => {
    const askedAtMs: number[] = [];
    await using at = await stage({
      resolve: () => {
        askedAtMs.push(at.clock.now());
        if (askedAtMs.length === 1) throw new Error("the database is away");
        return askedAtMs.length < 5
          ? { outcome: "committed", params: { id: 1n } }
          : { outcome: "committed", params: made };
      },
    });
    await assert.rejects(
      at.service.around("ORDER_CREATE", order, () => unfit),
      {
        code: "not_announced",
        message: /resolve is asked again/,
      },
    );
    const [kept] = await at.library.intents();
    assert.match(kept?.unresolved ?? "", /it was done, but .*bigint.*; resolve threw: the database is away/);
    await until("it is told", async () => {
      at.clock.advance(100);
      return (await postEvents(at)).length === 1;
    });
    const waitedMs = askedAtMs.slice(1).map((ms, index) => ms - (askedAtMs[index] ?? 0));
    assert.equal(waitedMs.length, 4);
    for (const [index, ms] of waitedMs.entries()) assert.ok(ms >= 1_000 * 2 ** index, String(waitedMs));
    assert.deepEqual(await at.library.counts(), { open: 0, unresolved: 0 });
    at.clock.advance(600_000);
    assert.equal(askedAtMs.length, 5);
  });

  it("is told as soon as the store takes it again", async () => {
    let full = 3;
    const publish =
      (real: Publish): Publish =>
      async (unit) => {
        if ((unit.events?.length ?? 0) > 0 && full-- > 0) throw new SignalboxError("storage_full", "the disk is full");
        return real(unit);
      };
    await using at = await stage({ publish });
    assert.equal(await at.service.around("ORDER_CREATE", order, () => made), made);
    assert.deepEqual([await postEvents(at), await at.library.counts()], [[], { open: 1, unresolved: 0 }]);
    await until("it is told", async () => {
      at.clock.advance(1_000);
      return (await postEvents(at)).length === 1;
    });
    assert.deepEqual(await at.library.counts(), { open: 0, unresolved: 0 });
  });

  it("is not begun when its intent cannot be kept", async () => {
    const publish =
      (real: Publish): Publish =>
      async (unit) => {
        if (unit.changes?.some((change) => change.do === "intent.add"))
          throw new SignalboxError("storage_full", "the disk is full");
        return real(unit);
      };
    await using at = await stage({ publish });
    at.check = async (operation) => agreed(operation, { ran: [1] });
    await assert.rejects(
      at.service.around("ORDER_CREATE", order, () => assert.fail("not begun")),
      { code: "storage_full" },
    );
    assert.deepEqual(
      at.aborted.map(([, reason]) => reason),
      ["the disk is full"],
    );
  });
});
