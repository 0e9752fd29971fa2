import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileBlobs } from "../../src/blobs/files.ts";
import { systemClock } from "../../src/clock.ts";
import { ClientConnections, defaultBounds } from "../../src/faces/http/front/connections.ts";
import { Platform } from "../../src/faces/platform-calls.ts";
import { apiServer } from "../../src/faces/server.ts";
import { silentLog } from "../../src/log.ts";
import { ensureAdmin } from "../../src/platform/access/identities.ts";
import { browserLogins } from "../../src/platform/login/browser-logins.ts";
import { jwtLogins } from "../../src/platform/login/jwt-logins.ts";
import { aesVault } from "../../src/secrets/vault.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import type { Store } from "../../src/store/store.ts";
import { testEngine } from "../../test/support/wired.ts";

/** The API on a store that says "committed" and writes nothing: what a route costs without its commit. */
export async function uncommitted(token: string): Promise<AsyncDisposable & { readonly url: string }> {
  await using made = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-bench-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const [clock, log] = [systemClock, silentLog];
  const { store, feed } = made.use(await openSqliteStore({ folder, clock, log }));
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
  const platform = new Platform(() => "");
  const blobs = await fileBlobs(join(folder, "blobs"), clock);
  made.defer(() => blobs.close());
  const engine = await testEngine({ store: pretending, feed, blobs, vault, clock }, { callPlatform: platform.call });
  const stopping = AbortSignal.abort();
  const jwts = jwtLogins(engine.context, { issuers: [], allow: engine.context.egressAllow, stopping });
  const app = apiServer({
    ...engine.context,
    platform,
    jwts,
    browserLogins: browserLogins(engine.context, { issuers: [], jwts, stopping }),
    stopping: new AbortController().signal,
    connections: new ClientConnections(clock, defaultBounds),
    health: async () => undefined,
    metrics: async () => "",
  });
  made.defer(() => app.close());
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const owned = made.move();
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
