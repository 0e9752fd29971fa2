import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { threadMsNow, within } from "../../test/support/cpu-limits.ts";
import { isSecretName, isSecretPath, withoutSecrets } from "./secret-names.ts";

const secret = [
  "password",
  "Password",
  "PASSWORD",
  "passwd",
  "pwd",
  "passphrase",
  "passcode",
  "userPassword",
  "userpassword",
  "new_password",
  "old-password",
  "password_confirmation",
  "passwordConfirm",
  "password2",
  "password_2",
  "passwordHash",
  "password_hash",
  "passwords",
  "db.password",
  "SMTP_PASSWORD",
  "current password",
  "Passwort",
  "secret",
  "client_secret",
  "clientSecret",
  "secrets",
  "token",
  "access_token",
  "accessToken",
  "refreshToken",
  "ID_TOKEN",
  "csrf-token",
  "apiKey",
  "api_key",
  "API-KEY",
  "apikey",
  "x-api-key",
  "privateKey",
  "secret_key",
  "AWS_SECRET_ACCESS_KEY",
  "sshKey",
  "credentials",
  "credential",
  "jwt",
  "cvv",
  "cvc",
  "cvv2",
  "tokenValue",
  `${"x".repeat(10_000)}_password`,
];
const plain = [
  "username",
  "email",
  "key",
  "keys",
  "primary_key",
  "public_key",
  "publicKey",
  "keyboard",
  "monkey",
  "access_key_id",
  "has_password",
  "hasPassword",
  "is_secret",
  "requires_token",
  "no_password",
  "password_changed_at",
  "passwordless",
  "tokens",
  "max_tokens",
  "token_count",
  "tokenizer",
  "secretary",
  "passenger",
  "passport",
  "boarding_pass",
  "pass",
  "",
  "__",
  "1",
  "first_name",
  "cvs",
  "secret_santa",
  "password_policy",
  "token_type",
];

describe("names of secrets", () => {
  for (const name of secret) it(`${name.slice(-30)} is one`, () => assert.equal(isSecretName(name), true));
  for (const name of plain) it(`${name || "none at all"} is no secret`, () => assert.equal(isSecretName(name), false));

  it("make whatever lies below them one, unless the path is known to be none", () => {
    assert.equal(isSecretPath(["attributes", "password", "hint"]), true);
    assert.equal(isSecretPath(["attributes", "plan"]), false);
    assert.equal(isSecretPath(["page", "token"], ["page.token"]), false);
    assert.equal(isSecretPath(["token"], ["page.token"]), true);
  });
});

describe("what is left without secrets", () => {
  it("is the rest, at every depth and in lists, and the paths of what was taken out are returned", () => {
    const value = {
      name: "ada",
      password: "a",
      attributes: { plan: "pro", db: { password: { old: "a", new: "b" } }, tokens: 5 },
      cards: [{ brand: "v", cvc: "123" }, "odd", [{ api_key: "k", x: null }]],
    };
    const before = structuredClone(value);
    assert.deepEqual(withoutSecrets(value), {
      value: {
        name: "ada",
        attributes: { plan: "pro", db: {}, tokens: 5 },
        cards: [{ brand: "v" }, "odd", [{ x: null }]],
      },
      paths: ["password", "attributes.db.password", "cards[0].cvc", "cards[2][0].api_key"],
    });
    assert.deepEqual(value, before);
  });

  it("is the same where there are none, and keeps what is known to be none", () => {
    const value = { pages: [{ token: "7", next: { token: "8" } }] };
    assert.equal(withoutSecrets({ a: value }, ["a.pages.token", "a.pages.next.token"]).paths.length, 0);
    const plainValue = { a: [1, { b: "c" }] };
    assert.equal(withoutSecrets(plainValue).value, plainValue);
    assert.deepEqual(withoutSecrets(value, ["pages.token"]).paths, ["pages[0].next.token"]);
  });

  it("is found within a few milliseconds, whatever an event holds", () => {
    const short = Object.fromEntries(Array.from({ length: 40_000 }, (_, index) => [`k${index}`, 1]));
    const long = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, index) => [`${"aA1.".repeat(30)}key${index}`, 1]),
    );
    const ms = threadMsNow(() => {
      withoutSecrets(short);
      withoutSecrets(long);
    });
    within(100, ms);
  });
});
