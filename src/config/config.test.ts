import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { describe, it } from "node:test";
import { configTable } from "../../scripts/configuration.ts";
import { SignalboxError } from "../errors.ts";
import { defaultSenders, parseConfig } from "./config.ts";
import { configHelp } from "./help.ts";
import { configurationSettings } from "./settings.ts";

function refusal(env: Record<string, string>, argv: readonly string[] = []): string {
  try {
    parseConfig(env, argv);
  } catch (thrown) {
    assert.ok(thrown instanceof SignalboxError);
    assert.equal(thrown.code, "invalid_request");
    return thrown.message;
  }
  return assert.fail("it was accepted");
}

describe("settings", () => {
  it("have defaults, and the result is frozen", () => {
    const config = parseConfig({}, []);
    assert.deepEqual(config, {
      data: "./data",
      host: "127.0.0.1",
      port: 8080,
      s3Port: 9000,
      egressAllow: [],
      s3Domain: ["localhost"],
      eventSource: "signalbox",
      blobsGraceHours: 1,
      retentionDays: 30,
      patienceHours: 24,
      retentionDeadDays: 90,
      senders: defaultSenders(availableParallelism()),
      maxObjectBytes: 5_368_709_120,
      reserveBytes: 32 * 2 ** 20,
      maxBodyBytes: 1_048_576,
      maxConnections: 2_048,
      maxConnectionsPerAddress: 512,
      anonymousPerSecond: 100,
      minBodyBytesPerSecond: 1_024,
      documentBytesPerSecond: 2 * 2 ** 20,
      maxRulesPerBucket: 100,
      maxHooksPerEvent: 20,
      maxFunctionsPerEvent: 1_000,
      maxSubscriptionsPerUser: 10_000,
      quotaBytes: 2 ** 40,
      quotaObjects: 10_000_000,
      quotaBuckets: 1_000,
      quotaPrincipals: 10_000,
      quotaOpenUploads: 10_000,
      quotaSubscriptions: 250_000,
      quotaFunctions: 1_000,
      quotaOpenOperations: 10_000,
      quotaEventsPerSecond: 10_000,
      uploadDays: 7,
      downloadEvents: "off",
      dashboard: "on",
      mailFrom: "Signalbox <signalbox@localhost>",
      mailConfirm: "on",
      mailPerHour: 60,
      matchMsPerSecond: 300,
      mailQuestionsPerDay: 1_000,
      hookChainMs: 300_000,
      hookChainS3Ms: 10_000,
      hookConcurrency: 64,
      sandboxMemoryBytes: 536_870_912,
      sandboxProcesses: 32,
      sessionHours: 12,
      sessionIdleMinutes: 120,
      shutdownGraceMs: 20_000,
      drainMs: 0,
      logLevel: "info",
    });
    assert.ok(Object.isFrozen(config) && Object.isFrozen(config.egressAllow));
  });

  it("come from the environment, and from equal flags that go before it", () => {
    const env = { SIGNALBOX_DATA: "/a", SIGNALBOX_PORT: "1", SIGNALBOX_S3_PORT: "2", SIGNALBOX_LOG_LEVEL: "" };
    const config = parseConfig(env, ["--s3-port", "0", "--port=3", "--egress-allow", "10.0.0.0/8, hooks.internal"]);
    assert.equal(config.data, "/a");
    assert.deepEqual([config.port, config.s3Port], [3, 0]);
    assert.deepEqual(config.egressAllow, ["10.0.0.0/8", "hooks.internal"]);
    assert.deepEqual(parseConfig({ SIGNALBOX_S3_DOMAIN: "S3.Example.com, localhost" }, []).s3Domain, [
      "s3.example.com",
      "localhost",
    ]);
    assert.equal(config.logLevel, "info", "an empty variable counts as unset");
  });

  it("take sizes with a unit, and days as fractions", () => {
    const config = parseConfig(
      { SIGNALBOX_MAX_OBJECT_BYTES: "1.5 GiB", SIGNALBOX_RETENTION_BYTES: "64mib", SIGNALBOX_RETENTION_DAYS: "0.0007" },
      [],
    );
    assert.equal(config.maxObjectBytes, 1.5 * 2 ** 30);
    assert.equal(config.retentionBytes, 2 ** 26);
    assert.equal(config.retentionDays, 0.0007);
  });

  it("keep dead letters at least as long as the rest", () => {
    assert.equal(parseConfig({ SIGNALBOX_RETENTION_DAYS: "365" }, []).retentionDeadDays, 365);
    assert.match(refusal({ SIGNALBOX_RETENTION_DEAD_DAYS: "7" }), /SIGNALBOX_RETENTION_DEAD_DAYS: 7 is less/);
  });

  it("leave a core each to the main thread and the writer, and the others to senders, up to four", () => {
    assert.deepEqual([1, 2, 3, 4, 6, 64].map(defaultSenders), [0, 0, 1, 2, 4, 4]);
    assert.equal(parseConfig({ SIGNALBOX_SENDERS: "0" }, []).senders, 0);
    assert.equal(parseConfig({}, ["--senders", "7"]).senders, 7);
  });

  it("leave variables of others alone", () => {
    const env = { SIGNALBOX_URL: "x", SIGNALBOX_TOKEN: "x", SIGNALBOX_SERVICE_HOST: "10.0.0.1", PORT: "x" };
    assert.equal(parseConfig(env, []).port, 8080);
  });

  const bad: readonly (readonly [string, Record<string, string>, readonly string[], RegExp])[] = [
    ["no number", { SIGNALBOX_PORT: "80x" }, [], /SIGNALBOX_PORT: "80x" is not a whole number from 0 to 65535/],
    ["negative", {}, ["--port", "-1"], /--port: "-1" is not a whole number/],
    ["too large", { SIGNALBOX_S3_PORT: "65536" }, [], /SIGNALBOX_S3_PORT: "65536"/],
    ["a fraction of a byte", { SIGNALBOX_MAX_BODY_BYTES: "1500.5" }, [], /SIGNALBOX_MAX_BODY_BYTES/],
    ["a unit where there is none", { SIGNALBOX_PORT: "1KiB" }, [], /SIGNALBOX_PORT/],
    ["no days at all", { SIGNALBOX_RETENTION_DAYS: "0" }, [], /above 0/],
    ["an unknown level", { SIGNALBOX_LOG_LEVEL: "loud" }, [], /one of debug, info, warn, error, silent/],
    ["a mistyped flag", {}, ["--prot", "1"], /--prot: there is no such flag. Did you mean "--port"\?/],
    ["a mistyped variable", { SIGNALBOX_RETENTON_DAYS: "1" }, [], /Did you mean SIGNALBOX_RETENTION_DAYS\?/],
    ["a flag without its value", {}, ["--data"], /--data: needs a value/],
    ["a stray word", {}, ["now"], /now: is not a flag/],
    ["an empty flag", {}, ["--data="], /--data: ""/],
    ["one port twice", { SIGNALBOX_S3_PORT: "8080" }, [], /SIGNALBOX_S3_PORT: 8080 is the API's port too/],
    ["half a key pair", { SIGNALBOX_S3_ACCESS_KEY_ID: "a" }, [], /SIGNALBOX_S3_SECRET_ACCESS_KEY: is missing/],
    ["the other half", { SIGNALBOX_S3_SECRET_ACCESS_KEY: "a" }, [], /SIGNALBOX_S3_ACCESS_KEY_ID: is missing/],
    ["no URL", { SIGNALBOX_PUBLIC_URL: "ftp://x" }, [], /SIGNALBOX_PUBLIC_URL: "ftp:\/\/x" is not an http/],
    [
      "a port in a name",
      { SIGNALBOX_S3_DOMAIN: "s3.example.com:9000" },
      [],
      /SIGNALBOX_S3_DOMAIN: "s3\.example\.com:9000" is no host name/,
    ],
    [
      "an address for a name",
      { SIGNALBOX_S3_DOMAIN: "10.0.0.1" },
      [],
      /SIGNALBOX_S3_DOMAIN: "10\.0\.0\.1" is no host name/,
    ],
    ["a wildcard", { SIGNALBOX_S3_DOMAIN: "*.s3.example.com" }, [], /SIGNALBOX_S3_DOMAIN: "\*\.s3/],
    ["no address", { SIGNALBOX_EGRESS_ALLOW: "10.0.0.0/99" }, [], /SIGNALBOX_EGRESS_ALLOW: .*10\.0\.0\.0\/99/],
    ["several at once", { SIGNALBOX_PORT: "x", SIGNALBOX_HOST: " " }, [], /SIGNALBOX_HOST.*SIGNALBOX_PORT/],
  ];
  for (const [what, env, argv, message] of bad) {
    it(`refuse ${what}`, () => assert.match(refusal(env, argv), message));
  }

  it("never print secrets", () => {
    const env = { SIGNALBOX_ADMIN_TOKEN: "hush", SIGNALBOX_SECRET_KEY: "hush-hush" };
    assert.doesNotMatch(refusal(env), /hush/);
    assert.doesNotMatch(refusal({ SIGNALBOX_SECRET_KEY: "hush-hush" }), /hush/);
    assert.doesNotMatch(refusal({ SIGNALBOX_ADMIN_TOKEN: "a hush line\nthat breaks" }), /hush/);
  });

  it("accept an operator's token of any letters and a key of any shape", () => {
    const env = {
      SIGNALBOX_ADMIN_TOKEN: "ein längerer Satz, gut",
      SIGNALBOX_S3_ACCESS_KEY_ID: "x",
      SIGNALBOX_S3_SECRET_ACCESS_KEY: "y z",
    };
    assert.equal(parseConfig(env, []).adminToken, env.SIGNALBOX_ADMIN_TOKEN);
  });

  it("are documented in docs/configuration.md as they are (node scripts/configuration.ts writes it)", () => {
    assert.equal(readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8"), configTable());
    for (const [key] of configurationSettings)
      assert.ok(configHelp().includes(`--${key.replaceAll(/[A-Z]/g, (l) => `-${l.toLowerCase()}`)}`));
  });
});
