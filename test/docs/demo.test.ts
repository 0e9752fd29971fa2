import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { blocksOf, read } from "../support/markdown.ts";
import { processEnv } from "../support/process-env.ts";
import { until } from "../support/until.ts";

/** A line without what differs from run to run. */
function unvaried(line: string): string {
  return line
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}-\d{3}/g, "#")
    .replace(/[0-9a-f]{16}/g, "#")
    .replace(/\d+(\.\d+)? (ms|s)\b/g, "#");
}

const root = new URL("../../", import.meta.url).pathname;

interface Ended {
  readonly code: number | null;
  readonly said: string;
  readonly complained: string;
}

interface Running {
  readonly said: () => string;
  readonly ended: Promise<Ended>;
  readonly stop: (signal: NodeJS.Signals) => void;
}

/** Runs what `npm run demo` runs. */
function started(env: Readonly<Record<string, string>>, ...argv: string[]): Running {
  const child = spawn(process.execPath, ["examples/demo/main.ts", ...argv], {
    cwd: root,
    env: { ...processEnv, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let complained = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complained += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, said, complained }));
  });
  return { said: () => said, ended, stop: (signal) => void child.kill(signal) };
}

const demo = (env: Readonly<Record<string, string>>): Promise<Ended> => started(env).ended;

/** Of whoever opens a link to the dashboard. */
async function loggedIn(link: string): Promise<<T>(path: string) => Promise<T>> {
  const { origin, hash } = new URL(link);
  const login = await fetch(`${origin}/api/cloud/session/`, {
    method: "POST",
    headers: { "content-type": "application/json", origin, "sec-fetch-site": "same-origin" },
    body: JSON.stringify({ code: hash.replace("#code=", "") }),
  });
  assert.equal(login.status, 200, await login.text());
  const cookie = (login.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  return async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${origin}/api/cloud/${path}`, { headers: { cookie } });
    return ((await answer.json()) as { readonly data: T }).data;
  };
}

type Lists = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

describe("npm run demo", () => {
  it("tells what happened, without colours when nobody looks, and cleans up", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-test-"));
    try {
      const { code, said, complained } = await demo({ TMPDIR: folder });
      assert.equal(code, 0, complained + said);
      assert.equal(complained, "");
      const lines = [
        /PUT {5}images\/cat\.jpg/,
        /images {3}created images\/dog\.jpg {2}500 ✔ signature seq [0-9a-f]{16}\n/,
        /images {3}created images\/dog\.jpg {2}200 ✔ signature seq [0-9a-f]{16} {2}attempt 2, same webhook-id\n/,
        /cleaner {2}deleted notes\/todo\.txt/,
        /images\/dog\.jpg was answered with 500 and came again after \d+ ms/,
        /images {3}created notes\/todo\.txt {2}key REGEXP "\^images" is false: key is "notes\/todo\.txt"/,
        /images {3}created images\/dog\.jpg {2}delivered 2 attempts/,
        /arrived {2}invoices {8}204 6 again/,
        /5 events accepted, 5 deliveries acknowledged, 6 attempts, 0 dead letters/,
        /✔ everything happened as told\n$/,
      ];
      for (const line of lines) assert.match(said, line);
      const told = new Set(said.split("\n").map(unvaried));
      const transcript = blocksOf(read("README.md")).find(({ info }) => info === "text");
      for (const line of transcript?.text.split("\n") ?? []) {
        assert.ok(told.has(unvaried(line)) || line.trim() === "…", `the README has a line that was not said: ${line}`);
      }
      assert.ok(!said.includes("\u001b"), "no colours in a pipe");
      assert.deepEqual(await readdir(folder), []);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("goes on with --keep, with something on every screen of the dashboard, until it is asked to end", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-test-"));
    const running = started({ TMPDIR: folder }, "--keep");
    try {
      await until("the link", () => /#code=\S+\n/.test(running.said()));
      const ask = await loggedIn(/http\S+#code=\S+/.exec(running.said())?.[0] ?? "");
      const some = async (path: string, of: string, isOne: (entry: Lists[string][number]) => boolean) =>
        until(`${path} has one`, async () => ((await ask<Lists>(path))[of] ?? []).some(isOne));
      await some("deliveries/redrive/", "redrives", (one) => one["state"] === "done" && one["per_second"] === 4);
      await some("deliveries/?status=dead", "deliveries", ({ bucket }) => bucket === "photos");
      await some("deliveries/?status=delivered&bucket=photos", "deliveries", ({ event }) =>
        JSON.stringify(event).includes("holiday"),
      );
      await some("operations/", "operations", ({ outcome }) => outcome === "denied");
      await some("invocations/", "invocations", ({ function_slug: fn, version }) => fn === "welcome" && version === 2);
      await some("mails/", "mails", () => true);
      await some("users/", "users", ({ username }) => String(username).startsWith("visitor"));
      running.stop("SIGTERM");
      const { code, complained } = await running.ended;
      assert.deepEqual([code, complained, await readdir(folder)], [0, "", []]);
    } finally {
      running.stop("SIGTERM");
      await running.ended;
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("ends with exit code 1 and the reason when it cannot", async () => {
    const { code, complained } = await demo({ TMPDIR: "/nowhere" });
    assert.equal(code, 1);
    assert.match(complained, /✖ ENOENT/);
  });
});
