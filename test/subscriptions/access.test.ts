/** Who may subscribe to what, and whose subscriptions one knows of. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Role } from "../../src/domain/access.ts";
import { type Answer, type TestApi, testApi } from "../support/api.ts";
import { makeApp, makeFunction } from "../support/functions.ts";

const path = "/api/cloud/subscriptions/";
const hook = { type: "webhook", url: "https://receiver.example/hook" };
const roles = ["admin", "developer", "member"] as const;

async function idOf(asked: Promise<Answer>): Promise<string> {
  const { status, data, text } = await asked;
  assert.equal(status, 201, text);
  return String(data["id"]);
}

interface Furnished extends AsyncDisposable {
  readonly api: TestApi;
  readonly fn: number;
  /** Uuid of a bucket of the admin's, and of one of mia's, who is a member. */
  readonly photos: string;
  readonly own: string;
  readonly tokens: Readonly<Record<Exclude<Role, "host"> | "mia" | "stranger", string>>;
}

async function furnished(): Promise<Furnished> {
  const api = await testApi();
  await makeApp(api);
  const { id: fn } = await makeFunction(api);
  const photos = await api.bucket("photos");
  const own = await api.bucket("own", "mia");
  const tenant = await api.ask("POST", "/api/cloud/tenants/", { id: "other" });
  assert.equal(tenant.status, 201, tenant.text);
  const tokens = {
    operator: api.operator,
    admin: await api.tokenOf("admin", "a-admin"),
    developer: await api.tokenOf("developer", "dev"),
    member: await api.tokenOf("member", "max"),
    mia: await api.tokenOf("member", "mia"),
    stranger: await api.tokenOf("admin", "a-admin", "other"),
  };
  return {
    api,
    fn,
    photos: photos.uuid,
    own: own.uuid,
    tokens,
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

describe("who may subscribe to what", () => {
  it("by role and bucket", async () => {
    await using at = await furnished();
    const { api, fn, photos, own, tokens } = at;
    const run = { type: "function", function_id: fn };
    // Status for admin, developer, member.
    const cases: readonly (readonly [object, readonly number[]])[] = [
      [{ event: "*", bucket: "photos", target: hook }, [201, 201, 404]],
      [{ event: "OBJECT_DELETED", resource: photos, target: hook }, [201, 201, 404]],
      [{ event: "OBJECT_DELETED", resource: "*", target: hook }, [201, 403, 403]],
      [{ event: "POST_USER_CREATE", target: hook }, [201, 201, 403]],
      [{ event: "POST_USER_CREATE", app: "user-management", target: hook }, [201, 201, 403]],
      [{ event: "POST_USER_CREATE", app: "nowhere", target: hook }, [404, 404, 403]],
      [{ event: "*", face: "lifecycle", resource: photos, target: hook }, [404, 404, 403]],
      [{ event: "*", resource: photos, target: hook }, [201, 201, 404]],
      [{ event: "*", resource: "*", target: hook }, [201, 403, 403]],
      [{ event: "*", resource: photos, target: run }, [201, 201, 403]],
    ];
    for (const [body, statuses] of cases) {
      for (const [index, role] of roles.entries()) {
        const { status, text } = await api.ask("POST", path, body, { token: tokens[role] });
        assert.equal(status, statuses[index], `${role} ${JSON.stringify(body)}: ${text}`);
      }
    }
    for (const about of [
      { event: "*", bucket: "own" },
      { event: "OBJECT_DELETED", resource: own },
      { event: "*", resource: own },
    ]) {
      const { status, text } = await api.ask("POST", path, { ...about, target: hook }, { token: tokens.mia });
      assert.equal(status, 201, text);
    }
  });

  it("in the same words for what is not there and what is not theirs", async () => {
    await using at = await furnished();
    const { api, photos, tokens } = at;
    const gone = `${photos.slice(0, -5)}0-101`;
    for (const event of ["OBJECT_DELETED", "*"]) {
      for (const token of [tokens.member, tokens.stranger]) {
        const told = await Promise.all(
          [photos, gone].map((resource) => api.ask("POST", path, { event, resource, target: hook }, { token })),
        );
        const [theirs, none] = told.map(({ text }) => text.replaceAll(photos, "…").replaceAll(gone, "…"));
        assert.equal(theirs, none);
        assert.deepEqual(
          told.map(({ status }) => status),
          [404, 404],
        );
      }
    }
  });

  it("whose function it is: another tenant's is none", async () => {
    await using at = await furnished();
    const { api, fn, tokens } = at;
    const target = { type: "function", function_id: fn };
    const theirs = await api.ask("POST", path, { event: "*", resource: "*", target }, { token: tokens.stranger });
    assert.deepEqual([theirs.status, theirs.fields[0]?.path], [400, "target.function_id"]);
  });
});

describe("whose subscriptions one knows of", () => {
  it("one's own, an admin all, who manages a bucket that bucket's", async () => {
    await using at = await furnished();
    const { api, own, fn, tokens } = at;
    const make = (token: string, body: object): Promise<string> => idOf(api.ask("POST", path, body, { token }));
    const ids = {
      ofMia: await make(tokens.mia, { event: "*", resource: own, target: hook }),
      ofBucket: await make(tokens.developer, { event: "*", bucket: "own", target: hook }),
      ofDeveloper: await make(tokens.developer, { event: "POST_USER_CREATE", target: hook }),
      ofFunction: await make(tokens.admin, {
        event: "POST_USER_DELETE",
        target: { type: "function", function_id: fn },
      }),
      ofAdmin: await make(tokens.admin, { event: "*", resource: own, target: hook }),
    };
    const known: Readonly<Record<string, readonly (keyof typeof ids)[]>> = {
      mia: ["ofMia", "ofBucket"],
      developer: ["ofBucket", "ofDeveloper", "ofFunction"],
      admin: ["ofMia", "ofBucket", "ofDeveloper", "ofFunction", "ofAdmin"],
      operator: ["ofMia", "ofBucket", "ofDeveloper", "ofFunction", "ofAdmin"],
      member: [],
      stranger: [],
    };
    for (const [who, theirs] of Object.entries(known)) {
      const token = tokens[who as "mia"];
      for (const [name, id] of Object.entries(ids)) {
        const status = (theirs as readonly string[]).includes(name) ? 200 : 404;
        const shown = await api.ask("GET", `${path}${id}/`, undefined, { token });
        assert.equal(shown.status, status, `${who} ${name}`);
        if (status === 200) continue;
        const unknown = await api.ask("GET", `${path}${id.slice(0, -5)}0-011/`, undefined, { token });
        assert.equal(shown.text.replaceAll(id, ""), unknown.text.replaceAll(`${id.slice(0, -5)}0-011`, ""));
        const others = [
          ["PATCH", ""],
          ["DELETE", ""],
          ["POST", "resume/"],
          ["POST", "rotate-secret/"],
        ] as const;
        for (const [method, action] of others) {
          const body = method === "PATCH" ? { enabled: false } : undefined;
          assert.equal((await api.ask(method, `${path}${id}/${action}`, body, { token })).status, 404);
        }
      }
    }
    const listed = async (token: string, query = ""): Promise<readonly unknown[]> => {
      const { data } = await api.ask("GET", `${path}${query}`, undefined, { token });
      return (data["subscriptions"] as readonly { id: string }[]).map(({ id }) => id);
    };
    assert.deepEqual(await listed(tokens.mia), [ids.ofMia]);
    assert.deepEqual(await listed(tokens.mia, `?resource=${own}`), [ids.ofBucket, ids.ofMia]);
    assert.deepEqual(await listed(tokens.developer), [ids.ofDeveloper, ids.ofBucket]);
    assert.equal((await listed(tokens.admin)).length, 5);
    assert.deepEqual(await listed(tokens.admin, "?owner=mia"), [ids.ofMia]);
    assert.deepEqual(await listed(tokens.mia, "?owner=dev"), []);
    assert.deepEqual(await listed(tokens.stranger), []);
  });

  it("and shows no secret to any of them", async () => {
    await using at = await furnished();
    const { api } = at;
    const url = "https://somebody:geheim@receiver.example/";
    const target = { type: "webhook", url, headers: { "X-Key": "verborgen" } };
    const made = await api.ask("POST", path, { event: "*", bucket: "own", target });
    const { target: shown, signing_secret: secret } = made.data as { target: object; signing_secret: string };
    assert.deepEqual(shown, {
      type: "webhook",
      url: "https://receiver.example/",
      auth: { type: "basic", username: "somebody" },
      headers: ["x-key"],
      ack: "200",
      timeout_ms: 10_000,
      fields: [],
      format: "signalbox",
      compression: null,
      handshake: false,
      batch: null,
    });
    const again = [
      await api.ask("GET", path),
      await api.ask("GET", `${path}${String(made.data["id"])}/`),
      await api.ask("PATCH", `${path}${String(made.data["id"])}/`, { enabled: false }),
    ];
    for (const { text } of again) {
      for (const hidden of ["geheim", "verborgen", secret]) assert.ok(!text.includes(hidden));
    }
  });

  it("who lost the bucket or the role may only delete", async () => {
    await using at = await furnished();
    const { api, tokens } = at;
    const body = { event: "POST_USER_CREATE", target: hook };
    const id = await idOf(api.ask("POST", path, body, { token: tokens.developer }));
    const { uuid } = await api.bucket("later", "max");
    const token = await api.tokenOf("member", "dev");
    const changed = await api.ask("PATCH", `${path}${id}/`, { enabled: false }, { token });
    assert.deepEqual([changed.status, changed.code], [403, "forbidden"]);
    assert.equal((await api.ask("DELETE", `${path}${id}/`, undefined, { token })).status, 200);
    assert.equal((await api.ask("GET", `${path}${id}/`, undefined, { token })).status, 404);
    const rule = await idOf(
      api.ask("POST", path, { event: "*", bucket: "later", target: hook }, { token: tokens.member }),
    );
    await api.deps.store.commit({ changes: [{ do: "bucket.remove", bucket: uuid, atMs: api.clock.now() }] });
    const ended = await api.ask("GET", `${path}${rule}/`, undefined, { token: tokens.member });
    assert.deepEqual([ended.status, ended.data["status"]], [200, "inactive"]);
    assert.equal((await api.ask("PATCH", `${path}${rule}/`, { enabled: true }, { token: tokens.member })).status, 403);
  });
});
