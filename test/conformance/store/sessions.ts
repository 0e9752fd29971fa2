import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Token } from "../../../src/store/records.ts";
import { type KnownSession, type LoginCode, mostLoginCodes, mostSessions } from "../../../src/store/sessions.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Change } from "../../../src/store/unit.ts";
import { changed, committed, noonMs, tenantWithAda, uuid } from "./given.ts";
import type { OpenStore } from "./under-test.ts";

type Session = KnownSession["session"];

const bob = { tenant: "acme", name: "bob", role: "member", user: uuid("profile") } as const;
const ada = { tenant: "acme", name: "ada", role: "admin" } as const;
const putBob: Change = { do: "principal.put", principal: { ...bob, createdMs: noonMs } };

function hashed(id: string): string {
  return id.replaceAll("-", "").padEnd(64, "0");
}

export function aToken(over: Partial<Token> = {}): Token {
  const of = uuid("token");
  return { uuid: of, tenant: "acme", principal: "bob", hash: hashed(of), label: "", createdMs: noonMs, ...over };
}

function aSession(token: Token, over: Partial<Session> = {}): Session {
  const of = uuid("loginSession");
  const { tenant, principal } = token;
  const times = { createdMs: noonMs, seenMs: noonMs, expiresMs: noonMs + 9_000 };
  return { uuid: of, hash: hashed(of), tenant, principal, token: token.uuid, ...times, ...over };
}

export function aCode(token: Token, over: Partial<LoginCode> = {}): LoginCode {
  const hash = hashed(uuid("loginSession"));
  const { tenant, principal } = token;
  return { hash, tenant, principal, token: token.uuid, createdMs: noonMs, expiresMs: noonMs + 9_000, ...over };
}

/** Bob and ada, a token of each, what came from them. Ada's made something for bob, too. */
async function scene(store: Store) {
  const [bobs, adas] = [aToken({ expiresMs: noonMs + 99_000 }), aToken({ principal: "ada" })];
  await changed(store, ...tenantWithAda("acme"), putBob);
  await changed(store, { do: "token.put", token: bobs }, { do: "token.put", token: adas });
  const sessions = { own: aSession(bobs), byAda: aSession(adas, { principal: "bob" }), adas: aSession(adas) };
  const codes = { own: aCode(bobs), byAda: aCode(adas, { principal: "bob" }), adas: aCode(adas) };
  for (const session of Object.values(sessions)) await changed(store, { do: "session.add", session });
  for (const code of Object.values(codes)) await changed(store, { do: "loginCode.add", code });
  const left = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const [name, { hash }] of Object.entries(sessions)) {
      if ((await store.sessions.sessionByHash(hash)) !== undefined) found.push(name);
    }
    for (const [name, { hash }] of Object.entries(codes)) {
      if ((await store.sessions.loginCode(hash)) !== undefined) found.push(`code ${name}`);
    }
    return found;
  };
  return { bobs, adas, sessions, codes, left };
}

export function sessionsConformance(open: OpenStore): void {
  describe("sessions and codes of logins", () => {
    it("are read back with whom they are of, whose token they came from, and when that expires", async () => {
      await using at = await open();
      const { sessions, codes, bobs } = await scene(at.store);
      const own = { session: sessions.own, principal: bob, maker: bob, tokenExpiresMs: bobs.expiresMs };
      assert.deepEqual(await at.store.sessions.sessionByHash(sessions.own.hash), own);
      assert.deepEqual(await at.store.sessions.session(sessions.own.uuid), own);
      assert.deepEqual(await at.store.sessions.session(sessions.byAda.uuid), {
        session: sessions.byAda,
        principal: bob,
        maker: ada,
      });
      assert.deepEqual(await at.store.sessions.loginCode(codes.byAda.hash), {
        code: codes.byAda,
        principal: bob,
        maker: ada,
      });
      assert.equal(await at.store.sessions.sessionByHash(hashed("none")), undefined);
      assert.equal(await at.store.sessions.loginCode(sessions.own.hash), undefined);
    });

    it("come newest first, of a tenant or of one principal, in pages", async () => {
      await using at = await open();
      const { sessions } = await scene(at.store);
      const of = async (principal: string | undefined, after: Session | undefined, max: number) => {
        const page = { max, ...(after === undefined ? {} : { after: after.uuid }) };
        const query = { tenant: "acme", ...(principal === undefined ? {} : { principal }) };
        return (await at.store.sessions.sessions(query, page)).map(({ session }) => session);
      };
      assert.deepEqual(await of(undefined, undefined, 2), [sessions.adas, sessions.byAda]);
      assert.deepEqual(await of(undefined, sessions.byAda, 2), [sessions.own]);
      assert.deepEqual(await of("bob", undefined, 9), [sessions.byAda, sessions.own]);
      assert.deepEqual(await of("bob", sessions.byAda, 9), [sessions.own]);
      assert.deepEqual(await at.store.sessions.sessions({ tenant: "other" }, { max: 9 }), []);
    });

    it("follow the role of their principal", async () => {
      await using at = await open();
      const { sessions } = await scene(at.store);
      await changed(at.store, { do: "principal.put", principal: { ...bob, role: "developer", createdMs: noonMs } });
      const found = await at.store.sessions.sessionByHash(sessions.own.hash);
      assert.deepEqual([found?.principal.role, found?.maker.role], ["developer", "developer"]);
    });

    it("end with the token that they came from, for ever", async () => {
      await using at = await open();
      const { adas, left } = await scene(at.store);
      await changed(at.store, { do: "token.revoke", tenant: "other", uuid: adas.uuid, atMs: noonMs });
      assert.equal((await left()).length, 6, "in its own tenant only");
      await changed(at.store, { do: "token.revoke", tenant: "acme", uuid: adas.uuid, atMs: noonMs });
      assert.deepEqual(await left(), ["own", "code own"]);
      await changed(at.store, { do: "token.put", token: adas });
      assert.deepEqual(await left(), ["own", "code own"]);
    });

    it("end when another token takes the place of theirs, and stay when it is put again", async () => {
      await using at = await open();
      const { adas, left } = await scene(at.store);
      await changed(at.store, { do: "token.put", token: { ...adas, label: "again" } });
      assert.equal((await left()).length, 6);
      await changed(at.store, { do: "token.put", token: { ...adas, hash: "f".repeat(64) } });
      await changed(at.store, { do: "token.put", token: adas });
      assert.deepEqual(await left(), ["own", "code own"]);
    });

    it("end with their principal, and with the one whose token it was, for ever", async () => {
      await using at = await open();
      const { left } = await scene(at.store);
      await changed(at.store, { do: "principal.end", tenant: "acme", name: "bob", atMs: noonMs });
      assert.deepEqual(await left(), ["adas", "code adas"]);
      await changed(at.store, putBob);
      assert.deepEqual(await left(), ["adas", "code adas"]);
      await using other = await open();
      const there = await scene(other.store);
      await changed(other.store, { do: "principal.end", tenant: "acme", name: "ada", atMs: noonMs });
      assert.deepEqual(await there.left(), ["own", "code own"]);
    });

    it("of an issuer rest on the link of their principal, and end with it for ever", async () => {
      await using at = await open();
      const { sessions, left } = await scene(at.store);
      const link = { tenant: "acme", issuer: "https://login.example", subject: "7", principal: "bob" };
      const put: Change = { do: "issuerLink.put", link };
      const { token: _, ...of } = aSession(aToken());
      const session = { ...of, issuer: link.issuer };
      await changed(at.store, put, { do: "session.add", session });
      const found = { session, principal: bob, maker: bob };
      assert.deepEqual(await at.store.sessions.sessionByHash(session.hash), found);
      assert.deepEqual(await at.store.sessions.session(session.uuid), found);
      const query = { tenant: "acme", principal: "bob" };
      const listed = await at.store.sessions.sessions(query, { max: 1 });
      assert.deepEqual(listed, [found]);
      assert.equal((await at.store.sessions.sessions({ tenant: "acme" }, { max: 9 })).length, 4);

      await changed(at.store, { do: "issuerLink.remove", tenant: "acme", principal: "ada" });
      assert.deepEqual(await at.store.sessions.session(session.uuid), found, "another's link");
      await changed(at.store, { do: "issuerLink.remove", tenant: "acme", principal: "bob" });
      assert.equal(await at.store.sessions.session(session.uuid), undefined);
      await changed(at.store, put);
      assert.equal(await at.store.sessions.session(session.uuid), undefined);
      assert.equal((await left()).length, 6, "those of tokens stay");

      const elsewhere = { ...session, uuid: uuid("loginSession"), hash: hashed("e"), issuer: "https://other.example" };
      await changed(at.store, { do: "session.add", session: elsewhere });
      assert.equal(await at.store.sessions.sessionByHash(elsewhere.hash), undefined, "it is linked to another issuer");
      const again = { ...session, uuid: uuid("loginSession"), hash: hashed("a") };
      await changed(at.store, { do: "session.add", session: again });
      await changed(at.store, { do: "principal.end", tenant: "acme", name: "bob", atMs: noonMs });
      await changed(at.store, putBob);
      assert.equal(await at.store.sessions.sessionByHash(again.hash), undefined);
      assert.deepEqual(await left(), ["adas", "code adas"]);
      assert.ok(sessions.own.token !== undefined);
    });

    it("are seen, but never earlier than before, and removed", async () => {
      await using at = await open();
      const { sessions, codes, left } = await scene(at.store);
      const { uuid: of, hash } = sessions.own;
      await changed(at.store, { do: "session.seen", uuid: of, atMs: noonMs + 5 });
      await changed(at.store, { do: "session.seen", uuid: of, atMs: noonMs + 4 });
      assert.equal((await at.store.sessions.sessionByHash(hash))?.session.seenMs, noonMs + 5);
      await changed(at.store, { do: "session.remove", uuid: of });
      await changed(at.store, { do: "session.seen", uuid: of, atMs: noonMs + 6 });
      await changed(at.store, { do: "loginCode.remove", hash: codes.own.hash });
      assert.deepEqual(await left(), ["byAda", "adas", "code byAda", "code adas"]);
    });

    it("a code is open until it expires or is used, and of many uses at once one succeeds", async () => {
      await using at = await open();
      const { codes, bobs } = await scene(at.store);
      const { hash, expiresMs } = codes.own;
      const late = { if: "loginCode.open", hash, nowMs: expiresMs } as const;
      assert.deepEqual(await at.store.commit({ conditions: [late] }), { kind: "refused", condition: late });
      const use = () =>
        at.store.commit({
          conditions: [{ if: "loginCode.open", hash, nowMs: expiresMs - 1 }],
          changes: [
            { do: "loginCode.remove", hash },
            { do: "session.add", session: aSession(bobs) },
          ],
        });
      const kinds = (await Promise.all([use(), use(), use()])).map(({ kind }) => kind);
      assert.deepEqual(kinds.toSorted(), ["committed", "refused", "refused"]);
      const page = await at.store.sessions.sessions({ tenant: "acme", principal: "bob" }, { max: 9 });
      assert.equal(page.length, 3);
    });

    it("are so many of a principal, and the oldest go, whatever the clock says", async () => {
      await using at = await open();
      const { sessions, codes, bobs, left } = await scene(at.store);
      const add: Change[] = [];
      for (let count = 2; count < mostSessions; count += 1) add.push({ do: "session.add", session: aSession(bobs) });
      for (let count = 2; count < mostLoginCodes; count += 1) {
        add.push({ do: "loginCode.add", code: aCode(bobs, { createdMs: noonMs + count }) });
      }
      await committed(at.store, { changes: add });
      assert.equal((await left()).length, 6);
      const old = aSession(bobs, { uuid: `00000000${sessions.own.uuid.slice(8)}` as Session["uuid"] });
      await changed(at.store, { do: "session.add", session: old }, { do: "loginCode.add", code: aCode(bobs) });
      assert.notEqual(await at.store.sessions.sessionByHash(old.hash), undefined);
      const names = await left();
      assert.ok(!names.includes("own") && names.includes("adas") && names.includes("code adas"), names.join());
      assert.equal(["code own", "code byAda"].filter((name) => names.includes(name)).length, 1, names.join());
      assert.notEqual(await at.store.sessions.loginCode(codes.adas.hash), undefined);
      const all = await at.store.sessions.sessions({ tenant: "acme", principal: "bob" }, { max: 999 });
      assert.equal(all.length, mostSessions);
    });

    it("are dropped by retention once they have expired", async () => {
      await using at = await open();
      const { bobs } = await scene(at.store);
      const past = { expiresMs: 1 };
      const [session, code] = [aSession(bobs, past), aCode(bobs, past)];
      await changed(at.store, { do: "session.add", session }, { do: "loginCode.add", code });
      assert.notEqual(await at.store.sessions.session(session.uuid), undefined);
      await at.store.upkeep.prune({ beforeMs: 0, deadBeforeMs: 0, max: 10 });
      assert.equal(await at.store.sessions.session(session.uuid), undefined);
      assert.equal(await at.store.sessions.loginCode(code.hash), undefined);
    });

    it("need a principal and a token", async () => {
      await using at = await open();
      const { bobs } = await scene(at.store);
      await assert.rejects(changed(at.store, { do: "session.add", session: aSession(bobs, { principal: "nobody" }) }));
      await assert.rejects(changed(at.store, { do: "session.add", session: aSession(aToken()) }));
    });
  });
}
