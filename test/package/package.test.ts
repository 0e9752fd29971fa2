import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { processEnv } from "../support/process-env.ts";
import { unexportedTypes } from "./public-types.ts";

/** As people write it who have the package: nothing of it but its types and names. */
const host = `
import { defineEvent, EventService, parseConfig, SignalboxError, start } from "signalbox";
import type { MailTemplates, NewUserInput, Permission, UserPatch } from "signalbox";

const schema = { type: "object", properties: { total: { type: "number" } }, additionalProperties: false } as const;
const events = [
  defineEvent({ name: "PRE_ORDER_CREATE", phase: "pre", resource: "order", schema }),
  defineEvent({ name: "POST_ORDER_CREATE", phase: "post", resource: "order", schema }),
];
export const mails: MailTemplates = { order: ({ view }) => ({ subject: "An order", text: String(view) }) };
export const some: readonly [NewUserInput, UserPatch, Permission] = [{ username: "ann" }, { email: "a@example.com" }, "read"];
const signalbox = await start(parseConfig(process.env, []), { events, mails });
const service = new EventService({ signalbox });
const order: { readonly id: number } = await service.around("ORDER_CREATE", { total: 1 }, () => ({ id: 1 }));
// @ts-expect-error there is no such pair
await service.around("ODER_CREATE", order, () => undefined);
await new EventService().around("WHATEVER_IT_IS", {}, () => ({}));
export const refused = (thrown: unknown): boolean => thrown instanceof SignalboxError && thrown.code === "hook_denied";
`;
const welcome = `
import type { Handler, Hook } from "signalbox/functions";

export const guard: Hook<{ readonly email: string }> = async ({ params, user }, { env, log, api }) => {
  log.warn("asked", user);
  const { ok } = await api("/api/cloud/users/");
  return ok && params.email.endsWith(env["DOMAIN"] ?? "") || { decision: "deny", message: "not allowed" };
};
// @ts-expect-error there is no such decision
export const unsure: Hook = () => ({ decision: "maybe" });
const handler: Handler<{ readonly id: number }, string> = ({ params, sequence }) => \`\${params.id} \${sequence ?? ""}\`;
export default handler;
`;
const client = `
import { ApiError, receive, SignalboxClient, type Rule } from "signalbox/client";
import { socketFetch } from "signalbox/client/node";

const signalbox = new SignalboxClient({ url: "http://signalbox", token: () => "t", fetch: socketFetch("/run/signalbox.sock") });
export const rule = (bucket: string, id: string): Promise<Rule> => signalbox.api.getRule({ bucket, id });
export const none = (thrown: unknown): boolean => thrown instanceof ApiError && thrown.status === 404;
export const { node, fetch } = receive<{ readonly n: number }>({ secrets: "whsec_x" }, ({ body }) => console.log(body.n));
// @ts-expect-error there is no such operation
await signalbox.api.getRul({});
`;
const root = fileURLToPath(new URL("../../", import.meta.url));

it("the packed package gives the command signalbox, the library and its types, from JavaScript alone", async () => {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-package-"));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  // The build runs here and not as npm's prepack, so that its output does not mix with that of pack.
  execFileSync(process.execPath, [join(root, "scripts/build.ts")], { cwd: root });
  const options = { cwd: root, encoding: "utf8", env: { ...process.env, npm_config_loglevel: "error" } } as const;
  const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], options);
  const parsed = JSON.parse(packed) as { filename: string }[] | Record<string, { filename: string }>;
  const filename = Object.values(parsed)[0]?.filename ?? "";
  const installed = join(folder, "node_modules", "signalbox");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, filename), "-C", installed, "--strip-components", "1"]);
  symlinkSync(join(root, "node_modules"), join(installed, "node_modules"));

  const files = execFileSync("tar", ["-tzf", join(folder, filename)], { encoding: "utf8" }).split("\n");
  for (const wanted of [
    "dist/cli/bin.js",
    "dist/signalbox.cjs",
    "dist/licenses.txt",
    "dist/store/sqlite/worker.js",
    "dist/offload/worker.js",
    "dist/targets/senders/worker.js",
    "dist/sandbox/workerd/launcher-process.js",
    "dist/index.d.ts",
    "dist/client/index.js",
    "dist/client/node.js",
    "dist/function-types.d.ts",
    "dist/examples/demo.js",
    "dist/examples/demo.licenses.txt",
    "dist/store/migrations/0001_init.sql",
    "README.md",
    "LICENSE",
  ]) {
    assert.ok(files.includes(`package/${wanted}`), wanted);
  }
  assert.deepEqual(
    files.filter((file) => /dist\/.*(?<!\.d)\.ts$|\.test\./.test(file)),
    [],
  );

  const bin = join(installed, "dist/cli/bin.js");
  assert.match(execFileSync(process.execPath, [bin, "--help"], { encoding: "utf8" }), /signalbox serve/);
  const library = 'import { start, parseConfig } from "signalbox"; console.log(typeof start, typeof parseConfig)';
  const imported = execFileSync(process.execPath, ["--input-type=module", "-e", library], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.equal(imported, "function function\n");
  const asked =
    'import { SignalboxClient } from "signalbox/client"; import { socketFetch } from "signalbox/client/node"; console.log(typeof SignalboxClient, typeof socketFetch)';
  const loaded = execFileSync(process.execPath, ["--input-type=module", "-e", asked], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.equal(loaded, "function function\n");

  for (const entry of ["index", "function-types"]) {
    assert.deepEqual(unexportedTypes(join(installed, "dist", `${entry}.d.ts`)), []);
  }
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
  writeFileSync(join(folder, "host.ts"), host);
  writeFileSync(join(folder, "welcome.ts"), welcome);
  writeFileSync(join(folder, "client.ts"), client);
  const strict = ["--strict", "--noEmit", "--exactOptionalPropertyTypes", "--module", "nodenext", "--target", "esnext"];
  const types = ["--typeRoots", join(root, "node_modules/@types"), "--types", "node", "--lib", "esnext,dom"];
  const tsc = [
    join(root, "node_modules/typescript/bin/tsc"),
    ...strict,
    ...types,
    "host.ts",
    "welcome.ts",
    "client.ts",
  ];
  assert.equal(execFileSync(process.execPath, tsc, { cwd: folder, encoding: "utf8" }), "");

  const told = execFileSync(process.execPath, [bin, "demo"], { cwd: folder, encoding: "utf8", env: processEnv });
  assert.match(told, /everything happened as told/);

  const env = {
    ...processEnv,
    SIGNALBOX_DATA: join(folder, "data"),
    SIGNALBOX_PORT: "0",
    SIGNALBOX_S3_PORT: "0",
  };
  const server = spawn(process.execPath, [bin, "serve"], { env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(server, "close");
  let said = "";
  for await (const text of server.stdout.setEncoding("utf8")) {
    said += String(text);
    if (said.includes("signalbox ready")) server.kill("SIGTERM");
  }
  assert.deepEqual(await ended, [0, null]);
  assert.match(said, /^signalbox ready api=http/m);
});
