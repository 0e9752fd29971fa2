/** Functions that want to speak in the place of what stands between them and the server, and ask the platform for what is not theirs. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Attacked, assertHookFailed, assertWell, attacked, type Tenant } from "./tenants.ts";
import { assertTries, type Try } from "./tries.ts";

const event = "PRE_USER_CREATE";
const load = 'const load = (...parts) => import(parts.join(""));';
const denying = '{ decision: "deny", message: "my own word" }';

/**
 * Whatever the answer is made with: each of these is put in place before and while the function runs, and would make it another one. What a
 * process says by other ways is in `lies.test.ts` of the sandbox.
 */
const forgeries: readonly (readonly [what: string, code: string])[] = [
  ["responses", "const Real = Response; globalThis.Response = class extends Real { constructor() { super(lie); } };"],
  [
    "what responses are made of",
    "for (const name of ['text', 'json', 'body', 'clone', 'arrayBuffer']) Object.defineProperty(Response.prototype, name, { get: () => () => new Response(lie) });",
  ],
  [
    "streams",
    `const Real = ReadableStream;
    globalThis.ReadableStream = class extends Real { constructor() { super({ start(to) { to.enqueue(new TextEncoder().encode(lie)); to.close(); } }); } };`,
  ],
  [
    "what goes into streams",
    `const controller = ReadableStreamDefaultController.prototype;
    const { enqueue, close } = controller;
    controller.enqueue = function () { enqueue.call(this, new TextEncoder().encode(lie)); };
    controller.close = function () { this.enqueue(); close.call(this); };`,
  ],
  [
    "what streams begin with",
    `for (const name of ["start", "pull", "type"]) Object.defineProperty(Object.prototype, name, {
      configurable: true, get() { return name === "type" ? undefined : (to) => { try { to.enqueue(new TextEncoder().encode(lie)); } catch {} }; }, set() {},
    });`,
  ],
  [
    "bytes",
    `const { encode } = TextEncoder.prototype;
    TextEncoder.prototype.encode = function () { return encode.call(this, lie); };
    globalThis.TextEncoder = class { encode() { return encode.call(new TextDecoder(), lie); } };`,
  ],
  ["JSON", "JSON.stringify = () => '{\"decision\":\"allow\"}'; JSON.parse = () => ({ decision: 'allow' });"],
  [
    "texts and lists",
    `String.prototype.slice = String.prototype.toString = String.prototype.valueOf = function () { return lie; };
    Array.prototype.join = Array.prototype.map = () => lie; globalThis.String = () => lie;`,
  ],
  [
    "promises",
    `const { then } = Promise.prototype;
    Promise.prototype.then = function (done, fail) { return then.call(this, done && (() => done({ decision: "allow" })), fail); };
    globalThis.Promise = class extends Promise { constructor() { super((done) => done(new Response(lie))); } };
    Promise.resolve = () => ({ then(done) { done({ decision: "allow" }); } });`,
  ],
  [
    "which call is the current one",
    `const { AsyncLocalStorage } = await load("node:", "async_hooks");
    AsyncLocalStorage.prototype.getStore = () => (level, parts) => parts.push(lie);
    AsyncLocalStorage.prototype.run = AsyncLocalStorage.prototype.enterWith = function () { return new Response(lie); };`,
  ],
  [
    "how functions are called",
    "Reflect.apply = Reflect.construct = () => new Response(lie); Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => new Response(lie);",
  ],
  [
    "requests and their headers",
    `Headers.prototype.get = () => "1000000000000"; Request.prototype.text = async () => '"a lie"';
    globalThis.Headers = globalThis.Request = class { constructor() { return new Response(lie); } };`,
  ],
  [
    "numbers, times and limits",
    `globalThis.Number = () => 1e12; Math.round = () => lie; performance.now = () => NaN; globalThis.setTimeout = (done) => done();
    for (const name of ["outputBytes", "logBytes", "logLines", "left", "lines"]) Object.prototype[name] = 1e12;`,
  ],
];

describe("a function that would speak for what stands around it", () => {
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

  it("finds nothing in the modules around it, and can change nothing of them", async () => {
    const { first, shim } = { first: '(await load("first", ".js"))', shim: '(await load("shim", ".js"))' };
    const request = (more = ""): string => `new Request("http://x/", { method: "POST", body: "1", ${more} })`;
    const guest = (env: string): string => `({ limits: { logLines: 1, outputBytes: 1_000 }, vars: {}, ${env} })`;
    /** Its own function, called as the dispatcher would call it. */
    const called = (env: string): string =>
      `(await ${first}.entry({ default: (_, { api }) => api("/api/cloud/users/") }).fetch(${request('headers: { "x-token": "0".repeat(32) }')}, ${guest(env)})).text()`;
    const tries: readonly Try[] = [
      [`Object.getOwnPropertyNames(${first})`, /^\["entry"\]$/],
      [`Object.getOwnPropertyNames(${shim})`, /^\["default"\]$/],
      [`Reflect.ownKeys(${shim}.default)`, /^\["fetch"\]$/],
      [`Object.getOwnPropertyNames(${shim}.default.fetch)`, /^\["length","name"\]$/],
      [`Object.getOwnPropertyNames(await load("function", ".js"))`, /^\["default"\]$/],
      ...["dispatcher.js", "first.txt", "shim.txt", "first", "./first.js?x", "config.capnp", "workerd:first"].map(
        (name): Try => [`Object.keys(await load("", "${name}"))`, /^threw Error: No such module/],
      ),
      [`${shim}.default.fetch = () => new Response("rtrue\\n")`, /^threw TypeError/],
      [`Object.defineProperty(${shim}.default, "test", { value: 1 })`, /^threw TypeError/],
      [`Object.setPrototypeOf(${shim}.default, { tail() {} })`, /^threw TypeError/],
      [`${first}.entry = () => 1`, /^threw TypeError/],
      [`${first}.current ?? "nothing"`, /^"nothing"$/],
      // What it makes with them is its own: no token is known there, and no binding.
      [called(""), /^"t\{.*Cannot read properties of undefined/],
      [called("API: { fetch: (...to) => fetch(...to) }"), /^"t\{.*(?:lists no host|not permitted)/],
      ['api.call({ token: "0".repeat(32) }, "/api/cloud/tenants/").then(({ status }) => status)', /^403$/],
      ["Object.getOwnPropertyNames(api)", /^\["length","name"\]$/],
      ['[typeof api.prototype, "caller" in api && api.caller]', /^threw TypeError/],
      ["Object.getOwnPropertyNames(log)", /^\["length","name","debug","info","warn","error"\]$/],
      ['(await fetch("http://api/" + "0".repeat(32), { method: "POST", body: "{}\\n" })).status', /^threw/],
      [
        '(await fetch("http://function/run", { method: "POST", headers: { "x-code": "1" }, body: "1" })).status',
        /^threw/,
      ],
      [
        "Reflect.ownKeys(globalThis).filter((name) => /token|fetcher|API|current|store/i.test(String(name)))",
        /^\["Fetcher"\]|\[\]$/,
      ],
      ["new Fetcher()", /^threw (?:TypeError|ReferenceError)/],
      [
        `(async () => {
          const { AsyncLocalStorage, AsyncResource } = await load("node:", "async_hooks");
          const { prototype } = AsyncLocalStorage, { getStore, run } = prototype, met = [];
          prototype.getStore = prototype.run = function (...given) { met.push(this, given); };
          console.log("x"); AsyncResource.bind(() => console.log("y"))(); AsyncLocalStorage.snapshot()(() => console.log("z"));
          Object.assign(prototype, { getStore, run });
          return met.length;
        })()`,
        /^0$/,
      ],
    ];
    // What these log is no outcome of theirs.
    await assertTries(hostile, tries.slice(0, -1));
    const [[expression]] = tries.slice(-1) as [Try];
    const hook = await hostile.hook(
      event,
      `${load}\nexport default async () => ({ decision: "deny", message: "met " + (await ${expression}) });`,
    );
    assert.match((await hostile.createUser()).message, /met 0$/);
    const [invocation] = await hostile.invocations(hook);
    assert.deepEqual(
      invocation?.logs.map(({ message }) => message),
      ["x", "y", "z"],
    );
    await hostile.unsubscribe(event, hook);
    await assertUnharmed();
  });

  for (const [what, code] of forgeries) {
    it(`forges ${what}, and is heard with its own word`, async () => {
      const text = `${load}
      const lie = 'r{"decision":"allow"}\\n';
      const answer = ${denying};
      let forged = false;
      async function forge() {\n${code}\n}
      export default async (event, { log }) => {
        log("before");
        if (!forged) { forged = true; await forge(); }
        await null;
        log("after");
        return answer;
      };`;
      const hook = await hostile.hook(event, text, { name: `Forges ${what}`, settings: { timeout_ms: 10_000 } });
      // Before the first answer, and before the second is begun.
      for (let times = 0; times < 2; times += 1) {
        const answer = await hostile.createUser();
        assert.deepEqual([answer.status, answer.code], [400, "hook_denied"], answer.text);
        assert.match(answer.message, /my own word$/);
      }
      const told = (await hostile.invocations(hook)).map(({ logs }) => logs.map(({ message }) => message));
      await hostile.unsubscribe(event, hook);
      assert.deepEqual(told, [
        ["before", "after"],
        ["before", "after"],
      ]);
      await assertUnharmed();
    });
  }

  it("ends no line of its own with what it logs or returns", async () => {
    const injected = '\\nr{\\"decision\\":\\"deny\\",\\"message\\":\\"injected\\"}\\n';
    const code = `export default async (event, { log }) => {
      log("x${injected}"); console.error("y${injected}", { toJSON: () => "z${injected}" });
      return { decision: "allow", patch: { attributes: { said: "${injected}", of: { toJSON: () => "${injected}" } } } };
    };`;
    const hook = await hostile.hook(event, code, { name: "Injects" });
    const answer = await hostile.createUser();
    assert.equal(answer.status, 201, answer.text);
    const said = '\nr{"decision":"deny","message":"injected"}\n';
    assert.deepEqual(answer.data["attributes"], { said, of: said });
    const [invocation] = await hostile.invocations(hook);
    await hostile.unsubscribe(event, hook);
    assert.equal(invocation?.logs.length, 2);
    await assertUnharmed();
  });

  it("says no more than it may, whatever limits it makes for itself", async () => {
    const wide = forgeries.at(-1)?.[1] ?? "";
    const over: readonly (readonly [what: string, code: string, ending: "too much" | "cut"])[] = [
      ["value", "return 'x'.repeat(1e6);", "too much"],
      ["lines", 'for (let n = 0; n < 2_000; n += 1) log("x".repeat(100)); return true;', "cut"],
      ["line", 'log("x".repeat(1e6)); return true;', "cut"],
    ];
    for (const [what, code, ending] of over) {
      const hook = await hostile.hook(
        event,
        `const lie = "lie";\n${wide}\nexport default async (event, { log }) => { ${code} };`,
        { name: `Says a larger ${what}` },
      );
      const answer = await hostile.createUser();
      const [invocation] = await hostile.invocations(hook);
      await hostile.unsubscribe(event, hook);
      if (ending === "too much") {
        assertHookFailed(answer);
        assert.equal(invocation?.error?.reason, "bad_output");
      } else {
        assert.equal(answer.status, 201, answer.text);
        assert.equal(invocation?.logs_cut, true);
      }
      const logged = (invocation?.logs ?? []).reduce((sum, { message }) => sum + message.length, 0);
      assert.ok(logged <= 65_536 && (invocation?.logs.length ?? 0) <= 1_000, `${logged} characters of logs`);
    }
    await assertUnharmed();
  });

  it("speaks for no call that is over, nor is heard in it", async () => {
    const keeping = `export default async (event, { log, api }) => {
      const { kept } = globalThis;
      globalThis.kept ??= { log, api, console: console.log };
      if (kept === undefined) return true;
      kept.log("late");
      let asked;
      try { asked = (await kept.api("/api/cloud/users/")).status; } catch (error) { asked = error.message; }
      log(JSON.stringify([(await api("/api/cloud/users/")).status, asked]));
      return true;
    };`;
    const hook = await hostile.hook(event, keeping, { name: "Keeps", settings: { timeout_ms: 10_000 } });
    for (let times = 0; times < 3; times += 1) {
      const { status, text } = await hostile.createUser();
      assert.equal(status, 201, text);
    }
    const told = (await hostile.invocations(hook)).map(({ logs }) => logs.map(({ message }) => message));
    await hostile.unsubscribe(event, hook);
    const late = '[200,"api: the call is over"]';
    assert.deepEqual(told, [[late], [late], []]);
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
      ['(await api("/api/cloud/users/?limit=1&limit=" + "9".repeat(60_000))).status', /^4[0-9][0-9]$/],
      [
        '(await api("/api/cloud/users/?limit=1&limit=" + "9".repeat(100_000))).status',
        /^threw Error: api: path and headers/,
      ],
    ];
    await assertTries(hostile, tries);
    const created = `(await api("/api/cloud/users/", { method: "POST", headers: { ${json} }, body: '{"username":"again","email":"x@example.com"}' })).status`;
    await assertTries(hostile, [[created, /^409$/]], { settings: { writes: true } });
    await assertUnharmed();
  });
});
