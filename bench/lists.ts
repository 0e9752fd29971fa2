import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillDeliveries } from "../test/support/many-deliveries.ts";
import { say } from "./support/figure.ts";
import { percentile } from "./support/quantiles.ts";
import { type BenchServer, benchServer } from "./support/server.ts";

/**
 * What does a page of a list of deliveries cost where there are 100,000? Each query is asked for its first page, for pages deep in it, and for
 * what nothing fits, over HTTP with nothing kept between. The figure is the greatest p95 of them.
 *
 *   npm run bench:lists -- [deliveries] [pages of each query]
 */

const count = Number(process.argv[2] ?? 100_000);
const rounds = Number(process.argv[3] ?? 40);
const rules = 20;
const path = "/api/cloud/deliveries/";

const queries = [
  "",
  "order=oldest",
  "status=dead",
  "status=dead&status=waiting",
  "bucket=photos",
  "bucket=photos&status=delivered",
  "http_status=5xx",
  "http_status=404",
  "reason=timeout",
  "key_prefix=images/0",
  "key_prefix=none",
  "target_host=receiver-3.example",
  "target_host=none.example",
  "event=OBJECT_CREATED_PUT",
  "event=OBJECT_DELETED",
  "face=notifications",
  "min_attempts=2",
  "function=7",
] as const;

interface Page {
  readonly deliveries: readonly unknown[];
  readonly next_cursor?: string;
}

/** Milliseconds of each page: from the first on, as far as the rounds go, and then anew. */
async function asked({ api }: BenchServer, query: string): Promise<readonly number[]> {
  const took: number[] = [];
  let cursor: string | undefined;
  for (let round = 0; round < rounds; round++) {
    const at = cursor === undefined ? "" : `&cursor=${cursor}`;
    const sinceMs = performance.now();
    const page = await api<Page>("GET", `${path}?limit=100&${query}${at}`);
    took.push(performance.now() - sinceMs);
    cursor = page.next_cursor;
  }
  return took;
}

const folder = await mkdtemp(join(tmpdir(), "signalbox-bench-"));
try {
  const made: string[] = [];
  {
    await using server = await benchServer({ SIGNALBOX_DATA: folder });
    await server.bucket("photos");
    for (let number = 0; number < rules; number++) {
      const rule = { url: `https://receiver-${number}.example/`, enabled: true };
      const { id } = await server.api<{ readonly id: string }>(
        "POST",
        "/api/cloud/buckets/photos/notifications/",
        rule,
      );
      made.push(id);
    }
  }
  await fillDeliveries({ folder, bucket: "photos", rules: made, count });
  await using server = await benchServer({ SIGNALBOX_DATA: folder });
  await asked(server, "");
  let worst = 0;
  for (const query of [...queries, `rule=${made[0]}`, `rule=${made[0]}&status=dead&http_status=404`]) {
    const took = await asked(server, query);
    const [p50, p95] = [percentile(took, 0.5), percentile(took, 0.95)];
    worst = Math.max(worst, p95);
    console.log(`${(query === "" ? "all" : query).padEnd(40)} p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`);
  }
  say({ name: "lists", value: worst, unit: "ms", of: `the greatest p95 of a page of ${count} deliveries` });
} finally {
  await rm(folder, { recursive: true, force: true });
}
