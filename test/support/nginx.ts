/** nginx as a process of its own, and the examples of proxies in deploy/ with what is to stand in for what they name. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./until.ts";

export const proxyInstallLine = "apt-get install -y nginx-light caddy";

/** The text with each of `changes` made exactly as often as it says, so that an example cannot drift away from its test. */
export function changed(text: string, changes: readonly (readonly [from: string, to: readonly string[]])[]): string {
  let whole = text;
  for (const [from, to] of changes) {
    assert.equal(whole.split(from).length - 1, to.length, `the example names ${from} so often`);
    for (const one of to) whole = whole.replace(from, () => one);
  }
  return whole;
}

/** Writes what nginx needs to run as this user, with a file of `http { }`, into a folder. Gives its command line. */
export async function nginxCommand(home: string, site: string): Promise<readonly [string, ...string[]]> {
  await writeFile(join(home, "signalbox.conf"), site);
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${home}/${name};`,
  );
  const user = process.getuid?.() === 0 ? "user root;" : "";
  const main = `daemon off; ${user} worker_processes 1; pid ${home}/nginx.pid; events { worker_connections 1024; }
http { access_log off; ${folders.join(" ")} include ${home}/signalbox.conf; }`;
  await writeFile(join(home, "nginx.conf"), main);
  return ["nginx", "-e", "stderr", "-p", home, "-c", join(home, "nginx.conf")];
}

/** Where servers listen that a proxy stands before. */
export interface Upstreams {
  readonly api: readonly string[];
  readonly s3: readonly string[];
}

export interface Balancer extends AsyncDisposable {
  /** Its addresses, from the beginning. */
  readonly url: string;
  readonly s3Url: string;
  /** Sends what comes to these nodes in turn from now on; once. */
  begin(nodes: Upstreams): Promise<void>;
}

/** nginx before several nodes, as docs/scaling.md has it: the example of deploy/ with a line for each. */
export async function balancer(): Promise<Balancer> {
  await using opened = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), "signalbox-nginx-"));
  opened.defer(() => rm(home, { recursive: true, force: true }));
  const [api, s3] = [opened.adopt(await listening(), close), opened.adopt(await listening(), close)];
  const [port, s3Port] = [portOf(api), portOf(s3)];
  const begin = async (nodes: Upstreams): Promise<void> => {
    const lines = (urls: readonly string[]): string =>
      urls.map((url) => `server ${new URL(url).host} max_fails=1 fail_timeout=2s;`).join("\n  ");
    const example = await readFile(new URL("../../deploy/nginx.conf", import.meta.url), "utf8");
    const site = changed(example, [
      ["server 127.0.0.1:8080;", [lines(nodes.api)]],
      ["server 127.0.0.1:9000;", [lines(nodes.s3)]],
      ["listen 443 ssl;", [`listen 127.0.0.1:${port};`, `listen 127.0.0.1:${s3Port};`]],
      ["ssl_certificate /etc/nginx/signalbox.crt;", ["", ""]],
      ["ssl_certificate_key /etc/nginx/signalbox.key;", ["", ""]],
    ]);
    const [program, ...args] = await nginxCommand(home, site);
    // It takes over the sockets whose numbers this names, as an upgraded one does: so no port is chosen before it is bound.
    const env = { PATH: `${process.env["PATH"]}:/usr/sbin`, NGINX: "3;4;" };
    const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe", handleOf(api), handleOf(s3)] });
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const ended = once(child, "close").catch(() => undefined);
    owned.defer(async () => {
      child.kill("SIGTERM");
      await ended;
    });
    await once(child, "spawn").catch((thrown: unknown) => {
      throw new Error(`nginx does not start: ${proxyInstallLine}`, { cause: thrown });
    });
    await Promise.all([close(api), close(s3)]);
    await until("nginx answers", async () => {
      if (child.exitCode !== null) throw new Error(`nginx ended: ${said}`);
      return fetch(`http://127.0.0.1:${port}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
  };
  const owned = opened.move();
  return {
    url: `http://127.0.0.1:${port}`,
    s3Url: `http://127.0.0.1:${s3Port}`,
    begin,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function listening(): Promise<Server> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  await once(server, "close");
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Node has no other way to the number of a socket. */
function handleOf(server: Server): number {
  return (server as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;
}
