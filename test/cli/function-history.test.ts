/** `signalbox function logs` and `function diff`: what a function did, and what its versions changed. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { hooked } from "../support/functions-api.ts";
import { processEnv } from "../support/process-env.ts";
import { adminToken, type ServerProcess, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { run } from "./asking.ts";

const bin = new URL("../../src/cli/bin.js", import.meta.url).pathname;
const first = `export default ({ params }, { log }) => {
  log("greets", params.who);
  if (params.who === "nobody") throw new TypeError("nobody is there");
  return 1;
};
`;
const second = first.replace("return 1", "return 2");

let folder: string;
let server: ServerProcess;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "signalbox-history-"));
  server = await serverProcess({ folder: join(folder, "data") });
  await hooked(server, "POST_USER_CREATE", first, { name: "Greet" });
  await server.api("PATCH", "/api/apps/the-app/functions/greet/", { code: second });
});
after(async () => {
  await server.kill();
  await rm(folder, { recursive: true, force: true });
});

const signalbox = (...argv: string[]) => run(argv, { SIGNALBOX_URL: server.url, SIGNALBOX_TOKEN: adminToken });
const invoke = (who: string) => server.api("POST", "/api/apps/the-app/functions/greet/invoke/", { params: { who } });

interface Following extends AsyncDisposable {
  readonly said: () => string;
}

function following(...argv: string[]): Following {
  const child: ChildProcess = spawn(process.execPath, [bin, ...argv], {
    env: { ...processEnv, SIGNALBOX_URL: server.url, SIGNALBOX_TOKEN: adminToken },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => (said += text));
  const closed = once(child, "close");
  return {
    said: () => said,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

describe("signalbox function logs", () => {
  it("prints the last runs with what they logged and how they failed, the newest last", async () => {
    await invoke("ada");
    await invoke("nobody");
    await invoke("\u001b[31mred\u202e\nline");
    const { code, out } = await signalbox("function", "logs", "the-app", "greet");
    assert.equal(code, 0);
    const time = "\\d\\d:\\d\\d:\\d\\d\\.\\d{3}";
    assert.match(
      out,
      new RegExp(
        `^${time} {2}invocation {2}succeeded {2}greet {2}INVOKE {2}\\d+ ms {2}version 2 {2}run \\d+\\n {2}info {3}greets ada\\n` +
          `${time} {2}invocation {2}failed {2}greet .*\\n {2}info {3}greets nobody\\n {2}error {2}TypeError: nobody is there\\n {4}at .*greet\\.js:3:`,
      ),
    );
    assert.doesNotMatch(out, /[^\P{C}\n]/u, "nothing that a terminal obeys");
    const failed = await signalbox(
      "function",
      "logs",
      "the-app",
      "greet",
      "--status",
      "failed",
      "--runs",
      "1",
      "--json",
    );
    assert.deepEqual(
      failed.out
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as { status: string }).status),
      ["failed"],
    );
    assert.match((await signalbox("function", "logs", "the-app", "greet", "--runs", "0")).err, /--runs: must/);
    assert.match((await signalbox("function", "logs", "the-app", "nothing")).err, /does not exist/);
  });

  it("goes on with the runs that come, each once", async () => {
    await invoke("before");
    await using running = following("function", "logs", "the-app", "greet", "--follow");
    await until("it prints what was before", () => running.said().includes("greets before"));
    await invoke("after");
    await until("it prints what comes", () => running.said().includes("greets after"));
    await invoke("last");
    await until("it goes on", () => running.said().includes("greets last"));
    for (const who of ["before", "after", "last"]) assert.equal(running.said().split(`greets ${who}\n`).length, 2, who);
  });
});

describe("signalbox function diff", () => {
  const change =
    '@@ -1,5 +1,5 @@\n export default ({ params }, { log }) => {\n   log("greets", params.who);\n   if (params.who === "nobody") throw new TypeError("nobody is there");\n-  return 1;\n+  return 2;\n };\n';

  it("shows what the last version changed, and what any two differ by", async () => {
    const { code, out } = await signalbox("function", "diff", "the-app", "greet");
    assert.equal(code, 0);
    assert.match(out, /^--- version 1 {2}\S+ by admin\n\+\+\+ version 2 {2}\S+ by admin\n/);
    assert.ok(out.endsWith(change), out);
    assert.equal((await signalbox("function", "diff", "the-app", "greet", "1")).out, out);
    assert.equal((await signalbox("function", "diff", "the-app", "greet", "1", "2")).out, out);
    assert.match((await signalbox("function", "diff", "the-app", "greet", "2")).out, /they are the same\n$/);
    const back = await signalbox("function", "diff", "the-app", "greet", "2", "1", "--json");
    assert.match((JSON.parse(back.out) as { diff: string }).diff, /-  return 2;\n\+  return 1;/);
    assert.match((await signalbox("function", "diff", "the-app", "greet", "9")).err, /does not exist/);
  });

  it("shows what deploying a file changes", async () => {
    const file = join(folder, "greet.js");
    await writeFile(file, second.replace("return 2", "return\t3"));
    const { out } = await signalbox("function", "diff", "the-app", "greet", file);
    assert.match(out, /^--- version 2 .*\n\+\+\+ \S+greet\.js\n/);
    assert.match(out, /-  return 2;\n\+  return {4}3;\n/);
    assert.match((await signalbox("function", "diff", "the-app", "greet", "1", file)).out, /^--- version 1 /);
    assert.match((await signalbox("function", "diff", "the-app", "greet", join(folder, "none.js"))).err, /none\.js/);
  });
});
