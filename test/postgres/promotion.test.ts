/** Another server takes over while the one before is still there, and led to by what is connected to it. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { SignalboxError } from "../../src/errors.ts";
import { changed, tenantWithAda } from "../conformance/store/given.ts";
import { distantStore } from "../support/postgres-store.ts";
import { replicatedPostgres } from "../support/replicated-postgres.ts";

const endWriter = `SELECT pg_terminate_backend(pid, 10000) FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE locktype = 'advisory' AND application_name LIKE 'signalbox %'`;

it("a store reads from the server that it writes to, whatever it was connected to before", async () => {
  await using server = await replicatedPostgres();
  await using at = await distantStore(server);
  await changed(at.store, ...tenantWithAda("before"));
  assert.ok((await at.store.identities.tenant("before")) !== undefined);
  const before = await server.promote();
  at.proxy.repoint(server.port, { keeps: true });
  await before.run(endWriter);
  await changed(at.store, ...tenantWithAda("after"));
  assert.ok((await at.store.identities.tenant("after")) !== undefined);

  at.proxy.repoint(before.port);
  const isRefused = (thrown: unknown): boolean =>
    thrown instanceof SignalboxError && thrown.code === "unavailable" && /stop the old primary/.test(thrown.message);
  await assert.rejects(async () => at.store.identities.tenant("before"), isRefused);
  await assert.rejects(at.store.commit({ changes: tenantWithAda("never") }), isRefused);
  at.proxy.repoint(server.port);
  assert.ok((await at.store.identities.tenant("after")) !== undefined);
});

it("a store asks nothing of a standby", async () => {
  await using server = await replicatedPostgres();
  await using at = await distantStore(server);
  await changed(at.store, ...tenantWithAda("acme"));
  at.proxy.repoint(server.standbyPort);
  await assert.rejects(async () => at.store.identities.tenant("acme"), /is a standby: point SIGNALBOX_STORE/);
});
