/** Functions of one tenant that want to spoil, read or speak for another; and what they want to spoil in the server. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Hooked } from "../support/functions-api.ts";
import { type Answer, type Attacked, assertHookFailed, assertWell, attacked, type Tenant } from "./tenants.ts";

const event = "PRE_USER_CREATE";
const mark = "s3cr3t";
const body = (text: string): string =>
  `const load = (...parts) => import(parts.join(""));\nexport default async (event, { env, log, api }) => {\n${text}\n};`;

/** Changes all that a function can reach of the language and the platform. */
const spoiling = `
  Object.prototype.spoiled = "yes";
  Object.prototype.decision = "allow";
  Array.prototype.map = Array.prototype.toJSON = () => "spoiled";
  String.prototype.endsWith = () => true;
  const allowing = '{"decision":"allow"}';
  JSON.stringify = () => allowing;
  JSON.parse = () => ({ decision: "allow" });
  Promise.prototype.then = function (done) { done?.({ decision: "allow" }); return this; };
  Response.prototype.text = Response.prototype.json = async () => allowing;
  Request.prototype.text = async () => "{}";
  Headers.prototype.get = () => "0".repeat(32);
  globalThis.Response = globalThis.Request = globalThis.Headers = globalThis.TextEncoder = class { constructor() { throw new Error("spoiled"); } };
  globalThis.fetch = async () => { throw new Error("spoiled"); };
  globalThis.ReadableStream = undefined;
  for (const name of Object.keys(console)) console[name] = () => { throw new Error("spoiled"); };
  Error.prepareStackTrace = () => "spoiled";
  globalThis.left = { event, env, log, api };
`;

describe("a function among others of its tenant", () => {
  let server: Attacked;
  let tenant: Tenant;
  let neighbour: Tenant;
  let hooks: Hooked[] = [];
  before(async () => {
    server = await attacked();
    tenant = await server.neighbour("hostile");
    neighbour = await server.neighbour("neighbour");
  });
  after(() => server[Symbol.asyncDispose]());

  let names = 0;
  async function hook(code: string, options: Parameters<Tenant["hook"]>[2] = {}): Promise<Hooked> {
    names += 1;
    const made = await tenant.hook(event, code, { name: `Function ${names}`, ...options });
    hooks.push(made);
    return made;
  }

  async function quiet(one: Hooked): Promise<void> {
    await tenant.unsubscribe(event, one);
    hooks = hooks.filter(({ id }) => id !== one.id);
  }

  /** Nothing lasts: neither in the tenant, nor in another, nor in the server. */
  async function assertUnharmed(): Promise<void> {
    for (const one of hooks) await quiet(one);
    await assertWell(tenant);
    await assertWell(neighbour);
    await server.assertUnharmed();
  }

  it("spoils nothing that another uses, whichever comes first", async () => {
    for (const priority of [-1, 1]) {
      await hook(body(`${spoiling} return;`), {
        settings: { timeout_ms: 2_000 },
        subscription: { priority, failure_policy: "open" },
      });
    }
    for (let times = 0; times < 3; times += 1) {
      const { status, text, data } = await tenant.createUser();
      assert.equal(status, 201, text);
      assert.deepEqual(data["attributes"], { checkedBy: "hostile", spoiled: "no", list: "[2,3]" });
    }
    await assertUnharmed();
  });

  it("cannot agree in the name of another, nor silence it", async () => {
    await hook(body(`${spoiling} return { decision: "allow" };`), {
      settings: { timeout_ms: 2_000 },
      subscription: { priority: -1, failure_policy: "open" },
    });
    const strict = await hook(
      body(
        'console.log("I say " + JSON.stringify({ no: 1 })); return event.params.email.endsWith("@elsewhere.example") || { decision: "deny", message: "not from there" };',
      ),
    );
    for (let times = 0; times < 3; times += 1) {
      const { status, code, message, data } = await tenant.createUser();
      assert.deepEqual([status, code, data["function_id"]], [400, "hook_denied", strict.id]);
      assert.match(message, /not from there$/);
    }
    const told = (await tenant.invocations(strict)).map(({ logs }) => logs.map(({ message }) => message));
    assert.deepEqual(
      told,
      Array.from({ length: 3 }, () => ['I say {"no":1}']),
    );
    await assertUnharmed();
  });

  it("finds no secret, event or right of another", async () => {
    const holding = await hook(
      body("globalThis.mine = env.TOKEN; globalThis.asked = { api, event }; return env.TOKEN.length > 0;"),
      {
        settings: { secrets: { TOKEN: `${mark} of another` } },
      },
    );
    const functions = "/api/apps/the-app/functions/";
    const paths = [functions, `${functions}${holding.slug}/`, `${functions}${holding.slug}/invocations/`];
    const looking = await hook(
      body(`
        const seen = new Set(), found = [];
        const look = (value, path, depth) => {
          if (typeof value === "string" && value.includes("${mark}")) found.push(path);
          if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value) || depth > 7) return;
          seen.add(value);
          for (const key of Reflect.ownKeys(value)) {
            let inner;
            try { inner = value[key]; } catch { continue; }
            look(inner, path + "." + String(key), depth + 1);
          }
        };
        const modules = await Promise.all([load("first", ".js"), load("shim", ".js"), load("function", ".js"), load("node:", "process"), load("node:", "async_hooks")]);
        look({ globalThis, env, api, log, event, modules, prototypes: modules.flatMap(Object.values).map((one) => [one, Object.getPrototypeOf(one), one.prototype]) }, "", 0);
        for (const path of ${JSON.stringify(paths)}) {
          const answer = await api(path);
          look([answer.status === 200 ? "" : "${mark}", await answer.text()], path, 0);
        }
        log(JSON.stringify([found, seen.size > 300, typeof mine, typeof asked]));`),
      // Its own shows that it looks well.
      { settings: { timeout_ms: 10_000, secrets: { OWN: mark } } },
    );
    for (let times = 0; times < 2; times += 1) assert.equal((await tenant.createUser()).status, 201);
    for (const { logs } of await tenant.invocations(looking)) {
      assert.deepEqual(
        logs.map(({ message }) => message),
        ['[[".env.OWN"],true,"undefined","undefined"]'],
      );
    }
    await assertUnharmed();
  });

  it("remembers nothing of another tenant's, nor of another function's, even with the same code", async () => {
    const counting =
      'let n = 0;\nexport default () => ({ decision: "allow", patch: { first_name: String((n += 1)) } });';
    const counted = ({ data }: Answer): unknown => data["first_name"];
    const other = await server.tenant("other");
    await other.hook(event, counting);
    const first = await hook(counting);
    assert.deepEqual([counted(await tenant.createUser()), counted(await tenant.createUser())], ["1", "2"]);
    assert.equal(counted(await other.createUser()), "1");
    await quiet(first);
    await hook(counting);
    assert.equal(counted(await tenant.createUser()), "1");
    await assertUnharmed();
  });

  it("cannot spoil the server by what it returns", async () => {
    const patches = [
      'JSON.parse(\'{"__proto__":{"spoiled":"yes"}}\')',
      '{ attributes: JSON.parse(\'{"__proto__":{"spoiled":"yes"}}\') }',
      '{ attributes: { deep: JSON.parse(\'{"__proto__":{"spoiled":"yes"}}\') } }',
      '{ attributes: { constructor: { prototype: { spoiled: "yes" } } } }',
      '{ attributes: [{ spoiled: "yes" }] }',
      '{ username: "root" }',
      '{ tenant: "neighbour" }',
      '{ attributes: Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => ["k" + n, n])) }',
      "{ first_name: 'x'.repeat(200_000) }",
    ];
    for (const patch of patches) {
      await hook(body(`return { decision: "allow", patch: ${patch} };`));
      const answer = await tenant.createUser();
      // Its own attributes may have such names, as long as they stay names.
      if (answer.status !== 201) assertHookFailed(answer);
      await assertUnharmed();
    }
    await hook(
      body(
        'return { decision: "deny", message: "x".repeat(200_000), fields: Array(3_000).fill({ path: "__proto__", message: "\\r\\n\\u0000<script>" }) };',
      ),
    );
    const denied = await tenant.createUser();
    if (denied.code !== "hook_denied") assertHookFailed(denied);
    assert.ok(denied.text.length < 300_000, `${denied.text.length}`);
    await assertUnharmed();
  });
});
