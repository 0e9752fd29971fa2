import { Pool } from "undici";
import { bareSandbox } from "./support/bare-sandbox.ts";
import { atMost, say } from "./support/figure.ts";
import { median, percentile } from "./support/quantiles.ts";
import { benchServer } from "./support/server.ts";
import { uncommitted } from "./support/uncommitted.ts";

/**
 * What hooks cost: creating a user with none, one and five of them, beside a bare call of the sandbox with the same code and beside
 * the same route on a store that commits nothing; how fast code runs that was never seen; how many runs a second there are.
 * In turn, in one run; medians of the rounds. The figure is the p50 of what one hook adds, less the bare call.
 *
 *   npm run bench:hooks -- [rounds]
 */

const rounds = Number(process.argv[2] ?? 5);
const samples = 300;
const rateMs = 2_000;
const connections = 64;

const hook = 'export default async ({ params }) => params.username !== "" || { decision: "deny", message: "who?" };';
const token = "bench-admin-token-0001";

await using server = await benchServer({ SIGNALBOX_SANDBOX_PROCESSES: "64" });
await using bare = await bareSandbox();
await using stub = await uncommitted(token);
const { api } = server;

let users = 0;

/** Makes users over kept connections, in a tenant of the server at `origin`. */
function creator(origin: string, tenant?: string): (() => Promise<void>) & AsyncDisposable {
  const pool = new Pool(origin, { connections });
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    ...(tenant === undefined ? {} : { "x-signalbox-tenant": tenant }),
  };
  const create = async (): Promise<void> => {
    users += 1;
    const body = JSON.stringify({ username: `user-${users}`, email: `user-${users}@example.com` });
    const answer = await pool.request({ method: "POST", path: "/api/cloud/users/", headers, body });
    if (answer.statusCode !== 201) throw new Error(`${answer.statusCode} ${await answer.body.text()}`);
    await answer.body.dump();
  };
  return Object.assign(create, { [Symbol.asyncDispose]: () => pool.close() });
}

/** A tenant of its own with that many hooks on the creation of users. */
async function tenantWith(hooks: number): Promise<string> {
  const id = `hooks-${hooks}`;
  await api("POST", "/api/cloud/tenants/", { id, name: id });
  await tenantApi(id, "POST", "/api/apps/", { name: "bench" });
  for (let index = 0; index < hooks; index += 1) await subscribed(id, `hook-${index}`);
  return id;
}

async function subscribed(tenant: string, slug: string): Promise<void> {
  const made = await tenantApi<{ id: number }>(tenant, "POST", "/api/apps/bench/functions/", {
    name: slug,
    slug,
    code: hook,
  });
  await tenantApi(tenant, "POST", "/api/cloud/events/PRE_USER_CREATE/subscribe/", { function_id: made.id });
}

async function tenantApi<T>(tenant: string, method: string, path: string, body: unknown): Promise<T> {
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    "x-signalbox-tenant": tenant,
  };
  const response = await fetch(`${server.signalbox.url}${path}`, { method, headers, body: JSON.stringify(body) });
  const answer = (await response.json()) as { readonly message: string; readonly data: T };
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.message}`);
  return answer.data;
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

/** One after the other. */
async function latencies(run: () => Promise<unknown>, count = samples): Promise<number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index += 1) found.push(await timed(run));
  return found;
}

/** Runs a second with so many under way. */
async function rate(run: () => Promise<unknown>, concurrency: number): Promise<number> {
  const started = performance.now();
  let ended = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() - started < rateMs) {
      await run();
      ended += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  return (ended / (performance.now() - started)) * 1_000;
}

const created = {
  none: creator(server.signalbox.url, await tenantWith(0)),
  one: creator(server.signalbox.url, await tenantWith(1)),
  five: creator(server.signalbox.url, await tenantWith(5)),
  uncommitted: creator(stub.url),
};
const calls = { ...created, bare: bare.warm };
type Measured = keyof typeof calls;
const p50: Record<Measured, number[]> = { none: [], one: [], five: [], uncommitted: [], bare: [] };
const p99: Record<Measured, number[]> = { none: [], one: [], five: [], uncommitted: [], bare: [] };
const rates: Record<"none" | "uncommitted", number[]> = { none: [], uncommitted: [] };
const invoked = new Map<number, number[]>([
  [1, []],
  [16, []],
  [64, []],
]);

for (const run of Object.values(calls)) await latencies(run, 100);
for (let round = 0; round < rounds; round += 1) {
  for (const name of ["bare", "uncommitted", "none", "one", "five"] as const) {
    const found = await latencies(calls[name]);
    p50[name].push(percentile(found, 0.5));
    p99[name].push(percentile(found, 0.99));
  }
  for (const name of ["uncommitted", "none"] as const) rates[name].push(await rate(calls[name], connections));
  for (const [concurrency, found] of invoked) found.push(await rate(bare.warm, concurrency));
  process.stderr.write(`round ${round + 1} of ${rounds}\n`);
}
const neverSeen = await latencies(bare.neverSeen, 60);
const newTenant: number[] = [];
for (let index = 0; index < 15; index += 1) {
  await bare.rested();
  newTenant.push(await timed(bare.newTenant));
}
for (const create of Object.values(created)) await create[Symbol.asyncDispose]();

const overheads = p50.one.map((one, round) => one - (p50.none[round] ?? 0) - (p50.bare[round] ?? 0));
const shares = rates.none.map((own, round) => own / (rates.uncommitted[round] ?? Number.NaN));
const ms = (value: number): string => `${value.toFixed(2)} ms`;
const described = {
  bare: "a bare call of the sandbox",
  uncommitted: "creating a user without a commit",
  none: "creating a user",
  one: "creating a user with one hook",
  five: "creating a user with five hooks",
};
for (const [name, what] of Object.entries(described) as [Measured, string][])
  console.log(`${what}: p50 ${ms(median(p50[name]))}, p99 ${ms(median(p99[name]))}`);
for (const [concurrency, found] of invoked)
  console.log(`${concurrency} runs of a hook at once: ${median(found).toFixed(0)}/s`);
say(
  { name: "hooks never seen function", value: percentile(neverSeen, 0.5), unit: "ms", of: "p50 of its first run" },
  {
    name: "hooks new tenant",
    value: percentile(newTenant, 0.5),
    unit: "ms",
    of: "p50 of its first function's first run",
  },
  {
    name: "hooks none",
    value: median(shares),
    of: `users created without hooks, ${median(rates.none).toFixed(0)}/s, against the same that commits nothing, ${median(rates.uncommitted).toFixed(0)}/s`,
  },
  {
    name: "hooks",
    value: median(overheads),
    unit: "ms",
    goal: atMost(0.4),
    of: `one hook, beyond a bare call of the sandbox of ${ms(median(p50.bare))}`,
  },
);
