import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";
import {
  audience,
  claimsAt,
  issuer,
  issuerName,
  type KeyServer,
  keyPair,
  keyServer,
  signed,
  unsigned,
} from "../support/issuer.ts";
import { shared } from "../support/shared.ts";

/** Tokens that were not made by the issuer, or not for us, or not for now; and keys that come badly or not at all. */

const self = "/api/cloud/session/";
const [first, second, other, rsa, edwards] = await Promise.all([
  keyPair("k1"),
  keyPair("k2"),
  keyPair("k1"),
  keyPair("r1", "RS256"),
  keyPair("e1", "EdDSA"),
]);
const noKey = "the token's signature is by no key of its issuer";
const noAlgorithm = /^the token is signed by an algorithm that does not count/;

describe("a forged token", () => {
  const server = shared(() =>
    testApi({ jwtIssuers: [issuer({ jwks: { keys: [first.jwk, rsa.jwk, edwards.jwk] }, make_users: true })] }),
  );

  const claims = (over: Readonly<Record<string, unknown>> = {}) => claimsAt(server().clock.now(), over);
  async function refused(token: string, message: RegExp | string): Promise<void> {
    const { status, code, message: said, headers } = await server().ask("GET", self, undefined, { token });
    assert.deepEqual([status, code], [401, "unauthenticated"], `${token.slice(0, 200)}: ${said}`);
    if (typeof message === "string") assert.equal(said, message);
    else assert.match(said, message);
    assert.match(
      String(headers["www-authenticate"]),
      /^Bearer realm="signalbox", error="invalid_token", error_description="/,
    );
    assert.equal(await server().deps.store.identities.principal("default", "mallory"), undefined);
  }
  const sub = "mallory";

  it("without a signature, or with one by a secret, is refused", async () => {
    for (const alg of ["none", "None", "NONE", "nOnE", "", "HS256", "HS512", "RS1", "A128KW", "dir"]) {
      await refused(unsigned({ alg, kid: "k1" }, claims({ sub })), noAlgorithm);
    }
    for (const header of [{}, { alg: 7 }, { alg: null }, { alg: ["ES256"] }]) {
      await refused(unsigned(header, claims({ sub })), /does not say by which algorithm/);
    }
    await refused(unsigned({ alg: "ES256", kid: "k1" }, claims({ sub })), noKey);
  });

  it("signed by HMAC with the public key as the secret is refused, in whatever form the key is taken", async () => {
    for (const secret of [rsa.pem, rsa.pem.trim(), JSON.stringify(rsa.jwk), String(rsa.jwk.n), ""]) {
      for (const alg of ["HS256", "hs256", "RS256"]) {
        const text = unsigned({ alg, kid: "r1" }, claims({ sub })).slice(0, -1);
        const signature = createHmac("sha256", secret).update(text).digest("base64url");
        await refused(`${text}.${signature}`, alg === "RS256" ? noKey : noAlgorithm);
      }
    }
  });

  it("signed by another key of the same name, or altered, is refused", async () => {
    await refused(await signed(other, claims({ sub })), noKey);
    const good = await signed(first, claims({ sub: "ada" }));
    const [header = "", , signature = ""] = good.split(".");
    const payload = Buffer.from(JSON.stringify(claims({ sub }))).toString("base64url");
    await refused(`${header}.${payload}.${signature}`, noKey);
    await refused(await signed({ ...first, algorithm: "ES256", id: "r1" }, claims({ sub })), noKey);
    const cut = good.slice(0, -2);
    await refused(cut, /signature/);
  });

  it("that brings its own key, or says where one is, is verified by the issuer's alone, which is never fetched", async () => {
    await using trap = await keyServer(other);
    const headers = { jwk: other.jwk, jku: trap.url, x5u: trap.url, x5c: ["MIIB"], iss: issuerName };
    await refused(await signed(other, claims({ sub }), headers), noKey);
    assert.equal(trap.asked, 0);
    await refused(
      unsigned({ alg: "ES256", kid: "k1", crit: ["exp2"], exp2: 1 }, claims({ sub }), "AA"),
      /cannot be verified/,
    );
  });

  it("with a kid that is a path, a URL, SQL or much is a kid that no key has", async () => {
    await using trap = await keyServer(other);
    const kids = [
      "../../../../dev/null",
      "/etc/passwd",
      trap.url,
      "k1' OR '1'='1",
      "k1\u0000",
      "__proto__",
      "x".repeat(4_000),
    ];
    for (const kid of kids) await refused(await signed(other, claims({ sub }), { kid }), noKey);
    for (const kid of [7, null, ["k1"], { a: 1 }]) {
      const token = unsigned({ alg: "ES256", kid }, claims({ sub }));
      await refused(token, /kid is no text/);
    }
    assert.equal(trap.asked, 0);
  });

  it("of another issuer, for another audience, or for another time is refused by what is wrong", async () => {
    for (const iss of ["https://login.evil.example", `${issuerName}/`, issuerName.toUpperCase(), ""]) {
      await refused(await signed(first, claims({ sub, iss })), /issuer \(iss\) is none whose tokens are taken here/);
    }
    for (const iss of [undefined, 7, [issuerName]]) {
      await refused(await signed(first, claims({ sub, iss })), /does not say who issued it/);
    }
    for (const aud of ["other", ["other"], "", undefined, 7, audience.toUpperCase(), [[audience]]]) {
      await refused(await signed(first, claims({ sub, aud })), "the token is for another audience (aud)");
    }
    const { iat } = claims() as { iat: number };
    await refused(await signed(first, claims({ sub, exp: iat - 60 })), /^the token has expired/);
    await refused(await signed(first, claims({ sub, exp: undefined })), /does not say when it ends/);
    await refused(await signed(first, claims({ sub, nbf: iat + 61 })), "the token is not valid yet (nbf)");
    await refused(await signed(first, claims({ sub, iat: iat + 61 })), /issued in the future/);
    for (const exp of ["1e9", [iat + 60], {}, -1, 1e300])
      await refused(await signed(first, claims({ sub, exp })), /exp/);
    for (const late of ["now", -5, 1e300]) await refused(await signed(first, claims({ sub, iat: late })), /iat/);
    const forged = await signed(other, claims({ sub, exp: 1, aud: "other", nbf: 9e9 }));
    await refused(forged, noKey);
  });

  it("that says something twice is refused, although it is signed", async () => {
    const payload = `{"sub":"ada","sub":"mallory",${JSON.stringify(claims({ sub: undefined })).slice(1)}`;
    await refused(unsigned({ alg: "ES256", kid: "k1" }, payload), /says something twice/);
    await refused(unsigned(`{"alg":"none","alg":"ES256","kid":"k1"}`, claims({ sub })), /says something twice/);
  });

  it("that is huge, deep or no JSON is refused before anything is verified", async () => {
    await refused(unsigned({ alg: "ES256" }, "x".repeat(13_000)), /has more than 12288 characters/);
    const deep = `{"sub":${"[".repeat(4_000)}${"]".repeat(4_000)}}`;
    await refused(unsigned({ alg: "ES256", kid: "k1" }, deep), /does not say who issued it/);
    for (const payload of ["", "{", "null", "[]", '"a"', "{}x", "\uFEFF{}"]) {
      await refused(unsigned({ alg: "ES256", kid: "k1" }, payload), /token/);
    }
    const [header, , signature] = unsigned({ alg: "ES256" }, {}, "AA").split(".");
    await refused(`${header}.${Buffer.from([0xff, 0xfe, 0x7b]).toString("base64url")}.${signature}`, /not JSON/);
    for (const token of ["a.b", "a.b.c.d.e", "ey..", "..", "ey JhbGciOiJub25lIn0.e30."])
      await refused(token, /not known/);
  });

  it("changes nothing for good ones, of every kind of key", async () => {
    for (const key of [first, rsa, edwards]) {
      const token = await signed(key, claims({ sub: key.id }));
      const { status, text } = await server().ask("GET", self, undefined, { token });
      assert.equal(status, 200, text);
    }
    const pss = await signed({ ...(await keyPair("r1", "PS256")) }, claims({ sub }));
    await refused(pss, noKey);
  });
});

describe("keys that are fetched", () => {
  async function open(keys: KeyServer, over: Readonly<Record<string, unknown>> = {}) {
    const settings = { jwks_url: keys.url, make_users: true, allow_private_address: true, ...over };
    const api = await testApi({ jwtIssuers: [issuer(settings)] });
    let count = 0;
    const by = async (key: typeof first) => {
      count += 1;
      const token = await signed(key, claimsAt(api.clock.now(), { n: count, exp: 4e9 }));
      return { token, ask: () => api.ask("GET", self, undefined, { token }) };
    };
    const status = async (key: typeof first) => (await (await by(key)).ask()).status;
    return { api, by, status, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
  }

  it("are asked for again when a token names one that is not known, and at most once a minute", async () => {
    await using keys = await keyServer(first);
    await using at = await open(keys);
    assert.equal(await at.status(first), 200);
    assert.equal(keys.asked, 1);
    keys.lists = [first, second];
    assert.equal(await at.status(second), 401, "within the minute");
    const flood = await Promise.all(Array.from({ length: 20 }, () => at.status(second)));
    assert.deepEqual([new Set(flood), keys.asked], [new Set([401]), 1]);
    at.api.clock.advance(60_000);
    const after = await Promise.all(Array.from({ length: 20 }, () => at.status(second)));
    assert.deepEqual([new Set(after), keys.asked], [new Set([200]), 2], "once for all that wait");
  });

  it("that are gone count no more within ten minutes, for what was verified before either", async () => {
    await using keys = await keyServer(first, second);
    await using at = await open(keys);
    const before = await at.by(first);
    assert.equal((await before.ask()).status, 200);
    keys.lists = [second];
    at.api.clock.advance(10 * 60_000);
    assert.equal((await before.ask()).status, 200, "it is asked for in the background");
    while ((await before.ask()).status === 200) await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await before.ask()).message, noKey);
    assert.equal(await at.status(second), 200);
  });

  it("go on for a day while their place fails in whatever way, and then wait for it", async () => {
    await using keys = await keyServer(first);
    await using at = await open(keys);
    assert.equal(await at.status(first), 200);
    for (const lists of [500, 404, 302, "no JSON", "{}", '{"keys":[]}', '{"keys":7}', "x".repeat(300_000)]) {
      keys.lists = lists;
      at.api.clock.advance(10 * 60_000);
      const before = keys.asked;
      assert.equal(await at.status(second), 401, String(lists).slice(0, 20));
      assert.equal(keys.asked, before + 1);
      assert.equal(await at.status(first), 200);
    }
    at.api.clock.advance(24 * 60 * 60_000);
    const late = await (await at.by(first)).ask();
    assert.deepEqual([late.status, late.code], [503, "unavailable"]);
    assert.match(late.message, /^the keys of https:\/\/login\.acme\.example cannot be had now/);
    keys.lists = [first];
    at.api.clock.advance(60_000);
    assert.equal(await at.status(first), 200);
  });

  it("that do not come are waited for five seconds, and no token of ours waits with them", async () => {
    await using keys = await keyServer();
    keys.lists = undefined;
    await using at = await open(keys);
    const { ask } = await at.by(first);
    const waiting = [ask(), ask()];
    while (keys.asked === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await at.api.ask("GET", self)).status, 200);
    at.api.clock.advance(5_000);
    for (const { status, code } of await Promise.all(waiting)) assert.deepEqual([status, code], [503, "unavailable"]);
    assert.equal(keys.asked, 1);
  });

  it("are looked for at no private address unless that was said of the issuer", async () => {
    await using keys = await keyServer(first);
    await using closed = await open(keys, { allow_private_address: false });
    assert.equal(await closed.status(first), 503);
    assert.equal(keys.asked, 0);
    await using named = await open(keys, {
      jwks_url: keys.url.replace("127.0.0.1", "localhost"),
      allow_private_address: false,
    });
    assert.equal(await named.status(first), 503);
    assert.equal(keys.asked, 0);
    await using opened = await open(keys, { jwks_url: keys.url.replace("127.0.0.1", "localhost") });
    assert.equal(await opened.status(first), 200);
  });

  it("of kinds that do not count are passed over", async () => {
    const odd = [
      { kty: "oct", k: "c2VjcmV0", kid: "k2" },
      { kty: "RSA", n: "AQAB", e: "AQAB", kid: "k2" },
      null,
      7,
      { kid: "k2" },
    ];
    await using keys = await keyServer();
    keys.lists = JSON.stringify({ keys: [...odd, first.jwk] });
    await using at = await open(keys);
    assert.equal(await at.status(first), 200);
    const text = unsigned({ alg: "HS256", kid: "k2" }, claimsAt(at.api.clock.now())).slice(0, -1);
    const token = `${text}.${createHmac("sha256", "secret").update(text).digest("base64url")}`;
    assert.equal((await at.api.ask("GET", self, undefined, { token })).status, 401);
  });
});
