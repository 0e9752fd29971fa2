/** Operations of a platform over the host interface, in process: what is said yes and no to, and what state allows what. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ApiOptions, type TestApi, testApi } from "../support/api.ts";
import { orderEvents } from "../support/library.ts";

const path = "/host/v1/operations/";
const options: ApiOptions = { events: orderEvents };
const proposed = { event: "ORDER_CREATE", params: { item: "a pen", card: "4111" }, user: "ada" };
const done = { params: { id: 7, item: "a pen" } };
const commitOf = (id: string): string => `${path}${id}/commit/`;
const abortOf = (id: string): string => `${path}${id}/abort/`;

interface Shown {
  readonly operation_id: string;
  readonly state: string;
  readonly reason: string | null;
}

async function begun(api: TestApi, over: object = {}): Promise<string> {
  const { status, data, text } = await api.askHost("POST", path, { ...proposed, intent: true, ...over });
  assert.equal(status, 200, text);
  return (data as unknown as Shown).operation_id;
}

async function eventsIn({ deps }: TestApi) {
  const events = await deps.store.events.after(0, 100);
  return events.map(({ names, data, actor, origin }) => ({ name: names.lifecycle, data, actor, origin }));
}

async function stateOf(api: TestApi, id: string): Promise<Shown> {
  const { status, data, text } = await api.askHost("GET", `${path}${id}/`);
  assert.equal(status, 200, text);
  return data as unknown as Shown;
}

describe("an operation over the host interface", () => {
  it("is begun with what is not sensitive, kept until it is committed, and told of once", async () => {
    await using api = await testApi(options);
    const answer = await api.askHost("POST", path, { ...proposed, intent: true });
    assert.equal(answer.status, 200, answer.text);
    const { operation_id: id, ...rest } = answer.data as unknown as Shown & { readonly params: object };
    assert.deepEqual(rest, { params: { item: "a pen" }, warnings: [] });
    assert.equal((await stateOf(api, id)).state, "open");
    assert.deepEqual(await eventsIn(api), []);

    const first = await api.askHost("POST", commitOf(id), done);
    assert.equal(first.status, 200, first.text);
    const committed = { operation_id: id, event: "POST_ORDER_CREATE", task_ids: [], total_subscribers: 0 };
    assert.deepEqual(first.data, committed);
    const again = await api.askHost("POST", commitOf(id), { params: { id: 8, item: "other" } });
    assert.deepEqual([again.status, again.data], [200, committed]);
    assert.deepEqual(await eventsIn(api), [
      {
        name: "POST_ORDER_CREATE",
        data: { params: done.params, user: { username: "ada" }, operation: id },
        actor: "ada",
        origin: "host",
      },
    ]);
    assert.equal((await stateOf(api, id)).state, "committed");
    const refused = await api.askHost("POST", abortOf(id), { reason: "late" });
    assert.deepEqual([refused.status, refused.code], [409, "conflict"]);
    assert.match(refused.text, /was committed at .* can be aborted no more/);
  });

  it("is aborted once, and committed no more", async () => {
    await using api = await testApi(options);
    const id = await begun(api);
    const first = await api.askHost("POST", abortOf(id), { reason: "no stock" });
    const again = await api.askHost("POST", abortOf(id), { reason: "another" });
    assert.deepEqual([first.status, again.status, again.data], [200, 200, first.data]);
    assert.deepEqual(
      [(first.data as unknown as Shown).state, (first.data as unknown as Shown).reason],
      ["aborted", "no stock"],
    );
    const refused = await api.askHost("POST", commitOf(id), done);
    assert.deepEqual([refused.status, refused.code], [409, "conflict"]);
    assert.match(refused.text, /no stock/);
    assert.deepEqual(await eventsIn(api), []);
  });

  it("ends one way, also when it is committed and aborted at once", async () => {
    await using api = await testApi(options);
    for (let round = 0; round < 5; round += 1) {
      const id = await begun(api);
      const before = (await eventsIn(api)).length;
      const reports = await Promise.all(
        [commitOf(id), abortOf(id), commitOf(id), abortOf(id)].map((report) =>
          api.askHost("POST", report, report.endsWith("commit/") ? done : {}),
        ),
      );
      const { state } = await stateOf(api, id);
      const wanted = state === "committed" ? [200, 409, 200, 409] : [409, 200, 409, 200];
      assert.deepEqual(
        reports.map(({ status }) => status),
        wanted,
      );
      assert.equal((await eventsIn(api)).length - before, state === "committed" ? 1 : 0);
    }
  });

  it("is begun once for one Idempotency-Key", async () => {
    await using api = await testApi(options);
    const asking = { token: await api.hostToken({ allTenants: true }), headers: { "idempotency-key": "order-7" } };
    const body = { ...proposed, intent: true };
    const [one, two] = await Promise.all([1, 2].map(() => api.askHost("POST", path, body, asking)));
    assert.deepEqual([one?.status, two?.status, two?.text], [200, 200, one?.text]);
    assert.deepEqual(await api.deps.store.operations.intentCounts(), { open: 1, unresolved: 0 });
  });

  it("stays open when what was done does not fit its type, and names what is wrong", async () => {
    await using api = await testApi(options);
    const id = await begun(api);
    const misfit = await api.askHost("POST", commitOf(id), { params: { item: "a pen" } });
    assert.deepEqual([misfit.status, misfit.code, misfit.fields[0]?.path], [400, "invalid_request", "params.id"]);
    assert.equal((await stateOf(api, id)).state, "open");
    const cases: readonly (readonly [object, number, string, string])[] = [
      [{ params: {} }, 400, "invalid_request", "event"],
      [{ ...proposed, event: "ORDER_EAT" }, 400, "invalid_request", "event"],
      [{ ...proposed, params: { item: 7 } }, 400, "invalid_request", "params.item"],
      [{ ...proposed, params: 7 }, 400, "invalid_request", "params"],
      [{ ...proposed, user: {} }, 400, "invalid_request", "user"],
      [{ ...proposed, resource: "nonsense" }, 400, "invalid_request", "resource"],
      [{ ...proposed, deadline_ms: 0 }, 400, "invalid_request", "deadline_ms"],
      [{ ...proposed, report_within_ms: 1 }, 400, "invalid_request", "report_within_ms"],
      [{ ...proposed, app: "nowhere" }, 404, "not_found", ""],
    ];
    for (const [body, wanted, code, field] of cases) {
      const answer = await api.askHost("POST", path, { intent: true, ...body });
      const told = [answer.status, answer.code, ...(field === "" ? [] : [answer.fields[0]?.path])];
      assert.deepEqual(told, [wanted, code, ...(field === "" ? [] : [field])], answer.text);
    }
    for (const report of [commitOf("nothing"), abortOf("nothing")]) {
      const { status } = await api.askHost("POST", report, report.endsWith("commit/") ? done : {});
      assert.equal(status, 404);
    }
    assert.deepEqual(await api.deps.store.operations.intentCounts(), { open: 1, unresolved: 0 });
  });

  it("without an intent asks the hooks and keeps nothing", async () => {
    await using api = await testApi(options);
    const id = await begun(api, { intent: false });
    assert.equal((await api.askHost("GET", `${path}${id}/`)).status, 404);
    assert.equal((await api.askHost("POST", commitOf(id), done)).status, 404);
  });

  it("is of its tenant, and of those whose token is for its event types", async () => {
    await using api = await testApi(options);
    const acme = { id: "acme", name: "Acme", createdMs: 0 };
    await api.deps.store.commit({ changes: [{ do: "tenant.add", tenant: acme }] });
    const id = await begun(api);
    const other = await api.hostToken({}, "billing", "acme");
    const users = await api.hostToken({ eventTypes: ["PRE_USER_*", "POST_USER_*"] }, "users");
    const orders = await api.hostToken({ eventTypes: ["PRE_ORDER_*", "POST_ORDER_*"] }, "orders");
    for (const token of [other, users]) {
      assert.equal((await api.askHost("GET", `${path}${id}/`, undefined, { token })).status, 404);
      assert.equal((await api.askHost("POST", commitOf(id), done, { token })).status, 404);
      assert.equal((await api.askHost("POST", abortOf(id), {}, { token })).status, 404);
      const { data } = await api.askHost("GET", path, undefined, { token });
      assert.deepEqual(data, { operations: [] });
    }
    const { status, code } = await api.askHost("POST", path, proposed, { token: users });
    assert.deepEqual([status, code], [403, "forbidden"]);
    assert.equal((await api.askHost("POST", commitOf(id), done, { token: orders })).status, 200);
  });

  it("is listed until it ends, in pages, the oldest first", async () => {
    await using api = await testApi(options);
    const ids: string[] = [];
    for (let nth = 0; nth < 5; nth += 1) {
      ids.push(await begun(api));
      api.clock.advance(1);
    }
    await api.askHost("POST", abortOf(ids[2] ?? ""), {});
    const listed: string[] = [];
    let cursor = "";
    do {
      const { data } = await api.askHost("GET", `${path}?state=open&limit=2${cursor}`);
      const page = data as unknown as { readonly operations: Shown[]; readonly next_cursor?: string };
      listed.push(...page.operations.map(({ operation_id }) => operation_id));
      cursor = page.next_cursor === undefined ? "" : `&cursor=${page.next_cursor}`;
    } while (cursor !== "");
    assert.deepEqual(listed, ids.toSpliced(2, 1));
    const { data } = await api.askHost("GET", `${path}?state=unresolved`);
    assert.deepEqual(data, { operations: [] });
  });
});
