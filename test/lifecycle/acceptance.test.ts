/** What blocking hooks must hold to, each point by itself, through HTTP and with functions that really run. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { slowness } from "../support/cpu-limits.ts";
import { hooked, invocationsOf } from "../support/functions-api.ts";
import { until } from "../support/until.ts";
import { heldHost } from "./held-host.ts";
import { create, ended, type Lifecycle, lifecycle, subscribed } from "./server.ts";

const allow = "export default () => true;";
const hang = "export default () => new Promise((resolve) => setTimeout(resolve, 60_000));";
const crash = "export default () => { throw new Error('broken'); };";

interface Made {
  readonly id: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly first_name: string;
  readonly operation_id: string;
  readonly warnings?: readonly string[];
}

interface Simulated {
  readonly outcome: string;
  readonly message: string | null;
  readonly params: { readonly first_name?: string };
}

const jo = { username: "jo", email: "jo@example.com" };

async function users({ server }: Lifecycle): Promise<readonly string[]> {
  const { users: all } = await server.api<{ users: readonly { username: string }[] }>("GET", "/api/cloud/users/");
  return all.map(({ username }) => username);
}

describe("a PRE event", () => {
  it("denied: 400 with the fields, the user is absent, and no POST event is sent", async () => {
    await using at = await lifecycle();
    const fields = [{ path: "email", message: "is of another domain" }];
    const verdict = JSON.stringify({ decision: "deny", message: "no", code: "domain", fields });
    const deny = `export default ({ params }) => params.username !== "jo" || ${verdict};`;
    const hook = await hooked(at.server, "PRE_USER_CREATE", deny, { name: "Deny" });
    const tell = "export default ({ params }) => params.username;";
    const after = await hooked(at.server, "POST_USER_CREATE", tell, { name: "After" });
    const answer = await create<{ fields: unknown; function_id: number }>(at, jo);
    assert.deepEqual([answer.status, answer.body.code], [400, "hook_denied"]);
    assert.equal(answer.body.message, "Function 'Deny' refused PRE_USER_CREATE: no");
    assert.deepEqual([answer.body.data.function_id, answer.body.data.fields], [hook.id, fields]);
    assert.deepEqual(await users(at), []);
    // A later one is told, so an earlier one would have been.
    assert.equal((await create(at, { ...jo, username: "ann" })).status, 201);
    assert.deepEqual(
      (await ended(at, after, 1)).map(({ result }) => result),
      ["ann"],
    );
  });

  it("whose hook throws: closed 400 with its message and no stack, open 201 with a warning", async () => {
    await using at = await lifecycle();
    const broken = await hooked(at.server, "PRE_USER_CREATE", crash, { name: "Broken" });
    const closed = await create(at, jo);
    assert.deepEqual([closed.status, closed.body.code], [400, "hook_error"]);
    assert.doesNotMatch(JSON.stringify(closed.body), /broken\.js|\.ts:|at /);
    assert.deepEqual(await users(at), []);
    const [{ id }] = (await subscribed(at, "PRE_USER_CREATE")) as [{ id: number }];
    await at.server.api("PATCH", `/api/cloud/events/PRE_USER_CREATE/subscribers/${id}/`, { failure_policy: "open" });
    const open = await create<Made>(at, jo);
    assert.equal(open.status, 201);
    assert.match(open.body.data.warnings?.join() ?? "", /Function 'Broken' failed/);
    assert.equal((await invocationsOf(at.server, broken)).length, 2);
  });

  it("refused under the policy open, however long what the refusal repeats and whatever else it holds", async () => {
    await using at = await lifecycle();
    const repeats =
      'export default ({ params: { attributes: { note } } }) => ({ decision: "deny", message: "not " + note.repeat(5), n: 1n });';
    await hooked(at.server, "PRE_USER_CREATE", repeats, { name: "Repeats" });
    const [{ id }] = (await subscribed(at, "PRE_USER_CREATE")) as [{ id: number }];
    await at.server.api("PATCH", `/api/cloud/events/PRE_USER_CREATE/subscribers/${id}/`, { failure_policy: "open" });
    for (const note of ["short", "é".repeat(30_000)]) {
      const { status, body } = await create(at, { ...jo, attributes: { note } });
      assert.deepEqual([status, body.code], [400, "hook_denied"], note.slice(0, 10));
      assert.match(body.message, /^Function 'Repeats' refused PRE_USER_CREATE: not (?:short|é{9})/);
    }
    assert.deepEqual(await users(at), []);
  });

  it("with four open hooks that hang and a closed validator: an answer within the chain's time, and the validator ran", async () => {
    await using at = await lifecycle({ SIGNALBOX_HOOK_CHAIN_MS: "1200" });
    for (const name of ["One", "Two", "Three", "Four"]) {
      await hooked(at.server, "PRE_USER_CREATE", hang, { name, subscription: { failure_policy: "open" } });
    }
    const validate = { stage: "validate" };
    const last = await hooked(at.server, "PRE_USER_CREATE", allow, { name: "Last", subscription: validate });
    const startedMs = performance.now();
    const answer = await create<Made>(at, jo);
    const tookMs = performance.now() - startedMs;
    assert.equal(answer.status, 201, answer.body.message);
    assert.equal(answer.body.data.warnings?.length, 4);
    assert.ok(tookMs < 1_200 + 500 * slowness(), `${tookMs} ms`);
    assert.deepEqual(
      (await invocationsOf(at.server, last)).map(({ status }) => status),
      ["succeeded"],
    );
  });

  it("with two hooks that change one field: the later of (priority, id) wins, and the conflict is recorded", async () => {
    await using at = await lifecycle();
    const patch = (value: string): string =>
      `export default () => ({ decision: "allow", patch: { attributes: { plan: "${value}" } } });`;
    await hooked(at.server, "PRE_USER_CREATE", patch("late"), { name: "Late", subscription: { priority: 5 } });
    await hooked(at.server, "PRE_USER_CREATE", patch("early"), { name: "Early", subscription: { priority: -5 } });
    const { body } = await create<Made>(at, jo);
    assert.deepEqual(body.data.attributes, { plan: "late" });
    const path = `/api/cloud/decisions/${body.data.operation_id}/`;
    const { conflicts } = await at.server.api<{ conflicts: readonly { path: string }[] }>("GET", path);
    assert.deepEqual(
      conflicts.map((conflict) => conflict.path),
      ["attributes.plan"],
    );
  });

  it("whose hook changes what no hook may change: 503, and nothing is made", async () => {
    await using at = await lifecycle();
    const patch = "export default () => ({ decision: 'allow', patch: { is_superuser: true } });";
    await hooked(at.server, "PRE_USER_CREATE", patch);
    const answer = await create(at, jo);
    assert.deepEqual([answer.status, answer.body.code], [503, "hook_failed"]);
    assert.match(answer.body.message, /is_superuser/);
    assert.deepEqual(await users(at), []);
  });

  it("whose hook makes a user itself: hook_recursion, never a deadlock, with one slot for all hooks", async () => {
    await using at = await lifecycle({ SIGNALBOX_HOOK_CONCURRENCY: "1" });
    const code = `export default async (event, { api }) => {
      const answer = await api("/api/cloud/users/", { method: "POST", headers: { "content-type": "application/json" },
        body: JSON.stringify({ username: "another", email: "a@example.com" }) });
      const { code } = await answer.json();
      return { decision: "allow", patch: { attributes: { answered: answer.status + " " + code } } };
    };`;
    await hooked(at.server, "PRE_USER_CREATE", code, { settings: { writes: true } });
    const { body } = await create<Made>(at, jo);
    assert.deepEqual(body.data.attributes, { answered: "409 hook_recursion" });
    assert.deepEqual(await users(at), ["jo"]);
  });

  it("whose hook may only read is told so when it writes", async () => {
    await using at = await lifecycle();
    const code = `export default async (event, { api }) => {
      const [read, written] = [await api("/api/cloud/users/"), await api("/api/cloud/users/", { method: "POST", body: "{}" })];
      return { decision: "allow", patch: { attributes: { answers: [read.status, written.status] } } };
    };`;
    await hooked(at.server, "PRE_USER_CREATE", code);
    const { body } = await create<Made>(at, jo);
    assert.deepEqual(body.data.attributes, { answers: [200, 403] });
  });

  it("whose hook keeps failing is answered within 50 ms once its breaker is open", async () => {
    await using at = await lifecycle();
    await hooked(at.server, "PRE_USER_CREATE", hang, { subscription: { timeout_ms: 50 } });
    const asksOpen = async (): Promise<boolean> => /breaker is open/.test((await create(at, jo)).body.message);
    await until("the breaker to open", asksOpen);
    const took: number[] = [];
    for (let index = 0; index < 5; index += 1) {
      const startedMs = performance.now();
      assert.ok(await asksOpen());
      took.push(performance.now() - startedMs);
    }
    assert.ok((took.toSorted((a, b) => a - b)[2] ?? 0) < 50 * slowness(), took.join());
  });

  it("simulated: nothing stays, and the verdict is the real one", async () => {
    await using at = await lifecycle();
    const code = `export default ({ params }) => params.username === "eve" ? { decision: "deny", message: "not eve" }
      : { decision: "allow", patch: { first_name: "J" } };`;
    const hook = await hooked(at.server, "PRE_USER_CREATE", code);
    const simulate = async (username: string): Promise<Simulated> => {
      const path = "/api/cloud/events/PRE_USER_CREATE/simulate/";
      return at.server.api<Simulated>("POST", path, { params: { ...jo, username } });
    };
    const [denied, allowed] = [await simulate("eve"), await simulate("jo")];
    assert.deepEqual([await users(at), await invocationsOf(at.server, hook)], [[], []]);
    const refused = await create(at, { ...jo, username: "eve" });
    assert.deepEqual([denied.outcome, denied.message], ["denied", refused.body.message]);
    const made = await create<Made>(at, jo);
    assert.deepEqual([allowed.outcome, allowed.params.first_name], ["allowed", made.body.data.first_name]);
  });

  it("rolled back: a version takes effect on the next event", async () => {
    await using at = await lifecycle();
    const named = (value: string): string =>
      `export default () => ({ decision: "allow", patch: { first_name: "${value}" } });`;
    const { slug } = await hooked(at.server, "PRE_USER_CREATE", named("one"));
    const path = `/api/apps/the-app/functions/${slug}/`;
    const made = async (username: string): Promise<string> =>
      (await create<Made>(at, { ...jo, username })).body.data.first_name;
    assert.equal(await made("a"), "one");
    await at.server.api("PATCH", path, { code: named("two") });
    assert.equal(await made("b"), "two");
    await at.server.api("POST", `${path}rollback/`);
    assert.equal(await made("c"), "one");
  });

  it("under way is not altered by what is changed meanwhile", async () => {
    await using release = await heldHost();
    await using at = await lifecycle();
    const wait = `export default async () => { await fetch("${release.url}"); return true; };`;
    await hooked(at.server, "PRE_USER_CREATE", wait, { name: "Wait", settings: { egress: [release.host] } });
    const named = (value: string): string => `export default () => ({ decision: "allow" });\n// ${value}`;
    const validator = await hooked(at.server, "PRE_USER_CREATE", named("old"), {
      name: "Validator",
      subscription: { stage: "validate" },
    });
    const creating = create<Made>(at, jo);
    await release.asked;
    const deny = "export default () => ({ decision: 'deny', message: 'new' });";
    await at.server.api("PATCH", `/api/apps/the-app/functions/${validator.slug}/`, { code: deny });
    await hooked(at.server, "PRE_USER_CREATE", deny, { name: "Newcomer" });
    release.go();
    assert.equal((await creating).status, 201);
    assert.equal((await create(at, { ...jo, username: "next" })).status, 400);
  });
});
