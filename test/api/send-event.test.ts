import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { NewEvent } from "../../src/domain/event.ts";
import { deliveryUuid, newUuid, parseUuid, uuidV7 } from "../../src/domain/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { subscribed } from "../support/hooks.ts";
import { runServer } from "../support/in-process.ts";
import { httpListener } from "../support/listeners.ts";
import { until } from "../support/until.ts";

const log = "/api/cloud/event-log/";
const rules = "/api/cloud/buckets/photos/notifications/";
const url = "https://receiver.example/";

/** An event of a bucket that is dispatched, to nobody. */
async function happened(api: TestApi, over: Partial<NewEvent> = {}): Promise<{ id: string; sequence: number }> {
  const event = await committed(api, over);
  for (const { event: fed } of await api.feed.next(100, new AbortController().signal)) {
    await api.feed.settle({ records: [], done: [fed.sequence] });
  }
  return event;
}

async function committed(api: TestApi, over: Partial<NewEvent>): Promise<{ id: string; sequence: number }> {
  const moment = { nowMs: api.clock.now(), bytes: api.clock.bytes(10) };
  const event: NewEvent = {
    id: uuidV7(moment),
    tenant: "default",
    resource: newUuid("file", moment),
    names: { objects: "OBJECT_CREATED_PUT", notifications: "UPLOADED" },
    origin: "s3",
    timeMs: moment.nowMs,
    data: { bucket: "photos", key: "a.txt", size: 5, eTag: "x" },
    ...over,
  };
  const commit = await api.deps.store.commit({ events: [event] });
  return { id: event.id, sequence: commit.kind === "committed" ? (commit.sequences[0] ?? 0) : assert.fail() };
}

const send = (api: TestApi, id: string, subscription: unknown, token = api.operator) =>
  api.ask("POST", `${log}${id}/send/`, { subscription }, { token });

describe("sending a kept event", () => {
  it("makes a delivery with its own id, once, to one that did not match or was not there", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    const unmatched = await api.ask("POST", rules, { url, filter: "WHERE size > 65536" });
    const { id, sequence } = await happened(api, { scope: bucket.uuid });
    const later = await api.ask("POST", rules, { url });
    for (const { data: rule } of [unmatched, later]) {
      const uuid = parseUuid(String(rule["id"])) ?? assert.fail();
      const { status, data, text } = await send(api, id, uuid);
      assert.equal(status, 201, text);
      assert.deepEqual(
        [data["id"], data["status"], data["attempt_count"], data["rule"]],
        [deliveryUuid(sequence, uuid), "waiting", 0, uuid],
      );
      const { number = 0 } = (await api.deps.store.subscriptions.get(uuid)) ?? {};
      assert.ok(api.woken.includes(number));
      const due = await api.deps.store.deliveries.due(number, api.clock.steady(), 9);
      assert.deepEqual(
        due.map(({ event }) => event.id),
        [id],
      );
      assert.equal((await api.ask("GET", `/api/cloud/deliveries/${String(data["id"])}/`)).status, 200);
      const again = await send(api, id, uuid);
      assert.deepEqual([again.status, again.code], [409, "conflict"]);
    }
    const { data } = await api.ask("GET", `${log}${id}/`);
    const said = (data["subscriptions"] as { said: string }[]).map((rule) => rule.said);
    assert.match(
      said[0] ?? "",
      /^did not match \(`Content-Length` > 65536 is false.*\), but was sent on request, and waits/,
    );
    assert.match(said[1] ?? "", /^did not match \(it was not there yet.*\), but was sent on request, and waits/);
  });

  it("is refused where the event cannot go, with the reason", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    await api.bucket("videos");
    const make = async (body: object = {}, path = rules): Promise<string> =>
      String((await api.ask("POST", path, { url, ...body })).data["id"]);
    const rule = await make();
    const elsewhere = await make({}, "/api/cloud/buckets/videos/notifications/");
    const disabled = await make({ enabled: false });
    const gone = await make();
    await api.ask("DELETE", `${rules}${gone}/`);
    const hook = await subscribed(api, "PRE_USER_CREATE", "export default () => {}");
    const { data: all } = await api.ask("GET", "/api/cloud/subscriptions/?face=lifecycle");
    const [onUsers] = (all["subscriptions"] as { id: string }[]).map(({ id }) => id);
    const { id } = await happened(api, { scope: bucket.uuid });
    const refusals: readonly (readonly [unknown, number, RegExp])[] = [
      [elsewhere, 400, /does not lie in its scope/],
      [onUsers, 400, /events of operations, which this is not/],
      [disabled, 409, /enable it first/],
      [gone, 404, /does not exist/],
      ["nothing", 404, /does not exist/],
      [5, 400, /subscription/],
      [undefined, 400, /subscription/],
    ];
    for (const [to, status, message] of refusals) {
      const refused = await send(api, id, to);
      assert.equal(refused.status, status, refused.text);
      assert.match(refused.message, message);
    }
    assert.ok(hook.fn > 0);
    assert.equal((await send(api, "nothing", rule)).status, 404);
    const fresh = await committed(api, { scope: bucket.uuid });
    const early = await send(api, fresh.id, rule);
    assert.deepEqual([early.status, early.code], [409, "conflict"]);
    assert.match(early.message, /not dispatched yet/);
  });

  it("is for who sees both, and never shows an event to an owner who does not see what it is about", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos", "ann");
    const [ann, ben] = [await api.tokenOf("member", "ann"), await api.tokenOf("member", "ben")];
    const owned = { scope: bucket.uuid, owners: ["ann"] };
    const { id } = await happened(api, owned);
    const anns = (await api.ask("POST", rules, { url }, { token: ann })).data["id"];
    const everything = { face: "notifications", event: "*", resource: bucket.uuid, persistent: true };
    const target = { type: "webhook", url };
    await api.ask("PUT", `/api/cloud/resources/${bucket.uuid}/pems/ben/`, { permission: "read" }, { token: ann });
    const made = await api.ask("POST", "/api/cloud/subscriptions/", { ...everything, target }, { token: ben });
    const bens = made.data["id"];
    assert.equal((await send(api, id, anns, ben)).status, 404);
    assert.equal((await send(api, id, bens, ann)).status, 404);
    await api.ask("DELETE", `/api/cloud/resources/${bucket.uuid}/pems/ben/`, undefined, { token: ann });
    const unseen = await send(api, id, bens);
    assert.equal(unseen.status, 400, unseen.text);
    assert.match(unseen.message, /does not see what this event is about/);
    assert.equal((await send(api, id, bens, ben)).status, 404);
    assert.equal((await send(api, id, anns, ann)).status, 201);
  });

  it("reaches the receiver, under the id that it said", async () => {
    const ids: string[] = [];
    await using receiver = await httpListener((request, response) => {
      request.resume();
      ids.push(String(request.headers["webhook-id"]));
      response.end();
    });
    await using server = await runServer({});
    await server.api("POST", "/api/cloud/buckets/", { name: "photos" });
    await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a.txt", Body: "x" }));
    const to = { url: `http://127.0.0.1:${receiver.port}/`, filter: "key = 'never'" };
    const rule = await server.api<{ id: string }>("POST", rules, to);
    let event: { id: string } | undefined;
    await until("the event is in the log", async () => {
      const found = await server.api<{ events: { id: string }[] }>("GET", `${log}?bucket=photos&face=objects`);
      event = found.events[0];
      return event !== undefined;
    });
    const path = `${log}${event?.id}/send/`;
    await until("it is dispatched", async () => {
      const { dispatch } = await server.api<{ dispatch: string }>("GET", `${log}${event?.id}/`);
      return dispatch === "done";
    });
    const delivery = await server.api<{ id: string }>("POST", path, { subscription: rule.id });
    await until("it came", () => ids.length > 0);
    assert.deepEqual(ids, [delivery.id]);
  });
});
