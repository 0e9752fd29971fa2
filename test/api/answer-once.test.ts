import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SignalboxError } from "../../src/errors.ts";
import { KeyedMutex } from "../../src/pace/keyed-mutex.ts";
import { answerOnce, type KeyedAnswer, type KeyedRequest } from "../../src/platform/idempotency.ts";
import { usersAtWork } from "../support/users.ts";

/** What is done once, whichever route asks for it. */

const request: KeyedRequest = { tenant: "default", principal: "anna", key: "k1", fingerprint: "of this request" };
const created: KeyedAnswer = {
  status: 201,
  body: { success: true, message: "Created", data: { id: 1, a: [null, "é"] } },
};

async function withStore() {
  const work = await usersAtWork();
  const deps = { ...work.deps, mutex: new KeyedMutex() };
  return { deps, [Symbol.asyncDispose]: () => work[Symbol.asyncDispose]() };
}

describe("a request with a key", () => {
  it("is worked on once, and answered alike for ever after", async () => {
    await using at = await withStore();
    let worked = 0;
    const work = async (): Promise<KeyedAnswer> => {
      worked += 1;
      return created;
    };
    assert.deepEqual(await answerOnce(at.deps, request, work), { ...created, replayed: false });
    assert.deepEqual(await answerOnce(at.deps, request, work), { ...created, replayed: true });
    assert.equal(worked, 1);
  });

  it("finds its answer in the commit of what it did, though the process died before it answered", async () => {
    await using at = await withStore();
    const dies = answerOnce(at.deps, request, async (remembering) => {
      await at.deps.store.commit(remembering.answer(created));
      throw new Error("killed");
    });
    await assert.rejects(dies, /killed/);
    const again = await answerOnce(at.deps, request, async () => assert.fail("was done again"));
    assert.deepEqual(again, { ...created, replayed: true });
  });

  it("is answered with what is made of its outcome, made once, when the process died before the answer was known", async () => {
    await using at = await withStore();
    const outcome = { ids: ["a", "b"] };
    let made = 0;
    const asked: KeyedRequest = {
      ...request,
      answerOf: async (remembered) => {
        assert.deepEqual(remembered, outcome);
        made += 1;
        return created;
      },
    };
    const dies = answerOnce(at.deps, asked, async (remembering) => {
      await at.deps.store.commit(remembering.outcome(outcome));
      throw new Error("killed");
    });
    await assert.rejects(dies, /killed/);
    for (const _ of ["again", "and again"]) {
      const again = await answerOnce(at.deps, asked, async () => assert.fail("was done again"));
      assert.deepEqual(again, { ...created, replayed: true });
    }
    assert.equal(made, 1);
  });

  it("is answered as it was, not with what could be made of its outcome", async () => {
    await using at = await withStore();
    const asked: KeyedRequest = { ...request, answerOf: async () => assert.fail("it is known") };
    const answer = await answerOnce(at.deps, asked, async (remembering) => {
      await at.deps.store.commit(remembering.outcome(["a"]));
      return created;
    });
    assert.deepEqual(answer, { ...created, replayed: false });
    const again = await answerOnce(at.deps, asked, async () => assert.fail("was done again"));
    assert.deepEqual(again, { ...created, replayed: true });
  });

  it("is worked on again after it failed", async () => {
    await using at = await withStore();
    const fails = answerOnce(at.deps, request, async () => {
      throw new SignalboxError("hook_failed", "no verdict");
    });
    await assert.rejects(fails, /no verdict/);
    assert.deepEqual(await answerOnce(at.deps, request, async () => created), { ...created, replayed: false });
  });

  it("waits for one like it that is under way", async () => {
    await using at = await withStore();
    const { promise: release, resolve: go } = Promise.withResolvers<void>();
    let worked = 0;
    const work = async (): Promise<KeyedAnswer> => {
      worked += 1;
      await release;
      return created;
    };
    const both = [answerOnce(at.deps, request, work), answerOnce(at.deps, request, work)];
    const other = await answerOnce(at.deps, { ...request, key: "k2" }, async () => created);
    assert.equal(other.replayed, false, "another key waits for nobody");
    go();
    assert.deepEqual(
      (await Promise.all(both)).map(({ replayed }) => replayed),
      [false, true],
    );
    assert.equal(worked, 1);
    assert.equal(at.deps.mutex.size, 0);
  });

  it("is refused when the key is that of another request, also while that is under way", async () => {
    await using at = await withStore();
    const first = answerOnce(at.deps, request, async () => created);
    const isConflict = (thrown: unknown) =>
      thrown instanceof SignalboxError && thrown.code === "conflict" && thrown.message.startsWith("Idempotency-Key: ");
    const other = { ...request, fingerprint: "of another" };
    await assert.rejects(
      answerOnce(at.deps, other, async () => assert.fail("was done")),
      isConflict,
    );
    assert.equal((await first).replayed, false);
  });

  it("is another one of another principal, and in another tenant", async () => {
    await using at = await withStore();
    await at.deps.store.commit({
      changes: [{ do: "tenant.add", tenant: { id: "acme", name: "Acme", createdMs: 0 } }],
    });
    for (const who of [{}, { principal: "ben" }, { tenant: "acme" }]) {
      const { replayed } = await answerOnce(at.deps, { ...request, ...who }, async () => created);
      assert.equal(replayed, false);
    }
  });

  it("is answered with what another process remembered, when that was faster", async () => {
    await using at = await withStore();
    const elsewhere = { ...at.deps, mutex: new KeyedMutex() };
    const answer = await answerOnce(at.deps, request, async () => {
      await answerOnce(elsewhere, request, async () => created);
      return { status: 409, body: { success: false, message: "taken" } };
    });
    assert.deepEqual(answer, { ...created, replayed: true });
  });

  it("is answered with that, also when it was remembered at the last moment, unless it did something itself", async () => {
    await using at = await withStore();
    const { store: behind } = at.deps;
    for (const [key, own] of [
      ["k1", { status: 409, body: { success: false, message: "taken" } }],
      ["k2", { status: 201, body: { success: true, message: "Created", data: { id: 2 } } }],
    ] as const) {
      const keyed = { ...request, key };
      const store: typeof behind = {
        ...behind,
        commit: async (unit) => {
          await answerOnce({ ...at.deps, mutex: new KeyedMutex() }, keyed, async () => created);
          return behind.commit(unit);
        },
      };
      const answer = await answerOnce({ ...at.deps, store }, keyed, async () => own);
      assert.deepEqual(answer, key === "k1" ? { ...created, replayed: true } : { ...own, replayed: false });
    }
  });

  it("is answered although its answer could not be remembered", async () => {
    await using at = await withStore();
    const warned: string[] = [];
    const deps = {
      ...at.deps,
      store: {
        ...at.deps.store,
        commit: () => Promise.reject(new SignalboxError("storage_full", "the disk is full")),
      },
      log: { ...at.deps.log, warn: (_: unknown, message: string) => void warned.push(message) },
    };
    assert.deepEqual(await answerOnce(deps, request, async () => created), { ...created, replayed: false });
    assert.deepEqual(warned, ["an answer could not be remembered"]);
  });
});
