/** The built client where users run it: the oldest Node that it promises, Deno and Bun, with the public API and a unix socket. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { type RunningServer, runServer } from "../support/in-process.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** What users write: it prints what it finds. */
const program = `
import { ApiError, receive, SignalboxClient, verifyWebhook } from "./index.js";

const [url, token] = [process.env.SIGNALBOX_URL, process.env.SIGNALBOX_TOKEN];
const client = new SignalboxClient({ url, token, retries: 0 });
const name = "b" + crypto.randomUUID().slice(0, 8);
await client.api.createBucket({ body: { name } });
const rule = await client.api.createRule({ bucket: name, body: { url: "https://hooks.example.com/" } });
const ids = [];
for await (const { id } of client.each("listRules", { bucket: name, limit: 1 })) ids.push(id);
const stream = new Blob(["streamed"]).stream();
await client.api.putObject({ bucket: name, key: "a", body: stream });
const text = await (await client.api.getObject({ bucket: name, key: "a" })).text();
const failed = await client.api.getRule({ bucket: "none", id: "1" }).catch((error) => error);

const body = '{"n":1}';
const key = await crypto.subtle.importKey("raw", new Uint8Array(32), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
const at = String(Math.floor(Date.now() / 1000));
const mac = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode("id-1." + at + "." + body));
const headers = { "webhook-id": "id-1", "webhook-timestamp": at, "webhook-signature": "v1," + btoa(String.fromCharCode(...new Uint8Array(mac))) };
const secret = "whsec_" + btoa(String.fromCharCode(...new Uint8Array(32)));
const verified = await verifyWebhook(secret, headers, body);
let got;
const receiver = receive({ secrets: secret }, (webhook) => { got = webhook.body; });
const answer = await receiver.fetch(new Request("http://x/", { method: "POST", body, headers }));
console.log(JSON.stringify({ same: ids.length === 1 && ids[0] === rule.id, text, code: failed instanceof ApiError && failed.code, verified: verified.kind, status: answer.status, got }));
`;

const overSocket = `
import { SignalboxClient } from "./index.js";
import { socketFetch } from "./node.js";

const client = new SignalboxClient({ url: "http://signalbox/below", token: "t", fetch: socketFetch(process.env.SOCKET), retries: 1 });
const { data, etag } = await client.call("createApp", { body: { name: "x" } });
const stop = new AbortController();
const gone = client.api.getApp({ app: "silent" }, { signal: stop.signal }).catch((error) => error.message);
setTimeout(() => stop.abort(new Error("stopped")), 50);
console.log(JSON.stringify({ data, etag, gone: await gone }));
`;

/** Of the package that npm has for this platform, beside the project: nothing else needs these 300 MB. */
function binary(pattern: string): string {
  const installed = join(root, "test/clients/run-times");
  const [path] = globSync(pattern, { cwd: join(installed, "node_modules") });
  assert.ok(path !== undefined, `there is no ${pattern}: npm ci --ignore-scripts --prefix test/clients/run-times`);
  return join(installed, "node_modules", path);
}

describe("the client", () => {
  let server: RunningServer;
  let folder: string;
  before(async () => {
    server = await runServer();
    folder = await mkdtemp(join(tmpdir(), "signalbox-client-"));
    for (const [name, platform] of [
      ["index", "browser"],
      ["node", "node"],
    ] as const) {
      const entryPoints = [join(root, `src/client/${name}.ts`)];
      const options = { bundle: true, format: "esm", target: "es2022", platform } as const;
      await build({ ...options, entryPoints, outfile: join(folder, `${name}.js`) });
    }
    await writeFile(join(folder, "package.json"), '{"type":"module"}');
    await writeFile(join(folder, "program.js"), program);
    await writeFile(join(folder, "socket.js"), overSocket);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const env = (more: Readonly<Record<string, string>> = {}) => ({
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    ...more,
  });
  const found = async (command: string, ...args: readonly string[]): Promise<unknown> => {
    const options = { cwd: folder, env: env({ SIGNALBOX_URL: server.url, SIGNALBOX_TOKEN: server.token }) };
    const { stdout } = await run(command, [...args, join(folder, "program.js")], options);
    return JSON.parse(stdout);
  };
  const wanted = { same: true, text: "streamed", code: "not_found", verified: "ok", status: 200, got: { n: 1 } };

  it("runs in Node 20", async () => {
    assert.deepEqual(await found(binary("node-linux-*/bin/node")), wanted);
  });

  it("runs in Deno", async () => {
    const flags = ["run", "--quiet", "--no-config", "--allow-net", "--allow-env"];
    assert.deepEqual(await found(binary("@deno/*/deno"), ...flags), wanted);
  });

  it("runs in Bun", async () => {
    assert.deepEqual(await found(binary("@oven/bun-*/bin/bun"), "run"), wanted);
  });

  it("speaks over a unix socket, in Node 20", async () => {
    const socket = join(folder, "s.sock");
    const asked: string[] = [];
    const answer: RequestListener = (request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.host} ${request.headers["content-length"]}`);
      if (request.url?.includes("silent") === true) return;
      response.writeHead(201, { "content-type": "application/json", etag: '"1"' });
      response.end(JSON.stringify({ success: true, message: "", data: { name: "x" } }));
    };
    const listener = createServer(answer);
    await new Promise<void>((resolve) => listener.listen(socket, resolve));
    try {
      const node = binary("node-linux-*/bin/node");
      const { stdout } = await run(node, [join(folder, "socket.js")], { env: env({ SOCKET: socket }) });
      assert.deepEqual(JSON.parse(stdout), { data: { name: "x" }, etag: '"1"', gone: "stopped" });
      assert.equal(asked[0], "POST /below/api/apps/ signalbox 12");
    } finally {
      listener.closeAllConnections();
      listener.close();
    }
  });
});
