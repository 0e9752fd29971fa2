import { setImmediate } from "node:timers/promises";
import type { Context } from "../context.ts";
import { defined } from "../domain/defined.ts";
import { latencyBand } from "../domain/latency.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { Viewer } from "../domain/visibility.ts";
import { type CountedAttempt, type HourQuery, spanMs, spansTogether } from "../store/figures.ts";
import type { SeriesShape, Tally } from "./stat-series.ts";

/** Where figures come from. Each fills a tally, in steps between which others get their turn, and says since when it has counted all. */

export interface Counting extends Pick<Context, "store"> {
  readonly tenant: string;
  readonly nowMs: number;
  readonly shape: SeriesShape;
  readonly tally: Tally;
}

/** One subscription, or all that a caller sees; without either all there are. */
interface Whose {
  readonly subscription?: Subscription;
  readonly viewer?: Viewer;
}

const minutesKeptMs = 172_800_000;
const hoursKeptMs = 7_776_000_000;
/** Rows of hours that one answer takes at the most. */
const mostRows = 100_000;
/** Deliveries that one answer goes through at the most, and of how many subscriptions. */
const mostDeliveries = 5_000;
const deliveriesTogether = 500;
const mostSubscriptions = 200;

/** Of the whole tenant. */
export async function countTotals({ store, tenant, nowMs, shape, tally }: Counting): Promise<number> {
  const { fromMs, toMs, stepMs, by } = shape;
  const span = stepMs < spanMs.hour ? "minute" : "hour";
  const keptMs = nowMs - (span === "minute" ? minutesKeptMs : hoursKeptMs);
  const firstMs = Math.max(fromMs, Math.floor(keptMs / spanMs[span]) * spanMs[span]);
  const lastMs = Math.min(toMs, nowMs + spanMs.hour);
  const byMs = spansTogether * spanMs[span];
  for (let atMs = firstMs; atMs < lastMs; atMs += byMs) {
    const query = { tenant, span, fromMs: atMs, toMs: Math.min(atMs + byMs, lastMs) } as const;
    if (by === "reason") {
      for (const row of await store.figures.reasons(query)) {
        tally.add(row.atMs, { attempts: row.attempts, dead: row.dead, delivered: 0 }, row.reason);
      }
    } else {
      const rows = await store.figures.totals({ ...query, latency: tally.isLatency });
      for (const { face = null, ...row } of rows) tally.add(row.atMs, row, face);
    }
    await setImmediate();
  }
  return firstMs;
}

/** The newest hour first, until it has looked at as many rows as it may. */
export async function countHours(counting: Counting, { subscription, viewer }: Whose): Promise<number> {
  const { tenant, nowMs, shape } = counting;
  const keptMs = Math.floor((nowMs - hoursKeptMs) / spanMs.hour) * spanMs.hour;
  const firstMs = Math.max(shape.fromMs, keptMs);
  const newestMs = Math.floor(Math.min(shape.toMs - 1, nowMs + spanMs.hour) / spanMs.hour) * spanMs.hour;
  let rows = 0;
  for (let atMs = newestMs; atMs >= firstMs; atMs -= spanMs.hour) {
    if (rows > mostRows) return atMs + spanMs.hour;
    const query: HourQuery = { tenant, atMs, ...defined({ viewer, subscription: subscription?.number }) };
    rows += await countHour(counting, query);
    await setImmediate();
  }
  return firstMs;
}

async function countHour({ store, shape, tally }: Counting, query: HourQuery): Promise<number> {
  if (shape.by === "reason") {
    const { counted, looked } = await store.figures.reasonsOfHour(query);
    for (const { atMs, reason, attempts, dead } of counted) tally.add(atMs, { attempts, dead, delivered: 0 }, reason);
    return looked;
  }
  const { counted, looked } = await store.figures.ofHour({ ...query, latency: tally.isLatency });
  for (const row of counted) tally.add(row.atMs, row, shape.by === "subscription" ? row.subscription : row.face);
  return looked;
}

/** Minutes of some subscriptions are counted from their newest deliveries, which they share evenly. */
export async function countMinutes(counting: Counting, whose: Whose): Promise<number | undefined> {
  const { shape } = counting;
  const { subscriptions, sinceMs } = await sentLately(counting, whose);
  const each = Math.max(1, Math.floor(mostDeliveries / Math.max(1, subscriptions.length)));
  let countedSinceMs = sinceMs;
  for (const subscription of subscriptions) {
    const sinceOneMs = await countNewest(counting, { subscription, max: each });
    if (sinceOneMs !== undefined) countedSinceMs = Math.max(countedSinceMs, sinceOneMs);
  }
  return countedSinceMs > shape.fromMs ? countedSinceMs : undefined;
}

type Sent = Pick<Subscription, "number" | "face">;

/** Those for which something was sent in the time of the query, as far as hours are kept and can be looked at. */
async function sentLately(
  { store, tenant, nowMs, shape }: Counting,
  { subscription, viewer }: Whose,
): Promise<{ readonly subscriptions: readonly Sent[]; readonly sinceMs: number }> {
  if (subscription !== undefined) return { subscriptions: [subscription], sinceMs: shape.fromMs };
  const found = new Map<number, Sent>();
  const newestMs = Math.floor(Math.min(shape.toMs - 1, nowMs) / spanMs.hour) * spanMs.hour;
  let rows = 0;
  for (let atMs = newestMs; atMs + spanMs.hour > shape.fromMs; atMs -= spanMs.hour) {
    if (rows > mostRows || found.size > mostSubscriptions) {
      return { subscriptions: [...found.values()].slice(0, mostSubscriptions), sinceMs: atMs + spanMs.hour };
    }
    const { counted, looked } = await store.figures.ofHour({ tenant, atMs, ...defined({ viewer }) });
    for (const { subscription: number, face } of counted) found.set(number, { number, face });
    rows += looked;
    await setImmediate();
  }
  return { subscriptions: [...found.values()].slice(0, mostSubscriptions), sinceMs: shape.fromMs };
}

/** Since when all was counted; `undefined`: from the beginning on. */
async function countNewest(
  { store, shape, tally }: Counting,
  { subscription: { number, face }, max }: { readonly subscription: Sent; readonly max: number },
): Promise<number | undefined> {
  let left = max;
  for (let after: number | undefined; ; ) {
    const page = await store.figures.newestAttempts(number, {
      max: Math.min(left, deliveriesTogether),
      ...defined({ after }),
    });
    for (const attempt of page.attempts) addAttempt({ shape, tally }, attempt, face);
    left -= page.looked;
    if (page.next === undefined || page.next.sinceMs < shape.fromMs) return undefined;
    if (left <= 0) return page.next.sinceMs;
    after = page.next.sequence;
    await setImmediate();
  }
}

function addAttempt(
  { shape, tally }: Pick<Counting, "shape" | "tally">,
  { endedMs, durationMs, reason, died }: CountedAttempt,
  face: string,
): void {
  const isAcknowledged = reason === undefined;
  const counts = { attempts: 1, delivered: isAcknowledged ? 1 : 0, dead: died === true ? 1 : 0 };
  if (shape.by === "reason") {
    if (reason !== undefined) tally.add(endedMs, counts, reason);
    return;
  }
  const bands = isAcknowledged && tally.isLatency ? oneIn(latencyBand(durationMs)) : [];
  tally.add(endedMs, { ...counts, bands }, face);
}

function oneIn(band: number): number[] {
  const bands = Array.from({ length: band + 1 }, () => 0);
  bands[band] = 1;
  return bands;
}
