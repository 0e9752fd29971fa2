import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { outcomeStatus } from "../../../src/store/operation-records.ts";
import type { DecisionPlace } from "../../../src/store/operations.ts";
import type { Decision, EndedOperation, Intent, Remembered } from "../../../src/store/records.ts";
import type { Change, Condition } from "../../../src/store/unit.ts";
import { changed, committed, holds, noonMs, refused, tenantWithAda, uuid } from "./given.ts";
import type { OpenStore } from "./under-test.ts";

export function aDecision(operation: string, over: Partial<Decision> = {}): Decision {
  const place = { operation, tenant: "acme", eventType: "PRE_USER_CREATE", origin: "api" };
  return { ...place, outcome: "allowed", timeMs: noonMs, durationMs: 12, hooks: [], conflicts: [], ...over };
}

export function aRemembered(key: string, over: Partial<Remembered> = {}): Remembered {
  const answer = { fingerprint: "f", status: 201, body: { data: [1, null] }, createdMs: noonMs };
  return { tenant: "acme", principal: "ada", key, ...answer, ...over };
}

export function anIntent(operation: string, over: Partial<Intent> = {}): Intent {
  const params = { number: 12, lines: [] };
  const begun = { origin: "library", asked: 0, ran: [], createdMs: noonMs } as const;
  return { operation, tenant: "acme", type: "ORDER_CREATE", params, ...begun, ...over };
}

/** What came of it. */
export function anEnded(operation: string, over: Partial<EndedOperation> = {}): EndedOperation {
  return { operation, tenant: "acme", type: "ORDER_CREATE", outcome: "committed", endedMs: noonMs, ...over };
}

const twoTenants = [...tenantWithAda("acme"), ...tenantWithAda("other")];

export function operationsConformance(open: OpenStore): void {
  describe("decisions", () => {
    it("are read back as written, in their tenant", async () => {
      await using at = await open();
      const hook = { subscription: 3, revision: 9, function: 4, version: 2, stage: "prepare", durationMs: 8 } as const;
      const decision = aDecision("a", {
        outcome: "denied",
        resource: uuid("profile"),
        actor: "ada",
        hooks: [
          {
            ...hook,
            invocation: 1,
            verdict: { decision: "deny", message: "no", fields: [{ path: "a", message: "b" }] },
          },
          { ...hook, invocation: 2, failure: "timeout" },
          { ...hook, stage: "validate", skipped: "denied before" },
        ],
        conflicts: [{ path: "attributes.a", subscriptions: [3, 5] }],
      });
      const changes: Change[] = [decision, aDecision("b")].map((decision) => ({ do: "decision.add", decision }));
      await changed(at.store, ...twoTenants, ...changes);
      assert.deepEqual(await at.store.operations.decision("acme", "a"), decision);
      assert.deepEqual(await at.store.operations.decision("acme", "b"), aDecision("b"));
      assert.equal(await at.store.operations.decision("other", "a"), undefined);
    });

    it("are listed newest first, narrowed, in pages that together are all of them", async () => {
      await using at = await open();
      const asks = (fn: number) => {
        const hook = { subscription: 1, revision: 1, version: 1, stage: "prepare", durationMs: 1 };
        return { ...hook, function: fn };
      };
      const decisions = [
        aDecision("a", { timeMs: noonMs }),
        aDecision("b", { timeMs: noonMs + 1_000, outcome: "denied", hooks: [asks(1), asks(12)] as never }),
        aDecision("c", { timeMs: noonMs + 1_000, eventType: "PRE_USER_DELETE", hooks: [asks(2)] as never }),
        aDecision("d", { timeMs: noonMs + 2_000, outcome: "failed", hooks: [asks(1)] as never }),
        aDecision("e", { tenant: "other", timeMs: noonMs + 3_000 }),
      ];
      const resource = uuid("profile");
      await changed(
        at.store,
        ...twoTenants,
        ...decisions.map((decision): Change => ({ do: "decision.add", decision })),
        { do: "decision.add", decision: aDecision("f", { timeMs: noonMs - 1, resource }) },
      );
      const listed = async (over: object, max: number): Promise<string> => {
        let text = "";
        for (let after: DecisionPlace | undefined, more = true; more; more = after !== undefined) {
          const page = after === undefined ? { max } : { max, after };
          const found = await at.store.operations.decisions({ tenant: "acme", ...over }, page);
          assert.ok(found.decisions.length <= max);
          text += found.decisions.map(({ operation }) => operation).join("");
          after = found.next;
        }
        return text;
      };
      for (const max of [1, 2, 9]) {
        assert.equal(await listed({}, max), "dcbaf");
        assert.equal(await listed({ tenant: "other" }, max), "e");
        assert.equal(await listed({ outcome: "denied" }, max), "b");
        assert.equal(await listed({ eventType: "PRE_USER_DELETE" }, max), "c");
        assert.equal(await listed({ function: 1 }, max), "db");
        assert.equal(await listed({ resource }, max), "f");
        assert.equal(await listed({ sinceMs: noonMs, untilMs: noonMs + 2_000 }, max), "cba");
        assert.equal(await listed({ sinceMs: noonMs + 9_000 }, max), "");
      }
    });

    it("are made once for each operation of a tenant", async () => {
      await using at = await open();
      const add = (over: Partial<Decision>): Change => ({ do: "decision.add", decision: aDecision("a", over) });
      await changed(at.store, ...twoTenants, add({}), add({ tenant: "other" }));
      await assert.rejects(changed(at.store, add({ outcome: "denied" })));
      assert.equal((await at.store.operations.decision("acme", "a"))?.outcome, "allowed");
    });
  });

  describe("remembered answers", () => {
    it("are read back as written, of their tenant, principal and key", async () => {
      await using at = await open();
      const remembered = aRemembered("k");
      const add = (over: Partial<Remembered>): Change => ({
        do: "remembered.add",
        remembered: { ...remembered, ...over },
      });
      await changed(at.store, ...twoTenants, add({}), add({ tenant: "other", body: null }), add({ principal: "bob" }));
      const { operations } = at.store;
      const place = { tenant: "acme", principal: "ada", key: "k" };
      assert.deepEqual(await operations.remembered(place), remembered);
      const other = { ...place, tenant: "other" };
      assert.deepEqual(await operations.remembered(other), { ...remembered, ...other, body: null });
      assert.equal((await operations.remembered({ ...place, principal: "bob" }))?.principal, "bob");
      assert.equal(await operations.remembered({ ...place, key: "K" }), undefined);
    });

    it("are given once where only an outcome was remembered", async () => {
      await using at = await open();
      const place = { tenant: "acme", principal: "ada", key: "k" };
      const outcome = aRemembered("k", { status: outcomeStatus, body: { ids: ["a"] } });
      await changed(at.store, ...twoTenants, { do: "remembered.add", remembered: outcome });
      assert.deepEqual(await at.store.operations.remembered(place), outcome);
      for (const body of ["first", "second"]) {
        await changed(at.store, { do: "remembered.answer", ...place, status: 201, body });
        assert.deepEqual(await at.store.operations.remembered(place), { ...outcome, status: 201, body: "first" });
      }
      await changed(at.store, { do: "remembered.answer", ...place, key: "unknown", status: 201, body: null });
      assert.equal(await at.store.operations.remembered({ ...place, key: "unknown" }), undefined);
    });

    it("are one for each key, whoever races for it", async () => {
      await using at = await open();
      await changed(at.store, ...twoTenants);
      const absent = { if: "remembered.absent", tenant: "acme", principal: "ada", key: "k" } as const;
      const commits = await Promise.all(
        [1, 2, 3].map((status) =>
          at.store.commit({
            conditions: [absent],
            changes: [{ do: "remembered.add", remembered: aRemembered("k", { status }) }],
          }),
        ),
      );
      assert.equal(commits.filter(({ kind }) => kind === "committed").length, 1);
      await refused(at.store, absent);
      await holds(at.store, { ...absent, principal: "bob" });
      await assert.rejects(changed(at.store, { do: "remembered.add", remembered: aRemembered("k") }));
    });
  });

  describe("intents", () => {
    const add = (intent: Intent): Change => ({ do: "intent.add", intent });

    it("are read back as written, until they are removed", async () => {
      await using at = await open();
      const intent = anIntent("a", {
        user: { username: "zoë", id: 3 },
        app: { uuid: uuid("app"), slug: "shop" },
        chain: { root: "r", path: [uuid("subscription")] },
        ran: [3, 1],
        origin: "host",
        resource: uuid("profile"),
        askMs: noonMs + 5,
      });
      await changed(at.store, ...twoTenants, add(intent), add(anIntent("b")));
      assert.deepEqual(await at.store.operations.intent("a"), intent);
      assert.deepEqual(await at.store.operations.intent("b"), anIntent("b"));
      await assert.rejects(changed(at.store, add(anIntent("a"))));
      await assert.rejects(changed(at.store, add(anIntent("c", { tenant: "nowhere" }))));
      await changed(at.store, { do: "intent.remove", operation: "a" });
      assert.equal(await at.store.operations.intent("a"), undefined);
    });

    it("are ended by one of those who want to end them", async () => {
      await using at = await open();
      await changed(at.store, ...twoTenants, add(anIntent("a")), add(anIntent("b")));
      const condition: Condition = { if: "intent.open", operation: "a" };
      const end = { conditions: [condition], changes: [{ do: "intent.remove", operation: "a" } as const] };
      const commits = await Promise.all([at.store.commit(end), at.store.commit(end)]);
      assert.deepEqual(commits, [
        { kind: "committed", sequences: [] },
        { kind: "refused", condition },
      ]);
      await holds(at.store, { if: "intent.open", operation: "b" });
    });

    it("may be left unresolved, and ended later", async () => {
      await using at = await open();
      await changed(at.store, ...twoTenants, add(anIntent("a")), add(anIntent("b")), add(anIntent("c")));
      assert.deepEqual(await at.store.operations.intentCounts(), { open: 3, unresolved: 0 });
      const leave = (reason: string): Change => ({ do: "intent.unresolved", operation: "b", reason });
      await changed(at.store, leave("nobody knows"));
      await changed(at.store, leave("no answer again"), {
        do: "intent.unresolved",
        operation: "x",
        reason: "never there",
      });
      assert.deepEqual(
        await at.store.operations.intent("b"),
        anIntent("b", { unresolved: "no answer again", asked: 2 }),
      );
      assert.deepEqual(await at.store.operations.intentCounts(), { open: 2, unresolved: 1 });
      await committed(at.store, {
        conditions: [{ if: "intent.open", operation: "b" }],
        changes: [{ do: "intent.remove", operation: "b" }],
      });
      assert.deepEqual(await at.store.operations.intentCounts(), { open: 2, unresolved: 0 });
    });

    it("know the transaction that does them, as it was told last", async () => {
      await using at = await open();
      const awaited = anIntent("b", { transaction: "awaited" });
      await changed(at.store, ...twoTenants, add(anIntent("a")), add(awaited));
      assert.deepEqual(await at.store.operations.intent("b"), awaited);
      for (const id of ["740", "18446744073709551615"]) {
        const transaction = { id, database: "7431/5" };
        await changed(at.store, { do: "intent.transaction", operation: "b", transaction });
        assert.deepEqual(await at.store.operations.intent("b"), anIntent("b", { transaction }));
      }
      assert.deepEqual(await at.store.operations.intent("a"), anIntent("a"));
    });

    it("come oldest first, of all or of one tenant, in pages", async () => {
      await using at = await open();
      const tenants = { d: "acme", a: "acme", c: "other", b: "acme" };
      await changed(at.store, ...twoTenants);
      for (const [id, tenant] of Object.entries(tenants)) await changed(at.store, add(anIntent(id, { tenant })));
      const ids = async (query: { tenant?: string }, max: number, after?: string): Promise<string> => {
        const page = { max, ...(after === undefined ? {} : { after }) };
        return (await at.store.operations.intents(query, page)).map(({ operation }) => operation).join("");
      };
      assert.equal(await ids({}, 3), "abc");
      assert.equal(await ids({}, 3, "c"), "d");
      assert.equal(await ids({ tenant: "acme" }, 2), "ab");
      assert.equal(await ids({ tenant: "acme" }, 2, "b"), "d");
      assert.equal(await ids({ tenant: "nowhere" }, 2), "");
    });

    it("are narrowed to those of one origin, and to what is known of them", async () => {
      await using at = await open();
      const host = (id: string, over: Partial<Intent> = {}): Change => add(anIntent(id, { origin: "host", ...over }));
      await changed(at.store, ...twoTenants, add(anIntent("a")), host("b"), host("c"), host("d", { tenant: "other" }));
      await changed(at.store, { do: "intent.unresolved", operation: "c", reason: "gone" });
      const ids = async (query: Parameters<typeof at.store.operations.intents>[0]): Promise<string> =>
        (await at.store.operations.intents(query, { max: 9 })).map(({ operation }) => operation).join("");
      assert.equal(await ids({ origin: "library" }), "a");
      assert.equal(await ids({ origin: "host" }), "bcd");
      assert.equal(await ids({ tenant: "acme", origin: "host" }), "bc");
      assert.equal(await ids({ tenant: "acme", origin: "host", state: "open" }), "b");
      assert.equal(await ids({ state: "unresolved" }), "c");
    });

    it("are due to be asked about when they say so, the longest due first, and again as they are told", async () => {
      await using at = await open();
      const due = (id: string, askMs: number): Change => add(anIntent(id, { origin: "host", askMs }));
      assert.equal(await at.store.operations.nextDueMs(), undefined);
      await changed(at.store, ...twoTenants, add(anIntent("a")), due("b", 30), due("c", 10), due("d", 20));
      const ids = async (nowMs: number, max = 9): Promise<string> =>
        (await at.store.operations.dueIntents(nowMs, max)).map(({ operation }) => operation).join("");
      assert.deepEqual(
        [await ids(9), await ids(20), await ids(99), await ids(99, 1), await at.store.operations.nextDueMs()],
        ["", "cd", "cdb", "c", 10],
      );
      const leave = (operation: string, askMs?: number): Change => {
        const why = { do: "intent.unresolved", operation, reason: "later" } as const;
        return askMs === undefined ? why : { ...why, askMs };
      };
      await changed(at.store, leave("c", 25), leave("d"));
      assert.deepEqual([await ids(99), await at.store.operations.nextDueMs()], ["cb", 25]);
      const kept = await at.store.operations.intent("c");
      assert.deepEqual([kept?.askMs, kept?.asked, kept?.unresolved], [25, 1, "later"]);
    });

    it("are ended with what came of them, once", async () => {
      await using at = await open();
      const ended = anEnded("a", { event: "e", reason: "because" });
      await changed(at.store, ...twoTenants, add(anIntent("a", { origin: "host" })), add(anIntent("b")));
      assert.equal(await at.store.operations.ended("a"), undefined);
      await changed(at.store, { do: "intent.end", ended });
      assert.deepEqual(await at.store.operations.ended("a"), ended);
      assert.equal(await at.store.operations.intent("a"), undefined);
      await assert.rejects(changed(at.store, { do: "intent.end", ended }));
      await changed(at.store, { do: "intent.end", ended: anEnded("b", { outcome: "aborted" }) });
      assert.deepEqual(await at.store.operations.ended("b"), anEnded("b", { outcome: "aborted" }));
    });
  });
}
