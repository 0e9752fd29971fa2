import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { commands } from "../../src/cli/commands.ts";
import { testApi } from "../support/api.ts";
import { ruleOn, sent } from "../support/sent.ts";
import { asking, json, run } from "./asking.ts";

describe("the command line", () => {
  it("makes, lists and ends what the API has", async () => {
    await using api = await testApi();
    const signalbox = await asking(api);
    const tenant = await signalbox("tenant", "create", "acme", "--name", "Acme Ltd");
    assert.equal(tenant.out, "id:         acme\nname:       Acme Ltd\ncreated_at: 2026-01-01T00:00:00.000Z\n");
    const tenants = await signalbox("tenant", "list");
    assert.match(tenants.out, /^ID +NAME +CREATED_AT\nacme +Acme Ltd +2026-01-01T00:00:00\.000Z\ndefault +Default /);

    const token = await json(signalbox("token", "create", "ann", "--role", "member", "--expires-in-s", "60", "--json"));
    assert.match(token["token"] ?? "", /^sbx_/);
    assert.match((await signalbox("token", "list")).out, /ann +member +active/);
    assert.equal((await signalbox("token", "revoke", token["id"] ?? "")).out, "done\n");
    assert.match((await signalbox("token", "list")).out, /ann +member +revoked/);

    const key = await json(signalbox("access-key", "create", "--principal", "ann", "--json"));
    assert.match((await signalbox("access-key", "list")).out, new RegExp(`${key["access_key_id"] ?? "?"} +ann`));
    assert.equal((await signalbox("access-key", "delete", key["access_key_id"] ?? "")).code, 0);
    assert.doesNotMatch((await signalbox("access-key", "list")).out, /ann/);
  });

  it("changes and removes what was looked at only while nobody has edited it since", async () => {
    await using api = await testApi();
    const signalbox = await asking(api);
    const ann = await api.tokenOf("developer", "ann");
    await signalbox("app", "create", "shop");
    const { etag = "" } = await json(signalbox("app", "show", "shop", "--json"));
    await api.ask("PATCH", "/api/apps/shop/", { name: "Hers" }, { token: ann });
    const late = await signalbox("app", "remove", "shop", "--if-match", etag);
    assert.equal(late.code, 1);
    assert.match(late.err, /this was changed by 'ann' at 2026/);
    const present = await json(signalbox("app", "show", "shop", "--json"));
    assert.deepEqual([present["name"], present["etag"] === etag], ["Hers", false]);
    assert.equal((await signalbox("app", "remove", "shop", "--if-match", present["etag"] ?? "")).code, 0);
  });

  it("makes rules with everything that they may have, and tests them", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const signalbox = await asking(api);
    const words = [
      "rule",
      "create",
      "photos",
      "https://receiver.example/",
      "--filter",
      'key = "a"',
      "--basic",
      "u:p:q",
    ];
    const options = [
      "--ack",
      "2xx",
      "--max-retries",
      "5",
      "--timeout-ms",
      "99",
      "--field",
      "eventId",
      "--field=reason",
    ];
    const pace = ["--max-per-second", "2.5", "--max-concurrency=3", "--ordered", "--capture", "all"];
    const rest = ["--header", "X-A: 1: 2", "--header", "x-b:3", "--disabled", "--json"];
    const rule = await json(signalbox(...words, ...options, ...pace, ...rest));
    const { id = "", signing_secret, created_at: _, updated_at: __, ...shown } = rule;
    assert.match(signing_secret ?? "", /^whsec_/);
    assert.deepEqual(shown, {
      bucket: "photos",
      url: "https://receiver.example/",
      destination: null,
      managed_by: null,
      format: "signalbox",
      compression: null,
      handshake: false,
      batch: null,
      filter: 'key = "a"',
      auth: { type: "basic", username: "u" },
      enabled: false,
      paused: null,
      ack: "2xx",
      max_retries: 5,
      timeout_ms: 99,
      backoff: { schedule_ms: [10_000, 120_000, 1_800_000], jitter: 0.2 },
      max_per_second: 2.5,
      max_concurrency: 3,
      ordered: true,
      capture: "all",
      fields: ["eventId", "reason"],
      headers: ["x-a", "x-b"],
      previous_secret_until: null,
      owner: "admin",
    });
    assert.match(
      (await signalbox("rule", "list", "photos")).out,
      /false +- +https:\/\/receiver\.example\/ +- +key = "a"/,
    );
    assert.match((await signalbox("rule", "test", "photos", id)).out, /outcome: +delivered/);
    api.attemptResult = {
      outcome: { kind: "failed", reason: "dns" },
      startedMs: 0,
      durationMs: 1,
      message: "no such host",
    };
    const failed = await signalbox("rule", "test", "photos", id);
    assert.deepEqual([failed.code, failed.err], [1, "signalbox: no such host\n"]);
    assert.equal((await signalbox("rule", "delete", "photos", id)).code, 0);
    assert.equal((await signalbox("rule", "list", "photos")).out.split("\n").length, 2);
  });

  it("lists and redrives deliveries, and tells what was used", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const signalbox = await asking(api);
    assert.match((await signalbox("delivery", "list", "--status", "dead", "--bucket", "photos")).out, /^ID +STATUS/);
    assert.match((await signalbox("delivery", "redrive", "--bucket", "photos")).out, /state: +running/);
    assert.equal(api.redrives.length, 1);
    const dry = await signalbox("delivery", "redrive", "--dry-run");
    assert.match(dry.out, /dead_letters: +0\n/);
    assert.match((await signalbox("redrive", "list")).out, /^ID +STATE +REDRIVEN.*\n\S+ +running +0 /);
    const [job = ""] = api.redrives;
    assert.match((await signalbox("redrive", "show", job)).out, /state: +running/);
    assert.match((await signalbox("redrive", "cancel", job)).out, /state: +cancelled/);
    const narrow = ["--http-status", "5xx", "--key-prefix", "a", "--target-host", "a.example", "--min-attempts", "1"];
    const many = ["--status", "dead", "--status", "waiting", "--oldest"];
    assert.equal((await signalbox("delivery", "list", ...many, ...narrow)).code, 0);
    const slow = await signalbox("delivery", "redrive", ...narrow, "--reason", "timeout", "--per-second", "5");
    assert.match(slow.out, /per_second: +5\n/);
    assert.match(slow.out, /5xx/);
    const sends = await signalbox("delivery", "redrive", "x", "--dry-run");
    assert.deepEqual([sends.code, sends.err], [1, "signalbox: --dry-run goes without an id\n"]);
    const one = await signalbox("delivery", "redrive", "x");
    assert.deepEqual([one.code, one.err], [1, "signalbox: delivery 'x' does not exist\n"]);
    assert.match((await signalbox("usage", "--from", "2026-01-01")).out, /^DAY +BUCKET/);
    assert.match((await signalbox("nodes")).out, /^ID +VERSION +ADDRESS +SHARDS.*\n\S+ .* 64 .* true /);
    const bad = await signalbox("usage", "--from", "x");
    assert.deepEqual([bad.code, bad.out, bad.err], [1, "", "signalbox: from: must be a day such as 2026-11-20\n"]);
  });

  it("shows what went wrong last in a list, and a delivery with all its attempts", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    const rule = await ruleOn(api, bucket);
    const id = await sent(api, bucket, rule);
    const signalbox = await asking(api);
    const listed = await signalbox("delivery", "list");
    assert.match(listed.out, /^ID +STATUS +NAME +BUCKET +KEY +ATTEMPT_COUNT +REASON +ERROR\n/);
    assert.match(listed.out, /dead +OBJECT_CREATED_PUT +photos +a\.txt +1 +status +answered 500\n$/);
    const { out, code } = await signalbox("delivery", "show", id);
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^id: +${id}\nstatus: +dead\n`));
    assert.match(
      out,
      /\n\nNUMBER +STARTED_AT +DURATION_MS +STATUS +REASON +ERROR\n1 +\S+ +3 +500 +status +answered 500\n$/,
    );
    assert.equal(JSON.parse((await signalbox("delivery", "show", id, "--json")).out).attempts.length, 1);
    const none = await signalbox("delivery", "show", "x");
    assert.deepEqual([none.code, none.err], [1, "signalbox: delivery 'x' does not exist\n"]);
  });

  it("sets where alerts go", async () => {
    await using api = await testApi();
    const signalbox = await asking(api);
    assert.match((await signalbox("alert", "show")).out, /^subscription: -\netag: +"alerts:default"\n$/);
    assert.match((await signalbox("alert", "set", "https://alerts.example/")).out, /signing_secret: +whsec_/);
    assert.match((await signalbox("alert", "set", "ops@example.org")).out, /"address":"ops@example.org"/);
    assert.equal((await signalbox("alert", "off")).out, "done\n");
  });

  it("explains what happened to an object", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    await sent(api, bucket, await ruleOn(api, bucket));
    const signalbox = await asking(api);
    const { out, code } = await signalbox("explain", "photos/a.txt");
    assert.equal(code, 0);
    const [event = "", rule = "", said = "", head = "", attempt = ""] = out.split("\n");
    assert.match(event, /^2026-01-01T00:00:00\.000Z {2}OBJECT_CREATED_PUT {2}\(event \S+\)$/);
    assert.match(rule, /^ {2}webhook \S+-011 \(live\)$/);
    assert.equal(said, "    matched, and is a dead letter (status) after 1 attempt, the last: answered 500");
    assert.match(head, /^ {6}NUMBER +STARTED_AT/);
    assert.match(attempt, /^ {6}1 +2026-01-01T00:00:00\.000Z +3 +500 +status +answered 500$/);
    const at = (text: string) => signalbox("explain", "photos/a.txt", "--at", text);
    assert.match((await at("2026-01-01T00:04:00Z")).out, /OBJECT_CREATED_PUT/);
    assert.equal((await at("2026-01-01 12:00Z")).out, "nothing is kept that happened to that key\n");
    assert.match((await at("noon")).err, /at: must/);
    const bad = await signalbox("explain", "photos");
    assert.deepEqual([bad.code, bad.err], [1, "signalbox: say which object: <bucket>/<key>\n"]);
  });

  it("goes through pages up to --limit, and says when there are more", async () => {
    await using api = await testApi();
    const signalbox = await asking(api);
    for (let index = 0; index < 105; index++) {
      const id = `t${String(index).padStart(3, "0")}`;
      await api.deps.store.commit({ changes: [{ do: "tenant.add", tenant: { id, name: id, createdMs: 0 } }] });
    }
    const some = await signalbox("tenant", "list", "--limit", "103", "--json");
    assert.equal((JSON.parse(some.out) as unknown[]).length, 103);
    assert.equal(some.err, "signalbox: there are more; raise --limit (103)\n");
    const all = await signalbox("tenant", "list", "--limit", "1000", "--json");
    assert.deepEqual([(JSON.parse(all.out) as unknown[]).length, all.err], [106, ""]);
    assert.equal((await signalbox("tenant", "list", "--limit", "0")).code, 1);
  });

  it("acts in the tenant that is named", async () => {
    await using api = await testApi();
    const signalbox = await asking(api);
    await signalbox("tenant", "create", "acme");
    await signalbox("token", "create", "ann", "--role", "admin", "--tenant", "acme");
    assert.match((await signalbox("token", "list", "--tenant=acme")).out, /ann/);
    assert.doesNotMatch((await signalbox("token", "list")).out, /ann/);
  });

  it("shows and gives quotas", async () => {
    await using api = await testApi();
    const signalbox = await asking(api);
    await signalbox("tenant", "create", "acme");
    const changed = await signalbox("tenant", "change", "acme", "--quota", "objects=7", "--quota=bytes=0");
    assert.deepEqual([changed.code, changed.err], [0, ""]);
    assert.match(
      changed.out,
      /^NAME +LIMIT +USED +SOURCE\nbytes +0 +0 +tenant\nobjects +7 +0 +tenant\nbuckets +\d+ +0 +default/,
    );
    await signalbox("tenant", "change", "acme", "--quota", "bytes=default");
    assert.match((await signalbox("tenant", "quotas", "acme")).out, /bytes +\d{9,} +0 +default\nobjects +7 /);
    assert.match((await signalbox("quotas", "--tenant", "acme")).out, /objects +7 +0 +tenant/);
    const wrong = await signalbox("tenant", "change", "acme", "--quota", "object=7");
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /quotas\.object/);
  });

  it("shows no control characters that others wrote", async () => {
    await using api = await testApi();
    const signalbox = await asking(api);
    const name = "\u001b]0;owned\u0007 \u009b2J a\nb \u202egpj.exe \u2066x\u2069\u200f\u2028";
    await signalbox("tenant", "create", "acme", "--name", name);
    const unseen = /[^\P{Cc}\n]|\p{Cf}|[\u2028\u2029]/u;
    const listed = await signalbox("tenant", "list");
    assert.doesNotMatch(listed.out, unseen);
    assert.match(listed.out, /\\u001b\]0;owned\\u0007 \\u009b2J a\\u000ab \\u202egpj\.exe/);
    const json = await signalbox("tenant", "list", "--json");
    assert.doesNotMatch(json.out, unseen);
    assert.equal((JSON.parse(json.out) as { readonly name: string }[])[0]?.name, name);
    // What the server says of what was asked, and what was typed.
    for (const said of [
      await signalbox("tenant", "create", "\u202eacme"),
      await signalbox("tenant", "creat\u001b[31m"),
      await signalbox("tenant", "list", "--\u009b"),
    ]) {
      assert.equal(said.code, 1);
      assert.doesNotMatch(said.err, unseen);
    }
  });
});

describe("what goes wrong", () => {
  const env = { SIGNALBOX_URL: "http://127.0.0.1:9", SIGNALBOX_TOKEN: "x" };
  const table: readonly (readonly [readonly string[], RegExp])[] = [
    [["tenat", "list"], /no command 'tenat list'\. Did you mean "tenant list"\?/],
    [["sreve"], /no command 'sreve'\. Did you mean "serve"\?/],
    [["tenant"], /signalbox tenant create <id>/],
    [["tenant", "create"], /<id> is missing: see signalbox tenant create --help/],
    [["tenant", "create", "a", "b"], /'b' is one argument too many/],
    [["tenant", "list", "--jsn"], /there is no option --jsn\. Did you mean "--json"\?/],
    [["tenant", "create", "a", "--name"], /--name/],
  ];
  for (const [argv, message] of table) {
    it(`is told on standard error: signalbox ${argv.join(" ")}`, async () => {
      const { code, out, err } = await run(argv, env);
      assert.deepEqual([code, out], [1, ""]);
      assert.match(err, message);
    });
  }

  it("is told when there is no token, no server, or no Signalbox there", async () => {
    assert.match((await run(["usage"])).err, /SIGNALBOX_TOKEN is not set/);
    assert.match(
      (await run(["usage"], { ...env, SIGNALBOX_URL: "nowhere" })).err,
      /SIGNALBOX_URL: nowhere is not a URL/,
    );
    await using api = await testApi();
    await api.app.listen({ port: 0, host: "127.0.0.1" });
    const url = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}`;
    const elsewhere = await run(["usage"], { ...env, SIGNALBOX_URL: `${url}/metrics?` });
    assert.equal(elsewhere.code, 1);
    const stranger = await run(["usage"], { SIGNALBOX_URL: url, SIGNALBOX_TOKEN: "stranger" });
    assert.deepEqual(
      [stranger.code, stranger.err],
      [1, "signalbox: the token is not known, or was revoked: ask for a new one\n"],
    );
    await api.app.close();
    assert.match((await run(["usage"], { ...env, SIGNALBOX_URL: url })).err, /cannot reach .* is Signalbox running\?/);
  });
});

describe("help", () => {
  it("lists every command, and each has its own", async () => {
    const { code, out } = await run(["--help"]);
    assert.equal(code, 0);
    for (const { words, about, options = {} } of commands) {
      assert.ok(out.includes(`signalbox ${words}`) && out.includes(about), words);
      const own = await run([...words.split(" "), "--help"]);
      assert.equal(own.code, 0);
      for (const option of [...Object.keys(options), "json", "tenant"])
        assert.ok(own.out.includes(`--${option}`), words);
    }
    assert.match((await run(["--version"])).out, /^\d+\.\d+\.\d+\n$/);
    assert.match((await run(["rule", "--help"])).out, /rule create[\s\S]*rule test/);
  });
});
