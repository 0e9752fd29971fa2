/** `GET /api/cloud/deliveries/{id}/attempts/{number}/` and the test of a rule, with real receivers. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { bodyOf, httpListener, type Listener } from "../support/listeners.ts";
import { until } from "../support/until.ts";

interface Pair {
  readonly name: string;
  readonly value: string | null;
}

interface Shown {
  readonly number: number;
  readonly status: number | null;
  readonly reason: string | null;
  readonly rendered: "exact" | "changed" | null;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Pair[];
    readonly body: string;
  } | null;
  readonly answer: (Readonly<Record<string, unknown>> & { readonly headers: Pair[] | null }) | null;
  readonly input: Readonly<Record<string, unknown>> | null;
  readonly mail: { readonly to: string; readonly subject: string; readonly text: string } | null;
  readonly invocation_id: number | null;
}

interface Listed {
  readonly id: string;
  readonly status: string;
  readonly attempt_count: number;
}

interface Heard {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

let open: { readonly server: RunningServer; readonly receiver: Listener } | undefined;
const heard: Heard[] = [];
/** The receiver's answers that are left; then 200. */
const statuses: number[] = [];

before(async () => {
  const receiver = await httpListener((request, response) => {
    void bodyOf(request).then((body) => {
      heard.push({ headers: { ...request.headers }, body });
      const echo = request.headers.authorization ?? "";
      response.writeHead(statuses.shift() ?? 200, { "x-echo": echo, "x-served-by": "a-7" }).end("said");
    });
  });
  open = { receiver, server: await runServer() };
});
after(async () => {
  await open?.server[Symbol.asyncDispose]();
  await open?.receiver[Symbol.asyncDispose]();
});

function scene() {
  assert.ok(open);
  return { ...open, url: `http://127.0.0.1:${open.receiver.port}/hook` };
}

const rulesOf = (bucket: string): string => `/api/cloud/buckets/${bucket}/notifications/`;

async function bucketWithRule(bucket: string, rule: object = {}): Promise<string> {
  const { server, url } = scene();
  await server.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const body = { url, max_retries: 1, backoff: { schedule_ms: [0] }, auth: { type: "bearer", token: "s3cr3t-token" } };
  const made = await server.api<{ id: string }>("POST", rulesOf(bucket), { ...body, ...rule });
  return `${rulesOf(bucket)}${made.id}/`;
}

/** The one delivery of a rule or subscription, once it has ended. */
async function ended(rule: string): Promise<Listed> {
  const { server } = scene();
  let found: Listed | undefined;
  await until("it has ended", async () => {
    const path = `/api/cloud/deliveries/?rule=${rule}`;
    [found] = (await server.api<{ deliveries: Listed[] }>("GET", path)).deliveries;
    return found?.status === "delivered" || found?.status === "dead";
  });
  assert.ok(found);
  return found;
}

async function written(bucket: string, rule: string, ...answers: number[]): Promise<Listed> {
  heard.length = 0;
  statuses.splice(0, statuses.length, ...answers);
  await scene().server.s3.send(new PutObjectCommand({ Bucket: bucket, Key: "a.txt", Body: "x" }));
  return ended(rule.split("/").at(-2) ?? "");
}

function attempt(id: string, number: number | string): Promise<Shown> {
  return scene().server.api<Shown>("GET", `/api/cloud/deliveries/${id}/attempts/${number}/`);
}

function named(pairs: readonly Pair[] = []): Readonly<Record<string, string | null>> {
  return Object.fromEntries(pairs.map(({ name, value }) => [name, value]));
}

describe("an attempt", () => {
  it("tells what was sent, and of a failure what came back", async () => {
    const rule = await bucketWithRule("told");
    const { id } = await written("told", rule, 503);
    const [one, two] = [await attempt(id, 1), await attempt(id, 2)];
    assert.deepEqual([one.status, one.reason, one.rendered], [503, "status", "exact"]);
    assert.deepEqual([two.status, two.reason, two.rendered], [200, null, "exact"]);
    for (const [index, { request }] of [one, two].entries()) {
      const { headers, body } = heard[index] ?? assert.fail("it was heard");
      assert.deepEqual(named(request?.headers), { ...headers, authorization: "Bearer [redacted]" });
      assert.deepEqual([request?.method, request?.url, request?.body], ["POST", scene().url, body]);
    }
    const { headers, ...wire } = one.answer ?? assert.fail("it is kept");
    const answered = named(headers ?? []);
    assert.deepEqual([answered["x-echo"], answered["x-served-by"]], ["Bearer [redacted]", "a-7"]);
    assert.deepEqual([wire["headers_cut"], wire["remote_address"], wire["dns_ms"]], [false, "127.0.0.1", null]);
    assert.equal(typeof wire["first_byte_ms"], "number");
    assert.deepEqual([two.answer, two.input, two.mail, two.invocation_id], [null, null, null, null]);
    const listed = await scene().server.api<{ attempts: object[] }>("GET", `/api/cloud/deliveries/${id}/`);
    assert.deepEqual(Object.keys(listed.attempts[0] ?? {}).at(-1), "batch", "lists are as they were");
  });

  it("tells of what was acknowledged what came back where the rule captures all", async () => {
    const rule = await bucketWithRule("captured", { capture: "all" });
    const { id } = await written("captured", rule);
    const { answer, reason } = await attempt(id, 1);
    assert.deepEqual([reason, named(answer?.headers ?? [])["x-served-by"]], [null, "a-7"]);
    const { attempts } = await scene().server.api<{ attempts: object[] }>("GET", `/api/cloud/deliveries/${id}/`);
    assert.equal(attempts.length, 1, "it is one attempt all the same");
  });

  it("says when what is sent has been changed since, and not for what does not matter", async () => {
    const { server } = scene();
    const rule = await bucketWithRule("changed");
    const { id } = await written("changed", rule);
    const first = await attempt(id, 1);
    const signature = named(first.request?.headers)["webhook-signature"];
    assert.match(signature ?? "", /^v1,/);
    await server.api("PATCH", rule, { filter: "WHERE size > 5", max_per_second: 5, capture: "all", enabled: false });
    assert.deepEqual(await attempt(id, 1), first);
    await server.api("POST", `${rule}rotate-secret/`);
    assert.deepEqual(await attempt(id, 1), first, "the secret that signed it is used for a day");
    await server.api("PATCH", rule, { fields: ["eventId"] });
    const changed = await attempt(id, 1);
    assert.equal(changed.rendered, "changed");
    assert.equal(named(changed.request?.headers)["webhook-signature"], null);
    assert.match(changed.request?.body ?? "", /eventId/);
  });

  it("is not there before it was made, nor under another number", async () => {
    const rule = await bucketWithRule("none");
    const { id } = await written("none", rule);
    for (const number of [0, 2, "01", "1e0", "-1", "x", "9".repeat(30)]) {
      await assert.rejects(attempt(id, number), /was answered with 404: .*attempt '/, String(number));
    }
  });

  it("of a function names its run, and the event that it was given", async () => {
    const { server } = scene();
    await server.api("POST", "/api/apps/", { name: "Seen" });
    const code = "export default (event) => event.params;";
    const fn = await server.api<{ id: number }>("POST", "/api/apps/seen/functions/", { name: "seen", code });
    const { uuid } = await server.api<{ uuid: string }>("POST", "/api/cloud/events/POST_USER_CREATE/subscribe/", {
      function_id: fn.id,
    });
    await server.api("POST", "/api/cloud/users/", {
      username: "una",

      email: "una@example.org",
    });
    const { id } = await ended(uuid);
    const shown = await attempt(id, 1);
    assert.deepEqual([shown.rendered, shown.request, shown.answer], ["exact", null, null]);
    assert.equal(shown.input?.["event_type"], "POST_USER_CREATE");
    const run = await server.api<{ result: unknown }>("GET", `/api/cloud/invocations/${shown.invocation_id}/`);
    assert.deepEqual(shown.input?.["params"], run.result);
  });
});

describe("the test of a rule", () => {
  it("answers with what was sent and what came back, acknowledged or not", async () => {
    const rule = await bucketWithRule("tested");
    for (const status of [200, 418]) {
      heard.length = 0;
      statuses.splice(0, statuses.length, status);
      const shown = await scene().server.api<Shown>("POST", `${rule}test/`);
      const [got = assert.fail("it was heard")] = heard;
      assert.deepEqual([shown.status, shown.request?.body], [status, got.body]);
      assert.deepEqual(named(shown.request?.headers), { ...got.headers, authorization: "Bearer [redacted]" });
      assert.equal(named(shown.answer?.headers ?? [])["x-echo"], "Bearer [redacted]");
    }
  });
});
