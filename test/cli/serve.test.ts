import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { processEnv } from "../support/process-env.ts";
import { until } from "../support/until.ts";

const bin = new URL("../../src/cli/bin.js", import.meta.url).pathname;
const anyPorts = ["--port", "0", "--s3-port", "0"];

interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Standard output so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<unknown>;
  /** Resolves with the API's URL. */
  ready(): Promise<string>;
}

function signalbox(folder: string, ...argv: string[]): Running {
  const env = { ...processEnv, SIGNALBOX_DATA: folder };
  const child = spawn(process.execPath, [bin, "serve", ...argv], { env, stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const ended = once(child, "close").then(([code, signal]: unknown[]) => code ?? signal);
  return {
    child,
    out: () => out,
    err: () => err,
    ended,
    ready: async () => {
      await until("the ready line", () => out.includes("\nsignalbox ready") || out.startsWith("signalbox ready"));
      return /api=(\S+)/.exec(out)?.[1] ?? "";
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function folder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "signalbox-serve-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

describe("signalbox serve", () => {
  it("prints its token at the first start and one ready line at each, and stops with 0", async () => {
    await using data = await folder();
    await using first = signalbox(data.path, ...anyPorts);
    const url = await first.ready();
    const lines = first.out().trimEnd().split("\n");
    assert.equal(lines.length, 3);
    assert.match(lines[0] ?? "", /^signalbox admin token sbx_\S{43} /);
    assert.match(
      lines[1] ?? "",
      /^signalbox login http:\/\/127\.0\.0\.1:\d+\/dashboard\/login#code=[\w-]{43} \(once, within ten minutes\)$/,
    );
    assert.match(
      lines[2] ?? "",
      /^signalbox ready api=http:\/\/127\.0\.0\.1:\d+ s3=http:\/\/127\.0\.0\.1:\d+ dashboard=http:\/\/127\.0\.0\.1:\d+\/dashboard\/$/,
    );
    const token = /sbx_\S+/.exec(first.out())?.[0] ?? "";
    const asked = async (at: string) =>
      (await fetch(`${at}/api/cloud/tenants/`, { headers: { authorization: `Bearer ${token}` } })).status;
    assert.equal(await asked(url), 200);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    const code = /#code=(\S+)/.exec(first.out())?.[1];
    const login = async () =>
      fetch(`${url}/api/cloud/session/`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ code }),
      });
    const answer = (await (await login()).json()) as { readonly data: Readonly<Record<string, unknown>> };
    assert.deepEqual([answer.data["principal"], answer.data["role"]], ["admin", "operator"]);
    assert.equal((await login()).status, 401, "once");
    assert.match(await (await fetch(`${url}/metrics`)).text(), /signalbox_queue_depth 0/);
    first.child.kill("SIGTERM");
    assert.equal(await first.ended, 0);
    await using second = signalbox(data.path, ...anyPorts);
    assert.equal(await asked(await second.ready()), 200, "the token stays");
    assert.equal(second.out().trimEnd().split("\n").length, 1);
    second.child.kill("SIGINT");
    assert.equal(await second.ended, 0);
  });

  it("lists the events that it raises, which are those of its own kinds, and takes no others", async () => {
    await using data = await folder();
    await using running = signalbox(data.path, ...anyPorts);
    const face = `${await running.ready()}/notifications/v2/`;
    const headers = {
      authorization: `Bearer ${/sbx_\S+/.exec(running.out())?.[0] ?? ""}`,
      "content-type": "application/json",
    };
    const { result } = (await (await fetch(`${face}events/`, { headers })).json()) as {
      readonly result: readonly { readonly resource: string; readonly raised: readonly { readonly by: string }[] }[];
    };
    assert.deepEqual(
      result.map(({ resource }) => resource),
      ["profile", "file", "app", "subscription", "bucket", "function"],
    );
    for (const { raised } of result) assert.ok(raised.length > 0 && raised.every(({ by }) => by === "signalbox"));
    for (const event of ["RUNNING", "OVERWRITEN"]) {
      const body = JSON.stringify({ associatedUuid: "*", event, url: "https://hooks.example.com/" });
      const refused = await fetch(face, { method: "POST", headers, body });
      assert.equal(refused.status, 400, event);
      assert.match(await refused.text(), /no event of any kind of resource\..* There are CREATED, DELETED, /);
    }
  });

  it("ends at once at the second signal", async () => {
    await using data = await folder();
    await using running = signalbox(data.path, ...anyPorts);
    const url = new URL(await running.ready());
    // Half a request keeps the first stop waiting.
    const socket = connect(Number(url.port), url.hostname).on("error", () => {});
    const token = /sbx_\S+/.exec(running.out())?.[0] ?? "";
    socket.write(
      `POST /api/cloud/tenants/ HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n`,
    );
    await once(socket, "data");
    running.child.kill("SIGTERM");
    await until("no new connections", () =>
      fetch(`${url.href}readyz`).then(
        () => false,
        () => true,
      ),
    );
    // One that comes at once is taken for the first, which npm may have passed on.
    await until("it has ended", () => running.child.exitCode !== null || !running.child.kill("SIGTERM"));
    assert.equal(await running.ended, 1);
    socket.destroy();
  });

  it("goes on serving for a while when it is to stop, and says that it is leaving", async () => {
    await using data = await folder();
    await using running = signalbox(data.path, ...anyPorts, "--drain-ms", "60000", "--shutdown-grace-ms", "60000");
    const url = await running.ready();
    const token = /sbx_\S+/.exec(running.out())?.[0] ?? "";
    running.child.kill("SIGTERM");
    await until("it says so", async () => (await fetch(`${url}/readyz`)).status === 503);
    assert.equal(((await (await fetch(`${url}/healthz`)).json()) as { message: string }).message, "stopping");
    const made = await fetch(`${url}/api/cloud/tenants/`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ id: "late" }),
    });
    assert.equal(made.status, 201);
    await until("it has ended", () => running.child.exitCode !== null || !running.child.kill("SIGTERM"));
    assert.equal(await running.ended, 1);
  });

  it("does not lose its first token when a port is taken", async () => {
    await using data = await folder();
    const squatter = createServer().listen(0, "127.0.0.1");
    await once(squatter, "listening");
    const { port } = squatter.address() as AddressInfo;
    await using refused = signalbox(data.path, "--port", "0", "--s3-port", String(port));
    assert.equal(await refused.ended, 1);
    assert.match(refused.err(), new RegExp(`^signalbox: .*127\\.0\\.0\\.1:${port}.* in use.*SIGNALBOX_S3_PORT.*\n$`));
    squatter.close();
    await using again = signalbox(data.path, ...anyPorts);
    await again.ready();
    assert.match(again.out(), /^signalbox admin token sbx_/);
  });

  it("names a data folder that another process has", async () => {
    await using data = await folder();
    await using first = signalbox(data.path, ...anyPorts);
    await first.ready();
    await using second = signalbox(data.path, ...anyPorts);
    assert.equal(await second.ended, 1);
    assert.match(
      second.err(),
      /^signalbox: the data folder .* is in use by another Signalbox process.*SIGNALBOX_DATA\n$/,
    );
    assert.ok(second.err().includes(data.path));
  });

  it("refuses a wrong key, a newer database, a folder that is none, and bad settings, each in one line", async () => {
    await using data = await folder();
    await using first = signalbox(data.path, ...anyPorts);
    await first.ready();
    first.child.kill("SIGTERM");
    await first.ended;
    const refusals = async (message: RegExp, ...argv: string[]) => {
      await using refused = signalbox(data.path, ...anyPorts, ...argv);
      assert.equal(await refused.ended, 1);
      assert.match(refused.err(), message);
      assert.equal(refused.err().trimEnd().split("\n").length, 1, refused.err());
      assert.equal(refused.out(), "");
    };
    const key = Buffer.alloc(32, 7).toString("base64");
    await refusals(
      /^signalbox: the secrets in .* were sealed with another key: set SIGNALBOX_SECRET_KEY/,
      "--secret-key",
      key,
    );
    await refusals(/^signalbox: --prot: there is no such flag\. Did you mean "--port"\?/, "--prot", "1");
    const file = join(data.path, "a-file");
    writeFileSync(file, "");
    await refusals(/^signalbox: .*SIGNALBOX_DATA/, "--data", file);
    const database = new DatabaseSync(join(data.path, "signalbox.db"));
    database.exec("PRAGMA user_version = 9999");
    database.close();
    await refusals(/^signalbox: the database has schema 9999, made by a newer Signalbox/);
  });

  it("lists its settings with --help", async () => {
    await using data = await folder();
    await using helped = signalbox(data.path, "--help");
    assert.equal(await helped.ended, 0);
    assert.match(helped.out(), /--s3-port .*Default 9000\./);
  });
});
