/** Operations, events and tasks by the client of the host interface, also when answers are lost on the way. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiError, type ClientOptions, HostClient, SignalboxClient } from "../../src/client/index.ts";
import { taskValue } from "../../src/client/tasks.ts";
import { hooked } from "../support/functions-api.ts";
import { runServer } from "../support/in-process.ts";
import { orderEvents } from "../support/library.ts";
import { urlOf } from "../support/url-of.ts";

async function platform(options: Partial<ClientOptions> = {}) {
  const server = await runServer({ SIGNALBOX_HOST_LISTEN: "127.0.0.1:0" }, { events: orderEvents });
  const body = { principal: "platform", role: "host" };
  const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", body);
  const host = new HostClient({ url: server.signalbox.hostUrl ?? "", token, ...options });
  const client = new SignalboxClient({ url: server.url, token: server.token });
  const published = async (): Promise<readonly unknown[]> => {
    const found: unknown[] = [];
    const query = { topics: "events", event: "POST_ORDER_CREATE", cursor: "oldest", until: "now" };
    for await (const { event, data } of client.follow(query)) if (event === "event") found.push(data);
    return found;
  };
  return { server, host, published, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Requests arrive and are done; the first `count` answers of those that `matches` never come back. */
function losing(matches: RegExp, count: number): typeof fetch & { lost: number } {
  const lossy = async (...[input, init]: Parameters<typeof fetch>): Promise<Response> => {
    const response = await fetch(input, init);
    if (lossy.lost >= count || !matches.test(urlOf(input))) return response;
    await response.arrayBuffer();
    lossy.lost += 1;
    throw new TypeError("fetch failed", { cause: new Error("socket hang up") });
  };
  lossy.lost = 0;
  return lossy;
}

async function thrownBy(doing: Promise<unknown>): Promise<ApiError> {
  const thrown = await doing.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof ApiError, String(thrown));
  return thrown;
}

type ShownTask = Awaited<ReturnType<Parameters<typeof taskValue>[0]>>;

const pen = { item: "a pen", card: "4111" };

describe("an operation by the client", () => {
  it("is done with what its hooks left, told of, and not run when they refuse; tasks tell what they came to", async () => {
    await using at = await platform();
    await hooked(
      at.server,
      "PRE_ORDER_CREATE",
      `export default ({ params }) => params.item === "poison"
        ? { decision: "deny", code: "poison", message: "We sell no poison", fields: [{ path: "item", message: "is poison" }] }
        : { decision: "allow", patch: { discount: 5 } };`,
    );
    const runs: unknown[] = [];
    const order = await at.host.around(
      "ORDER_CREATE",
      pen,
      (params, { operationId, warnings }) => {
        runs.push(params, warnings);
        return { id: 7, item: "a pen", operationId };
      },
      { user: "ada", post: ({ id, item }) => ({ id, item }) },
    );
    assert.deepEqual(runs, [{ item: "a pen", discount: 5 }, []]);
    const known = await at.host.api.getHostOperation({ operation_id: order.operationId });
    assert.equal(known.state, "committed");
    const refused = await thrownBy(
      at.host.around("ORDER_CREATE", { item: "poison" }, () => assert.fail("it was not to be run")),
    );
    assert.deepEqual([refused.code, refused.status, refused.fields[0]?.path], ["hook_denied", 400, "item"]);

    const start = async (item: string) => {
      const body = { event_type: "PRE_ORDER_CREATE", params: { item } };
      const { data } = await at.host.api.publishEvents({ body });
      assert.ok("task_ids" in data);
      return at.host.task(data.task_ids[0]?.task_id ?? "");
    };
    const allowed = await start("a pen");
    assert.deepEqual(await allowed.get(), { decision: "allow", patch: { discount: 5 } });
    const denied = await start("poison");
    const verdict = await thrownBy(denied.get({ timeoutMs: 60_000 }));
    assert.deepEqual([verdict.code, verdict.message], ["hook_denied", refused.message]);
    await assert.rejects(at.host.task("none").get(), { code: "not_found" });
  });

  it("is run and told of once when the answers to its begin and its commit are lost", async () => {
    const lossy = losing(/\/host\/v1\/operations\//, 1);
    const lossyCommit = losing(/\/commit\/$/, 2);
    const both: typeof fetch = (input, init) =>
      urlOf(input).endsWith("/commit/") ? lossyCommit(input, init) : lossy(input, init);
    await using at = await platform({ fetch: both });
    let runs = 0;
    await at.host.around("ORDER_CREATE", pen, () => ({ id: (runs += 1), item: "a pen" }));
    assert.deepEqual([runs, lossy.lost, lossyCommit.lost], [1, 1, 2]);
    assert.equal((await at.published()).length, 1);
    assert.deepEqual((await at.host.api.listOpenOperations()).operations, []);
  });

  it("is aborted when it throws, and left open when it may have been done", async () => {
    await using at = await platform();
    const ids: string[] = [];
    const failing = (message: string) => (_: unknown, agreed: { readonly operationId: string }) => {
      ids.push(agreed.operationId);
      throw new Error(message);
    };
    await assert.rejects(at.host.around("ORDER_CREATE", pen, failing("no stock")), /^Error: no stock$/);
    await assert.rejects(at.host.around("ORDER_CREATE", pen, failing("é".repeat(2_000))), /é/);
    const unknownOn = (thrown: unknown): boolean => thrown instanceof Error && thrown.message === "connection lost";
    await assert.rejects(
      at.host.around("ORDER_CREATE", pen, failing("connection lost"), { unknownOn }),
      /connection lost/,
    );
    const known = await Promise.all(ids.map((id) => at.host.api.getHostOperation({ operation_id: id })));
    assert.deepEqual(
      known.map(({ state, reason }) => [state, reason]),
      [
        ["aborted", "no stock"],
        ["aborted", "é".repeat(500)],
        ["open", null],
      ],
    );
    assert.deepEqual(await at.published(), []);
  });

  it("says that it was done when its commit is refused, and can be reported again", async () => {
    await using at = await platform();
    const misfit = await thrownBy(at.host.around("ORDER_CREATE", pen, () => ({ item: "a pen" })));
    assert.deepEqual([misfit.code, misfit.status, misfit.fields[0]?.path], ["not_announced", 400, "params.id"]);
    assert.match(misfit.message, /was done, but POST_ORDER_CREATE could not be published/);
    const { operation_id: id, code } = misfit.data as { readonly operation_id: string; readonly code: string };
    assert.equal(code, "invalid_request");
    await at.host.api.commitOperation({ operation_id: id, body: { params: { id: 7, item: "a pen" } } });
    assert.equal((await at.published()).length, 1);
    const post = (): object => {
      throw new RangeError("no such column");
    };
    const unmapped = await thrownBy(at.host.around("ORDER_CREATE", pen, () => ({}), { post }));
    assert.deepEqual([unmapped.code, unmapped.cause instanceof RangeError], ["not_announced", true]);

    const ended = await thrownBy(
      at.host.around("ORDER_CREATE", pen, async (_, { operationId }) => {
        await at.host.api.abortOperation({ operation_id: operationId, body: { reason: "too late" } });
        return { id: 8, item: "a pen" };
      }),
    );
    assert.deepEqual([ended.code, (ended.data as { readonly code: string }).code], ["not_announced", "conflict"]);
    assert.match(ended.message, /publish POST_ORDER_CREATE by itself/);
  });

  it("says that it is not known whether it was told of when no answer comes at all", async () => {
    await using at = await platform({ fetch: losing(/\/commit\/$/, 9), retries: 0 });
    const failed = await thrownBy(
      at.host.around("ORDER_CREATE", pen, () => ({ id: 7, item: "a pen" }), { retries: 0 }),
    );
    assert.deepEqual([failed.code, failed.status], ["not_announced", 0]);
    assert.match(failed.message, /whether POST_ORDER_CREATE was published is not known/);
    assert.equal((await at.published()).length, 1);
  });

  it("is not begun, or aborted, when its caller waits no more", async () => {
    await using at = await platform();
    const signal = AbortSignal.abort(new Error("gone"));
    const run = (): never => assert.fail("it was not to be run");
    await assert.rejects(at.host.around("ORDER_CREATE", pen, run, { signal }), /gone/);
    const late = new AbortController();
    const done = await at.host.around(
      "ORDER_CREATE",
      pen,
      () => {
        late.abort(new Error("gone"));
        return { id: 7, item: "a pen" };
      },
      { signal: late.signal },
    );
    assert.equal(done.id, 7);
    assert.equal((await at.published()).length, 1);
  });
});

describe("many events by the client", () => {
  it("are published together, or none of them, with what is wrong by its place", async () => {
    await using at = await platform();
    const created = (id: unknown) => ({ event_type: "POST_ORDER_CREATE", params: { id, item: "a pen" }, user: "ada" });
    const results = await at.host.publishMany([created(1), created(2)]);
    assert.deepEqual(
      results.map(({ event, total_subscribers }) => [event, total_subscribers]),
      [
        ["POST_ORDER_CREATE", 0],
        ["POST_ORDER_CREATE", 0],
      ],
    );
    const refused = await thrownBy(at.host.publishMany([created(3), created("four")]));
    assert.deepEqual([refused.code, refused.fields[0]?.path], ["invalid_request", "events[1].params.id"]);
    await assert.rejects(at.host.publishMany([]), { code: "invalid_request" });
    assert.equal((await at.published()).length, 2);
  });
});

describe("waiting for a task", () => {
  const answers = (...shown: readonly Pick<ShownTask, "status" | "result" | "error">[]) => {
    const waits: number[] = [];
    const look = async (waitMs: number): Promise<ShownTask> => {
      const one = shown[waits.length] ?? { status: "pending" as const };
      waits.push(waitMs);
      return { task_id: "t", ...one };
    };
    return { waits, look };
  };

  it("goes on in rounds until its end or its time is over", async () => {
    const ended = answers({ status: "pending" }, { status: "success", result: 7 });
    assert.equal(await taskValue(ended.look, "t"), 7);
    assert.deepEqual(ended.waits, [20_000, 20_000]);
    const never = answers();
    await assert.rejects(taskValue(never.look, "t", 45_000), { code: "timeout", message: /'t' has not ended/ });
    assert.deepEqual(never.waits, [20_000, 20_000, 5_000]);
    const once = answers();
    await assert.rejects(taskValue(once.look, "t", 0), { code: "timeout" });
    assert.deepEqual(once.waits, [0]);
    const failed = answers({ status: "error", error: { code: "function_failed", message: "no", data: { tries: 3 } } });
    await assert.rejects(taskValue(failed.look, "t"), { code: "function_failed", message: "no", data: { tries: 3 } });
    for (const timeoutMs of [-1, 0.5, Number.NaN, 2 ** 31]) {
      await assert.rejects(taskValue(once.look, "t", timeoutMs), RangeError);
    }
  });
});
