import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { verify } from "../../src/domain/signature.ts";
import { testApi } from "../support/api.ts";
import { made, rules, secretsOf, url } from "../support/photo-rules.ts";

describe("a new rule", () => {
  it("has the documented defaults", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const { status, data } = await api.ask("POST", rules, { url });
    assert.equal(status, 201);
    const { id, created_at, updated_at, signing_secret, ...rest } = data;
    assert.match(String(id), /^[0-9a-f-]{36}-011$/);
    assert.match(String(signing_secret), /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.equal(created_at, updated_at);
    assert.deepEqual(rest, {
      bucket: "photos",
      url,
      destination: null,
      managed_by: null,
      filter: null,
      auth: null,
      enabled: true,
      paused: null,
      ack: "200",
      max_retries: 3,
      timeout_ms: 10_000,
      backoff: { schedule_ms: [10_000, 120_000, 1_800_000], jitter: 0.2 },
      max_per_second: null,
      max_concurrency: null,
      ordered: false,
      capture: "failures",
      fields: [],
      format: "signalbox",
      compression: null,
      handshake: false,
      batch: null,
      headers: [],
      previous_secret_until: null,
      owner: "admin",
    });
  });

  it("takes everything that a rule may have, and shows no secret ever again", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const body = {
      url: "http://receiver.example:8080/hook?a=b",
      filter: 'WHERE key REGEXP "^images"',
      auth: { type: "basic", username: "user", password: "hush-password" },
      enabled: false,
      ack: "2xx",
      max_retries: 100,
      timeout_ms: 1,
      backoff: { schedule_ms: [0, 86_400_000], jitter: 0 },
      fields: ["sequence", "eventId", "sequence"],
      headers: { "X-Api-Key": "hush-key", "x-plain": "hush-plain" },
    };
    const created = await api.ask("POST", rules, body);
    assert.equal(created.status, 201, created.text);
    const id = String(created.data["id"]);
    const shown = await api.ask("GET", `${rules}${id}/`);
    const listed = await api.ask("GET", rules);
    const changed = await api.ask("PATCH", `${rules}${id}/`, { enabled: true });
    for (const { text } of [shown, listed, changed]) {
      assert.doesNotMatch(text, /hush|whsec_/);
    }
    assert.doesNotMatch(created.text, /hush/);
    const { data } = shown;
    assert.deepEqual(data["auth"], { type: "basic", username: "user" });
    assert.deepEqual(data["headers"], ["x-api-key", "x-plain"]);
    assert.deepEqual(data["fields"], ["sequence", "eventId"]);
    assert.deepEqual(data["backoff"], body.backoff);
    assert.deepEqual([data["ack"], data["max_retries"], data["timeout_ms"]], ["2xx", 100, 1]);
    const secrets = await secretsOf(api, id);
    assert.deepEqual(secrets.auth, body.auth);
    assert.deepEqual(secrets.headers, { "x-api-key": "hush-key", "x-plain": "hush-plain" });
  });

  it("of a backoff of which half was said has the default for the rest", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const a = await api.ask("POST", rules, { url, backoff: { jitter: 0.5 } });
    const b = await api.ask("POST", rules, { url, backoff: { schedule_ms: [7] } });
    assert.deepEqual(a.data["backoff"], { schedule_ms: [10_000, 120_000, 1_800_000], jitter: 0.5 });
    assert.deepEqual(b.data["backoff"], { schedule_ms: [7], jitter: 0.2 });
  });

  it("is one of several; pages go through them, oldest first", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) ids.push(await made(api));
    const found = (await api.all(rules, "rules", 2)).map(({ id }) => id);
    assert.deepEqual(found, ids);
  });

  it("is refused past the limit, also when many come at once", async () => {
    await using api = await testApi({ maxRulesPerBucket: 3 });
    await api.bucket("photos");
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.ask("POST", rules, { url })));
    assert.equal(answers.filter(({ status }) => status === 201).length, 3);
    const refused = answers.find(({ status }) => status === 409);
    assert.match(refused?.message ?? "", /has 3 rules and may have no more \(SIGNALBOX_MAX_RULES_PER_BUCKET\)/);
  });

  it("may reach what the operator allows", async () => {
    await using api = await testApi({ egressAllow: ["10.0.0.0/8", "::1"] });
    await api.bucket("photos");
    await made(api, { url: "http://10.1.2.3/x" });
    await made(api, { url: "http://[::1]:1/x" });
  });
});

describe("changing a rule", () => {
  it("merges: what is absent stays, null takes away", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const id = await made(api, {
      filter: 'key = "a"',
      auth: { type: "bearer", token: "t" },
      backoff: { schedule_ms: [1, 2], jitter: 0 },
      fields: ["eventId"],
      headers: { "X-A": "1", "X-B": "2" },
      max_retries: 7,
    });
    const path = `${rules}${id}/`;
    const change = async (body: unknown) => {
      const answer = await api.ask("PATCH", path, body);
      assert.equal(answer.status, 200, answer.text);
      return answer.data;
    };
    const before = (await api.ask("GET", path)).data;
    api.clock.advance(1000);
    assert.deepEqual(await change({}), { ...before, updated_at: "2026-01-01T00:00:01.000Z" });
    assert.deepEqual((await change({ backoff: { jitter: 1 } }))["backoff"], { schedule_ms: [1, 2], jitter: 1 });
    assert.deepEqual((await change({ headers: { "x-a": null, "X-C": "3" } }))["headers"], ["x-b", "x-c"]);
    assert.deepEqual((await secretsOf(api, id)).auth, { type: "bearer", token: "t" });
    const cleared = await change({ filter: null, auth: null, backoff: null, fields: null, headers: null });
    assert.deepEqual(
      [cleared["filter"], cleared["auth"], cleared["fields"], cleared["headers"], cleared["max_retries"]],
      [null, null, [], [], 7],
    );
    assert.deepEqual(cleared["backoff"], { schedule_ms: [10_000, 120_000, 1_800_000], jitter: 0.2 });
    const { auth, headers, signing } = await secretsOf(api, id);
    assert.deepEqual([auth, headers, signing.length], [undefined, undefined, 1]);
    assert.equal((await change({ url: "https://other.example/" }))["url"], "https://other.example/");
  });

  it("sends no credentials to another origin than they were given for", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const path = "/api/cloud/buckets/photos/notifications/";
    const auth = { type: "bearer", token: "geheim" };
    const given = { url: "https://receiver.example/a", auth, headers: { "X-One": "1111", "X-Two": "2222" } };
    const { data } = await api.ask("POST", path, given);
    const one = `${path}${String(data["id"])}/`;
    const refused = async (body: object): Promise<readonly unknown[]> => {
      const { status, fields } = await api.ask("PATCH", one, body);
      return [status, ...fields.map((field) => field.path)];
    };
    const all = [400, "auth", "headers.x-one", "headers.x-two"];
    for (const url of ["https://evil.example/a", "http://receiver.example/a", "https://receiver.example:8443/a"]) {
      assert.deepEqual(await refused({ url }), all, url);
    }
    const url = "https://other.example/";
    assert.deepEqual(await refused({ url, auth }), [400, "headers.x-one", "headers.x-two"]);
    assert.deepEqual(await refused({ url, auth: null, headers: { "x-ONE": "n" } }), [400, "headers.x-two"]);
    assert.deepEqual(await refused({ url: "https://receiver.example:443/b?c" }), [200], "the same origin");
    assert.deepEqual(await refused({ url, auth, headers: null }), [200]);
    const { data: shown } = await api.ask("GET", one);
    assert.deepEqual([shown["url"], shown["headers"]], [url, []]);
    assert.deepEqual(await refused({ url: "https://third.example/", auth: null }), [200]);
  });

  it("wakes the engine, so that what waited for it goes on", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const id = await made(api, { enabled: false });
    await api.ask("PATCH", `${rules}${id}/`, { enabled: true });
    assert.equal(api.woken.length, 1);
  });

  it("by many at once loses no one's change", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const id = await made(api);
    const bodies = [
      { max_retries: 9 },
      { timeout_ms: 99 },
      { filter: 'key = "z"' },
      { ack: "2xx" },
      { headers: { "x-one": "1" } },
      { headers: { "x-two": "2" } },
    ];
    const answers = await Promise.all(bodies.map((body) => api.ask("PATCH", `${rules}${id}/`, body)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    const { data } = await api.ask("GET", `${rules}${id}/`);
    assert.deepEqual(
      [data["max_retries"], data["timeout_ms"], data["filter"], data["ack"], (data["headers"] as string[]).toSorted()],
      [9, 99, 'key = "z"', "2xx", ["x-one", "x-two"]],
    );
  });

  it("is refused as a whole when a part of it is bad", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const path = `${rules}${await made(api)}/`;
    const before = (await api.ask("GET", path)).data;
    for (const body of [
      { max_retries: 5, url: "ftp://x" },
      { id: "x" },
      { signing_secret: "x" },
      { enabled: null },
      { url: null },
    ]) {
      assert.equal((await api.ask("PATCH", path, body)).status, 400, JSON.stringify(body));
    }
    assert.deepEqual((await api.ask("GET", path)).data, before);
  });

  it("that does not exist, is deleted, or is another bucket's, is 404", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    await api.bucket("videos");
    const id = await made(api);
    const others = `/api/cloud/buckets/videos/notifications/${id}/`;
    for (const path of [
      others,
      `${rules}nothing/`,
      `${rules}${"0".repeat(36)}-011/`,
      `${rules}%00/`,
      `${rules}..%2f/`,
    ]) {
      for (const method of ["GET", "PATCH", "DELETE"]) {
        assert.equal((await api.ask(method, path, method === "PATCH" ? {} : undefined)).status, 404, path);
      }
    }
    assert.equal((await api.ask("DELETE", `${rules}${id}/`)).status, 200);
    assert.equal((await api.ask("GET", `${rules}${id}/`)).status, 404);
    assert.equal((await api.ask("DELETE", `${rules}${id}/`)).status, 404);
    assert.deepEqual((await api.ask("GET", rules)).data["rules"], []);
  });
});

describe("the signing secret", () => {
  it("rotates: the new one is shown once, the old one lives 24 hours", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const created = await api.ask("POST", rules, { url });
    const id = String(created.data["id"]);
    const rotated = await api.ask("POST", `${rules}${id}/rotate-secret/`);
    assert.equal(rotated.status, 200, rotated.text);
    assert.equal(rotated.data["previous_secret_until"], "2026-01-02T00:00:00.000Z");
    assert.notEqual(rotated.data["signing_secret"], created.data["signing_secret"]);
    const untilMs = Date.UTC(2026, 0, 2);
    for (const path of [rules, "/api/cloud/subscriptions/"]) {
      const shown = await api.ask("GET", `${path}${id}/`);
      assert.equal(shown.data["previous_secret_until"], "2026-01-02T00:00:00.000Z", path);
    }
    assert.deepEqual((await secretsOf(api, id)).signing, [
      { secret: rotated.data["signing_secret"], after: 1, aloneFromMs: untilMs },
      { secret: created.data["signing_secret"], untilMs },
    ]);
    api.clock.advance(86_400_000);
    assert.equal((await api.ask("GET", `${rules}${id}/`)).data["previous_secret_until"], null);
    const again = await api.ask("POST", `${rules}${id}/rotate-secret/`);
    const { signing } = await secretsOf(api, id);
    assert.deepEqual(
      signing.map(({ secret }) => secret),
      [again.data["signing_secret"], rotated.data["signing_secret"]],
    );
    for (const { secret } of signing) {
      const headers = { "webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1,x" };
      assert.equal(verify([secret], headers, "", { nowMs: 1000 }).kind, "refused", "it is a secret that can be used");
    }
  });
});
