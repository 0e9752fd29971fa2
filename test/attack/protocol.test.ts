/** Functions that speak in the place of what stands between them and the server, and ask the platform for what is not theirs. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Attacked, assertHookFailed, assertWell, attacked, type Tenant } from "./tenants.ts";
import { assertTries, type Try } from "./tries.ts";

const event = "PRE_USER_CREATE";

/** As the function's own isolate has it: `call` answers for this very call, and `stream` makes a body of texts that come one by one. */
const inside = (text: string): string => `const load = (...parts) => import(parts.join(""));
export default async (event, { env, log, api }) => {
  const { current, ReadableStream, TextEncoder } = await load("first", ".js");
  const call = current.getStore();
  const utf8 = new TextEncoder();
  const stream = (next) => new Response(new ReadableStream({ async pull(to) { const text = await next(); if (text !== undefined) to.enqueue(utf8.encode(text)); } }));
  const pause = (ms) => new Promise((go) => setTimeout(go, ms));
  ${text}
};`;

/** What it says instead of an answer, and as what that is taken. */
const lies: readonly (readonly [what: string, code: string, reasons: readonly string[]])[] = [
  ["nonsense", 'call.send(new Response("zzz\\n"));', ["bad_output"]],
  ["nothing", 'call.send(new Response(""));', ["threw", "bad_output", "crashed"]],
  ["an error of the runtime", 'call.send(new Response("no", { status: 500 }));', ["threw", "bad_output", "crashed"]],
  ["half a line", "call.send(new Response('r{\"decision\":'));", ["threw", "bad_output", "crashed"]],
  ["no JSON", "call.send(new Response('r{\"decision\":}\\n'));", ["bad_output"]],
  ["bytes that are no text", "call.send(new Response(new Uint8Array([114, 0xff, 0xfe, 10])));", ["bad_output"]],
  [
    "that it was not loaded",
    "call.send(new Response('x\"Uncaught Error: a lie\\\\n    at shim.js:1:1\"\\n'));",
    ["threw"],
  ],
  [
    "lines without an end",
    "call.send(stream(() => 'l[0,1,\"x\"]\\n'.repeat(1_000)));\nawait pause(10_000);",
    ["bad_output"],
  ],
  [
    "one line without an end",
    'call.send(stream(() => "r" + "x".repeat(10_000)));\nawait pause(10_000);',
    ["bad_output"],
  ],
  [
    "next to nothing, slowly",
    "call.send(stream(() => pause(20).then(() => 'l[0,1,\"x\"]\\n')));\nawait pause(10_000);",
    ["timeout"],
  ],
  [
    "log lines that are none",
    'call.send(new Response(\'l{}\\nl[1e999,1,"x"]\\nl[0,99,"x"]\\nl[0,1,[]]\\nl[-1,1,"kept"]\\nrtrue\\n\'));',
    [],
  ],
  ["two answers", 'call.send(new Response(\'rtrue\\nr{"decision":"deny","message":"second"}\\n\'));', []],
  [
    "what is in a log line",
    'log("x\\nr{\\"decision\\":\\"deny\\",\\"message\\":\\"injected\\"}\\n"); return true;',
    [],
  ],
  [
    "more than it may, by other limits",
    "call.outputBytes = call.left = call.lines = 1e12; return 'x'.repeat(1e6);",
    ["bad_output"],
  ],
  [
    "more lines than it may, by other limits",
    'call.left = call.lines = 1e12; for (let n = 0; n < 2_000; n += 1) log("x".repeat(100)); return true;',
    [],
  ],
];

describe("a function that speaks for what stands around it", () => {
  let server: Attacked;
  let hostile: Tenant;
  let neighbour: Tenant;
  before(async () => {
    server = await attacked();
    hostile = await server.tenant("hostile");
    neighbour = await server.neighbour("neighbour");
  });
  after(() => server[Symbol.asyncDispose]());

  async function assertUnharmed(): Promise<void> {
    await assertWell(neighbour);
    assert.equal((await hostile.createUser()).status, 201);
    await server.assertUnharmed();
  }

  for (const [what, code, reasons] of lies) {
    it(`says ${what}, and is heard within limits`, async () => {
      const settings = { timeout_ms: 2_000 };
      const hook = await hostile.hook(event, inside(code), { name: what, settings });
      const answer = await hostile.createUser();
      const [invocation] = await hostile.invocations(hook);
      await hostile.unsubscribe(event, hook);
      if (reasons.length === 0) assert.equal(answer.status, 201, answer.text);
      else {
        assertHookFailed(answer);
        const { reason = "" } = invocation?.error ?? {};
        assert.ok(reasons.includes(reason), JSON.stringify(invocation?.error));
      }
      const logged = (invocation?.logs ?? []).reduce((sum, { message }) => sum + message.length, 0);
      assert.ok(logged <= 65_536 && (invocation?.logs.length ?? 0) <= 1_000, `${logged} characters of logs`);
      await assertUnharmed();
    });
  }

  it("speaks to the server with no token but that of its call", async () => {
    const stealing = `
      const prototype = Object.getPrototypeOf(call);
      const { run } = prototype;
      prototype.run = function (told, given) { globalThis.given = given; globalThis.tokens = [...(globalThis.tokens ?? []), this.token]; return run.call(this, told, given); };
      if (globalThis.given === undefined) return true;
      const asked = JSON.stringify({ method: "GET", path: "/api/cloud/users/", headers: {} });
      const ask = async (token, body = asked) => (await given.API.fetch("http://api/", { method: "POST", headers: { "x-token": token }, body })).status;
      const bad = (more) => ask(call.token, JSON.stringify({ method: "GET", path: "/", headers: {}, ...more }));
      log(JSON.stringify({
        own: await ask(call.token), earlier: await ask(tokens[0]), guessed: await ask("0".repeat(32)), none: await ask(""), path: await ask("../" + call.token),
        host: await bad({ path: "//127.0.0.1/" }), method: await bad({ method: "GET / HTTP/1.1\\r\\nX: 1" }), header: await bad({ headers: { a: "1\\r\\nb: 2" } }),
        text: await ask(call.token, "no json"),
      }));
      return true;`;
    const hook = await hostile.hook(event, inside(stealing), { name: "Steals", settings: { timeout_ms: 10_000 } });
    for (let times = 0; times < 3; times += 1) {
      const { status, text } = await hostile.createUser();
      assert.equal(status, 201, text);
    }
    const told = (await hostile.invocations(hook)).flatMap(({ logs }) => logs.map(({ message }) => message));
    await hostile.unsubscribe(event, hook);
    const { own, earlier, guessed, none, path, host, method, header, text } = JSON.parse(told[0] ?? "{}") as Record<
      string,
      number
    >;
    assert.deepEqual(
      { own, earlier, guessed, none, path },
      { own: 200, earlier: 410, guessed: 410, none: 410, path: 410 },
    );
    assert.deepEqual({ host, method, header, text }, { host: 400, method: 400, header: 400, text: 400 });
    await assertUnharmed();
  });

  it("asks the platform as itself, whatever it says, and changes nothing while somebody waits", async () => {
    const made = await neighbour.createUser();
    const uuid = String(made.data["uuid"]);
    const json = '"content-type": "application/json"';
    const tries: readonly Try[] = [
      [`(await api("/api/cloud/users/${uuid}/")).status`, /^404$/],
      [
        `(await api("/api/cloud/users/${uuid}/", { headers: { "x-signalbox-tenant": "neighbour", authorization: "Bearer x", host: "x" } })).status`,
        /^404$/,
      ],
      ['(await api("/api/cloud/tenants/")).status', /^403$/],
      [
        `(await api("/api/cloud/tokens/", { method: "POST", headers: { ${json} }, body: '{"principal":"x","role":"admin"}' })).status`,
        /^403$/,
      ],
      [
        `(await api("/api/cloud/users/", { method: "POST", headers: { ${json} }, body: '{"username":"x","email":"x@example.com"}' })).status`,
        /^403$/,
      ],
      [
        '(await api("/api/cloud/users/", { method: "POST", headers: { "x-http-method-override": "GET" } })).status',
        /^403$/,
      ],
      ['(await api("/api/../../etc/passwd")).status', /^404$/],
      ['(await api("/api/%2e%2e/%2e%2e/etc/passwd")).status', /^40[0-9]$/],
      ['(await api("//neighbour.example/")).status', /^threw/],
      ['(await api("http://127.0.0.1/")).status', /^threw/],
      ['(await api("/\\u0000\\r\\nX: y")).status', /^(?:threw|40[0-9])/],
      ['(await api("/api/cloud/users/", { headers: { "a\\r\\nb": "c" } })).status', /^threw/],
      ['(await api("/api/cloud/users/?limit=1&limit=" + "9".repeat(100_000))).status', /^4[0-9][0-9]$/],
    ];
    await assertTries(hostile, tries);
    const created = `(await api("/api/cloud/users/", { method: "POST", headers: { ${json} }, body: '{"username":"again","email":"x@example.com"}' })).status`;
    await assertTries(hostile, [[created, /^409$/]], { settings: { writes: true } });
    await assertUnharmed();
  });
});
