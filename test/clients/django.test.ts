/** examples/django: the documented user creation flow of a platform in Django, whatever dies in the midst of it. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { bodyOf, httpListener } from "../support/listeners.ts";
import { nodesOn } from "../support/nodes.ts";
import { postgresServer } from "../support/postgres.ts";
import { type ServerProcess, serverProcess } from "../support/server-process.ts";
import { nodeCount } from "../support/test-store.ts";
import { until } from "../support/until.ts";
import { hostToken } from "./hosted.ts";
import { manage, type Platform, platform } from "./platform.ts";
import { python } from "./python.ts";

const onlyOurs = `export default ({ params }) => params.email?.endsWith("@example.com")
  || { decision: "deny", message: "only @example.com addresses", fields: [{ path: "email", message: "is of another domain" }] };`;
const enrich = `export default ({ params }) => ({ decision: "allow", patch: { first_name: params.username.toUpperCase() } });`;

/** How long a machine under load may take until functions run. */
const readyMs = 240_000;

interface Scene extends AsyncDisposable {
  /** What every process of the platform is told. */
  readonly env: Readonly<Record<string, string>>;
  /** Usernames that POST_USER_CREATE told of, in the order of their arrival; deliveries that came again count once. */
  readonly announced: () => readonly string[];
  /** Usernames in the platform's own database. */
  readonly kept: () => Promise<readonly string[]>;
  /** The platform, whose resolver Signalbox knows, and has been asked about all that an earlier process left. */
  readonly start: (more?: Readonly<Record<string, string>>) => Promise<Platform>;
  /** The server as after a power cut. */
  readonly restart: () => Promise<void>;
}

/** Makes a request of the preparations until it is done: under load the processes that functions run in start slowly (503). */
async function prepared<T>(server: ServerProcess, method: string, path: string, body: unknown): Promise<T> {
  let made: { readonly answer: T } | undefined;
  await until(
    `${method} ${path} is done`,
    async () => {
      try {
        made = { answer: await server.api<T>(method, path, body) };
      } catch (thrown) {
        if (!String(thrown).includes(": 503 ")) throw thrown;
      }
      return made !== undefined;
    },
    readyMs,
  );
  if (made === undefined) throw new Error("unreachable");
  return made.answer;
}

async function functionsRun(server: ServerProcess): Promise<void> {
  const path = "/api/cloud/events/PRE_USER_CREATE/simulate/";
  const tried = async (): Promise<boolean> =>
    (await prepared<{ readonly outcome: string }>(server, "POST", path, { params: personOf("try") })).outcome ===
    "allowed";
  await until("the functions run", tried, readyMs);
}

function personOf(username: string): { readonly username: string; readonly email: string } {
  return { username, email: `${username}@example.com` };
}

/** Settings by which the server is one of several nodes, where tests are run so: the others are there while it is killed. */
async function besideOthers(scope: AsyncDisposableStack): Promise<Readonly<Record<string, string>>> {
  if (nodeCount === 1) return {};
  const postgres = scope.use(await postgresServer());
  const nodes = scope.use(await nodesOn(await postgres.database()));
  for (let other = 1; other < nodeCount; other += 1) {
    scope.use(await nodes.node(String(other), { SIGNALBOX_HOST_LISTEN: "127.0.0.1:0" }));
  }
  return nodes.env;
}

async function scene(): Promise<Scene> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-django-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const told = new Map<string, string>();
  const receiver = opened.use(
    await httpListener((request, response) => {
      void bodyOf(request).then((body) => {
        const { params } = JSON.parse(body) as { readonly params: { readonly username: string } };
        told.set(String(request.headers["webhook-id"]), params.username);
        response.end();
      });
    }),
  );
  const listen = `unix:${join(folder, "host.sock")}`;
  const shared = await besideOthers(opened);
  const options = { folder: join(folder, "data"), env: { ...shared, SIGNALBOX_HOST_LISTEN: listen } };
  let server = await serverProcess(options);
  opened.defer(() => server.kill());
  await server.api("POST", "/api/apps/", { name: "Accounts" });
  for (const [name, code] of [
    ["Only ours", onlyOurs],
    ["Enrich", enrich],
  ] as const) {
    const { id } = await prepared<{ id: number }>(server, "POST", "/api/apps/accounts/functions/", { name, code });
    await server.api("POST", "/api/cloud/events/PRE_USER_CREATE/subscribe/", { function_id: id });
  }
  await functionsRun(server);
  const target = { type: "webhook", url: `http://127.0.0.1:${receiver.port}/` };
  await server.api("POST", "/api/cloud/subscriptions/", { event: "POST_USER_CREATE", target });
  const base = {
    SIGNALBOX_HOST_URL: listen,
    SIGNALBOX_HOST_TOKEN: await hostToken(server),
    DJANGO_DATABASE: join(folder, "accounts.sqlite3"),
    GATE: join(folder, "gate"),
  };
  await manage(base, "migrate");
  const set = await manage(base, "set_resolver", "http://127.0.0.1:9");
  const secret = /^SIGNALBOX_RESOLVE_SECRET=(\S+)$/m.exec(set)?.[1];
  assert.ok(secret !== undefined, set);
  const env = { ...base, SIGNALBOX_RESOLVE_SECRET: secret };
  const owned = opened.move();
  return {
    env,
    announced: () => [...told.values()],
    kept: async () => {
      const listed =
        "import sqlite3, sys; print(*[row[0] for row in sqlite3.connect(sys.argv[1]).execute('SELECT username FROM auth_user ORDER BY id')])";
      return (await python(["-c", listed, env.DJANGO_DATABASE])).split(/\s+/).filter((name) => name !== "");
    },
    start: async (more = {}) => {
      await using starting = new AsyncDisposableStack();
      const started = starting.use(await platform({ ...env, ...more }));
      await manage(env, "set_resolver", started.url, "--ask");
      starting.move();
      return started;
    },
    restart: async () => {
      await server.kill();
      server = await serverProcess(options);
      await functionsRun(server);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe("examples/django", () => {
  let at: Scene;
  before(async () => {
    at = await scene();
  });
  after(() => at[Symbol.asyncDispose]());

  /** That no more are announced and kept than these: the last of them was begun after all that could be announced twice. */
  async function areAnnounced(...names: readonly string[]): Promise<void> {
    await until(`${names.join(", ")} are announced`, () => at.announced().includes(names.at(-1) ?? ""));
    assert.deepEqual(at.announced(), names);
    assert.deepEqual(await at.kept(), names);
  }

  it("makes users whom every function agrees to, and announces each", async () => {
    await using django = await at.start();
    assert.deepEqual(await django.post("/users/", personOf("ada")), {
      status: 201,
      body: { id: 1, username: "ada", email: "ada@example.com", first_name: "ADA" },
    });
    const eve = { username: "eve", email: "eve@elsewhere.example" };
    assert.deepEqual(await django.post("/users/", eve), {
      status: 400,
      body: {
        message: "Function 'Only ours' refused PRE_USER_CREATE: only @example.com addresses",
        errors: { email: ["is of another domain"] },
      },
    });
    await until("ada is announced", () => at.announced().length > 0);
    const documented = await django.post("/documented/users/", personOf("grace"));
    assert.deepEqual([documented.status, documented.body["username"]], [201, "grace"]);
    assert.deepEqual(await django.post("/documented/users/", eve), {
      status: 400,
      body: {
        message: "Only ours: Function 'Only ours' refused PRE_USER_CREATE: only @example.com addresses",
      },
    });
    assert.equal((await django.post("/users/", personOf("ada"))).status, 409);
    await areAnnounced("ada", "grace");
  });

  it("announces a user once when the server is killed between the hooks and the commit", async () => {
    await using django = await at.start({ HALT: "after_commit" });
    const made = django.post("/users/", personOf("halt-1"));
    await until("the user is committed", django.halted);
    await at.restart();
    await writeFile(at.env["GATE"] ?? "", "");
    assert.equal((await made).status, 201);
    await until("it is announced", () => at.announced().includes("halt-1"));
    assert.equal((await django.post("/users/", personOf("ada-1"))).status, 201);
    await rm(at.env["GATE"] ?? "");
    await areAnnounced("ada", "grace", "halt-1", "ada-1");
  });

  it("announces a user once whom a killed platform had committed", async () => {
    await using dying = await at.start({ HALT: "after_commit" });
    const cut = assert.rejects(dying.post("/users/", personOf("halt-2")));
    await until("the user is committed", dying.halted);
    await dying.kill();
    await cut;
    await using django = await at.start();
    await until("it is announced", () => at.announced().includes("halt-2"));
    assert.equal((await django.post("/users/", personOf("ada-2"))).status, 201);
    await areAnnounced("ada", "grace", "halt-1", "ada-1", "halt-2", "ada-2");
  });

  it("announces nothing of a user whom a killed platform had not committed", async () => {
    await using dying = await at.start({ HALT: "before_commit" });
    const cut = assert.rejects(dying.post("/users/", personOf("halt-3")));
    await until("the user is being written", dying.halted);
    await dying.kill();
    await cut;
    await using django = await at.start();
    const left = "from signalbox import EventService; print(len(list(EventService().operations())))";
    assert.equal((await python(["-c", left], { env: at.env })).trim(), "0");
    assert.equal((await django.post("/users/", personOf("ada-3"))).status, 201);
    await areAnnounced("ada", "grace", "halt-1", "ada-1", "halt-2", "ada-2", "ada-3");
  });
});
