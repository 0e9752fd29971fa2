import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Publish } from "../../src/delivery/publish.ts";
import type { NewEvent } from "../../src/domain/event.ts";
import type { Uuid } from "../../src/domain/ids.ts";
import { apiServer } from "../../src/faces/server.ts";
import { KeyedMutex } from "../../src/pace/keyed-mutex.ts";
import type { Store } from "../../src/store/store.ts";
import type { TestApi } from "../support/api.ts";
import { testApi } from "../support/api.ts";
import { apiWithFunction } from "../support/functions.ts";

/** What must hold whichever of two servers on one store is asked: nothing but the commit is between them. */

type Send = (method: "PUT" | "PATCH" | "POST" | "DELETE", url: string, payload?: object) => Promise<number>;

/** Another server on the same store, which it may see through `through`. */
async function another(api: TestApi, through: (store: Store) => Store = (store) => store) {
  const events: NewEvent[] = [];
  const publish: Publish = async (unit) => {
    const commit = await api.deps.publish(unit);
    if (commit.kind === "committed") events.push(...(unit.events ?? []));
    return commit;
  };
  const app = apiServer({ ...api.deps, store: through(api.deps.store), publish, mutex: new KeyedMutex() });
  await app.ready();
  const headers = { authorization: `Bearer ${api.operator}` };
  const send: Send = async (method, url, payload) =>
    (await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })).statusCode;
  return { send, events, [Symbol.asyncDispose]: () => app.close() };
}

/** Lets `between` happen right after the first look at a function's subscriptions. */
function betweenLookAndCommit(between: () => Promise<unknown>): (store: Store) => Store {
  let looks = 0;
  return (store) => ({
    ...store,
    functions: {
      ...store.functions,
      subscriptions: async (fn) => {
        const found = await store.functions.subscriptions(fn);
        looks += 1;
        if (looks === 1) await between();
        return found;
      },
    },
  });
}

const alerts = "/api/cloud/alerts/";
const subscribe = "/api/cloud/events/POST_USER_CREATE/subscribe/";

describe("two servers on one store", () => {
  it("leave a tenant one alert target, however many they set at once", async () => {
    await using api = await testApi();
    await using second = await another(api);
    const target = (n: number) => ({ target: { type: "webhook", url: `https://alerts.example/${n}/` } });
    const answers = await Promise.all(
      [0, 1, 2].flatMap((n) => [
        api.ask("PUT", alerts, target(n)).then(({ status }) => status),
        second.send("PUT", alerts, target(n + 3)),
      ]),
    );
    assert.deepEqual([...new Set(answers)], [200]);
    const live = await api.deps.store.subscriptions.list({ tenant: "default", face: "notifications" }, { max: 9 });
    assert.equal(live.length, 1);
  });

  it("end an alert target once", async () => {
    await using api = await testApi();
    await using second = await another(api);
    await api.ask("PUT", alerts, { target: { type: "webhook", url: "https://alerts.example/" } });
    const ended = await Promise.all([
      api.ask("DELETE", alerts).then(({ status }) => status),
      second.send("DELETE", alerts),
    ]);
    assert.deepEqual(
      ended.toSorted((a, b) => a - b),
      [200, 404],
    );
  });

  it("disable a function with the subscription that came between the look and the commit", async () => {
    const { api, id, path } = await apiWithFunction();
    await using _ = api;
    const between = () => api.ask("POST", subscribe, { function_id: id });
    await using second = await another(api, betweenLookAndCommit(between));
    assert.equal(await second.send("PATCH", path, { enabled: false }), 200);
    const [one, ...more] = await api.deps.store.functions.subscriptions(id);
    assert.deepEqual([one?.paused?.reason, more.length], ["disabled", 0]);
  });

  it("end with a function the subscription that came between the look and the commit, and say so", async () => {
    const { api, id, path } = await apiWithFunction();
    await using _ = api;
    let uuid: Uuid | undefined;
    const between = async () => {
      uuid = (await api.ask("POST", subscribe, { function_id: id })).data["uuid"] as Uuid;
    };
    await using second = await another(api, betweenLookAndCommit(between));
    assert.equal(await second.send("DELETE", path), 200);
    assert.deepEqual(await api.deps.store.functions.subscriptions(id), []);
    const ended = second.events
      .filter(({ names }) => names.notifications === "DELETED")
      .map(({ resource }) => resource);
    assert.ok(uuid !== undefined && ended.includes(uuid));
  });

  it("unsubscribe a function once", async () => {
    const { api, id } = await apiWithFunction();
    await using _ = api;
    await using second = await another(api);
    await api.ask("POST", subscribe, { function_id: id });
    const unsubscribe = subscribe.replace("/subscribe/", "/unsubscribe/");
    const answers = await Promise.all([
      api.ask("POST", unsubscribe, { function_id: id }).then(({ status }) => status),
      second.send("POST", unsubscribe, { function_id: id }),
    ]);
    assert.deepEqual(
      answers.toSorted((a, b) => a - b),
      [200, 404],
    );
  });
});
