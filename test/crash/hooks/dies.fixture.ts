/**
 * A process that asks itself for a user, with the tenant's hooks, and is killed by itself just before or just after the commit.
 * Everything in it is real but for the ways in.
 */

import { join } from "node:path";
import { fileBlobs } from "../../../src/blobs/files.ts";
import { systemClock } from "../../../src/clock.ts";
import { Audience } from "../../../src/delivery/audience.ts";
import { FirstAttempts } from "../../../src/delivery/first-attempts.ts";
import { Matching } from "../../../src/delivery/matching.ts";
import { type Publish, publisher } from "../../../src/delivery/publish.ts";
import { parseEgressAllow } from "../../../src/domain/egress.ts";
import { catalogOf } from "../../../src/domain/event-types.ts";
import { ClientConnections, defaultBounds } from "../../../src/faces/http/front/connections.ts";
import { Platform } from "../../../src/faces/platform-calls.ts";
import { apiServer } from "../../../src/faces/server.ts";
import { guard as guardOf } from "../../../src/hooks/guard.ts";
import { functionRunner } from "../../../src/invocation/run.ts";
import { silentLog } from "../../../src/log.ts";
import { offload } from "../../../src/offload/offload.ts";
import { openVault } from "../../../src/open-folder/secret-key.ts";
import { Slices } from "../../../src/pace/slices.ts";
import { resourceDeps } from "../../../src/platform/deps.ts";
import { workerdSandbox } from "../../../src/sandbox/workerd/sandbox.ts";
import { openSqliteStore } from "../../../src/store/sqlite/store.ts";
import { notificationsDeps } from "../../support/notifications-deps.ts";
import { adminToken } from "../../support/server-process.ts";

const [folder = "", point, key = "", username = ""] = process.argv.slice(2);

function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("nobody survives this");
}

const clock = systemClock;
const log = silentLog;
const { store, run } = await openSqliteStore({ folder, clock, log });
const vault = openVault(folder, undefined);
const commit = publisher({ store, wake: () => {}, accepted: () => {} });
const publish: Publish = async (unit) => {
  if (point === "before") die();
  await commit(unit);
  die();
};
const egressAllow = parseEgressAllow(["127.0.0.1"]);
const sandbox = await workerdSandbox({ egressAllow, clock, log });
const platform = new Platform(() => Buffer.from(clock.bytes(24)).toString("base64url"));
const slices = new Slices();
const functions = functionRunner({ store, vault, sandbox, callPlatform: platform.call, clock, slices });
const catalog = catalogOf([]);
const audience = new Audience(store, log, "lifecycle");
const guard = guardOf({ audience, functions, publish, catalog, clock, log, chainMs: 60_000 });
const blobs = await fileBlobs(join(folder, "blobs"), clock, run);
const api = apiServer({
  config: {
    maxBodyBytes: 2 ** 20,
    maxRulesPerBucket: 100,
    maxHooksPerEvent: 20,
    maxFunctionsPerEvent: 1_000,
    maxSubscriptionsPerUser: 10_000,
    mailConfirm: "on",
  },
  ...notificationsDeps(clock),
  store,
  publish,
  vault,
  clock,
  log,
  slices,
  matching: new Matching({ msPerSecond: 300, slices, clock }),
  offload: offload({ clock, log }),
  egressAllow,
  catalog,
  guard,
  resources: resourceDeps({ store, blobs, publish, guard, clock, log }),
  functions,
  sandbox,
  platform,
  connections: new ClientConnections(clock, defaultBounds),
  firstAttempts: new FirstAttempts(),
  prepareTarget: () => {
    throw new Error("nothing is sent here");
  },
  wake: () => {},
  startRedrive: () => {},
  redispatch: () => {},
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
