/**
 * A process that asks itself for a user, with the tenant's hooks, and is killed by itself just before or just after the commit.
 * Everything in it is real but for the ways in.
 */

import { join } from "node:path";
import { fileBlobs } from "../../../src/blobs/files.ts";
import { systemClock } from "../../../src/clock.ts";
import { parseEgressAllow } from "../../../src/domain/egress.ts";
import { ClientConnections, defaultBounds } from "../../../src/faces/http/front/connections.ts";
import { Platform } from "../../../src/faces/platform-calls.ts";
import { apiServer } from "../../../src/faces/server.ts";
import { silentLog } from "../../../src/log.ts";
import { openVault } from "../../../src/open-folder/secret-key.ts";
import { browserLogins } from "../../../src/platform/login/browser-logins.ts";
import { jwtLogins } from "../../../src/platform/login/jwt-logins.ts";
import { workerdSandbox } from "../../../src/sandbox/workerd/sandbox.ts";
import { openSqliteStore } from "../../../src/store/sqlite/store.ts";
import type { Store } from "../../../src/store/store.ts";
import { adminToken } from "../../support/server-process.ts";
import { testConfig, testEngine } from "../../support/wired.ts";

const [folder = "", point, key = "", username = ""] = process.argv.slice(2);

function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("nobody survives this");
}

const clock = systemClock;
const log = silentLog;
const { store: real, feed, run } = await openSqliteStore({ folder, clock, log });
const store: Store = {
  ...real,
  commit: async (unit) => {
    if (point === "before") die();
    await real.commit(unit);
    die();
  },
};
const vault = openVault(folder, undefined);
const sandbox = await workerdSandbox({ egressAllow: parseEgressAllow(["127.0.0.1"]), clock, log });
const platform = new Platform(() => Buffer.from(clock.bytes(24)).toString("base64url"));
const blobs = await fileBlobs(join(folder, "blobs"), clock, run);
const config = testConfig({ hookChainMs: 60_000, egressAllow: ["127.0.0.1"] });
const { context } = await testEngine(
  { store, feed, blobs, sandbox, vault, clock },
  { config, callPlatform: platform.call },
);
const stopping = AbortSignal.abort();
const jwts = jwtLogins(context, { issuers: [], allow: context.egressAllow, stopping });
const api = apiServer({
  ...context,
  platform,
  jwts,
  browserLogins: browserLogins(context, { issuers: [], jwts, stopping }),
  stopping: new AbortController().signal,
  connections: new ClientConnections(clock, defaultBounds),
  health: async () => undefined,
  metrics: async () => "",
});
await api.ready();
const answer = await api.inject({
  method: "POST",
  url: "/api/cloud/users/",
  headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json", "idempotency-key": key },
  payload: { username },
});
throw new Error(`it was answered: ${answer.payload}`);
