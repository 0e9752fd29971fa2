/** `signalbox dev`: real files, a real server or its own, the real sandbox. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { runDev } from "../../src/cli/dev/dev.ts";
import { hooked, invocationsOf } from "../support/functions-api.ts";
import { processEnv } from "../support/process-env.ts";
import { adminToken, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";

const bin = new URL("../../src/cli/bin.js", import.meta.url).pathname;

interface Folder extends AsyncDisposable {
  readonly path: string;
  write(files: Readonly<Record<string, string>>): Promise<void>;
}

async function folder(files: Readonly<Record<string, string>> = {}): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "signalbox-functions-"));
  const write: Folder["write"] = async (those) => {
    for (const [name, text] of Object.entries(those)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), text);
    }
  };
  await write(files);
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

interface Dev extends AsyncDisposable {
  /** What it has printed so far, on both streams. */
  readonly said: () => string;
  /** Waits until it has printed this. */
  sees(pattern: RegExp): Promise<void>;
  readonly child: ChildProcess;
  /** Ctrl-C; resolves with its exit code. */
  stop(): Promise<number | null>;
}

function dev(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Dev {
  const child = spawn(process.execPath, [bin, "dev", ...argv], {
    env: { ...processEnv, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const closed = once(child, "close") as Promise<[number | null]>;
  const stop = async (): Promise<number | null> => {
    child.kill("SIGINT");
    return (await closed)[0];
  };
  const sees = async (pattern: RegExp): Promise<void> => {
    await until(`it prints ${pattern}`, () => pattern.test(said)).catch((thrown: unknown) => {
      throw new Error(`it printed this instead: ${said}`, { cause: thrown });
    });
  };
  return { child, said: () => said, sees, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

const says = (text: string): string =>
  `export default (event, { log }) => { log(${JSON.stringify(text)}); return 7; };\n`;

describe("signalbox dev", () => {
  it("runs a folder's functions in a sandbox of its own, again after each change, until Ctrl-C, and leaves nothing behind", async () => {
    await using files = await folder({
      "welcome.js": says("one"),
      "pre-user-create.ts":
        'import { isOurs } from "./lib/ours.ts";\nexport default ({ params }: { params: { email: string } }) => isOurs(params.email);\n',
      "lib/ours.ts": 'export const isOurs = (email: string): boolean => email.endsWith("@nowhere.example");\n',
      "notes.md": "no function",
      "helper.ts": "export const helper = 1;\n",
    });
    await using home = await folder();
    await using running = dev([files.path], { TMPDIR: home.path });
    await running.sees(/ok welcome/);
    await running.sees(/denied pre-user-create/);
    assert.match(running.said(), /ok welcome {2}INVOKE {2}\d+ ms\n {2}info {2}one\n {2}gives 7\n/);
    assert.match(running.said(), /denied pre-user-create {2}PRE_USER_CREATE/);
    assert.ok(!running.said().includes("helper") && !running.said().includes("\u001b"), running.said());

    await files.write({
      "lib/ours.ts": 'export const isOurs = (email: string): boolean => email.endsWith("@example.com");\n',
    });
    await running.sees(/allowed pre-user-create/);
    assert.equal(running.said().split("welcome  INVOKE").length, 2, "what did not change did not run again");

    await files.write({
      "lib/ours.ts": "export const isOurs = (email: string): boolean => {\n  throw new TypeError('lost');\n};\n",
    });
    await running.sees(/TypeError: lost/);
    assert.match(running.said(), /lib\/ours\.ts:2:9/, "the place is that in the file");

    await files.write({ "welcome.js": "export default () => {\n  const a = ;\n};\n" });
    await running.sees(/welcome\.js:2:1\d/);
    await files.write({ "welcome.js": says("mended") });
    await running.sees(/mended/);

    assert.equal(await running.stop(), 0);
    assert.match(running.said(), /dev: ended\n$/);
    assert.deepEqual(
      (await readdir(home.path)).filter((name) => name.startsWith("signalbox-dev-")),
      [],
    );
  });

  it("runs them by a server that is named, with the settings of the functions that are there, and changes nothing there", async () => {
    await using data = await folder();
    await using server = await serverProcess({ folder: data.path });
    const settings = { secrets: { KEY: "from-the-server" } };
    const made = await hooked(server, "PRE_USER_CREATE", "export default () => true;", { name: "Keyed", settings });
    await using files = await folder({
      "keyed.ts":
        "export default (event: object, { env }: { env: Record<string, string> }) => env['KEY']?.length ?? 0;\n",
      "order-placed.js":
        "export default ({ params, user, dry_run }) => ({ total: params.total * 2, user, dry_run });\n",
      "params.json": '{ "total": 21 }',
    });
    const env = { SIGNALBOX_URL: server.url, SIGNALBOX_TOKEN: adminToken };
    const event = ["--event", "ORDER_PLACED", "--params", join(files.path, "params.json"), "--as", "ada"];
    await using running = dev([files.path, ...event], env);
    await running.sees(/"total"/);
    await running.sees(/ok keyed/);
    assert.match(running.said(), /gives 15\n/);
    assert.match(running.said(), /gives \{"total":42,"user":\{"username":"ada"\},"dry_run":true\}\n/);
    await files.write({ "params.json": '{ "total": 4 }' });
    await running.sees(/"total":8/);
    assert.equal(await running.stop(), 0);
    const runs = await invocationsOf(server, made);
    const triggers = runs.map((run) => ("trigger" in run ? run.trigger : ""));
    assert.deepEqual([...new Set(triggers)], ["trial"]);
    assert.ok(triggers.length >= 1);
    const functions = await server.api<{ readonly functions: readonly { readonly version: number }[] }>(
      "GET",
      "/api/apps/the-app/functions/",
    );
    assert.deepEqual(
      functions.functions.map(({ version }) => version),
      [1],
    );
  });

  it("runs them with what happens on a server, unsaved, and after a change with what happened last", async () => {
    await using data = await folder();
    await using server = await serverProcess({ folder: data.path });
    await server.api("POST", "/api/apps/", { name: "The app", slug: "the-app" });
    await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    await using files = await folder({
      "anything.js":
        "export default ({ event_type, params, user, dry_run }) => ({ event_type, key: params.key, user, dry_run });\n",
      "post-object-put.js": "export default ({ params }) => `${params.bucket}/${params.key} of ${params.size}`;\n",
      "pre-user-create.js": 'export default ({ params }) => params.username !== "eve";\n',
      "post-user-create.js": "export default () => 'of a user';\n",
    });
    const env = { SIGNALBOX_URL: server.url, SIGNALBOX_TOKEN: adminToken };
    await using running = dev([files.path, "--live"], env);
    await running.sees(/with what happens there/);
    await running.sees(/waits pre-user-create\n/);
    // Followed a moment later: what happens before is not its.
    await until("it follows", async () => {
      await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key: "first", Body: "x" }));
      return running.said().includes("POST_OBJECT_PUT");
    });
    await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key: "images/cat.jpg", Body: "a cat" }));
    await running.sees(/gives "photos\/images\/cat\.jpg of 5"\n/);
    assert.match(
      running.said(),
      /event .*POST_OBJECT_PUT.* photos\/images\/cat\.jpg {2}by admin\nok anything {2}POST_OBJECT_PUT {2}\d+ ms\n {2}gives \{"event_type":"POST_OBJECT_PUT","key":"images\/cat\.jpg","user":\{"username":"admin"\},"dry_run":true\}\nok post-object-put/,
    );
    assert.doesNotMatch(running.said(), /pre-user-create {2}/, "what is named after another event does not get it");

    await server.api("POST", "/api/cloud/users/", { username: "eve", email: "eve@example.com" });
    await running.sees(/ok post-user-create {2}POST_USER_CREATE[^]*denied pre-user-create {2}PRE_USER_CREATE/);
    await files.write({ "pre-user-create.js": "export default () => true;\n" });
    await running.sees(/allowed pre-user-create {2}PRE_USER_CREATE/);
    assert.equal(await running.stop(), 0);
    const { functions } = await server.api<{ readonly functions: readonly unknown[] }>(
      "GET",
      "/api/apps/the-app/functions/",
    );
    assert.deepEqual(functions, []);
  });

  it("runs them only with what a filter matches", async () => {
    await using data = await folder();
    await using server = await serverProcess({ folder: data.path });
    await server.api("POST", "/api/apps/", { name: "The app", slug: "the-app" });
    await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    await using files = await folder({ "keys.js": "export default ({ params }) => params.key;\n" });
    const env = { SIGNALBOX_URL: server.url, SIGNALBOX_TOKEN: adminToken };
    await using running = dev([files.path, "--live", "--where", "WHERE key LIKE 'images/%'"], env);
    await running.sees(/waits keys/);
    await until("it follows", async () => {
      await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key: "notes", Body: "x" }));
      await server.s3.send(new PutObjectCommand({ Bucket: "photos", Key: "images/cat", Body: "x" }));
      return running.said().includes("images/cat");
    });
    assert.equal(await running.stop(), 0);
    assert.doesNotMatch(running.said(), /notes/);
    await using wrong = dev([files.path, "--live", "--where", "WHERE colour = 'red'"], env);
    assert.equal(((await once(wrong.child, "close")) as [number])[0], 1, wrong.said());
    assert.match(wrong.said(), /signalbox: .*colour/);
  });

  it("gives a run that is under way up at Ctrl-C", async () => {
    await using files = await folder({
      "slow.js": 'export default () => new Promise((done) => setTimeout(done, 60_000, "late"));\n',
    });
    await using running = dev([files.path]);
    await running.sees(/run by a server of its own/);
    assert.equal(await running.stop(), 0);
    assert.doesNotMatch(running.said(), /failed|late/);
  });

  it("runs each once for programs, and fails when one did", async () => {
    await using good = await folder({ "fine.js": says("well") });
    await using well = dev([good.path, "--once"]);
    assert.equal(((await once(well.child, "close")) as [number])[0], 0, well.said());
    await using bad = await folder({
      "fine.js": says("well"),
      "bad.js": "export default () => { throw new Error('no'); };\n",
    });
    await using failing = dev([bad.path, "--once"]);
    assert.equal(((await once(failing.child, "close")) as [number])[0], 1, failing.said());
    assert.match(failing.said(), /failed bad[^]*bad\.js:1:\d+/);
  });

  const refused: readonly (readonly [
    what: string,
    argv: readonly string[],
    env: Readonly<Record<string, string>>,
    message: RegExp,
  ])[] = [
    ["no folder", [], {}, /<folder> is missing/],
    ["an option that there is not", ["x", "--evnt", "A"], {}, /no option --evnt\. Did you mean "--event"/],
    ["a user that is no JSON", ["x", "--as", "{"], {}, /^signalbox: --as: /],
    ["live events and no server", ["x", "--live"], {}, /--live: SIGNALBOX_TOKEN is not set/],
    ["live events and params", ["x", "--live", "--params", "{}"], {}, /--params: goes without --live/],
    ["a filter and no live events", ["x", "--where", "WHERE key = 'a'"], {}, /--where: goes with --live/],
    ["a server and no token", ["x"], { SIGNALBOX_URL: "http://127.0.0.1:1/" }, /SIGNALBOX_TOKEN is not set/],
    [
      "a server that is not there",
      ["x", "--app", "y", "--once"],
      { SIGNALBOX_URL: "http://127.0.0.1:1/", SIGNALBOX_TOKEN: "t" },
      /x cannot be read/,
    ],
  ];
  for (const [what, argv, env, message] of refused) {
    it(`is refused with ${what}`, async () => {
      let said = "";
      const err = (text: string): void => void (said += `${text}\n`);
      const terminal = {
        env,
        out: () => {},
        err,
        fetch: globalThis.fetch,
        isTerminal: false,
        stop: new AbortController().signal,
      };
      assert.equal(await runDev(argv, terminal), 1);
      assert.match(said, message);
    });
  }

  it("tells what it takes", async () => {
    let said = "";
    const out = (text: string): void => void (said += text);
    const terminal = {
      env: {},
      out,
      err: out,
      fetch: globalThis.fetch,
      isTerminal: false,
      stop: new AbortController().signal,
    };
    assert.equal(await runDev(["--help"], terminal), 0);
    assert.match(said, /signalbox dev <folder>[^]*--once/);
  });
});
