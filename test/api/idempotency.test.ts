import assert from "node:assert/strict";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { type TestApi, testApi } from "../support/api.ts";
import { shared } from "../support/shared.ts";

const users = "/api/cloud/users/";
const ada = { username: "ada", email: "ada@example.com" };
const keyed = (key: string, more: Readonly<Record<string, string>> = {}) => ({
  headers: { "idempotency-key": key, ...more },
});

async function count(api: TestApi): Promise<number> {
  return ((await api.ask("GET", users)).data["users"] as unknown[]).length;
}

async function posted(api: TestApi): Promise<number> {
  return (await api.deps.store.events.after(0, 100)).filter(({ names }) => names.lifecycle === "POST_USER_CREATE")
    .length;
}

/** Holds the first request up while it looks whether its name is free, which comes before its hooks. */
function holdNames(api: TestApi) {
  const [asked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const users = api.deps.store.users as { byName: TestApi["deps"]["store"]["users"]["byName"] };
  const { byName } = users;
  users.byName = async (tenant, name) => {
    users.byName = byName;
    asked.resolve();
    await released.promise;
    return byName(tenant, name);
  };
  return { asked: asked.promise, release: () => released.resolve() };
}

describe("an Idempotency-Key", () => {
  const server = shared(testApi);

  it("gives the first answer again, byte for byte, and does nothing again", async () => {
    await using api = await testApi();
    const first = await api.ask("POST", users, ada, keyed("k"));
    assert.deepEqual([first.status, first.headers["idempotency-replayed"]], [201, undefined]);
    api.clock.advance(3_600_000);
    const again = await api.ask("POST", users, ada, keyed("k"));
    assert.deepEqual([again.status, again.text], [201, first.text]);
    assert.equal(again.headers["idempotency-replayed"], "true");
    assert.equal(again.headers["content-type"], first.headers["content-type"]);
    assert.deepEqual([await count(api), await posted(api)], [1, 1]);
  });

  it("knows the same request however it is written", async () => {
    await using api = await testApi();
    const body = { ...ada, attributes: { a: [1, { b: 2, c: 3 }], d: null } };
    await api.ask("POST", users, body, keyed("k"));
    const other = `{ "attributes": {"d":null, "a":[1.0,{"c":3,"b":2}]},\n"email":"ada@\\u0065xample.com","username":"ada"}`;
    for (const path of [users, users.slice(0, -1)]) {
      const { status, headers } = await api.ask("POST", path, other, keyed("k"));
      assert.deepEqual([status, headers["idempotency-replayed"]], [201, "true"]);
    }
  });

  it("is not good for another request", async () => {
    await using api = await testApi();
    await api.ask("POST", users, ada, keyed("k"));
    for (const body of [{ username: "ben" }, { ...ada, email: "" }, { ...ada, attributes: {} }]) {
      const { status, code, message } = await api.ask("POST", users, body, keyed("k"));
      assert.deepEqual([status, code], [409, "conflict"]);
      assert.match(message, /^Idempotency-Key: another request was made with this key/);
    }
    const { status } = await api.ask("POST", users, { username: "ben" }, keyed("k2"));
    assert.equal(status, 201);
  });

  it("is each principal's own, in each tenant", async () => {
    await using api = await testApi();
    await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
    const boss = await api.tokenOf("admin", "boss");
    await api.ask("POST", users, ada, keyed("k"));
    const others = [
      await api.ask("POST", users, { username: "ben" }, { ...keyed("k"), token: boss }),
      await api.ask("POST", users, ada, { ...keyed("k"), tenant: "acme" }),
    ];
    assert.deepEqual(
      others.map(({ status, headers }) => [status, headers["idempotency-replayed"]]),
      [
        [201, undefined],
        [201, undefined],
      ],
    );
    const member = await api.tokenOf("member", "eve");
    const refused = await api.ask("POST", users, ada, { ...keyed("k"), token: member });
    assert.equal(refused.status, 403, "and opens nothing to who may not ask");
  });

  it("makes one user of requests that race, with one answer", async () => {
    await using api = await testApi();
    const answers = await Promise.all(Array.from({ length: 6 }, () => api.ask("POST", users, ada, keyed("k"))));
    assert.deepEqual(new Set(answers.map(({ text, status }) => `${status} ${text}`)).size, 1);
    assert.equal(answers.filter(({ headers }) => headers["idempotency-replayed"] === "true").length, 5);
    assert.deepEqual([answers[0]?.status, await count(api), await posted(api)], [201, 1, 1]);
  });

  it("remembers a refusal, although what it was refused for may have passed", async () => {
    await using api = await testApi();
    const { data } = await api.ask("POST", users, ada);
    const first = await api.ask("POST", users, ada, keyed("k"));
    assert.equal(first.status, 409);
    await api.ask("DELETE", `${users}${String(data["id"])}/`);
    const again = await api.ask("POST", users, ada, keyed("k"));
    assert.deepEqual([again.status, again.text, again.headers["idempotency-replayed"]], [409, first.text, "true"]);
    assert.equal((await api.ask("POST", users, ada, keyed("k2"))).status, 201);
  });

  it("does not remember a request that is not well-formed: it may be mended", async () => {
    await using api = await testApi();
    for (const body of [{ username: 7 }, { username: " ada" }, { ...ada, password: "x" }]) {
      assert.equal((await api.ask("POST", users, body, keyed("k"))).status, 400);
    }
    assert.equal((await api.ask("POST", users, ada, keyed("k"))).status, 201);
  });

  it("does not remember failures: a retry tries again", async () => {
    await using api = await testApi();
    const store = api.deps.store.users as { byName: TestApi["deps"]["store"]["users"]["byName"] };
    const { byName } = store;
    store.byName = () => Promise.reject(new Error("a moment of weakness"));
    assert.equal((await api.ask("POST", users, ada, keyed("k"))).status, 500);
    store.byName = byName;
    const again = await api.ask("POST", users, ada, keyed("k"));
    assert.deepEqual([again.status, again.headers["idempotency-replayed"]], [201, undefined]);
  });

  it("finds the answer in the commit that it tells of, though that was all that was left of the first request", async () => {
    await using api = await testApi();
    const store = api.deps.store as { commit: typeof api.deps.store.commit };
    const { commit } = store;
    store.commit = async (unit) => {
      await commit(unit);
      if (unit.changes?.some((change) => change.do === "user.add") === true) throw new Error("killed");
      return commit({});
    };
    assert.equal((await api.ask("POST", users, ada, keyed("k"))).status, 500);
    store.commit = commit;
    const again = await api.ask("POST", users, ada, keyed("k"));
    assert.deepEqual([again.status, again.headers["idempotency-replayed"]], [201, "true"]);
    assert.deepEqual([await count(api), await posted(api)], [1, 1]);
  });

  for (const [what, headers, there] of [
    ["goes on for a caller who is gone, and gives the answer when they come back", { "idempotency-key": "k" }, 1],
    ["is missed by a caller who is gone: then nothing is done that nobody waits for", {}, 0],
  ] as const) {
    it(what, async () => {
      await using api = await testApi();
      await api.app.listen({ port: 0, host: "127.0.0.1" });
      const { server } = api.app;
      const closed = new Promise<void>((resolve) => {
        server.once("connection", (socket) => void socket.once("close", () => resolve()));
      });
      const held = holdNames(api);
      const leaving = request({
        port: (server.address() as AddressInfo).port,
        host: "127.0.0.1",
        method: "POST",
        path: users,
        headers: { authorization: `Bearer ${api.operator}`, "content-type": "application/json", ...headers },
      });
      leaving.on("error", () => {});
      leaving.end(JSON.stringify(ada));
      await held.asked;
      leaving.destroy();
      await closed;
      const back = there === 1 ? api.ask("POST", users, ada, { headers }) : undefined;
      held.release();
      if (back !== undefined) assert.equal((await back).headers["idempotency-replayed"], "true");
      // Whoever begins now is done later.
      assert.equal((await api.ask("POST", users, { username: "ben" })).status, 201);
      assert.equal(await count(api), 1 + there);
    });
  }

  it("is dropped after a day, and not before", async () => {
    await using api = await testApi();
    const prune = () => {
      const beforeMs = api.clock.now();
      return api.deps.store.upkeep.prune({ beforeMs, deadBeforeMs: beforeMs, max: 100 });
    };
    const first = await api.ask("POST", users, ada, keyed("k"));
    api.clock.advance(86_399_000);
    await prune();
    assert.equal((await api.ask("POST", users, ada, keyed("k"))).text, first.text);
    api.clock.advance(2_000);
    await prune();
    assert.equal((await api.ask("POST", users, ada, keyed("k"))).status, 409, "the name is taken");
  });

  for (const [what, key] of [
    ["empty", ""],
    ["of blanks", "   "],
    ["with a blank", "a b"],
    ["too long", "k".repeat(256)],
    ["beyond ASCII", "schlüssel"],
    ["with a control character", "a\tb"],
  ] as const) {
    it(`is refused: ${what}`, async () => {
      const api = server();
      const { status, code, fields, message } = await api.ask("POST", users, ada, keyed(key));
      assert.deepEqual([status, code, fields[0]?.path], [400, "invalid_request", "Idempotency-Key"]);
      assert.match(message, /1 to 255 visible ASCII characters/);
      assert.equal(await count(api), 0);
    });
  }

  it("may have 255 characters of all that are visible", async () => {
    await using api = await testApi();
    const visible = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join("");
    assert.equal((await api.ask("POST", users, ada, keyed(visible.repeat(3).slice(0, 255)))).status, 201);
  });

  it("says nothing on routes that do not take one", async () => {
    await using api = await testApi();
    const made = async () => (await api.ask("POST", "/api/cloud/tenants/", { id: "acme" }, keyed("k"))).status;
    assert.deepEqual([await made(), await made()], [201, 409]);
    const { data } = await api.ask("POST", users, ada, keyed("k"));
    const one = `${users}${String(data["id"])}/`;
    assert.equal((await api.ask("DELETE", one, undefined, keyed("k"))).status, 200);
    assert.equal((await api.ask("DELETE", one, undefined, keyed("k"))).status, 404);
  });

  it("is told of in the documentation of the routes that take one", async () => {
    await using api = await testApi();
    const document = JSON.parse((await api.ask("GET", "/openapi.json")).text) as {
      paths: Record<string, Record<string, { parameters?: { name: string; in: string; required?: boolean }[] }>>;
    };
    const taking = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { parameters = [] }]) => parameters.some(({ name }) => name === "idempotency-key"))
        .map(([method]) => `${method} ${path}`),
    );
    assert.ok(taking.includes(`post ${users}`), taking.join());
    assert.ok(taking.every((route) => route.startsWith("post ")));
  });
});
