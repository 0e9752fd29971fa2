import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { apiServer } from "../../src/faces/server.ts";
import { KeyedMutex } from "../../src/pace/keyed-mutex.ts";
import { type TestApi, testApi } from "../support/api.ts";

/** What limits bound, made by two servers on one store at once: nothing but the commit is between them. */

/** Asks both of two servers, that have nothing in common but the store, `times` times at once. */
async function askBoth(api: TestApi, path: string, bodies: readonly object[]): Promise<Answers> {
  const mutex = new KeyedMutex();
  const second = apiServer({ ...api.deps, mutex });
  await second.ready();
  const ask = async (app: TestApi["app"], payload: object) => {
    const headers = { authorization: `Bearer ${api.operator}` };
    const response = await app.inject({ method: "POST", url: path, headers, payload });
    return { status: response.statusCode, message: String(response.json().message) };
  };
  try {
    return await Promise.all(bodies.flatMap((body) => [ask(api.app, body), ask(second, body)]));
  } finally {
    await second.close();
  }
}

type Answers = readonly { readonly status: number; readonly message: string }[];

function counted(answers: Answers, made: number): { readonly made: number; readonly refused: ReadonlySet<string> } {
  const refused = answers.filter(({ status }) => status === 409).map(({ message }) => message);
  assert.equal(answers.filter(({ status }) => status === made).length + refused.length, answers.length);
  return { made: answers.length - refused.length, refused: new Set(refused) };
}

describe("a limit that two servers come to at once", () => {
  it("is that of apps", async () => {
    await using api = await testApi();
    const at = { tenant: "default", owner: "admin", createdMs: 0, updatedMs: 0 };
    const changes = Array.from({ length: 997 }, (_, n) => ({
      do: "app.add" as const,
      app: { ...at, uuid: `app-${n}-005` as never, slug: `app-${n}`, name: `App ${n}` },
    }));
    await api.deps.store.commit({ changes });
    const names = Array.from({ length: 5 }, (_, n) => ({ name: `One more ${n}` }));
    const { made } = counted(await askBoth(api, "/api/apps/", names), 201);
    assert.equal(made, 3);
    assert.equal((await api.deps.store.apps.apps("default", { max: 2_000 })).length, 1_000);
  });

  it("is that of a bucket's rules, by whichever way they are made", async () => {
    await using api = await testApi({ maxRulesPerBucket: 3 });
    await api.bucket("photos");
    const url = "https://hooks.example.com/";
    const rules = await askBoth(api, "/api/cloud/buckets/photos/notifications/", [{ url }, { url }, { url }]);
    const { made, refused } = counted(rules, 201);
    assert.equal(made, 3);
    const most = "has 3 rules and may have no more (SIGNALBOX_MAX_RULES_PER_BUCKET); delete one";
    assert.deepEqual([...refused], [`bucket 'photos' ${most}`]);
    const resource = (await api.deps.store.objects.bucket("default", "photos"))?.uuid;
    const more = { event: "OBJECT_CREATED_PUT", resource, target: { type: "webhook", url } };
    const others = await askBoth(api, "/api/cloud/subscriptions/", [more]);
    assert.deepEqual([...counted(others, 201).refused], [`the bucket ${most}`]);
  });

  it("is that of one role for each principal", async () => {
    await using api = await testApi();
    const body = { principal: "bob", label: "first" };
    const answers = await askBoth(api, "/api/cloud/tokens/", [
      { ...body, role: "member" },
      { ...body, role: "admin" },
    ]);
    assert.equal(counted(answers, 201).made, 2);
    const tokens = await api.deps.store.credentials.tokens("default", { max: 9 });
    const roles = tokens.filter(({ principal }) => principal.name === "bob").map(({ principal }) => principal.role);
    assert.equal(roles.length, 2);
    assert.equal(new Set(roles).size, 1);
  });
});
