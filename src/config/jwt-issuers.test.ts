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
      verifiedEmailOnly: false,
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

  it("has defaults for what a login needs, but for its id and client", () => {
    const login = { id: "acme", client_id: "signalbox" };
    const { audience: _a, ...silent } = good;
    const [read] = parse({ ...silent, login });
    assert.deepEqual(read?.login, {
      id: "acme",
      label: "login.acme.example",
      clientId: "signalbox",
      clientAuth: "basic",
      scopes: ["openid", "profile", "email"],
      userInfo: true,
      logOut: false,
    });
    assert.deepEqual(read?.audience, [], "its tokens are no bearers");
    const full = {
      client_secret: "s",
      client_auth: "post",
      scopes: "openid",
      user_info: false,
      session_hours: 4,
      log_out: true,
    };
    const { id, ...rest } = parse({ ...good, login: { ...login, label: "Acme", ...full } })[0]?.login ?? { id: "" };
    const shown = {
      clientSecret: "s",
      clientAuth: "post",
      scopes: ["openid"],
      userInfo: false,
      sessionHours: 4,
      logOut: true,
    };
    assert.deepEqual([id, rest], ["acme", { label: "Acme", clientId: "signalbox", ...shown }]);
  });

  it("reads the secret of a client from a file", () => {
    const folder = mkdtempSync(join(tmpdir(), "signalbox-secret-"));
    try {
      const path = join(folder, "secret");
      writeFileSync(path, "s3cret\n");
      const login = { id: "acme", client_id: "signalbox", client_secret_file: path };
      assert.equal(parse({ ...good, login })[0]?.login?.clientSecret, "s3cret");
      assert.deepEqual(problems({ ...good, login: { ...login, client_secret: "s" } }), [
        "SIGNALBOX_JWT_ISSUERS[0].login.client_secret_file: goes without client_secret: give one of the two, or none for a public client",
      ]);
      assert.match(
        problems({ ...good, login: { ...login, client_secret_file: `${path}.none` } })[0] ?? "",
        /there is no file/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("says what is wrong with a login", () => {
    const login = { id: "acme", client_id: "signalbox" };
    const at = "SIGNALBOX_JWT_ISSUERS";
    const other = { ...good, issuer: "https://other.example", login };
    for (const [entries, problem] of [
      [
        { ...good, login: { id: "acme" } },
        `${at}[0].login.client_id: is missing: as what Signalbox is registered there`,
      ],
      [
        { ...good, login: { ...login, id: "a/b" } },
        `${at}[0].login.id: must be 1 to 32 of a-z, 0-9 and -, a letter or digit first and last`,
      ],
      [
        { ...good, login: { ...login, scopes: ["profile"] } },
        `${at}[0].login.scopes: must be names without blanks, "openid" among them`,
      ],
      [{ ...good, login: { ...login, secret: "s" } }, `${at}[0].login.secret: is not known.`],
      [{ ...good, login: "acme" }, `${at}[0].login: must be an object`],
      [
        { ...good, issuer: "acme", login },
        `${at}[0].issuer: must be an https URL, or http, for login: below it stands what there is to know of it`,
      ],
      [[{ ...good, login }, other], `${at}[1].login.id: is another issuer's: give each login its own`],
    ] as const) {
      assert.ok(
        problems(entries).some((one) => one.startsWith(problem)),
        problems(entries).join("\n"),
      );
    }
  });

  it("lets in only those whose address is verified, where that is their name", () => {
    assert.equal(parse({ ...good, claims: { user: "email" } })[0]?.verifiedEmailOnly, true);
    assert.equal(
      parse({ ...good, claims: { user: "email" }, verified_email_only: false })[0]?.verifiedEmailOnly,
      false,
    );
    assert.equal(parse({ ...good, verified_email_only: true })[0]?.verifiedEmailOnly, true);
  });
});
