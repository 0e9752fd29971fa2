import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { KeyedMutex } from "./keyed-mutex.ts";

describe("mutex", () => {
  it("go to one at a time for each key, in the order of arrival", async () => {
    const mutex = new KeyedMutex();
    const said: string[] = [];
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const first = mutex.take("a", async () => {
      said.push("first in");
      await gates[0]?.promise;
      said.push("first out");
    });
    const second = mutex.take("a", async () => {
      said.push("second in");
      await gates[1]?.promise;
    });
    const third = mutex.take("a", async () => {
      said.push("third in");
    });
    await mutex.take("b", async () => {
      said.push("b");
    });
    gates[0]?.resolve();
    await first;
    gates[1]?.resolve();
    await Promise.all([second, third]);
    assert.deepEqual(said, ["first in", "b", "first out", "second in", "third in"]);
    assert.equal(mutex.size, 0);
  });

  it("go on after one that failed", async () => {
    const mutex = new KeyedMutex();
    const failed = mutex.take("a", async () => {
      throw new Error("no");
    });
    const next = mutex.take("a", async () => "yes");
    await assert.rejects(failed, /no/);
    assert.equal(await next, "yes");
    assert.equal(mutex.size, 0);
  });
});

describe("KeyedMutex.takeAll", () => {
  it("waits for every one of its keys, holds them all, and never waits in a circle", async () => {
    const mutex = new KeyedMutex();
    const said: string[] = [];
    const gate = Promise.withResolvers<void>();
    const held = mutex.take("b", () => gate.promise);
    const both = mutex.takeAll(["a", "b", "a"], async () => void said.push("a and b"));
    const turned = mutex.takeAll(["b", "a"], async () => void said.push("b and a"));
    const one = mutex.take("a", async () => void said.push("a"));
    await mutex.takeAll([], async () => void said.push("none"));
    gate.resolve();
    await Promise.all([held, both, turned, one]);
    assert.deepEqual(said, ["none", "a and b", "b and a", "a"]);
    assert.equal(mutex.size, 0);
  });
});

describe("KeyedMutex.bounded", () => {
  it("runs so many at once of each key, and refuses more until one has ended", async () => {
    const mutex = new KeyedMutex();
    const { promise, resolve } = Promise.withResolvers<void>();
    const bound = { most: 2, what: "uploads" };
    const under = [mutex.bounded("a", bound, () => promise), mutex.bounded("a", bound, () => promise)];
    await assert.rejects(
      mutex.bounded("a", bound, async () => {}),
      { code: "too_many_requests" },
    );
    assert.equal(await mutex.bounded("b", bound, async () => 1), 1);
    resolve();
    await Promise.all(under);
    assert.equal(await mutex.bounded("a", bound, async () => 2), 2);
    await assert.rejects(
      mutex.bounded("a", bound, async () => {
        throw new Error("no");
      }),
    );
    assert.equal(await mutex.bounded("a", bound, async () => 3), 3);
  });
});
