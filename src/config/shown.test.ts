import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseConfig } from "./config.ts";
import { configurationSettings } from "./settings.ts";
import { shownSettings } from "./shown.ts";

describe("settings in a log", () => {
  it("are all that hold, without what is secret", () => {
    const secret = "secret-of-the-test-0123456789";
    const env = Object.fromEntries(
      configurationSettings
        .filter(([, setting]) => setting.secret)
        .map(([key]) => [`SIGNALBOX_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`, secret]),
    );
    const issuer = { issuer: secret, audience: secret, jwks_url: `https://login.example/${secret}` };
    const key = Buffer.alloc(32, 7).toString("base64");
    const given = {
      ...env,
      SIGNALBOX_S3_ACCESS_KEY_ID: "AKEXAMPLE",
      SIGNALBOX_BLOBS_ACCESS_KEY_ID: "AKEXAMPLE",
      SIGNALBOX_SECRET_KEY: key,
      SIGNALBOX_SECRET_KEY_PREVIOUS: key,
      SIGNALBOX_INBOX: `postgres://user:${secret}@db.example/shop`,
      SIGNALBOX_STORE: `postgres://user:${secret}@db.example/signalbox`,
      SIGNALBOX_SMTP_URL: `smtp://user:${secret}@mail.example:587`,
      SIGNALBOX_PUBLIC_URL: `https://user:${secret}@events.example/base`,
      SIGNALBOX_JWT_ISSUERS: JSON.stringify([issuer]),
      SIGNALBOX_PORT: "8081",
    };
    const shown = shownSettings(parseConfig(given, []));
    const text = JSON.stringify(shown);
    assert.doesNotMatch(text, new RegExp(secret));
    assert.ok(!text.includes(key));
    assert.equal(shown["adminToken"], "given");
    assert.equal(shown["jwtIssuers"], "given");
    assert.equal(shown["port"], 8081);
    assert.equal(shown["publicUrl"], "https://events.example/base");
    assert.equal(shown["shutdownGraceMs"], 20_000);
  });
});
