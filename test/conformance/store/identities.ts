import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { everyone, type Permission } from "../../../src/domain/access.ts";
import type { Token } from "../../../src/store/records.ts";
import type { Change } from "../../../src/store/unit.ts";
import {
  aSubscription,
  changed,
  changedSince,
  committed,
  givenSubscription,
  noonMs,
  tenantWithAda,
  uuid,
} from "./given.ts";
import type { OpenStore } from "./under-test.ts";

const bob = { tenant: "acme", name: "bob", role: "member", user: uuid("profile"), createdMs: noonMs } as const;
const putBob: Change = { do: "principal.put", principal: bob };

function aToken(over: Partial<Token> = {}): Token {
  const of = uuid("token");
  const hash = of.replaceAll("-", "").padEnd(64, "0");
  return { uuid: of, tenant: "acme", principal: "bob", hash, label: "laptop", createdMs: noonMs, ...over };
}

const aKey = { id: "AKIA1", tenant: "acme", principal: "bob", sealedSecret: "s", label: "k", createdMs: noonMs };

export function identitiesConformance(open: OpenStore): void {
  describe("tenants and principals", () => {
    it("are read back as written", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"), putBob);
      assert.deepEqual(await at.store.identities.tenant("acme"), {
        id: "acme",
        name: "Tenant acme",
        createdMs: noonMs,
      });
      assert.deepEqual(await at.store.identities.principal("acme", "bob"), bob);
      const ada = { tenant: "acme", name: "ada", role: "admin", createdMs: noonMs };
      assert.deepEqual(await at.store.identities.principal("acme", "ada"), ada);
      assert.equal(await at.store.identities.tenant("other"), undefined);
      assert.equal(await at.store.identities.principal("other", "ada"), undefined);
    });

    it("come in pages by id", async () => {
      await using at = await open();
      await changed(at.store, ...["b", "a-b", "a", "c"].flatMap(tenantWithAda));
      const ids = async (page: { after?: string; max: number }): Promise<string[]> =>
        (await at.store.identities.tenants(page)).map(({ id }) => id);
      assert.deepEqual(await ids({ max: 3 }), ["a", "a-b", "b"]);
      assert.deepEqual(await ids({ after: "b", max: 3 }), ["c"]);
      assert.deepEqual(await ids({ after: "c", max: 3 }), []);
    });

    it("may be asked for in conditions", async () => {
      await using at = await open();
      const absent = { if: "tenant.absent", id: "acme" } as const;
      const exists = { if: "tenant.exists", id: "acme" } as const;
      assert.deepEqual(await at.store.commit({ conditions: [exists] }), { kind: "refused", condition: exists });
      await committed(at.store, { conditions: [absent], changes: tenantWithAda("acme") });
      assert.deepEqual(await at.store.commit({ conditions: [absent] }), { kind: "refused", condition: absent });
      await committed(at.store, { conditions: [exists] });
    });

    it("are found by the user that they are linked to, or of whose very name they are", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"), putBob);
      const of = async (user: typeof bob.user, username: string): Promise<readonly string[]> => {
        const found = await at.store.identities.principalsOf({ tenant: "acme", uuid: user, username });
        return found.map(({ name }) => name);
      };
      assert.deepEqual(await of(bob.user, "robert"), ["bob"]);
      assert.deepEqual(await of(uuid("profile"), "ada"), ["ada"]);
      assert.deepEqual(await of(uuid("profile"), "bob"), [], "who is linked to another");
    });

    it("give a principal another role and keep when it was made", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"), putBob);
      await changed(at.store, { do: "principal.put", principal: { ...bob, role: "developer", createdMs: noonMs + 1 } });
      assert.deepEqual(await at.store.identities.principal("acme", "bob"), { ...bob, role: "developer" });
    });
  });

  describe("a principal that ends", () => {
    it("ends with its tokens and keys, and what it is subscribed to pauses, but for what runs functions", async () => {
      await using at = await open();
      const { store } = at;
      await changed(store, ...tenantWithAda("acme"), ...tenantWithAda("other"), putBob);
      const [token, theirs] = [aToken(), aToken({ principal: "ada" })];
      await changed(
        store,
        { do: "token.put", token },
        { do: "token.put", token: theirs },
        { do: "accessKey.put", key: aKey },
      );
      const hook = { kind: "function", function: 7 } as const;
      const his = await givenSubscription(store, aSubscription(uuid("bucket"), { owner: "bob" }));
      const runs = await givenSubscription(store, aSubscription(uuid("bucket"), { owner: "bob", target: hook }));
      const hers = await givenSubscription(store, aSubscription(uuid("bucket"), { owner: "ada" }));
      const before = await changedSince(store, "acme", 0);
      const counted = async () =>
        (await store.identities.principals({ tenant: "acme", nowMs: noonMs }, { max: 9 })).map(
          ({ name, tokens, accessKeys, endedMs }) => [name, tokens, accessKeys, endedMs],
        );
      assert.deepEqual(await counted(), [
        ["ada", 1, 0, undefined],
        ["bob", 1, 1, undefined],
      ]);
      const is = { if: "principal.is", tenant: "acme", name: "bob", role: "member" } as const;
      await committed(store, {
        conditions: [is],
        changes: [{ do: "principal.end", tenant: "acme", name: "bob", atMs: noonMs + 5 }],
      });
      assert.deepEqual(await counted(), [
        ["ada", 1, 0, undefined],
        ["bob", 0, 0, noonMs + 5],
      ]);
      assert.equal(await store.credentials.tokenByHash(token.hash), undefined);
      assert.equal((await store.credentials.tokenByHash(theirs.hash))?.token.revokedMs, undefined);
      assert.equal(await store.credentials.accessKey("AKIA1"), undefined);
      const paused = { reason: "owner_ended", sinceMs: noonMs + 5 };
      assert.deepEqual((await store.subscriptions.get(his.uuid))?.paused, paused);
      assert.equal((await store.subscriptions.get(runs.uuid))?.paused, undefined);
      assert.equal((await store.subscriptions.get(hers.uuid))?.paused, undefined);
      const { changed: told } = await changedSince(store, "acme", before.revision);
      assert.deepEqual(
        told.map(({ uuid: of }) => of),
        [his.uuid],
        "whoever keeps subscriptions hears of it",
      );
      assert.deepEqual(await store.commit({ conditions: [is] }), { kind: "refused", condition: is });
      await changed(store, putBob);
      await committed(store, { conditions: [is] });
      assert.equal((await store.credentials.tokenByHash(token.hash))?.token.revokedMs, noonMs + 5);
    });
  });

  describe("tokens", () => {
    it("are found by hash with their principal, expired and revoked ones too", async () => {
      await using at = await open();
      const token = aToken({ expiresMs: noonMs - 1, revokedMs: noonMs - 2 });
      await changed(at.store, ...tenantWithAda("acme"), putBob, { do: "token.put", token });
      const { createdMs: _, ...principal } = bob;
      assert.deepEqual(await at.store.credentials.tokenByHash(token.hash), { token, principal });
      assert.equal(await at.store.credentials.tokenByHash("0".repeat(64)), undefined);
    });

    it("come newest first, of one tenant, in pages", async () => {
      await using at = await open();
      const tokens = [aToken(), aToken(), aToken({ tenant: "other", principal: "ada" }), aToken()];
      await changed(at.store, ...tenantWithAda("acme"), putBob, ...tenantWithAda("other"));
      for (const token of tokens) await changed(at.store, { do: "token.put", token });
      const [first, second, , third] = tokens;
      const page = await at.store.credentials.tokens("acme", { max: 2 });
      assert.deepEqual(
        page.map(({ token }) => token),
        [third, second],
      );
      const after = second?.uuid ?? assert.fail();
      const rest = await at.store.credentials.tokens("acme", { after, max: 2 });
      assert.deepEqual(
        rest.map(({ token }) => token),
        [first],
      );
    });

    it("are replaced by uuid", async () => {
      await using at = await open();
      const token = aToken();
      const replaced = { ...token, hash: "f".repeat(64), label: "desk", expiresMs: noonMs + 9 };
      await changed(at.store, ...tenantWithAda("acme"), putBob, { do: "token.put", token });
      await changed(at.store, { do: "token.put", token: replaced });
      assert.equal(await at.store.credentials.tokenByHash(token.hash), undefined);
      assert.deepEqual((await at.store.credentials.tokenByHash(replaced.hash))?.token, replaced);
    });

    it("never push out another one that has the same hash", async () => {
      await using at = await open();
      const token = aToken();
      await changed(at.store, ...tenantWithAda("acme"), putBob, { do: "token.put", token });
      await assert.rejects(changed(at.store, { do: "token.put", token: aToken({ hash: token.hash }) }));
      assert.deepEqual((await at.store.credentials.tokenByHash(token.hash))?.token, token);
    });

    it("are revoked once, and only in their own tenant", async () => {
      await using at = await open();
      const token = aToken();
      await changed(at.store, ...tenantWithAda("acme"), putBob, { do: "token.put", token });
      const revokedMs = async (): Promise<number | undefined> =>
        (await at.store.credentials.tokenByHash(token.hash))?.token.revokedMs;
      await changed(at.store, { do: "token.revoke", tenant: "other", uuid: token.uuid, atMs: 1 });
      assert.equal(await revokedMs(), undefined);
      await changed(at.store, { do: "token.revoke", tenant: "acme", uuid: token.uuid, atMs: 2 });
      await changed(at.store, { do: "token.revoke", tenant: "acme", uuid: token.uuid, atMs: 3 });
      assert.equal(await revokedMs(), 2);
    });

    it("need a principal", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"));
      await assert.rejects(changed(at.store, { do: "token.put", token: aToken({ principal: "nobody" }) }));
    });
  });

  describe("access keys", () => {
    it("are put, replaced and found with their principal", async () => {
      await using at = await open();
      const { createdMs: _, ...principal } = bob;
      await changed(at.store, ...tenantWithAda("acme"), putBob, { do: "accessKey.put", key: aKey });
      assert.deepEqual(await at.store.credentials.accessKey("AKIA1"), { key: aKey, principal });
      const key = { ...aKey, sealedSecret: "another", label: "new" };
      await changed(at.store, { do: "accessKey.put", key });
      assert.deepEqual(await at.store.credentials.accessKey("AKIA1"), { key, principal });
    });

    it("are refused where the id is taken", async () => {
      await using at = await open();
      const condition = { if: "accessKey.absent", id: aKey.id } as const;
      const unit = { conditions: [condition], changes: [{ do: "accessKey.put", key: aKey } as const] };
      await changed(at.store, ...tenantWithAda("acme"), putBob);
      await committed(at.store, unit);
      assert.deepEqual(await at.store.commit(unit), { kind: "refused", condition });
    });

    it("come by id, of a tenant or of one principal, in pages", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"), putBob, ...tenantWithAda("other"));
      const owners = { K3: "bob", K1: "ada", K2: "bob", K4: "bob" };
      for (const [id, principal] of Object.entries(owners)) {
        await changed(at.store, { do: "accessKey.put", key: { ...aKey, id, principal } });
      }
      const other = { ...aKey, id: "K0", tenant: "other", principal: "ada" };
      await changed(at.store, { do: "accessKey.put", key: other });
      const ids = async (principal: string | undefined, after: string | undefined, max: number): Promise<string[]> => {
        const query = { tenant: "acme", ...(principal === undefined ? {} : { principal }) };
        const keys = await at.store.credentials.accessKeys(query, { max, ...(after === undefined ? {} : { after }) });
        return keys.map(({ id }) => id);
      };
      assert.deepEqual(await ids(undefined, undefined, 9), ["K1", "K2", "K3", "K4"]);
      assert.deepEqual(await ids("bob", undefined, 2), ["K2", "K3"]);
      assert.deepEqual(await ids("bob", "K3", 2), ["K4"]);
    });

    it("are removed only in their own tenant", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"), putBob, { do: "accessKey.put", key: aKey });
      await changed(at.store, { do: "accessKey.remove", tenant: "other", id: aKey.id });
      assert.ok((await at.store.credentials.accessKey(aKey.id)) !== undefined);
      await changed(at.store, { do: "accessKey.remove", tenant: "acme", id: aKey.id });
      assert.equal(await at.store.credentials.accessKey(aKey.id), undefined);
    });
  });

  describe("grants", () => {
    it("are put, replaced and removed", async () => {
      await using at = await open();
      const resource = uuid("bucket");
      const elsewhere = { resource: uuid("bucket"), grantee: "bob", permission: "read" } as const;
      await changed(
        at.store,
        { do: "grant.put", grant: { resource, grantee: "cyd", permission: "read" } },
        { do: "grant.put", grant: { resource, grantee: "bob", permission: "read" } },
        { do: "grant.put", grant: { resource, grantee: "bob", permission: "write" } },
        { do: "grant.put", grant: elsewhere },
      );
      const bobs = { resource, grantee: "bob", permission: "write" };
      const cyds = { resource, grantee: "cyd", permission: "read" };
      assert.deepEqual(await at.store.grants.grants(resource), [bobs, cyds]);
      assert.equal(await at.store.grants.grant(resource, "bob"), "write");
      await changed(at.store, { do: "grant.remove", resource, grantee: "bob" });
      assert.equal(await at.store.grants.grant(resource, "bob"), undefined);
      assert.deepEqual(await at.store.grants.grants(resource), [cyds]);
      assert.deepEqual(await at.store.grants.grants(elsewhere.resource), [elsewhere]);
    });

    it("of everybody reach each principal, and the better one counts", async () => {
      await using at = await open();
      const resource = uuid("bucket");
      const { grants } = at.store;
      const put = (grantee: string, permission: Permission) =>
        changed(at.store, { do: "grant.put", grant: { resource, grantee, permission } });
      assert.equal(await grants.reach(resource, "bob"), undefined);
      await put("bob", "read");
      assert.deepEqual([await grants.reach(resource, "bob"), await grants.reach(resource, "cyd")], ["read", undefined]);
      await put(everyone, "write");
      assert.deepEqual([await grants.reach(resource, "bob"), await grants.reach(resource, "cyd")], ["write", "write"]);
      assert.equal(await grants.grant(resource, "cyd"), undefined);
      await put(everyone, "read");
      await put("bob", "write");
      assert.deepEqual([await grants.reach(resource, "bob"), await grants.reach(resource, "cyd")], ["write", "read"]);
      await changed(at.store, { do: "grant.remove", resource, grantee: everyone });
      assert.equal(await grants.reach(resource, "cyd"), undefined);
    });
  });
}
