/** Deliveries to servers that others wrote. Those of Node are in `src/targets/receivers.test.ts`. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { selfSigned } from "../support/certificate.ts";
import { assertConformance, type Exchanged } from "../support/conformance.ts";
import { type Asked, toLoopback, ways } from "../support/egress.ts";
import { until } from "../support/until.ts";
import { installed } from "./harness.ts";

const certificate = selfSigned("hooks.example");
const large = 300_000;

interface Home extends AsyncDisposable {
  readonly path: string;
}

/** A folder with the certificate in it. */
async function home(): Promise<Home> {
  const path = await mkdtemp(join(tmpdir(), "signalbox-receiver-"));
  await writeFile(join(path, "crt.pem"), certificate.cert);
  await writeFile(join(path, "key.pem"), certificate.key, { mode: 0o600 });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "close");
}

async function python(use: (port: number) => Promise<void>, ...args: readonly string[]): Promise<void> {
  const script = new URL("./receivers.py", import.meta.url).pathname;
  const child = spawn(installed("python3"), [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [said] = (await once(child.stdout, "data")) as [Buffer];
    await use(Number(said.toString()));
  } finally {
    await ended(child);
  }
}

for (const way of ways) {
  const open = (): Asked => way.open({ names: toLoopback, ca: certificate.cert });
  describe(`deliveries to Python's http.server, ${way.name},`, () => {
    const tableOf = (keeps: boolean): readonly Exchanged[] => [
      { path: "/sized", status: 200, reused: keeps },
      { path: "/sized", status: 200, bytes: 0, reused: keeps },
      { path: "/sized", status: 200, bytes: large, reused: keeps },
      { path: "/empty", status: 204, snippet: "", reused: keeps },
      { path: "/chunked", status: 200, reused: keeps },
      { path: "/unsized", status: 200, reused: false },
    ];

    it("arrive over HTTP/1.0", () =>
      python(async (port) => {
        await using out = open();
        await assertConformance(out, `http://127.0.0.1:${port}`, tableOf(false));
      }, "HTTP/1.0"));

    it("arrive over HTTP/1.1", () =>
      python(async (port) => {
        await using out = open();
        await assertConformance(out, `http://127.0.0.1:${port}`, tableOf(true));
      }, "HTTP/1.1"));

    it("arrive over HTTPS", async () => {
      await using place = await home();
      const files = ["crt.pem", "key.pem"].map((name) => join(place.path, name));
      await python(
        async (port) => {
          await using out = open();
          await assertConformance(out, `https://hooks.example:${port}`, tableOf(true));
        },
        "HTTP/1.1",
        ...files,
      );
    });
  });

  describe(`deliveries to nginx, ${way.name},`, () => {
    /** A port that is free. nginx cannot be asked which one it took. */
    async function freePort(): Promise<number> {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      server.close();
      await once(server, "close");
      return typeof address === "object" && address !== null ? address.port : 0;
    }

    async function nginx(use: (plain: string, secure: string) => Promise<void>): Promise<void> {
      await using place = await home();
      const { path } = place;
      const [plain, secure] = [await freePort(), await freePort()];
      await mkdir(join(path, "pages"));
      await writeFile(join(path, "pages", "page"), '<!--# echo var="content_length" -->');
      const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
        (name) => `${name}_temp_path ${path}/${name};`,
      );
      const conf = `daemon off; ${process.getuid?.() === 0 ? "user root;" : ""} worker_processes 1; pid ${path}/nginx.pid;
events { worker_connections 256; }
http {
  access_log off; ${folders.join(" ")} client_max_body_size 100k; default_type text/plain;
  server {
    listen 127.0.0.1:${plain}; listen 127.0.0.1:${secure} ssl;
    ssl_certificate ${path}/crt.pem; ssl_certificate_key ${path}/key.pem;
    root ${path}/pages; error_page 405 =200 $uri; ssi on; ssi_types *; ssi_last_modified on;
    location = /sized { return 200 $content_length; }
    location = /empty { return 204; }
    location = /moved { return 307 /sized; }
    location = /once { keepalive_timeout 0; return 200 $content_length; }
    location = /silent { return 444; }
  }
}`;
      await writeFile(join(path, "nginx.conf"), conf);
      const env = { PATH: `${process.env["PATH"]}:/usr/sbin` };
      const child = spawn("nginx", ["-e", "stderr", "-p", path, "-c", join(path, "nginx.conf")], {
        env,
        stdio: "pipe",
      });
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      child.once("error", (error) => {
        said = `nginx does not start (${error.message}): apt-get install -y nginx-light`;
      });
      try {
        await using out = open();
        const url = new URL(`http://127.0.0.1:${plain}/sized`);
        await until("nginx answers", async () => {
          if (child.exitCode !== null || said.startsWith("nginx does not start")) throw new Error(said);
          return (await out.post({ url, headers: [], body: "", timeoutMs: 1_000 })).kind === "answer";
        });
        await use(`http://127.0.0.1:${plain}`, `https://hooks.example:${secure}`);
      } finally {
        await ended(child);
      }
    }

    const table: readonly Exchanged[] = [
      { path: "/sized", status: 200, reused: true },
      { path: "/empty", status: 204, snippet: "", reused: true },
      { path: "/page", status: 200, reused: true },
      { path: "/once", status: 200, reused: false },
    ];

    it("arrive over HTTP and HTTPS, and its answers are understood", () =>
      nginx(async (plain, secure) => {
        await using out = open();
        for (const url of [plain, secure]) await assertConformance(out, url, table);
      }));

    it("are redirected nowhere, may be too large, and may get no answer", () =>
      nginx(async (plain) => {
        await using out = open();
        const post = (path: string, bytes: number) =>
          out.post({ url: new URL(path, plain), headers: [], body: Buffer.alloc(bytes), timeoutMs: 20_000 });
        const moved = await post("/moved", 10);
        assert.equal(moved.kind === "answer" && moved.status, 307);
        const tooLarge = await post("/sized", 10_000_000);
        assert.equal(tooLarge.kind === "answer" && tooLarge.status, 413, JSON.stringify(tooLarge));
        const silent = await post("/silent", 10);
        assert.equal(silent.kind === "failed" && silent.message, "connection closed before the answer was complete");
      }));
  });
}
