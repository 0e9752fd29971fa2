import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseUuid } from "../../src/domain/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { rules, url } from "../support/photo-rules.ts";

const path = "/api/cloud/destinations/";
const one = `${path}orders/`;
const target = { type: "webhook", url: "https://orders.example/in", auth: { type: "bearer", token: "hush-1" } };
const there = { type: "destination", name: "orders" };

async function made(api: TestApi, body: object = {}) {
  const created = await api.ask("POST", path, { name: "orders", target, ...body });
  assert.equal(created.status, 201, created.text);
  return created;
}

async function storedRule(api: TestApi, id: unknown) {
  const uuid = parseUuid(String(id)) ?? assert.fail();
  return (await api.deps.store.subscriptions.get(uuid)) ?? assert.fail();
}

async function usersListed(api: TestApi) {
  const { data } = await api.ask("GET", path);
  const listed = data["destinations"] as readonly { readonly name: string; readonly users: number }[];
  return Object.fromEntries(listed.map(({ name, users }) => [name, users]));
}

/** Ids of the subscriptions that are listed as going there, newest first. */
async function listedGoing(api: TestApi, name: string, token?: string) {
  const listing = `/api/cloud/subscriptions/?destination=${encodeURIComponent(name)}`;
  const { data, text } = await api.ask("GET", listing, undefined, token === undefined ? {} : { token });
  assert.ok(Array.isArray(data["subscriptions"]), text);
  return (data["subscriptions"] as readonly { readonly id: string }[]).map(({ id }) => id);
}

describe("destinations", () => {
  it("are made, shown, listed and changed; secrets are shown once or never", async () => {
    await using api = await testApi();
    const { data, text, headers } = await made(api, { max_retries: 2, alerts: false });
    assert.match(String(data["signing_secret"]), /^whsec_/);
    assert.doesNotMatch(text, /hush/);
    assert.equal(headers["etag"], undefined);
    const shown = await api.ask("GET", one);
    assert.deepEqual(
      [data["arn"], data["max_retries"], data["alerts"]],
      ["arn:signalbox:sns::default:orders", 2, false],
    );
    const { signing_secret: _, ...rest } = data;
    assert.deepEqual(shown.data, { ...rest, users: 0 });
    const listed = await api.ask("GET", path);
    assert.deepEqual(listed.data["destinations"], [{ ...rest, users: 0, etag: shown.headers["etag"] }]);
    const changed = await api.ask("PATCH", one, { max_retries: null, target: { ack: "2xx", timeout_ms: 700 } });
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual(
      [changed.data["max_retries"], changed.data["backoff"], changed.data["target"]],
      [
        null,
        null,
        {
          type: "webhook",
          url: target.url,
          auth: { type: "bearer" },
          headers: [],
          ack: "2xx",
          timeout_ms: 700,
          fields: [],
          format: "signalbox",
          compression: null,
          handshake: false,
          batch: null,
        },
      ],
    );
    assert.notEqual(changed.headers["etag"], shown.headers["etag"]);
  });

  it("say what is wrong with them, by name, and do nothing then", async () => {
    await using api = await testApi();
    await made(api);
    const refused: readonly (readonly [object, number, string | undefined])[] = [
      [{ name: "orders", target }, 409, undefined],
      [{ name: "a b", target }, 400, "name"],
      [{ name: "a".repeat(101), target }, 400, "name"],
      [{ name: "b" }, 400, "target"],
      [{ name: "b", target: { ...target, url: "ftp://x.example/" } }, 400, "target.url"],
      [{ name: "b", target: { ...target, url: "https://x.example/${PATH}" } }, 400, "target.url"],
      [{ name: "b", target: { ...target, headers: { "a b": "c" } } }, 400, "target.headers.a b"],
      [{ name: "b", target: { type: "email", address: "a@b.example" } }, 400, undefined],
      [{ name: "b", target, max_retries: 101 }, 400, "max_retries"],
    ];
    for (const [body, status, field] of refused) {
      const { status: is, fields, text } = await api.ask("POST", path, body);
      assert.equal(is, status, text);
      if (field !== undefined) assert.equal(fields[0]?.path, field, text);
    }
    const moved = await api.ask("PATCH", one, { target: { url: "https://evil.example/" } });
    assert.deepEqual([moved.status, moved.fields[0]?.path], [400, "target.auth"]);
    assert.deepEqual((await api.ask("GET", path)).text.match(/"name":/g)?.length, 1);
    for (const name of ["none", "a b", "..", "x".repeat(300)]) {
      assert.equal((await api.ask("GET", `${path}${encodeURIComponent(name)}/`)).status, 404, name);
    }
  });

  it("have tags for tools, of which push-endpoint always says the url", async () => {
    await using api = await testApi();
    const tags = { team: "shop", "push-endpoint": "https://orders.example/in" };
    assert.deepEqual((await made(api, { tags })).data["tags"], tags);
    const change = (body: object) => api.ask("PATCH", one, body);
    const moved = await change({ target: { url: "https://orders.example/v2" } });
    assert.deepEqual(moved.data["tags"], { ...tags, "push-endpoint": "https://orders.example/v2" });
    const merged = await change({ tags: { team: null, cost: "1" } });
    assert.deepEqual(merged.data["tags"], { "push-endpoint": "https://orders.example/v2", cost: "1" });
    for (const [value, path] of [
      [{ "push-endpoint": "https://orders.example/v3" }, "tags.push-endpoint"],
      [{ "push-endpoint": "nowhere" }, "tags.push-endpoint"],
      [{ a: "b".repeat(257) }, "tags.a"],
      [{ "": "b" }, "tags"],
    ] as const) {
      const { status, fields, text } = await change({ tags: value });
      assert.deepEqual([status, fields[0]?.path], [400, path], text);
    }
    const both = {
      target: { url: "https://orders.example/v3" },
      tags: { "push-endpoint": "https://orders.example/v3" },
    };
    assert.equal((await change(both)).status, 200);
    assert.deepEqual((await change({ tags: null })).data["tags"], {});
  });

  it("are bounded, 1,000 in a tenant", async () => {
    await using api = await testApi();
    await made(api);
    const kept = (await api.deps.store.destinations.get("default", "orders")) ?? assert.fail();
    const changes = Array.from({ length: 999 }, (_, n) => ({
      do: "destination.add" as const,
      destination: { ...kept, name: `d${n}` },
    }));
    await api.deps.store.commit({ changes });
    const more = await api.ask("POST", path, { name: "more", target });
    assert.deepEqual([more.status, more.code], [409, "conflict"]);
    assert.match(more.message, /1000 destinations.*delete one/);
  });

  it("are where rules and subscriptions of any face go, and change with all of them", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    await made(api);
    const rule = await api.ask("POST", rules, { target: there, filter: "key LIKE 'a%'" });
    assert.equal(rule.status, 201, rule.text);
    assert.deepEqual(
      [rule.data["destination"], rule.data["url"], rule.data["signing_secret"]],
      ["orders", target.url, undefined],
    );
    const bodies = [
      { event: "OBJECT_DELETED", bucket: "photos", target: there },
      { event: "POST_USER_CREATE", target: there },
      { event: "*", resource: "*", target: there },
    ];
    const ids = [rule.data["id"]];
    for (const body of bodies) {
      const { status, text, data } = await api.ask("POST", "/api/cloud/subscriptions/", body);
      assert.equal(status, 201, text);
      assert.deepEqual(data["target"], { ...there, url: target.url });
      ids.push(data["id"]);
    }
    assert.equal((await api.ask("GET", one)).data["users"], 4);
    await made(api, { name: "others" });
    assert.deepEqual(await usersListed(api), { orders: 4, others: 0 });
    assert.deepEqual(await listedGoing(api, "orders"), [...ids].reverse());
    for (const name of ["others", "none", "", "a b"]) assert.deepEqual(await listedGoing(api, name), [], name);
    const patch = { target: { url: "https://orders.example/v2", timeout_ms: 900 }, max_retries: 1 };
    assert.equal((await api.ask("PATCH", one, patch)).status, 200);
    for (const id of ids) {
      const { target: to, policy } = await storedRule(api, id);
      assert.ok(to.kind === "destination");
      assert.deepEqual(
        [to.webhook.url, to.webhook.timeoutMs, policy.maxRetries],
        ["https://orders.example/v2", 900, 1],
      );
    }
    const tested = await api.ask("POST", `${rules}${String(ids[0])}/test/`);
    assert.equal(tested.status, 200, tested.text);
    const before = await api.ask("PATCH", `${rules}${String(ids[0])}/`, { max_retries: 7 });
    assert.deepEqual([before.status, before.data["max_retries"]], [200, 7], before.text);
    assert.equal((await api.ask("PATCH", one, { max_retries: 3 })).status, 200);
    assert.equal((await api.ask("GET", `${rules}${String(ids[0])}/`)).data["max_retries"], 7);
    const again = await api.ask("PATCH", `${rules}${String(ids[0])}/`, { target: there });
    assert.deepEqual([again.status, again.data["max_retries"]], [200, 3], again.text);
  });

  it("are refused where they cannot be gone to, and have what a url would have of its own", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    await made(api);
    const other = await api.ask("POST", rules, { target: { ...there, name: "none" } });
    assert.deepEqual([other.status, other.fields[0]?.path], [400, "target.name"]);
    assert.equal((await api.ask("POST", rules, { filter: "key = 'a'" })).fields[0]?.path, "url");
    assert.equal((await api.ask("POST", rules, { target: there, url })).fields[0]?.path, "url");
    assert.equal((await api.ask("POST", rules, { target: there, ack: "2xx" })).fields[0]?.path, "ack");
    const hook = { event: "PRE_USER_CREATE", target: there };
    assert.equal((await api.ask("POST", "/api/cloud/subscriptions/", hook)).fields[0]?.path, "target.type");
    const id = String((await api.ask("POST", rules, { target: there })).data["id"]);
    assert.equal((await api.ask("PATCH", `${rules}${id}/`, { url })).fields[0]?.path, "target.url");
    const rotated = await api.ask("POST", `${rules}${id}/rotate-secret/`);
    assert.deepEqual([rotated.status, rotated.code], [409, "conflict"]);
    assert.match(rotated.message, /destination 'orders'.*rotate that/);
    const own = String((await api.ask("POST", rules, { url })).data["id"]);
    assert.equal((await api.ask("PATCH", `${rules}${own}/`, { target: there })).fields[0]?.path, "target.type");
  });

  it("sign with another secret once that is rotated, in everything that goes there", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const { data } = await made(api);
    const id = String((await api.ask("POST", rules, { target: there })).data["id"]);
    const before = (await storedRule(api, id)).target;
    const rotated = await api.ask("POST", `${one}rotate-secret/`);
    assert.equal(rotated.status, 200, rotated.text);
    assert.notEqual(rotated.data["signing_secret"], data["signing_secret"]);
    const after = (await storedRule(api, id)).target;
    assert.ok(before.kind === "destination" && after.kind === "destination");
    assert.notEqual(after.webhook.sealed, before.webhook.sealed);
    assert.equal((await api.ask("GET", one)).data["previous_secret_until"], rotated.data["previous_secret_until"]);
  });

  it("are tried by a test event, of which nothing is recorded", async () => {
    await using api = await testApi();
    await made(api);
    const tested = await api.ask("POST", `${one}test/`);
    assert.deepEqual([tested.status, tested.data["outcome"]], [200, "delivered"], tested.text);
    const [sent] = api.sent;
    assert.equal(sent?.delivery.test, true);
    assert.ok(sent?.subscription.target.kind === "destination" && sent.subscription.target.name === "orders");
  });

  it("are not deleted while they are used, unless forced: then what goes there is paused until it has another target", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    await made(api);
    const id = String((await api.ask("POST", rules, { target: there })).data["id"]);
    const refused = await api.ask("DELETE", one);
    assert.deepEqual([refused.status, refused.code], [409, "conflict"], refused.text);
    assert.match(refused.message, /1 subscription \(.*\) goes to destination 'orders'/);
    assert.deepEqual(refused.data["users"], 1);
    assert.match(JSON.stringify(refused.data["subscriptions"]), new RegExp(id));
    assert.equal((await api.ask("DELETE", `${one}?force=true`)).status, 200);
    assert.equal((await api.ask("GET", one)).status, 404);
    const paused = await api.ask("GET", `${rules}${id}/`);
    assert.match(JSON.stringify(paused.data["paused"]), /"reason":"destination"/);
    const resumed = await api.ask("POST", `${rules}${id}/resume/`);
    assert.deepEqual([resumed.status, resumed.fields[0]?.path], [400, "target.name"], resumed.text);
    await made(api);
    assert.deepEqual(
      [await listedGoing(api, "orders"), await usersListed(api)],
      [[], { orders: 0 }],
      "it is another one",
    );
    assert.equal((await api.ask("POST", `${rules}${id}/resume/`)).status, 400);
    const on = await api.ask("PATCH", `${rules}${id}/`, { target: there });
    assert.deepEqual([on.status, on.data["paused"]], [200, null], on.text);
    assert.equal((await api.ask("DELETE", `${rules}${id}/`)).status, 200);
    assert.equal((await api.ask("DELETE", one)).status, 200);
  });

  it("have an ETag: no edit overwrites another", async () => {
    await using api = await testApi();
    await made(api);
    const etag = String((await api.ask("GET", one)).headers["etag"]);
    const headers = { "if-match": etag };
    assert.equal((await api.ask("PATCH", one, { alerts: false }, { headers })).status, 200);
    for (const [method, at, body] of [
      ["PATCH", one, { alerts: true }],
      ["DELETE", one, undefined],
      ["POST", `${one}rotate-secret/`, undefined],
    ] as const) {
      assert.equal((await api.ask(method, at, body, { headers })).status, 412, method);
    }
  });

  it("are seen by members, changed by developers, and never by another tenant", async () => {
    await using api = await testApi();
    await made(api);
    const member = await api.tokenOf("member");
    const developer = await api.tokenOf("developer");
    assert.equal((await api.ask("GET", one, undefined, { token: member })).status, 200);
    const mine = { event: "*", resource: "*", target: there };
    const { id } = (await api.ask("POST", "/api/cloud/subscriptions/", mine)).data;
    assert.deepEqual([await listedGoing(api, "orders", member), await listedGoing(api, "orders")], [[], [id]]);
    assert.equal((await api.ask("PATCH", one, { alerts: false }, { token: member })).status, 403);
    assert.equal((await api.ask("PATCH", one, { alerts: false }, { token: developer })).status, 200);
    await api.deps.store.commit({ changes: [{ do: "tenant.add", tenant: { id: "other", name: "o", createdMs: 0 } }] });
    const stranger = await api.tokenOf("admin", "stranger", "other");
    assert.equal((await api.ask("GET", one, undefined, { token: stranger })).status, 404);
    const going = { event: "*", resource: "*", target: there };
    const taken = await api.ask("POST", "/api/cloud/subscriptions/", going, { token: stranger });
    assert.deepEqual([taken.status, taken.fields[0]?.path], [400, "target.name"]);
  });
});
