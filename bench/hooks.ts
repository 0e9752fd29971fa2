import { Pool } from "undici";
import { bareSandbox } from "./support/bare-sandbox.ts";
import { benchServer, median, percentile } from "./support/server.ts";
import { uncommitted } from "./support/uncommitted.ts";

/**
 * What hooks cost: creating a user with none, one and five of them, beside a bare call of the sandbox with the same code and beside
 * the same route on a store that commits nothing; how fast code runs that was never seen; how many runs a second there are.
 * In turn, in one run; medians of the rounds.
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

const say = (name: string, value: number, unit: string): void => {
  process.stdout.write(`${name} ${value.toFixed(unit === "ms" || unit === "x" ? 2 : 0)} ${unit}\n`);
};
say("bare_sandbox_call_p50", median(p50.bare), "ms");
say("bare_sandbox_call_p99", median(p99.bare), "ms");
say("create_without_commit_p50", median(p50.uncommitted), "ms");
say("create_without_commit_p99", median(p99.uncommitted), "ms");
say("create_0_hooks_p50", median(p50.none), "ms");
say("create_0_hooks_p99", median(p99.none), "ms");
say("create_1_hook_p50", median(p50.one), "ms");
say("create_1_hook_p99", median(p99.one), "ms");
say("create_5_hooks_p50", median(p50.five), "ms");
say("create_5_hooks_p99", median(p99.five), "ms");
for (const [concurrency, found] of invoked) say(`invocations_at_${concurrency}`, median(found), "per_s");
say("create_without_commit_rate", median(rates.uncommitted), "per_s");
say("create_0_hooks_rate", median(rates.none), "per_s");
say("create_rate_share", median(rates.none.map((own, round) => own / (rates.uncommitted[round] ?? Number.NaN))), "x");
say("never_seen_function_p50", percentile(neverSeen, 0.5), "ms");
say("never_seen_function_in_new_tenant_p50", percentile(newTenant, 0.5), "ms");
say(
  "hook_overhead_p50",
  median(p50.one.map((one, round) => one - (p50.none[round] ?? 0) - (p50.bare[round] ?? 0))),
  "ms",
);
