import { parseArgs } from "node:util";
import { atLeast, say } from "./support/figure.ts";
import { median } from "./support/quantiles.ts";
import { postgresWork, type StoreWork, sqliteWork } from "./support/stores.ts";

/**
 * What the store does in PostgreSQL, against what it does in SQLite on the same disk, both with fsync and in this process: events with their deliveries,
 * objects on conditions, look-ups by key, and pages of a list. In turn, in one run, in windows; medians of the ratios.
 *
 *   npm run bench:store -- [rounds] [--window 700]     milliseconds of each
 *   npm run bench:store -- [rounds] [--commit-ms 3]    each commit of PostgreSQL so much later, as with a synchronous standby
 */

const { values: options, positionals } = parseArgs({
  options: { window: { type: "string" }, "commit-ms": { type: "string" } },
  allowPositionals: true,
});
const rounds = Number(positionals[0] ?? 15);
const windowMs = Number(options.window ?? 700);
const commitMs = Number(options["commit-ms"] ?? 0);

interface Kind {
  readonly name: "events" | "puts" | "gets" | "lists";
  readonly callers: number;
  readonly least?: number;
}

const kinds: readonly Kind[] = [
  { name: "events", callers: 64, ...(commitMs === 0 ? { least: 0.65 } : {}) },
  { name: "puts", callers: 32 },
  { name: "gets", callers: 32 },
  { name: "lists", callers: 4 },
];

/** How many a second. */
async function rate(store: StoreWork, { name, callers }: Kind): Promise<number> {
  const started = performance.now();
  const isOver = (): boolean => performance.now() - started >= windowMs;
  const count = await store[name](callers, isOver);
  return (count / (performance.now() - started)) * 1_000;
}

await using embedded = await sqliteWork();
await using distant = await postgresWork(commitMs);
// The first of each warms up and does not count.
for (const kind of kinds) for (const store of [embedded, distant]) await rate(store, kind);
const figures = new Map(kinds.map((kind) => [kind, [] as { readonly ours: number; readonly reference: number }[]]));
for (let round = 1; round <= rounds; round += 1) {
  const said: string[] = [];
  for (const [kind, found] of figures) {
    const reference = await rate(embedded, kind);
    const ours = await rate(distant, kind);
    found.push({ ours, reference });
    said.push(`${kind.name} ${ours.toFixed(0)} and ${reference.toFixed(0)}/s`);
  }
  console.log(`round ${round}: ${said.join(", ")}`);
}
const late = commitMs === 0 ? "" : `, each commit ${commitMs} ms later`;
say(
  ...[...figures].map(([{ name, least }, found]) => ({
    name: `store ${name}`,
    value: median(found.map(({ ours, reference }) => ours / reference)),
    ...(least === undefined ? {} : { goal: atLeast(least) }),
    of: `${median(found.map(({ ours }) => ours)).toFixed(0)}/s in PostgreSQL${late}, ${median(found.map(({ reference }) => reference)).toFixed(0)}/s in SQLite`,
  })),
);
