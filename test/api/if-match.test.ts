import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { apiServer } from "../../src/faces/server.ts";
import { KeyedMutex } from "../../src/pace/keyed-mutex.ts";
import type { Store } from "../../src/store/store.ts";
import { type Answer, type Asking, testApi } from "../support/api.ts";
import { editables, url, webhook } from "../support/editables.ts";

/** No edit is lost in silence: `ETag` of what can be edited, and `If-Match` of what edits it. */

function etagOf({ headers, text, status }: Answer): string {
  assert.ok(status < 300, text);
  const etag = headers["etag"];
  assert.ok(typeof etag === "string" && /^"[\x21\x23-\x7e]+"$/.test(etag), `ETag: ${String(etag)}`);
  return etag;
}

const matching = (etag: string, asking: Asking = {}): Asking => ({ ...asking, headers: { "if-match": etag } });

/** Subscribers are shown one at a time as subscriptions only. */
const hasNoGet = (name: string): boolean => name === "subscriber";

describe("If-Match", () => {
  it("lets an edit pass that knows the last one, and tells any other who came between and when", async () => {
    await using api = await testApi({ egressAllow: ["receiver.example"] });
    const ada = await api.tokenOf("operator", "ada");
    for (const { name, path, method, body, actions = [], deletes } of await editables(api)) {
      const first = hasNoGet(name) ? etagOf(await api.ask(method, path, body(1))) : etagOf(await api.ask("GET", path));
      api.clock.advance(1_000);
      const second = etagOf(await api.ask(method, path, body(2), matching(first, { token: ada })));
      const at = new Date(api.clock.now()).toISOString();
      assert.notEqual(second, first, name);
      if (!hasNoGet(name)) assert.equal(etagOf(await api.ask("GET", path)), second, name);
      api.clock.advance(1_000);
      const ways = [
        [method, path, body(3)],
        ...actions.map((action) => ["POST", `${path}${action}/`, undefined] as const),
        ...(deletes === true ? [["DELETE", path, undefined] as const] : []),
      ] as const;
      for (const [verb, where, what] of ways) {
        const { status, code, data, message } = await api.ask(verb, where, what, matching(first));
        assert.deepEqual([status, code], [412, "precondition_failed"], `${name}: ${verb}`);
        assert.deepEqual(data, { etag: second, changed_by: "ada", changed_at: at }, `${name}: ${verb}`);
        assert.match(message, /^If-Match: this was changed by 'ada' at 20.* read it again/);
      }
      if (!hasNoGet(name)) assert.equal(etagOf(await api.ask("GET", path)), second, `${name}: nothing was changed`);
      const third = etagOf(await api.ask(method, path, body(5), matching(`"other", ${second}`)));
      const anyway = etagOf(await api.ask(method, path, body(6), matching("*")));
      const unasked = etagOf(await api.ask(method, path, body(7)));
      assert.equal(new Set([first, second, third, anyway, unasked]).size, 5, name);
      let last = unasked;
      for (const action of actions) {
        const next = etagOf(await api.ask("POST", `${path}${action}/`, undefined, matching(last)));
        assert.notEqual(next, last, `${name}: ${action}`);
        last = next;
      }
      if (deletes !== true) continue;
      const gone = await api.ask("DELETE", path, undefined, matching(last));
      assert.equal(gone.status, 200, `${name}: ${gone.text}`);
    }
  });

  it("that holds no ETag, or a weak one, is refused by its name and changes nothing", async () => {
    await using api = await testApi({ egressAllow: ["receiver.example"] });
    for (const { name, path, method, body } of await editables(api)) {
      const first = hasNoGet(name) ? etagOf(await api.ask(method, path, body(1))) : etagOf(await api.ask("GET", path));
      const many = Array.from({ length: 17 }, (_, n) => `"${n}"`).join(", ");
      for (const bad of [`W/${first}`, first.slice(1), "", '"a" "b"', `${first},`, "*, *", '"ä"', many]) {
        const { status, fields, message } = await api.ask(method, path, body(2), matching(bad));
        assert.deepEqual([status, fields[0]?.path], [400, "If-Match"], `${name}: ${bad}`);
        assert.match(message, /^the header If-Match /);
      }
      assert.equal((await api.ask(method, path, body(2), matching(first))).status, 200, name);
    }
  });

  it("is judged in the commit: of many who saw the same, one wins, whichever of two servers they ask", async () => {
    await using api = await testApi({ egressAllow: ["receiver.example"] });
    const second = apiServer({ ...api.deps, mutex: new KeyedMutex() });
    await second.ready();
    const authorization = `Bearer ${api.operator}`;
    for (const { name, path, method, body } of await editables(api)) {
      const seen = hasNoGet(name) ? etagOf(await api.ask(method, path, body(9))) : etagOf(await api.ask("GET", path));
      const headers = { authorization, "if-match": seen };
      const answers = await Promise.all(
        [...Array(8).keys()].map((n) =>
          (n % 2 === 0 ? api.app : second).inject({ method, url: path, headers, payload: body(10 + n) }),
        ),
      );
      const statuses = answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b);
      assert.deepEqual(statuses, [200, ...Array(7).fill(412)], name);
      const won = answers.find(({ statusCode }) => statusCode === 200);
      if (!hasNoGet(name)) assert.equal(etagOf(await api.ask("GET", path)), won?.headers["etag"], name);
    }
    await second.close();
  });

  it("is judged again when another comes between the look and the commit", async () => {
    await using api = await testApi({ egressAllow: ["receiver.example"] });
    for (const { name, path, method, body } of await editables(api)) {
      const seen = hasNoGet(name) ? etagOf(await api.ask(method, path, body(9))) : etagOf(await api.ask("GET", path));
      let looks = 0;
      const between = async () => {
        looks += 1;
        if (looks === 1) assert.equal((await api.ask(method, path, body(10))).status, 200);
      };
      const { store } = api.deps;
      const slow: Store = {
        ...store,
        edits: {
          last: async (thing) => {
            const found = await store.edits.last(thing);
            // The look of an alert target is at two things.
            if (!(name === "alert target" && thing.startsWith("alerts:"))) await between();
            return found;
          },
        },
      };
      const server = apiServer({ ...api.deps, store: slow, mutex: new KeyedMutex() });
      await server.ready();
      const headers = { authorization: `Bearer ${api.operator}`, "if-match": seen };
      const late = await server.inject({ method, url: path, headers, payload: body(11) });
      assert.equal(late.statusCode, 412, `${name}: ${late.body}`);
      assert.equal(late.json().data.changed_by, "admin", name);
      await server.close();
    }
  });

  it("stands for one ETag of a subscription, whichever face shows or edits it, and not for what Signalbox does to it", async () => {
    await using api = await testApi({ egressAllow: ["receiver.example"] });
    await api.bucket("photos");
    const rules = "/api/cloud/buckets/photos/notifications/";
    const made = await api.ask("POST", rules, { url });
    const [rule, subscription] = [
      `${rules}${String(made.data["id"])}/`,
      `/api/cloud/subscriptions/${String(made.data["id"])}/`,
    ];
    assert.equal(etagOf(await api.ask("GET", rule)), etagOf(made));
    assert.equal(etagOf(await api.ask("GET", subscription)), etagOf(made));
    const edited = etagOf(await api.ask("PATCH", rule, { max_retries: 1 }, matching(etagOf(made))));
    assert.equal(etagOf(await api.ask("GET", subscription)), edited);
    const uuid = String(made.data["id"]) as Parameters<Store["subscriptions"]["get"]>[0];
    const paused = { reason: "gone", sinceMs: api.clock.now() } as const;
    await api.deps.store.commit({
      changes: [{ do: "subscription.change", uuid, patch: { paused }, atMs: api.clock.now() }],
    });
    assert.equal(etagOf(await api.ask("PATCH", subscription, { max_retries: 2 }, matching(edited))).length > 2, true);
    const resumed = await api.ask("POST", `${subscription}resume/`, undefined, matching(edited));
    assert.deepEqual([resumed.status, resumed.data["changed_by"]], [412, "admin"]);
  });

  it("is taken by the notifications face too, for the same ETag, in that face's own words", async () => {
    await using api = await testApi({ egressAllow: ["receiver.example"] });
    const { uuid: bucket } = await api.bucket("photos");
    const watching = { face: "notifications", event: "*", resource: bucket, target: webhook };
    const made = await api.ask("POST", "/api/cloud/subscriptions/", watching);
    const [shown, face] = [
      `/api/cloud/subscriptions/${String(made.data["id"])}/`,
      `/notifications/v2/${String(made.data["id"])}/`,
    ];
    const asked = async (method: "GET" | "HEAD" | "PUT" | "PATCH" | "DELETE", etag?: string, payload?: object) => {
      const headers = { authorization: `Bearer ${api.operator}`, ...(etag === undefined ? {} : { "if-match": etag }) };
      const answer = await api.app.inject({
        method,
        url: face,
        headers,
        ...(payload === undefined ? {} : { payload }),
      });
      return { status: answer.statusCode, etag: answer.headers["etag"], text: answer.body };
    };
    const first = etagOf(made);
    assert.equal((await asked("GET")).etag, first);
    assert.equal((await asked("HEAD", '"other"')).status, 200);
    const policy = { retryStrategy: "NONE" };
    const changed = await asked("PATCH", first, { policy });
    assert.equal(changed.status, 200, changed.text);
    assert.equal(etagOf(await api.ask("GET", shown)), changed.etag);
    const replacement = { associatedUuid: bucket, event: "*", notificationUrl: url };
    for (const [method, payload] of [
      ["PATCH", { policy }],
      ["PUT", replacement],
      ["DELETE", undefined],
    ] as const) {
      const late = await asked(method, first, payload);
      assert.equal(late.status, 412, `${method}: ${late.text}`);
      assert.match(late.text, /"status":"error".*this was changed by 'admin' at .*"code":"precondition_failed"/);
    }
    assert.equal((await asked("PATCH", 'W/"x"', { policy })).status, 400);
    assert.equal((await asked("DELETE", String(changed.etag))).status, 200);
  });

  it("fits nothing where nothing is, and makes nothing", async () => {
    await using api = await testApi();
    const { uuid } = await api.bucket("photos");
    await api.tokenOf("member", "mia");
    const grant = `/api/cloud/resources/${uuid}/pems/mia/`;
    for (const said of ["*", '"grant"', `"grant:${uuid}:mia"`]) {
      const { status, data } = await api.ask("PUT", grant, { permission: "read" }, matching(said));
      assert.deepEqual([status, data["etag"]], [412, null], said);
    }
    assert.equal((await api.ask("GET", grant)).status, 404);
    const first = etagOf(await api.ask("PUT", grant, { permission: "read" }));
    await api.ask("DELETE", grant);
    const again = etagOf(await api.ask("PUT", grant, { permission: "read" }));
    assert.notEqual(again, first, "a grant that was given anew is another one");
    const schema = "/api/cloud/users/schema/";
    const none = etagOf(await api.ask("GET", schema));
    etagOf(await api.ask("PUT", schema, { schema: { type: "object" } }, matching(none)));
    assert.equal((await api.ask("PUT", schema, { schema: {} }, matching(none))).status, 412);
  });

  it("of a rule takes what a list has told, until that is over", async () => {
    await using api = await testApi({ egressAllow: ["receiver.example"] });
    await api.bucket("photos");
    const rules = "/api/cloud/buckets/photos/notifications/";
    const listed = async () => (await api.ask("GET", rules)).data["rules"] as { id: string; etag: string }[];
    for (const name of ["a", "b"]) await api.ask("POST", rules, { url: `${url}/${name}` });
    for (const { id, etag } of await listed()) {
      assert.equal(etagOf(await api.ask("GET", `${rules}${id}/`)), etag);
      const changed = etagOf(await api.ask("PATCH", `${rules}${id}/`, { enabled: false }, matching(etag)));
      assert.equal((await api.ask("PATCH", `${rules}${id}/`, { enabled: true }, matching(etag))).status, 412);
      assert.equal((await listed()).find((one) => one.id === id)?.etag, changed);
    }
  });

  it("tells a stranger no more than that there is nothing", async () => {
    await using api = await testApi({ egressAllow: ["receiver.example"] });
    const stranger = { token: await api.tokenOf("member", "sam") };
    for (const { name, path, method, body } of await editables(api)) {
      const { status, text } = await api.ask(method, path, body(2), matching('"x"', stranger));
      assert.ok(status === 404 || status === 403, `${name}: ${status} ${text}`);
      assert.doesNotMatch(text, /changed_by/);
    }
  });
});

/** What takes no If-Match though it changes something, and why. */
const without: Readonly<Record<string, string>> = {
  "DELETE /api/cloud/buckets/:bucket/":
    "only an empty bucket goes, which is judged in the commit, and nothing of it is edited here",
  "DELETE /api/cloud/deliveries/redrive/:id/": "ends a job, of which nothing can be edited",
  "PUT /api/cloud/buckets/:bucket/objects/": "takes If-Match of the object's own ETag",
  "DELETE /api/cloud/buckets/:bucket/objects/": "takes If-Match of the object's own ETag",
  "DELETE /api/cloud/tokens/:id/": "revokes what cannot be edited",
  "DELETE /api/cloud/access-keys/:id/": "revokes what cannot be edited",
  "DELETE /api/cloud/session/": "ends what cannot be edited",
  "DELETE /api/cloud/sessions/:id/": "ends what cannot be edited",
  "DELETE /api/cloud/inbox/:id/": "drops what cannot be edited",
};

it("every route that changes or deletes one thing takes If-Match, or has a reason; every GET of it has an ETag", async () => {
  await using api = await testApi();
  const edits = api.routes.filter(({ method }) => ["PUT", "PATCH", "DELETE"].includes(method));
  const bare = edits.filter(({ edited }) => edited === undefined).map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(bare.toSorted(), Object.keys(without).toSorted());
  const paths = new Set(edits.filter(({ edited }) => edited !== undefined).map(({ path }) => path));
  for (const { method, path, edited } of api.routes) {
    if (method === "GET" && paths.has(path)) assert.notEqual(edited, undefined, path);
  }
});
