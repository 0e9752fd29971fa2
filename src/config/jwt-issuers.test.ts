import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { SignalboxError } from "../errors.ts";
import { parseConfig } from "./config.ts";

const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = String(pair.publicKey.export({ type: "spki", format: "pem" }));
const jwk = pair.publicKey.export({ format: "jwk" });
const good = {
  issuer: "https://login.acme.example",
  jwks_url: "https://login.acme.example/keys",
  audience: "signalbox",
};
const { jwks_url: _, ...keyless } = good;

function parse(value: unknown) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return parseConfig({ SIGNALBOX_JWT_ISSUERS: text }, []).jwtIssuers ?? [];
}

function problems(value: unknown): readonly string[] {
  try {
    parse(value);
  } catch (thrown) {
    assert.ok(thrown instanceof SignalboxError);
    return thrown.fields.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe("the setting of issuers", () => {
  it("has defaults for all but the issuer, its keys and the audience", () => {
    const [{ algorithms, ...rest } = { algorithms: [] }] = parse([good]);
    assert.deepEqual(rest, {
      issuer: good.issuer,
      keys: { from: "url", url: good.jwks_url },
      audience: ["signalbox"],
      clockSkewS: 60,
      claims: {
        subject: ["sub"],
        user: ["sub"],
        email: ["email"],
        emailVerified: ["email_verified"],
        groups: ["groups"],
      },
      tenant: "default",
      prefix: "",
      defaultRole: "member",
      makeUsers: false,
      existing: "refuse",
      allowPrivateAddress: false,
    });
    assert.ok(algorithms.length > 0 && !algorithms.some((name) => name.startsWith("HS")));
    assert.equal(parseConfig({}, []).jwtIssuers, undefined);
    assert.equal(parse(good).length, 1, "one alone needs no list");
  });

  it("takes keys as PEM and as a set, and may lie in a file", () => {
    for (const keys of [{ public_key: pem }, { jwks: { keys: [jwk] } }]) {
      assert.equal(parse([{ ...keyless, ...keys }])[0]?.keys.from, "settings");
    }
    const folder = mkdtempSync(join(tmpdir(), "signalbox-issuers-"));
    try {
      writeFileSync(join(folder, "issuers.json"), JSON.stringify([good]));
      assert.equal(parse(join(folder, "issuers.json")).length, 1);
      assert.deepEqual(problems(join(folder, "none.json")), [
        `SIGNALBOX_JWT_ISSUERS: there is no file ${folder}/none.json`,
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is refused by each field that is wrong, with the remedy", () => {
    const at = "SIGNALBOX_JWT_ISSUERS[0]";
    const privatePem = String(pair.privateKey.export({ type: "pkcs8", format: "pem" }));
    const privateJwk = pair.privateKey.export({ format: "jwk" });
    const { publicKey: small } = generateKeyPairSync("rsa", { modulusLength: 1_024 });
    const cases: readonly (readonly [unknown, string])[] = [
      [[{ ...good, issuer: undefined }], `${at}.issuer: is missing: what its tokens say as iss`],
      [[{ ...good, audience: undefined }], `${at}.audience: is missing: for whom its tokens have to be (aud)`],
      [[{ ...good, audience: [] }], `${at}.audience: must be a text, or a list of 1 to 32 texts`],
      [[keyless], `${at}.jwks_url: give one of jwks_url, jwks and public_key`],
      [[{ ...good, public_key: pem }], `${at}.jwks_url: give one of jwks_url, jwks and public_key`],
      [[{ ...good, jwks_url: "ftp://x/" }], `${at}.jwks_url: must be an https URL`],
      [[{ ...good, jwks_url: "https://u:p@x/" }], `${at}.jwks_url: must be an https URL`],
      [[{ ...good, algorithms: ["HS256"] }], `${at}.algorithms: "HS256" does not count: only asymmetric ones do`],
      [[{ ...good, algorithms: ["none"] }], `${at}.algorithms: "none" does not count`],
      [[{ ...good, clock_skew_s: 301 }], `${at}.clock_skew_s: must be a whole number from 0 to 300`],
      [[{ ...good, clock_skew: 30 }], `${at}.clock_skew: is not known. Did you mean "clock_skew_s"?`],
      [[{ ...good, claims: { name: "x" } }], `${at}.claims.name: is not known.`],
      [[{ ...good, claims: [] }], `${at}.claims: must be an object`],
      [[{ ...good, tenant: "Acme" }], `${at}.tenant: must be the id of a tenant`],
      [[{ ...good, tenant: "acme", claims: { tenant: "org" } }], `${at}.tenant: goes without claims.tenant: give one`],
      [
        [{ ...good, roles: { staff: "boss" } }],
        `${at}.roles["staff"]: must be one of operator, admin, developer, member`,
      ],
      [
        [{ ...good, roles: { staff: "operator" }, tenant: "acme" }],
        `${at}.roles: gives the role operator: operators live in`,
      ],
      [[{ ...good, roles: { a: "operator" }, claims: { tenant: "org" } }], `${at}.roles: gives the role operator`],
      [[{ ...good, default_role: "boss" }], `${at}.default_role: must be one of`],
      [[{ ...good, make_users: "yes" }], `${at}.make_users: must be one of true, false`],
      [[{ ...good, prefix: "a:" }], `${at}.prefix: must be at most 64 letters`],
      [[{ ...keyless, public_key: privatePem }], `${at}.public_key: holds a private key: give the public one`],
      [[{ ...keyless, public_key: "x" }], `${at}.public_key: is no public key in PEM`],
      [[{ ...keyless, jwks: { keys: [privateJwk] } }], `${at}.jwks.keys[0]: holds a private key`],
      [
        [{ ...keyless, jwks: { keys: [{ kty: "oct", k: "AA" }] } }],
        `${at}.jwks.keys[0]: is a secret and no public key`,
      ],
      [[{ ...keyless, jwks: { keys: [small.export({ format: "jwk" })] } }], `${at}.jwks.keys[0]: has 1024 bits`],
      [[{ ...keyless, jwks: { keys: [{ ...jwk, alg: "RS256" }] } }], `${at}.jwks.keys[0]: says alg "RS256"`],
      [[{ ...keyless, jwks: { keys: [{ ...jwk, use: "enc" }] } }], `${at}.jwks.keys[0]: is for "enc" and not to sign`],
      [[{ ...keyless, jwks: {} }], `${at}.jwks: must be a key set`],
      [[good, good], "SIGNALBOX_JWT_ISSUERS[1].issuer: is listed twice"],
      [[7], `${at}: must be an object`],
      ["[", "SIGNALBOX_JWT_ISSUERS: is no JSON: a list of issuers, or the path of a file with one"],
      [[], "SIGNALBOX_JWT_ISSUERS: must list from 1 to 100 issuers"],
    ];
    for (const [value, wanted] of cases) {
      const found = problems(value);
      assert.ok(
        found.some((one) => one.startsWith(wanted)),
        `${wanted}\n${found.join("\n")}`,
      );
      assert.ok(found.every((one) => !one.includes(String(privateJwk.d))));
    }
  });
});
