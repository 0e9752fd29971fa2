/** Kills the server, and processes that run functions, at the very steps between which a crash could lose something. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type ServerProcess, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import type { MadeUser } from "./hooks/book.ts";
import { type Answer, requestUser } from "./hooks/clients.ts";
import { setUp, tokenOf } from "./hooks/functions.ts";
import { type Host, host } from "./hooks/host.ts";
import { type SandboxProcess, type TemporaryFolder, temporaryFolder } from "./hooks/sandboxes.ts";
import { assertDecided, assertLogged, assertWelcomed, keptBy, usersOf } from "./hooks/verdict.ts";

interface Scene extends AsyncDisposable {
  readonly folder: string;
  readonly tmp: TemporaryFolder;
  /** What the host holds without an answer, by its path; for as long as it is in here. */
  readonly held: Set<string>;
  start(): Promise<ServerProcess>;
}

const shared = new AsyncDisposableStack();
const holding = new Set<string>();
let told: Host;
/** The data of a server that knows the functions. */
let template: string;

before(async () => {
  template = await mkdtemp(join(tmpdir(), "signalbox-crash-"));
  shared.defer(() => rm(template, { recursive: true, force: true }));
  told = shared.use(await host((path) => (holding.has(path) ? "hold" : "thanks")));
  await using server = await serverProcess({ folder: template });
  await setUp(server, told.url);
  assert.equal(await server.stop(), 0, server.log);
});

after(() => shared.disposeAsync());

async function scene(...held: readonly string[]): Promise<Scene> {
  await using made = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-crash-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  await cp(template, folder, { recursive: true });
  const tmp = made.use(await temporaryFolder());
  told.forget();
  holding.clear();
  for (const path of held) holding.add(path);
  const start = (): Promise<ServerProcess> => serverProcess({ folder, env: tmp.env });
  const owned = made.move();
  return { folder, tmp, held: holding, start, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const key = "sign-up-1";

function userOf({ text }: Answer): MadeUser {
  return (JSON.parse(text) as { readonly data: MadeUser }).data;
}

function codeOf({ text }: Answer): string | undefined {
  return (JSON.parse(text) as { readonly code?: string }).code;
}

/** Everybody was made as they should be, and welcomed; the server is stopped. */
async function assertWhole(at: Scene, server: ServerProcess, names: readonly string[]): Promise<void> {
  const path = "/api/cloud/deliveries/?status=delivered";
  const delivered = (): Promise<{ deliveries: readonly unknown[] }> => server.api("GET", path);
  await until("all are welcomed", async () => (await delivered()).deliveries.length === names.length);
  const kept = await keptBy(server);
  assert.deepEqual(
    kept.users.map(({ username, attributes: { checked } }) => [username, checked]),
    names.map((name) => [name, tokenOf(name)]),
  );
  assertDecided(kept);
  assertWelcomed(kept, told.welcomes);
  assert.equal(await server.stop(), 0, server.log);
  await at.tmp.untilAllGone();
  await at.tmp.untilNoFolders();
  await assertLogged(at.folder, kept);
}

async function noUsers(server: ServerProcess): Promise<void> {
  assert.deepEqual(await server.api("GET", "/api/cloud/users/"), { users: [] });
}

async function killAll({ tmp }: Scene, what: SandboxProcess["what"]): Promise<void> {
  const all = await tmp.processes();
  const victims = all.filter((one) => one.what === what);
  assert.ok(victims.length > 0);
  for (const { pid } of victims) process.kill(pid, "SIGKILL");
  await Promise.all(victims.map((one) => tmp.untilGone(one)));
  const watched = what === "shell" ? all.filter((one) => one.what === "runs functions") : [];
  await Promise.all(watched.map((one) => tmp.untilGone(one)));
}

/** Runs a process that kills itself. */
async function dies(tmp: TemporaryFolder, fixture: string, ...args: readonly string[]): Promise<void> {
  const path = new URL(`hooks/${fixture}`, import.meta.url).pathname;
  const dying = spawn(process.execPath, [path, ...args], { stdio: "inherit", env: { ...process.env, ...tmp.env } });
  const [, signal] = await once(dying, "exit");
  assert.equal(signal, "SIGKILL");
}

describe("the server is killed", () => {
  for (const [when, what] of [
    ["at once", "as it starts what starts processes of functions"],
    ["shell", "as a process of functions starts"],
  ] as const) {
    it(`${what}: nothing is left of that`, async () => {
      await using tmp = await temporaryFolder();
      // The shell may have been faster than its end, so that a process runs already.
      for (let time = 1; time <= 3; time++) {
        await dies(tmp, "launches.fixture.ts", when);
        const shells = (await tmp.processes()).filter((one) => one.what === "shell");
        for (const { pid } of shells) process.kill(pid, "SIGCONT");
        // At once there may be no process yet, but there is a folder.
        await until("no folder is left", async () => (await readdir(tmp.path)).length === 0);
        await tmp.untilAllGone();
      }
    });
  }

  for (const stage of ["prepare", "validate"] as const) {
    it(`while a hook of ${stage} runs: there is no user, and the same request makes it`, async () => {
      await using at = await scene(`/${stage}`);
      const ask = { username: "ann", key, attributes: { asks: stage } };
      {
        await using server = await at.start();
        const lost = assert.rejects(requestUser(server.url, ask));
        await until("the hook has asked", () => told.asked.length === 1);
        await server.kill();
        await lost;
        await at.tmp.untilAllGone();
      }
      at.held.clear();
      await using server = await at.start();
      await noUsers(server);
      const made = await requestUser(server.url, ask);
      assert.deepEqual([made.status, made.replayed], [201, false], made.text);
      assert.equal(told.asked.length, 2);
      const again = await requestUser(server.url, ask);
      assert.deepEqual([again.replayed, userOf(again)], [true, userOf(made)]);
      assert.equal(told.asked.length, 2, "no hook is asked again");
      await assertWhole(at, server, ["ann"]);
    });
  }

  for (const [point, what] of [
    ["before", "there is no user, and the same request makes it"],
    ["after", "the user is whole and welcomed, and the same request is given the first answer"],
  ] as const) {
    it(`just ${point} the commit, all hooks having agreed: ${what}`, async () => {
      await using at = await scene();
      await dies(at.tmp, "dies.fixture.ts", at.folder, point, key, "ann");
      await at.tmp.untilAllGone();
      assert.equal(told.welcomes.length, 0);
      await using server = await at.start();
      if (point === "before") await noUsers(server);
      else await until("the user is welcomed", () => told.welcomes.length === 1);
      const made = await requestUser(server.url, { username: "ann", key });
      assert.deepEqual([made.status, made.replayed], [201, point === "after"], made.text);
      await assertWhole(at, server, ["ann"]);
    });
  }

  it("while a function runs: it runs again for the same event, and that counts once", async () => {
    await using at = await scene("/welcome");
    {
      await using server = await at.start();
      const made = await requestUser(server.url, { username: "ann" });
      assert.equal(made.status, 201, made.text);
      await until("the function runs", () => told.welcomes.length === 1);
      await server.kill();
      await at.tmp.untilAllGone();
    }
    at.held.clear();
    await using server = await at.start();
    await until("it runs again", () => told.welcomes.length === 2);
    await assertWhole(at, server, ["ann"]);
    assert.deepEqual(
      told.welcomes.map((one) => [one.told.event, one.told.attempt]),
      [0, 1].map(() => [told.welcomes[0]?.told.event, 1]),
    );
  });
});

for (const [what, whom] of [
  ["runs functions", "processes of functions are killed"],
  ["shell", "what watches over processes of functions is killed"],
] as const) {
  describe(whom, () => {
    it("while hooks run: those requests fail, and the next works", async () => {
      await using at = await scene();
      await using server = await at.start();
      for (const [stage, username] of [
        ["prepare", "ann"],
        ["validate", "ben"],
      ] as const) {
        const before = told.asked.length;
        at.held.add(`/${stage}`);
        const ask = { username, key: `sign-up-${username}`, attributes: { asks: stage } };
        const failing = requestUser(server.url, ask);
        await until("the hook has asked", () => told.asked.length === before + 1);
        await killAll(at, what);
        const failed = await failing;
        assert.deepEqual([failed.status, codeOf(failed)], [503, "hook_failed"], failed.text);
        at.held.clear();
        const other = await requestUser(server.url, { username: `other-than-${username}` });
        assert.equal(other.status, 201, other.text);
        assert.ok((await usersOf(server)).every((user) => user.username !== username));
        const made = await requestUser(server.url, ask);
        assert.deepEqual([made.status, made.replayed], [201, false], made.text);
      }
      await assertWhole(at, server, ["other-than-ann", "ann", "other-than-ben", "ben"]);
    });

    it("while a function runs: it runs again for the same event, and whoever asked notices nothing", async () => {
      await using at = await scene("/welcome");
      await using server = await at.start();
      const made = await requestUser(server.url, { username: "ann" });
      assert.equal(made.status, 201, made.text);
      await until("the function runs", () => told.welcomes.length === 1);
      at.held.clear();
      await killAll(at, what);
      await until("it runs again", () => told.welcomes.length === 2);
      await assertWhole(at, server, ["ann"]);
      const [first, again] = told.welcomes.map((one) => one.told);
      assert.deepEqual([first?.attempt, again?.event], [1, first?.event]);
      // More, when the next attempt was made in a process that was still to be killed.
      assert.ok((again?.attempt ?? 0) >= 2);
    });
  });
}
