/** The API over a real store in a temporary folder, without sockets; every answer is held against its documented schema. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileBlobs } from "../../src/blobs/files.ts";
import type { JwtIssuer } from "../../src/config/jwt-issuers.ts";
import { type HostScope, hostRole, type Principal, type Role } from "../../src/domain/access.ts";
import type { EventTypeDefinition } from "../../src/domain/catalog.ts";
import { defined } from "../../src/domain/defined.ts";
import { newUuid, type Uuid } from "../../src/domain/ids.ts";
import type { Subscription } from "../../src/domain/subscription.ts";
import { hostRoutes } from "../../src/faces/host/routes.ts";
import { hostServer } from "../../src/faces/host/server.ts";
import type { ApiContext } from "../../src/faces/http/api-context.ts";
import type { ClientConnections } from "../../src/faces/http/front/connections.ts";
import type { Route } from "../../src/faces/http/route.ts";
import { library } from "../../src/faces/library/library.ts";
import { Platform } from "../../src/faces/platform-calls.ts";
import { apiRoutes } from "../../src/faces/routes.ts";
import { apiServer } from "../../src/faces/server.ts";
import type { Inbox } from "../../src/inbox/inbox.ts";
import { silentLog } from "../../src/log.ts";
import { offload } from "../../src/offload/offload.ts";
import { EventRates } from "../../src/pace/event-rates.ts";
import { ensureAdmin } from "../../src/platform/access/identities.ts";
import { tokenHash } from "../../src/platform/access/token-secrets.ts";
import { InboxRelay } from "../../src/platform/host/inbox/relay.ts";
import { ResolverAsker } from "../../src/platform/host/operations/asker.ts";
import { browserLogins } from "../../src/platform/login/browser-logins.ts";
import { jwtLogins } from "../../src/platform/login/jwt-logins.ts";
import { aesVault } from "../../src/secrets/vault.ts";
import type { Feed } from "../../src/store/feed.ts";
import type { Bucket } from "../../src/store/records.ts";
import type { Store } from "../../src/store/store.ts";
import { egress } from "../../src/targets/egress.ts";
import type { AttemptResult, Deliverable } from "../../src/targets/target.ts";
import { type FakeClock, fakeClock } from "./clock.ts";
import { checkForm } from "./documented-form.ts";
import { type FakeSandbox, fakeSandbox } from "./sandbox.ts";
import { openTestStore } from "./test-store.ts";
import { unwatched } from "./unwatched.ts";
import { testConfig, testConnections, testEngine } from "./wired.ts";

export interface Asking {
  readonly token?: string;
  readonly tenant?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly success: boolean;
  readonly message: string;
  readonly code: string | undefined;
  readonly fields: readonly { readonly path: string; readonly message: string }[];
  // Tests read answers of every form; each is checked against its schema before.
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Sent {
  readonly subscription: Subscription;
  readonly delivery: Deliverable;
}

export interface TestApi extends AsyncDisposable {
  readonly app: ReturnType<typeof apiServer>;
  readonly deps: ApiContext;
  readonly feed: Feed;
  readonly clock: FakeClock;
  readonly routes: readonly Route[];
  /** A token of the operator. */
  readonly operator: string;
  readonly sandbox: FakeSandbox;
  /** Where the store keeps everything. */
  readonly folder: string;
  /** What test events were sent. */
  readonly sent: readonly Sent[];
  /** Subscriptions that were woken. */
  readonly woken: readonly number[];
  readonly redrives: readonly Uuid[];
  /** What the next test event comes to. */
  attemptResult: AttemptResult;
  /** Why work cannot be accepted. */
  unhealthy: string | undefined;
  ask(method: string, path: string, body?: unknown, asking?: Asking): Promise<Answer>;
  /** Every entry of a list, `limit` to a page. */
  all(path: string, of: string, limit: number): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** A principal's token, made past the API. */
  tokenOf(role: Role, name?: string, tenant?: string): Promise<string>;
  /** The host interface. */
  readonly hosts: ReturnType<typeof hostServer>;
  readonly hostRoutes: readonly Route[];
  /** The same of it; without a token one of a host of all tenants. */
  askHost(method: string, path: string, body?: unknown, asking?: Asking): Promise<Answer>;
  /** A host's token, made past the API. */
  hostToken(scope?: Partial<HostScope>, name?: string, tenant?: string): Promise<string>;
  bucket(name: string, owner?: string, tenant?: string): Promise<Bucket>;
}

export interface ApiOptions {
  readonly maxBodyBytes?: number;
  readonly connections?: ClientConnections;
  readonly maxRulesPerBucket?: number;
  readonly maxHooksPerEvent?: number;
  readonly maxFunctionsPerEvent?: number;
  readonly maxSubscriptionsPerUser?: number;
  /** Whose tokens are taken. */
  readonly jwtIssuers?: readonly JwtIssuer[];
  readonly egressAllow?: readonly string[];
  readonly mailConfirm?: "on" | "trust" | "off";
  /** Where it is reached; `http://signalbox.example` by default. */
  readonly publicUrl?: string;
  /** Mails that are kept, of a folder that is given. */
  readonly keptMails?: (store: Store, clock: FakeClock) => void;
  readonly inbox?: Inbox;
  /** Event types of a host's own. */
  readonly events?: readonly EventTypeDefinition[];
}

const operator = "operator-token-of-the-tests";

export async function testApi(options: ApiOptions = {}): Promise<TestApi> {
  await using made = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-api-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const clock = fakeClock();
  const opened = made.use(await unwatched(() => openTestStore({ folder, clock, log: silentLog })));
  const { store } = opened;
  const vault = aesVault(new Uint8Array(32));
  await ensureAdmin({ store, vault, clock, config: { adminToken: operator } });
  const sent: Sent[] = [];
  const woken: number[] = [];
  const redrives: Uuid[] = [];
  const platform = new Platform(() => Buffer.from(clock.bytes(24)).toString("base64url"));
  const sandbox = fakeSandbox();
  const blobs = await fileBlobs(join(folder, "blobs"), clock);
  made.defer(() => blobs.close());
  options.keptMails?.(opened.store, clock);
  const keptMails = options.keptMails === undefined ? undefined : opened.store.keptMails;
  const { connections = testConnections(clock), events = [], keptMails: _, inbox, ...settings } = options;
  const engine = await testEngine(
    {
      ...opened,
      blobs,
      sandbox,
      vault,
      keptMails,
      inbox,
      clock,
      offload: made.use(offload({ clock, log: silentLog })),
    },
    {
      config: testConfig(settings),
      callPlatform: platform.call,
      host: { events },
      ...(options.publicUrl === undefined ? {} : { publicUrl: () => options.publicUrl ?? "" }),
    },
  );
  const [issuers, stopping] = [options.jwtIssuers ?? [], new AbortController().signal];
  const jwts = jwtLogins(engine.context, { issuers, allow: engine.context.egressAllow, stopping });
  const deps: ApiContext = {
    ...engine.context,
    // Counts nothing, so that what is documented of a rate does not hang on how fast the test was.
    rates: new EventRates(Number.MAX_SAFE_INTEGER, new Map(), { now: () => 0 }),
    platform,
    ...(inbox === undefined ? {} : { relay: new InboxRelay({ ...engine.context, inbox }) }),
    jwts,
    browserLogins: browserLogins(engine.context, { issuers, jwts, stopping }),
    connections,
    stopping,
    prepareTarget: (subscription) => ({
      attempt: async (delivery) => {
        sent.push({ subscription, delivery });
        return api.attemptResult;
      },
      sent: (delivery, past) => engine.context.prepareTarget(subscription).sent(delivery, past),
    }),
    wake: (subscription) => void woken.push(subscription),
    startRedrive: (redrive) => void redrives.push(redrive),
    health: async () => api.unhealthy,
    metrics: async () => "signalbox_up 1\n",
  };
  const app = apiServer(deps);
  made.defer(() => app.close());
  platform.serve(app);
  const asker = new ResolverAsker({ ...deps, egress: made.use(egress({ allow: deps.egressAllow, clock })) });
  const hostContext = { ...deps, library: library(deps), asker };
  const hosts = hostServer(hostContext);
  made.defer(() => hosts.close());
  await unwatched(async () => await Promise.all([app.ready(), hosts.ready()]));
  const routes = apiRoutes(deps);
  const ofHosts = hostRoutes(hostContext);
  const askAt = async (
    server: { readonly app: typeof app; readonly routes: readonly Route[] },
    asked: { readonly method: string; readonly path: string; readonly body: unknown },
    { token = operator, tenant, headers = {} }: Asking,
  ): Promise<Answer> => {
    const { method, path, body } = asked;
    const response = await server.app.inject({
      method: method as "GET",
      url: path,
      headers: {
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...(tenant === undefined ? {} : { "x-signalbox-tenant": tenant }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const { statusCode: status, body: text } = response;
    const answer = (text.startsWith("{") ? JSON.parse(text) : {}) as Partial<Answer>;
    if (text.startsWith('{"success"') || (server.app === hosts && text.startsWith('{"status"')))
      checkForm(server.routes, { method, path, status }, answer);
    return {
      status,
      headers: response.headers,
      text,
      success: answer.success === true,
      message: answer.message ?? "",
      code: answer.code,
      fields: answer.fields ?? [],
      data: answer.data ?? {},
    };
  };
  const tokenPastApi = async ({ tenant, name, role }: Principal, host?: HostScope): Promise<string> => {
    const token = `token-of-${tenant}-${name}-${role}-${JSON.stringify(host) ?? ""}`;
    const owner = { tenant, principal: name };
    const createdMs = clock.now();
    const uuid = newUuid("token", { nowMs: createdMs, bytes: clock.bytes(10) });
    const known = await store.credentials.tokenByHash(tokenHash(token));
    if (known !== undefined) return token;
    await store.commit({
      changes: [
        { do: "principal.put", principal: { tenant, name, role, createdMs } },
        {
          do: "token.put",
          token: { uuid, ...owner, hash: tokenHash(token), label: "", createdMs, ...defined({ host }) },
        },
      ],
    });
    return token;
  };
  const owned = made.move();
  const api: TestApi = {
    app,
    deps,
    feed: opened.feed,
    clock,
    routes,
    operator,
    sandbox,
    folder,
    sent,
    woken,
    redrives,
    attemptResult: {
      outcome: { kind: "delivered" },
      startedMs: clock.now(),
      durationMs: 12,
      status: 200,
      snippet: "ok",
    },
    unhealthy: undefined,
    ask: (method, path, body, asking = {}) => askAt({ app, routes }, { method, path, body }, asking),
    hosts,
    hostRoutes: ofHosts,
    askHost: async (method, path, body, { token, ...asking } = {}) => {
      const asked = { token: token ?? (await api.hostToken({ allTenants: true }, "host-of-all")), ...asking };
      return askAt({ app: hosts, routes: ofHosts }, { method, path, body }, asked);
    },
    hostToken: (scope = {}, name = "a-host", tenant = "default") =>
      tokenPastApi({ tenant, name, role: hostRole }, { allTenants: false, ...scope }),
    all: async (path, of, limit) => {
      const found: Readonly<Record<string, unknown>>[] = [];
      for (let cursor = ""; ; ) {
        const { data } = await api.ask("GET", `${path}?limit=${limit}${cursor}`);
        found.push(...(data[of] as Readonly<Record<string, unknown>>[]));
        const next = data["next_cursor"];
        if (typeof next !== "string") return found;
        cursor = `&cursor=${next}`;
      }
    },
    tokenOf: (role, name = `a-${role}`, tenant = "default") => tokenPastApi({ tenant, name, role }),
    bucket: async (name, owner = "admin", tenant = "default") => {
      const uuid = newUuid("bucket", { nowMs: clock.now(), bytes: clock.bytes(10) });
      const bucket: Bucket = { uuid, tenant, name, owner, createdMs: clock.now() };
      await store.commit({ changes: [{ do: "bucket.add", bucket }] });
      return bucket;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
  return api;
}

/** What `/openapi.json` says, laid out for a golden file. */
export async function openApiDocument(): Promise<string> {
  await using api = await testApi();
  const { text } = await api.ask("GET", "/openapi.json");
  return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
}

/** The same of the host interface. */
export async function hostDocument(): Promise<string> {
  await using api = await testApi();
  const { text } = await api.askHost("GET", "/host/openapi.json", undefined, { token: "" });
  return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
}
