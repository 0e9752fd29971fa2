import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Turns } from "./turns.ts";

describe("turns", () => {
  it("go to one at a time for each key, in the order of arrival", async () => {
    const turns = new Turns();
    const said: string[] = [];
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const first = turns.take("a", async () => {
      said.push("first in");
      await gates[0]?.promise;
      said.push("first out");
    });
    const second = turns.take("a", async () => {
      said.push("second in");
      await gates[1]?.promise;
    });
    const third = turns.take("a", async () => {
      said.push("third in");
    });
    await turns.take("b", async () => {
      said.push("b");
    });
    gates[0]?.resolve();
    await first;
    gates[1]?.resolve();
    await Promise.all([second, third]);
    assert.deepEqual(said, ["first in", "b", "first out", "second in", "third in"]);
    assert.equal(turns.size, 0);
  });

  it("go on after one that failed", async () => {
    const turns = new Turns();
    const failed = turns.take("a", async () => {
      throw new Error("no");
    });
    const next = turns.take("a", async () => "yes");
    await assert.rejects(failed, /no/);
    assert.equal(await next, "yes");
    assert.equal(turns.size, 0);
  });
});

describe("Turns.bounded", () => {
  it("runs so many at once of each key, and refuses more until one has ended", async () => {
    const turns = new Turns();
    const { promise, resolve } = Promise.withResolvers<void>();
    const bound = { most: 2, what: "uploads" };
    const under = [turns.bounded("a", bound, () => promise), turns.bounded("a", bound, () => promise)];
    await assert.rejects(
      turns.bounded("a", bound, async () => {}),
      { code: "too_many_requests" },
    );
    assert.equal(await turns.bounded("b", bound, async () => 1), 1);
    resolve();
    await Promise.all(under);
    assert.equal(await turns.bounded("a", bound, async () => 2), 2);
    await assert.rejects(
      turns.bounded("a", bound, async () => {
        throw new Error("no");
      }),
    );
    assert.equal(await turns.bounded("a", bound, async () => 3), 3);
  });
});
