/** Asking a platform what became of its operations, in process, at a real receiver. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { verify } from "../../src/domain/signature.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { orderEvents } from "../support/library.ts";
import { httpListener } from "../support/listeners.ts";
import { until } from "../support/until.ts";

const path = "/host/v1/operations/";
const resolve = "/host/v1/resolve/";
const done = { params: { id: 7, item: "a pen" } };

interface Shown {
  readonly operation_id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly ask_at: string | null;
}

interface Question {
  readonly url: URL;
  readonly method: string;
  readonly headers: Parameters<typeof verify>[1];
}

/** A platform that answers as it is told, or not yet. */
async function platform() {
  const asked: Question[] = [];
  const self = {
    asked,
    url: "",
    answer: async (): Promise<unknown> => ({ outcome: "unknown" }),
    status: 200,
  };
  const listener = await httpListener((request, response) => {
    const url = new URL(request.url ?? "/", "http://platform.example");
    asked.push({ url, method: request.method ?? "", headers: request.headers as Question["headers"] });
    void self.answer().then((body) => {
      response.writeHead(self.status, { "content-type": "application/json" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  self.url = `http://127.0.0.1:${listener.port}/resolve?of=orders`;
  return Object.assign(self, { [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() });
}

const open = (): Promise<TestApi> => testApi({ events: orderEvents, egressAllow: ["127.0.0.1"] });

async function begun(api: TestApi): Promise<string> {
  const body = { event: "ORDER_CREATE", params: { item: "a pen" }, intent: true };
  const { status, data, text } = await api.askHost("POST", path, body);
  assert.equal(status, 200, text);
  return (data as unknown as Shown).operation_id;
}

async function askedAbout(api: TestApi, id: string): Promise<Shown> {
  const { status, data, text } = await api.askHost("POST", `${path}${id}/resolve/`);
  assert.equal(status, 200, text);
  return data as unknown as Shown;
}

async function eventsIn({ deps }: TestApi): Promise<readonly unknown[]> {
  return deps.store.events.after(0, 100);
}

describe("a resolver", () => {
  it("is asked by a signed GET, and what it says is published once", async () => {
    await using at = await platform();
    await using api = await open();
    const put = await api.askHost("PUT", resolve, { url: at.url });
    assert.equal(put.status, 200, put.text);
    const { signing_secret: secret = "" } = put.data as { readonly signing_secret?: string };
    const shown = await api.askHost("GET", resolve);
    assert.deepEqual([shown.status, shown.text.includes(secret), shown.text.includes(at.url)], [200, false, true]);

    const id = await begun(api);
    at.answer = async () => ({ outcome: "committed", ...done, resource: "order-7-900" });
    assert.equal((await askedAbout(api, id)).state, "committed");
    const [question, ...others] = at.asked;
    assert.deepEqual(others, []);
    assert.deepEqual(
      [question?.method, question?.url.pathname, Object.fromEntries(question?.url.searchParams ?? [])],
      ["GET", "/resolve", { of: "orders", operation_id: id, tenant: "default" }],
    );
    const headers = question?.headers ?? assert.fail("it was asked");
    assert.equal(headers["webhook-id"], id);
    assert.deepEqual(verify([secret], headers, "", { nowMs: api.deps.clock.now() }), { kind: "ok" });
    const committed = await api.askHost("POST", `${path}${id}/commit/`, done);
    assert.equal(committed.status, 200, committed.text);
    const [event, ...more] = await api.deps.store.events.after(0, 100);
    assert.deepEqual([event?.names.lifecycle, event?.resource, more], ["POST_ORDER_CREATE", "order-7-900", []]);
  });

  it("aborts what it says was not done", async () => {
    await using at = await platform();
    await using api = await open();
    await api.askHost("PUT", resolve, { url: at.url });
    const id = await begun(api);
    at.answer = async () => ({ outcome: "aborted", reason: "no such order" });
    const { state, reason } = await askedAbout(api, id);
    assert.deepEqual([state, reason], ["aborted", "no such order"]);
    assert.equal((await api.askHost("POST", `${path}${id}/commit/`, done)).status, 409);
  });

  it("leaves unresolved, with the reason, what it cannot tell or tells wrongly", async () => {
    await using at = await platform();
    await using api = await open();
    const id = await begun(api);
    const none = await askedAbout(api, id);
    assert.deepEqual([none.state, none.ask_at], ["unresolved", null]);
    assert.match(none.reason ?? "", /there is no resolver/);
    await api.askHost("PUT", resolve, { url: at.url });
    assert.notEqual((await api.askHost("GET", `${path}${id}/`)).text.includes('"ask_at":null'), true);
    for (const [status, body, reason] of [
      [200, { outcome: "unknown", reason: "the database is away" }, /the database is away/],
      [200, { outcome: "committed", params: { item: "a pen" } }, /does not fit POST_ORDER_CREATE: params\.id/],
      [200, { outcome: "committed" }, /nothing that it may/],
      [200, { outcome: "done" }, /nothing that it may/],
      [200, "null", /nothing that it may/],
      [200, "<html>", /no JSON/],
      [200, `"${"x".repeat(600_000)}"`, /more than 524288 bytes/],
      [404, { outcome: "aborted" }, /answered 404/],
      [302, { outcome: "aborted" }, /answered 302/],
    ] as const) {
      at.status = status;
      at.answer = async () => body;
      const known = await askedAbout(api, id);
      assert.equal(known.state, "unresolved");
      assert.match(known.reason ?? "", reason);
    }
    assert.deepEqual(await api.deps.store.operations.intentCounts(), { open: 0, unresolved: 1 });
    assert.deepEqual(await eventsIn(api), []);
    // Whatever was found out, the platform's own word counts.
    assert.equal((await api.askHost("POST", `${path}${id}/commit/`, done)).status, 200);
    assert.deepEqual(await api.deps.store.operations.intentCounts(), { open: 0, unresolved: 0 });
  });

  it("is overtaken by a commit that comes while it is asked", async () => {
    await using at = await platform();
    await using api = await open();
    await api.askHost("PUT", resolve, { url: at.url });
    const id = await begun(api);
    const answer = Promise.withResolvers<unknown>();
    at.answer = () => answer.promise;
    const asking = askedAbout(api, id);
    await until("it is asked", () => at.asked.length === 1);
    assert.equal((await api.askHost("POST", `${path}${id}/commit/`, done)).status, 200);
    answer.resolve({ outcome: "aborted" });
    assert.equal((await asking).state, "committed");
    assert.equal((await eventsIn(api)).length, 1);
  });

  it("is one of the tenant, or of all for a token of all; never at an address that may not be sent to", async () => {
    await using at = await platform();
    await using api = await open();
    const ofOne = { token: await api.hostToken({}, "orders", "default") };
    const restricted = { token: await api.hostToken({ eventTypes: ["POST_ORDER_*"] }, "posts") };
    const all = `${resolve}?all_tenants=true`;
    assert.equal((await api.askHost("PUT", all, { url: at.url }, ofOne)).status, 403);
    assert.equal((await api.askHost("PUT", resolve, { url: at.url }, restricted)).status, 403);
    assert.equal((await api.askHost("GET", resolve, undefined, ofOne)).status, 404);
    assert.equal((await api.askHost("PUT", all, { url: at.url })).status, 200);
    const id = await begun(api);
    at.answer = async () => ({ outcome: "aborted" });
    assert.equal((await askedAbout(api, id)).state, "aborted");
    const first = await api.askHost("PUT", resolve, { url: at.url }, ofOne);
    const kept = await api.askHost("PUT", resolve, { url: `${at.url}&b` }, ofOne);
    const renewed = await api.askHost("PUT", resolve, { url: at.url, new_secret: true }, ofOne);
    assert.deepEqual(
      [first, kept, renewed].map(({ text }) => text.includes("whsec_")),
      [true, false, true],
    );
    for (const url of ["http://10.0.0.1/", "ftp://platform.example/", "nonsense", "https://u:p@platform.example/"]) {
      const { status, fields } = await api.askHost("PUT", resolve, { url }, ofOne);
      assert.deepEqual([status, fields[0]?.path], [400, "url"]);
    }
    assert.equal((await api.askHost("DELETE", resolve, undefined, ofOne)).status, 200);
    assert.equal((await api.askHost("DELETE", resolve, undefined, ofOne)).status, 404);
    assert.equal((await api.askHost("DELETE", all)).status, 200);
  });
});
