/** Types of events from a running server, and functions that are held to them by the TypeScript of a project. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { HostClient } from "../../src/client/index.ts";
import { hostToken } from "../clients/hosted.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { run, type Said } from "./asking.ts";

const installed = fileURLToPath(new URL("../../node_modules/", import.meta.url));

interface Project extends AsyncDisposable {
  readonly server: RunningServer;
  readonly host: HostClient;
  readonly folder: string;
  write(name: string, text: string): Promise<string>;
  signalbox(...argv: string[]): Promise<Said>;
}

/** A folder of functions, below a project that has TypeScript, and a server with an event type that was declared over its host interface. */
async function project(): Promise<Project> {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await runServer({ SIGNALBOX_HOST_LISTEN: "127.0.0.1:0" }));
  const host = new HostClient({ url: server.signalbox.hostUrl ?? "", token: await hostToken(server) });
  const top = await mkdtemp(join(tmpdir(), "signalbox-project-"));
  opened.defer(() => rm(top, { recursive: true, force: true }));
  await mkdir(join(top, "node_modules"));
  await symlink(join(installed, "typescript"), join(top, "node_modules/typescript"));
  const folder = join(top, "functions");
  await mkdir(folder);
  await host.api.putEventType({
    name: "PRE_ORDER_SHIP",
    body: {
      phase: "pre",
      resource: "order",
      description: "Before an order is shipped.",
      schema: {
        type: "object",
        properties: {
          id: { type: "integer" },
          carrier: { enum: ["dhl", "ups"] },
          lines: { type: "array", items: { $ref: "#/$defs/line" } },
        },
        required: ["id", "lines"],
        $defs: { line: { type: "object", properties: { sku: { type: "string" } }, required: ["sku"] } },
      },
    },
  });
  const owned = opened.move();
  return {
    server,
    host,
    folder,
    write: async (name, text) => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    },
    signalbox: (...argv) => run(argv, { SIGNALBOX_URL: server.url, SIGNALBOX_TOKEN: server.token }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe("signalbox types", () => {
  it("prints those of a type that was declared a moment ago, in each language", async () => {
    await using at = await project();
    const typescript = await at.signalbox("types");
    assert.deepEqual([typescript.code, typescript.err], [0, ""]);
    assert.match(typescript.out, /export type PreOrderShipParams = \{\n {2}readonly id: number;/);
    assert.match(typescript.out, /readonly PRE_ORDER_SHIP: PreOrderShipParams;/);
    assert.match(typescript.out, /export type ObjectNotification = /);
    const python = await at.signalbox("types", "--language", "python", "--event", "PRE_ORDER_SHIP");
    assert.match(
      python.out,
      /^class PreOrderShipParams\(TypedDict\):\n {4}id: int\n {4}carrier: NotRequired\[Literal/m,
    );
    assert.doesNotMatch(python.out, /ObjectNotification|PRE_USER_CREATE/);
    const schema = await at.signalbox("types", "--language", "json-schema");
    assert.ok("PreOrderShipParams" in (JSON.parse(schema.out) as { readonly $defs: object }).$defs);
    const unknown = await at.signalbox("types", "--event", "PRE_ORDER_SHOP");
    assert.match(unknown.err, /event: Invalid event type 'PRE_ORDER_SHOP'/);
    assert.match((await at.signalbox("types", "--language", "cobol")).err, /language: must be one of/);
  });
});

describe("signalbox function check", () => {
  const right = `export default async ({ event_type, params }, { env, log, api }) => {
  const carrier: "dhl" | "ups" | undefined = params.carrier;
  for (const { sku } of params.lines) log(sku.toUpperCase(), event_type, carrier);
  const { ok } = await api("/api/cloud/users/");
  if (!ok || params.id < 1) return { decision: "deny", message: env["WHY"] ?? "no" };
};
`;

  it("types what a function leaves untyped, by the event that its file is named after", async () => {
    await using at = await project();
    const file = await at.write("pre-order-ship.ts", right);
    const said = await at.signalbox("function", "check", file);
    assert.deepEqual(said, { code: 0, err: "", out: `${file} is right for PRE_ORDER_SHIP\n` });
    assert.deepEqual(await readdir(at.folder), ["pre-order-ship.ts"]);

    const wrong = await at.write("wrong.ts", right.replace("params.carrier", "params.carier"));
    const told = await at.signalbox("function", "check", wrong, "--event", "PRE_ORDER_SHIP");
    assert.equal(told.code, 1);
    assert.match(
      told.out,
      /^\S+wrong\.ts:2:53: Property 'carier' does not exist on type 'PreOrderShipParams'\. Did you mean 'carrier'\? \(TS2551\)/,
    );
    assert.match(told.out, /wrong\.ts is not right for PRE_ORDER_SHIP$/m);
    assert.equal(told.err, "signalbox: 1 problem\n");
  });

  it("tells the place in a line that has the export, and what a hook may not answer", async () => {
    await using at = await project();
    const file = await at.write(
      "hook.ts",
      'const message = "no";\nexport default ({ params }) => params.id.length > 1 || { decision: "deny", message };\n',
    );
    const told = await at.signalbox("function", "check", file, "--event", "PRE_ORDER_SHIP");
    assert.match(told.out, /hook\.ts:2:42: Property 'length' does not exist on type 'number'/);
    const maybe = await at.write("maybe.ts", 'export default () => ({ decision: "perhaps" });\n');
    const refused = await at.signalbox("function", "check", maybe, "--event", "PRE_ORDER_SHIP");
    assert.match(refused.out, /maybe\.ts:1:\d+: Type .*"perhaps"/);
    // After an event an answer is only kept.
    assert.equal((await at.signalbox("function", "check", maybe, "--event", "POST_USER_CREATE")).code, 0);
  });

  it("finds what a function imports from its folder and from npm, and holds JavaScript to it too", async () => {
    await using at = await project();
    await mkdir(join(at.folder, "../node_modules/rates"));
    const [manifest, types] = ["package.json", "rates.d.ts"].map((name) =>
      join(at.folder, "../node_modules/rates", name),
    );
    await writeFile(manifest ?? "", '{ "name": "rates", "version": "1.0.0", "exports": { "types": "./rates.d.ts" } }');
    await writeFile(types ?? "", "export declare function rateOf(sku: string): number;\n");
    await at.write("weights.ts", "export const weight = (sku: string): number => sku.length;\n");
    const source = `import { rateOf } from "rates";
import { weight } from "./weights.ts";
const sum = (lines) => lines.reduce((total, { sku }) => total + weight(sku) * rateOf(sku), 0);
export default function ship({ params }) {
  return sum(params.lines) < params.id;
}
`;
    const file = await at.write("ship.js", source);
    const said = await at.signalbox("function", "check", file, "--event", "PRE_ORDER_SHIP");
    assert.deepEqual([said.code, said.out], [0, `${file} is right for PRE_ORDER_SHIP\n`]);
    await at.write(
      "ship.js",
      source.replace("params.id;", "params.number;").replace("total + ", "total + rateOf(1) + "),
    );
    const told = await at.signalbox("function", "check", file, "--event", "PRE_ORDER_SHIP");
    assert.match(told.out, /ship\.js:3:\d+: Argument of type 'number' is not assignable to parameter of type 'string'/);
    assert.match(told.out, /ship\.js:5:37: Property 'number' does not exist/);
  });

  it("types a function of JavaScript that names itself elsewhere, and names files as they are", async () => {
    await using at = await project();
    const ask = async (name: string, text: string): Promise<string> =>
      (await at.signalbox("function", "check", await at.write(name, text), "--event", "PRE_ORDER_SHIP")).out;
    const named =
      "/** Ships. */\n  export default function ship({ params }) {\n    return params.number > ship.length;\n  }\n";
    assert.match(await ask("named.js", named), /named\.js:3:19: Property 'number' does not exist/);
    const inLine = "export default function ship({ params }) { return params.number > ship.length; }\n";
    assert.match(await ask("in-line.js", inLine), /in-line\.js:1:58: Property 'number' does not exist/);
    const otherwise =
      "/** @type {(event: string) => number} */\nexport default function ship(event) { return ship.length; }\n";
    assert.match(await ask("otherwise.js", otherwise), /otherwise\.js is not right/);
    const none = await ask("none.ts", "export const x = 1;\n");
    assert.match(none, /Module '"\S*functions\/none"' has no default export/);
    assert.doesNotMatch(none, /signalbox-types-/);
  });

  it("holds what is exported by name to its event, one function of several events to all, and without an event each to itself", async () => {
    await using at = await project();
    const both = `import type { FunctionContext } from "signalbox/functions";
async function audit(event: { readonly params: { readonly id: number } }, { log }: FunctionContext) {
  log(event.params.id);
}
export { audit as default };
`;
    const file = await at.write("audit.ts", both);
    assert.equal((await at.signalbox("function", "check", file, "--event", "PRE_ORDER_SHIP")).code, 0);
    const events = ["--event", "PRE_ORDER_SHIP", "--event", "OBJECT_DELETED"];
    const told = await at.signalbox("function", "check", file, ...events);
    assert.match(told.out, /audit\.ts:1:1: Type .* is not assignable to type 'Checked'\. \(TS2322\)/);
    const each = await at.write(
      "each.ts",
      'export default (event) => (event.event_type === "OBJECT_DELETED" ? event.params.key.length > 1 : event.params.id > 1);\n',
    );
    assert.equal(
      (await at.signalbox("function", "check", each, ...events)).out,
      `${each} is right for PRE_ORDER_SHIP, OBJECT_DELETED\n`,
    );
    const alone = await at.signalbox("function", "check", file);
    assert.match(alone.out, /audit\.ts is right by itself: --event NAME types what it gets/);
  });

  it("asks the server what the function of an app is subscribed to", async () => {
    await using at = await project();
    const { server } = at;
    await server.api("POST", "/api/apps/", { name: "Shop" });
    const make = (name: string): Promise<{ readonly id: number }> =>
      server.api("POST", "/api/apps/shop/functions/", { name, code: "export default () => {};" });
    const [ship, other] = [await make("Ship"), await make("Other")];
    const subscribe = (event: string, id: number): Promise<unknown> =>
      server.api("POST", `/api/cloud/events/${event}/subscribe/`, { function_id: id });
    await subscribe("PRE_ORDER_SHIP", ship.id);
    await subscribe("POST_USER_CREATE", ship.id);
    await subscribe("POST_USER_DELETE", other.id);
    const file = await at.write(
      "ship.ts",
      'export default (event) => (event.event_type === "PRE_ORDER_SHIP" ? event.params.id > 1 : event.params.username === "");\n',
    );
    const said = await at.signalbox("function", "check", file, "--app", "shop");
    assert.deepEqual([said.code, said.out], [0, `${file} is right for POST_USER_CREATE, PRE_ORDER_SHIP\n`]);
    const deleted = await at.signalbox("function", "check", file, "--app", "shop", "--slug", "other");
    assert.match(deleted.out, /ship\.ts is not right for POST_USER_DELETE$/m);
    const none = await at.write("none.ts", "export default () => {};\n");
    assert.match(
      (await at.signalbox("function", "check", none, "--app", "shop")).err,
      /--app: the function none of shop is subscribed to no event type: name one by --event/,
    );
  });

  it("needs a TypeScript, and says how to get one", async () => {
    await using at = await project();
    const file = await at.write("pre-order-ship.ts", right);
    await rm(join(at.folder, "../node_modules/typescript"));
    const { code, err } = await at.signalbox("function", "check", file);
    assert.equal(code, 1);
    assert.match(err, /by the TypeScript of your project, and none is found .*: npm install --save-dev typescript/);
    await mkdir(join(at.folder, "../node_modules/typescript"));
    await writeFile(
      join(at.folder, "../node_modules/typescript/package.json"),
      '{ "version": "4.9.5", "bin": { "tsc": "bin/tsc" } }',
    );
    assert.match(
      (await at.signalbox("function", "check", file)).err,
      /5\.4 or later, and that of your project is 4\.9\.5/,
    );
    assert.match((await at.signalbox("function", "check", "hook.py")).err, /hook\.py: must end with \.ts/);
  });
});
