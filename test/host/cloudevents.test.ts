/** CloudEvents 1.0 in their three forms, as the official SDK writes them, over a real listener; each is published once. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CloudEvent, HTTP } from "cloudevents";
import { systemClock } from "../../src/clock.ts";
import { silentLog } from "../../src/log.ts";
import { receivedKeptMs } from "../../src/store/received-events.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { attributes, inBatch, listening, order, register, send } from "../support/cloudevents.ts";
import { runServer } from "../support/in-process.ts";
import { serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { webhookReceiver } from "../support/webhooks.ts";

describe("CloudEvents of the official SDK", () => {
  it("are published in the binary, the structured and the batch form", async () => {
    await using at = await listening();
    const subject = "order-7-900";
    const [binary, one, many] = [
      await at.ask(HTTP.binary(order("1", { subject }))),
      await at.ask(HTTP.structured(order("2", { subject }))),
      await at.ask(inBatch([order("3", { subject }), order("4", { subject })])),
    ];
    for (const { status, text, data } of [binary, one]) {
      assert.equal(status, 200, text);
      assert.deepEqual(data, { event: "POST_ORDER_CREATE", task_ids: [], total_subscribers: 0 });
    }
    assert.deepEqual([many.status, many.message], [200, "2 events published successfully"], many.text);
    assert.deepEqual(many.data.results, [binary.data, binary.data]);
    const events = await at.committed();
    assert.equal(events.length, 4);
    for (const { names, resource, actor, origin, data } of events) {
      assert.deepEqual([names, resource, actor, origin], [{ lifecycle: attributes.type }, subject, "ada", "library"]);
      assert.deepEqual((data as { readonly params?: unknown }).params, { id: 7, item: "a pen" });
    }
  });

  it("raise events of the kind of their subject, and change its public part", async () => {
    await using at = await listening();
    await register(at.api, "night-1-007");
    const running = { type: "RUNNING", subject: "night-1-007", source: "/cluster", user: "scheduler" };
    const first = await at.ask(HTTP.binary(new CloudEvent({ ...running, id: "1", data: { status: "RUNNING" } })));
    assert.deepEqual(first.data, { event: "RUNNING", task_ids: [], total_subscribers: 0 }, first.text);
    const without = await at.ask(HTTP.structured(new CloudEvent({ ...running, id: "2", type: "finished" })));
    assert.equal(without.data.event, "FINISHED", without.text);
    const { data } = await at.api.askHost("GET", "/host/v1/resources/night-1-007/");
    assert.deepEqual(data["data"], { name: "night-1-007", status: "RUNNING" });
    const [created, ...raised] = await at.committed();
    assert.equal(created?.names.notifications, "CREATED");
    assert.deepEqual(
      raised.map(({ names, actor, resource }) => [names.notifications, actor, resource]),
      [
        ["RUNNING", "scheduler", "night-1-007"],
        ["FINISHED", "scheduler", "night-1-007"],
      ],
    );
  });

  it("start the hooks of a PRE event every time, one by one", async () => {
    await using at = await listening();
    const asked = order("1", { type: "PRE_ORDER_CREATE", data: { item: "a pen" } });
    for (const sent of [HTTP.binary(asked), HTTP.structured(asked), HTTP.structured(asked)]) {
      const { status, data, text } = await at.ask(sent);
      assert.deepEqual([status, data], [200, { event: "PRE_ORDER_CREATE", task_ids: [], total_subscribers: 0 }], text);
    }
    const wrong = await at.ask(HTTP.binary(asked.cloneWith({ data: { item: 7 } })));
    assert.deepEqual([wrong.status, wrong.fields[0]?.path], [400, "data.item"], wrong.text);
    const many = await at.ask(inBatch([order("2"), asked]));
    assert.deepEqual([many.status, many.fields[0]?.path], [400, "events[1].type"], many.text);
    assert.deepEqual(await at.committed(), []);
  });

  it("go to owners, a thousand in a batch, and to no other caller", async () => {
    await using receiver = await webhookReceiver();
    await using server = await runServer({ SIGNALBOX_HOST_LISTEN: "127.0.0.1:0" });
    const hostUrl = server.signalbox.hostUrl ?? "";
    const tokenOf = async (principal: string, role: string): Promise<string> =>
      (await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", { principal, role })).token;
    const [ada, stranger, host] = [
      await tokenOf("ada", "member"),
      await tokenOf("stranger", "member"),
      await tokenOf("platform", "host"),
    ];
    const ask = async (
      [method, url, path]: readonly [string, string, string],
      token: string,
      body: object,
    ): Promise<void> => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const answer = await fetch(new URL(path, url), { method, headers, body: JSON.stringify(body) });
      assert.ok(answer.ok, await answer.text());
    };
    const uuids = Array.from({ length: 1_000 }, (_, index) => `job-${index}-007`);
    const cluster = "/host/v1/resources/cluster-006/";
    await ask(["PUT", hostUrl, cluster], host, { kind: "system", owner: "admin" });
    await ask(["PUT", hostUrl, `${cluster}grants/*/`], host, { permission: "read" });
    const resources = uuids.map((uuid) => ({ uuid, kind: "job", owner: "ada", parents: ["cluster-006"] }));
    await ask(["POST", hostUrl, "/host/v1/resources/"], host, { resources, announce: false });
    const watching = { associatedUuid: "cluster-006", event: "*", persistent: true };
    await ask(["POST", server.url, "/notifications/v2/"], ada, { ...watching, url: receiver.url });
    await ask(["POST", server.url, "/notifications/v2/"], stranger, { ...watching, url: `${receiver.url}/stranger` });
    const events = uuids.map(
      (subject) =>
        new CloudEvent({ id: subject, source: "/cluster", type: "FINISHED", subject, data: { status: "FINISHED" } }),
    );
    const sent = await send(hostUrl, host, inBatch(events));
    assert.deepEqual([sent.status, sent.message], [200, "1,000 events published successfully"], sent.text);
    await until("every event came", () => receiver.received.length >= uuids.length);
    const again = await send(hostUrl, host, inBatch(events));
    assert.equal(again.message, "0 events published successfully, and 1,000 events before", again.text);
    assert.deepEqual(new Set(receiver.received.map(({ path }) => path)), new Set(["/"]));
    assert.equal(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size, uuids.length);
  });
});

describe("id and source of a CloudEvent", () => {
  it("are published once within a week, by tenant, whatever the form, and whatever became of the resource", async () => {
    await using at = await listening();
    await register(at.api, "night-1-007");
    const { type: _, ...named } = attributes;
    const finished = new CloudEvent({ ...named, id: "f", type: "FINISHED", subject: "night-1-007" });
    for (const sent of [HTTP.binary(order("1")), HTTP.binary(finished)]) await at.ask(sent);
    const published = (await at.committed()).length;
    const ended = await at.api.askHost("DELETE", "/host/v1/resources/night-1-007/");
    assert.equal(ended.status, 200, ended.text);
    for (const event of [order("1"), finished]) {
      for (const sent of [HTTP.binary(event), HTTP.structured(event)]) {
        const { status, data, message, text } = await at.ask(sent);
        assert.deepEqual([status, data.duplicate, message], [200, true, "Event was published before"], text);
        assert.deepEqual([data.task_ids, data.total_subscribers], [[], 0]);
      }
    }
    const mixed = await at.ask(inBatch([order("1"), order("2"), finished, order("2"), order("3")]));
    assert.equal(mixed.message, "2 events published successfully, and 3 events before", mixed.text);
    assert.deepEqual(
      mixed.data.results.map(({ event, duplicate }) => [event, duplicate]),
      [
        ["POST_ORDER_CREATE", true],
        ["POST_ORDER_CREATE", undefined],
        ["FINISHED", true],
        ["POST_ORDER_CREATE", true],
        ["POST_ORDER_CREATE", undefined],
      ],
    );
    // `DELETED`, and the two that were new.
    assert.equal((await at.committed()).length, published + 3);
    for (const other of [order("1", { source: "/other" }), order("/orders1", { source: "/" })]) {
      assert.equal((await at.ask(HTTP.binary(other))).data.duplicate, undefined);
    }
    await at.api.deps.store.commit({
      changes: [{ do: "tenant.add", tenant: { id: "acme", name: "Acme", createdMs: 0 } }],
    });
    const acme = await at.api.hostToken({}, "billing", "acme");
    assert.equal((await at.ask(HTTP.binary(order("1")), acme)).data.duplicate, undefined, "tenants never meet");

    at.api.clock.advance(receivedKeptMs + 1);
    await at.api.deps.store.upkeep.prune({ beforeMs: 0, deadBeforeMs: 0, max: 100 });
    assert.equal((await at.ask(HTTP.binary(order("1")))).data.duplicate, undefined, "a week later it is forgotten");
  });

  it("are published once when many send the same at once, alone and in batches that overlap", async () => {
    await using at = await listening();
    await register(at.api, "night-1-007");
    const events = Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0
        ? order(`${index}`)
        : new CloudEvent({ id: `${index}`, source: "/cluster", type: "RUNNING", subject: "night-1-007" }),
    );
    const answers = await Promise.all([
      ...Array.from({ length: 4 }, (_, from) => at.ask(inBatch(events.slice(from * 3, from * 3 + 10)))),
      ...events.map((event) => at.ask(HTTP.binary(event))),
      ...events.map((event) => at.ask(HTTP.structured(event))),
    ]);
    for (const { status, text } of answers) assert.equal(status, 200, text);
    const told = answers.flatMap(({ data }) => data.results ?? [data]);
    assert.equal(told.filter(({ duplicate }) => duplicate !== true).length, events.length);
    const [created, ...published] = await at.committed();
    assert.equal(created?.names.notifications, "CREATED");
    assert.equal(published.length, events.length);
  });

  it("are published once, or in none of a batch, when the server is killed and all is sent again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-cloudevents-"));
    await using cleaned = new AsyncDisposableStack();
    cleaned.defer(() => rm(folder, { recursive: true, force: true }));
    const options = { folder, env: { SIGNALBOX_HOST_LISTEN: "127.0.0.1:0" } };
    const batches = Array.from({ length: 12 }, (_, index) =>
      Array.from(
        { length: 25 },
        (_, place) =>
          new CloudEvent({
            id: `${index}-${place}`,
            source: "/users",
            type: "POST_USER_CREATE",
            data: { user_id: index * 25 + place, username: "ada", email: "ada@example.com" },
          }),
      ),
    );
    const acknowledged = new Set<number>();
    let token = "";
    {
      await using server = await serverProcess(options);
      const asked = { principal: "platform", role: "host" };
      ({ token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", asked));
      let killed: Promise<void> | undefined;
      await Promise.all(
        batches.map(async (events, index) => {
          const answer = await send(server.hostUrl, token, inBatch(events)).catch(() => undefined);
          // The first answer ends the process, while others are at every point of their way.
          killed ??= server.kill();
          if (answer?.status === 200) acknowledged.add(index);
        }),
      );
      await killed;
    }
    assert.ok(acknowledged.size > 0);
    {
      await using server = await serverProcess(options);
      for (const [index, events] of batches.entries()) {
        const { status, data, text } = await send(server.hostUrl, token, inBatch(events));
        assert.equal(status, 200, text);
        const duplicates = data.results.filter(({ duplicate }) => duplicate === true).length;
        if (acknowledged.has(index)) assert.equal(duplicates, events.length, "what was answered is durable");
        else assert.ok(duplicates === 0 || duplicates === events.length, "a batch is one commit");
      }
      assert.equal(await server.stop(), 0);
    }
    await using opened = await openSqliteStore({ folder, clock: systemClock, log: silentLog });
    const published = (await opened.store.events.after(0, 1_000)).flatMap(({ names, data }) =>
      names.lifecycle === "POST_USER_CREATE" ? [(data as { params: { user_id: number } }).params.user_id] : [],
    );
    assert.deepEqual(
      published.toSorted((a, b) => a - b),
      Array.from({ length: 300 }, (_, id) => id),
    );
  });
});
