import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileBlobs } from "../../src/blobs/files.ts";
import { sleep, systemClock } from "../../src/clock.ts";
import { Audience } from "../../src/delivery/audience.ts";
import { FirstAttempts } from "../../src/delivery/first-attempts.ts";
import { Matching } from "../../src/delivery/matching.ts";
import { publisher } from "../../src/delivery/publish.ts";
import { parseEgressAllow } from "../../src/domain/egress.ts";
import { catalogOf } from "../../src/domain/event-types.ts";
import { resourceKinds } from "../../src/domain/notifications/resource-kinds.ts";
import { ClientConnections, defaultBounds } from "../../src/faces/http/front/connections.ts";
import { Platform } from "../../src/faces/platform-calls.ts";
import { apiServer } from "../../src/faces/server.ts";
import { guard } from "../../src/hooks/guard.ts";
import { functionRunner } from "../../src/invocation/run.ts";
import { silentLog } from "../../src/log.ts";
import { mailLinks } from "../../src/mail/links.ts";
import { offload } from "../../src/offload/offload.ts";
import { Slices } from "../../src/pace/slices.ts";
import { ensureAdmin } from "../../src/platform/access/identities.ts";
import { resourceDeps } from "../../src/platform/deps.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { aesVault } from "../../src/secrets/vault.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import type { Store } from "../../src/store/store.ts";

const publicUrl = "http://signalbox.example";

/** The API on a store that says "committed" and writes nothing: what a route costs without its commit. */
export async function uncommitted(token: string): Promise<AsyncDisposable & { readonly url: string }> {
  await using made = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-bench-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const [clock, log] = [systemClock, silentLog];
  const { store } = made.use(await openSqliteStore({ folder, clock, log }));
  const vault = aesVault(new Uint8Array(32));
  await ensureAdmin({ store, vault, clock, config: { adminToken: token } });
  let sequence = 0;
  const pretending: Store = {
    ...store,
    commit: async ({ events = [] }) => {
      sequence += events.length;
      return { kind: "committed", sequences: events.map((_, index) => sequence + index) };
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
  const publish = publisher({ store: pretending, wake: () => {}, accepted: () => {} });
  const catalog = catalogOf([]);
  const platform = new Platform(() => "");
  // Nobody is subscribed here.
  const sandbox = {} as Sandbox;
  const slices = new Slices();
  const functions = functionRunner({ store, vault, sandbox, callPlatform: platform.call, clock, slices });
  const audience = new Audience(store, log, "lifecycle");
  const hooks = guard({ audience, functions, publish, catalog, clock, log, chainMs: 300_000 });
  const blobs = await fileBlobs(join(folder, "blobs"), clock);
  made.defer(() => blobs.close());
  const app = apiServer({
    config: {
      maxBodyBytes: 2 ** 20,
      maxRulesPerBucket: 100,
      maxHooksPerEvent: 20,
      maxFunctionsPerEvent: 1_000,
      maxSubscriptionsPerUser: 10_000,
      mailConfirm: "on",
    },
    kinds: resourceKinds(),
    mailLinks: mailLinks({ keys: [new Uint8Array(32)], publicUrl: () => publicUrl, clock }),
    keptMails: undefined,
    publicUrl: () => publicUrl,
    nextRecord: (_place, ms, signal) => sleep(clock, ms, signal),
    store: pretending,
    publish,
    vault,
    clock,
    log,
    slices,
    matching: new Matching({ msPerSecond: 300, slices, clock }),
    offload: made.use(offload({ clock, log })),
    egressAllow: parseEgressAllow([]),
    catalog,
    guard: hooks,
    resources: resourceDeps({ store: pretending, blobs, publish, guard: hooks, clock, log }),
    functions,
    sandbox,
    platform,
    connections: new ClientConnections(clock, defaultBounds),
    firstAttempts: new FirstAttempts(),
    prepareTarget: () => {
      throw new TypeError("nothing is sent here");
    },
    wake: () => {},
    startRedrive: () => {},
    redispatch: () => {},
    health: async () => undefined,
    metrics: async () => "",
  });
  made.defer(() => app.close());
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const owned = made.move();
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
