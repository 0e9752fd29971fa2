/** Requests that were carried out, and whose answer was not known when the process died: it is made of what their commit remembered. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { outcomeStatus } from "../../src/store/operation-records.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { orderEvents } from "../support/library.ts";

const order = (id: number) => ({ event_type: "POST_ORDER_CREATE", params: { id, item: "a pen" } });
const job = "/host/v1/resources/42-007/";

const requests: readonly (readonly [string, string, unknown])[] = [
  ["one event", "/host/v1/events/", order(1)],
  ["many events", "/host/v1/events/", { events: [order(1), order(2), order(3)] }],
  ["one event of a resource", `${job}events/`, { event: "RUNNING" }],
  [
    "many events of resources",
    "/host/v1/resources/events/",
    { events: ["RUNNING", "FINISHED"].map((event) => ({ uuid: "42-007", event })) },
  ],
];

/** Remembers of another key what is remembered of a request between its commit and its answer. */
async function asIfCutOff(
  { deps }: TestApi,
  from: { readonly principal: string; readonly key: string },
  ids: string[],
) {
  const { store, clock } = deps;
  const remembered = await store.operations.remembered({ tenant: "default", ...from });
  assert.ok(remembered !== undefined);
  const body = { ids, atMs: clock.now() };
  await store.commit({
    changes: [{ do: "remembered.add", remembered: { ...remembered, key: "cut-off", status: outcomeStatus, body } }],
  });
}

describe("a request that was carried out and not answered", () => {
  for (const [what, path, body] of requests) {
    it(`is answered when it is made again, and not done again: ${what}`, async () => {
      await using api = await testApi({ events: orderEvents });
      const token = await api.hostToken({}, "billing");
      await api.askHost("PUT", job, { kind: "job", owner: "ada" });
      const before = (await api.deps.store.events.after(0, 10)).length;
      const ask = (key: string) => api.askHost("POST", path, body, { token, headers: { "idempotency-key": key } });
      const first = await ask("answered");
      assert.equal(first.status, 200, first.text);
      const events = (await api.deps.store.events.after(0, 10)).slice(before);
      await asIfCutOff(
        api,
        { principal: "billing", key: "answered" },
        events.map(({ id }) => id),
      );
      for (const _ of ["made", "remembered"]) {
        const again = await ask("cut-off");
        assert.deepEqual([again.status, again.text, again.headers["idempotency-replayed"]], [200, first.text, "true"]);
      }
      assert.equal((await api.deps.store.events.after(0, 10)).length, before + events.length);
    });
  }

  it("is refused when its events are no longer kept", async () => {
    await using api = await testApi({ events: orderEvents });
    const token = await api.hostToken({}, "billing");
    const ask = (key: string) =>
      api.askHost("POST", "/host/v1/events/", order(1), { token, headers: { "idempotency-key": key } });
    await ask("answered");
    await asIfCutOff(api, { principal: "billing", key: "answered" }, ["01890a5d-0000-7000-8000-000000000000"]);
    const { status, message } = await ask("cut-off");
    assert.deepEqual([status, message], [404, "the request was carried out, and its events are no longer kept"]);
  });
});
