import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../src/clock.ts";
import { Audience } from "../src/delivery/audience.ts";
import { Visibility } from "../src/delivery/visibility.ts";
import type { Event } from "../src/domain/event.ts";
import { newUuid, type Uuid, uuidV7 } from "../src/domain/ids.ts";
import { defaultRequestedRetries, retryPolicyOf } from "../src/domain/requested-retries.ts";
import { silentLog } from "../src/log.ts";
import { openSqliteStore } from "../src/store/sqlite/store.ts";
import type { Store } from "../src/store/store.ts";
import type { NewSubscription } from "../src/store/unit.ts";
import { stored } from "../test/support/stored.ts";
import { atMost, say } from "./support/figure.ts";
import { median } from "./support/quantiles.ts";

/**
 * What does it cost to find out who wants an event, and may hear it, when there is one subscription in the tenant, 1,000, or 100,000?
 * Each is of a user of its own to a file of its own, every tenth with a filter; each event is of a file that one of them watches, and is
 * matched and judged as dispatch does it, on the real store. In batches, the sizes in turn; medians.
 *
 *   npm run bench:watch -- [rounds] [largest size]
 */

const sizes = [1, 1_000, Number(process.argv[3] ?? 100_000)] as const;
const rounds = Number(process.argv[2] ?? 15);
const eventsPerRound = 2_000;
const batch = 64;

let given = 0;

function moment(): { readonly nowMs: number; readonly bytes: Uint8Array } {
  given += 1;
  const bytes = Buffer.alloc(10);
  bytes.writeUInt32BE(given, 6);
  return { nowMs: Date.now(), bytes };
}

function subscription(tenant: string, file: Uuid, index: number): NewSubscription {
  return {
    uuid: newUuid("subscription", moment()),
    tenant,
    face: "notifications",
    scope: file,
    event: index % 3 === 0 ? "*" : "OVERWRITTEN",
    ...(index % 10 === 0 ? { filter: stored("WHERE path LIKE 'images/%'") } : {}),
    target: {
      kind: "webhook",
      url: stored(`https://hooks.example/${index}`),
      ack: "2xx",
      timeoutMs: 10_000,
      fields: [],
      format: "resource",
      sealed: "",
    },
    policy: retryPolicyOf(defaultRequestedRetries),
    enabled: true,
    owner: `user-${index}`,
    createdMs: Date.now(),
  };
}

/** A tenant with so many, and the files that they watch. */
async function filled(store: Store, size: number): Promise<readonly Uuid[]> {
  const tenant = `t${size}`;
  await store.commit({ changes: [{ do: "tenant.add", tenant: { id: tenant, name: tenant, createdMs: 0 } }] });
  const files = Array.from({ length: size }, () => newUuid("file", moment()));
  for (let from = 0; from < size; from += 1_000) {
    const some = files.slice(from, from + 1_000);
    const changes = some.map((file, index) => ({
      do: "subscription.add" as const,
      subscription: subscription(tenant, file, from + index),
    }));
    await store.commit({ changes });
  }
  return files;
}

function event(tenant: string, { file, index, revision }: { file: Uuid; index: number; revision: number }): Event {
  return {
    id: uuidV7(moment()),
    tenant,
    resource: file,
    names: { notifications: "OVERWRITTEN" },
    owners: [`user-${index}`],
    origin: "bench",
    timeMs: Date.now(),
    data: { kind: "file", resource: { path: `images/${index}.jpg` } },
    sequence: given,
    revision,
  };
}

interface Tenant {
  readonly name: string;
  readonly files: readonly Uuid[];
  readonly audience: Audience;
  readonly revision: number;
}

/** Microseconds for one event. */
async function round(sight: Visibility, { name, files, audience, revision }: Tenant): Promise<number> {
  const events = Array.from({ length: eventsPerRound }, (_, turn) => {
    // A step that visits all files before it comes back to one.
    const index = (turn * 7_919) % files.length;
    return event(name, { file: files[index] ?? ("" as Uuid), index, revision });
  });
  const sinceMs = performance.now();
  let matched = 0;
  for (let from = 0; from < events.length; from += batch) {
    const some = events.slice(from, from + batch);
    await audience.freshen(some);
    for (const one of some) matched += (await sight.among(one, await audience.of(one))).length;
  }
  const tookMs = performance.now() - sinceMs;
  if (matched !== events.length) throw new Error(`${matched} of ${events.length} were matched`);
  return (tookMs * 1_000) / events.length;
}

const folder = await mkdtemp(join(tmpdir(), "signalbox-bench-"));
try {
  await using opened = await openSqliteStore({ folder, clock: systemClock, log: silentLog });
  const { store } = opened;
  const sight = new Visibility(store);
  const tenants: Tenant[] = [];
  for (const size of sizes) {
    const files = await filled(store, size);
    const audience = new Audience(store, silentLog);
    const { revision } = await store.subscriptions.changedSince(
      `t${size}`,
      { revision: Number.MAX_SAFE_INTEGER, number: 0 },
      1,
    );
    const tenant = { name: `t${size}`, files, audience, revision };
    const sinceMs = performance.now();
    await round(sight, tenant);
    console.log(
      `index of ${size} read in ${Math.round(performance.now() - sinceMs)} ms, with the first ${eventsPerRound} events`,
    );
    tenants.push(tenant);
  }
  const costs = tenants.map((): number[] => []);
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const [index, tenant] of tenants.entries()) costs[index]?.push(await round(sight, tenant));
  }
  const medians = costs.map((all) => median(all));
  for (const [index, size] of sizes.entries()) {
    console.log(`cost with ${size} subscriptions ${(medians[index] ?? 0).toFixed(1)} us/event`);
  }
  say({
    name: "watch",
    value: (medians.at(-1) ?? 0) / (medians[0] ?? 1),
    goal: atMost(2),
    of: `an event costs ${medians.at(-1)?.toFixed(1)} us among ${sizes[2]} subscriptions, ${medians[0]?.toFixed(1)} with one`,
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}
