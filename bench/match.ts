import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../src/clock.ts";
import { Audience } from "../src/delivery/audience.ts";
import { beginMatch } from "../src/delivery/event-match.ts";
import { FilterCache } from "../src/delivery/filter-cache.ts";
import { indexedAtOnce } from "../src/delivery/indexed-filter.ts";
import { TenantIndex } from "../src/delivery/tenant-index.ts";
import type { Event } from "../src/domain/event.ts";
import { accessText, type FilterText, faceFields } from "../src/domain/filter/index.ts";
import { newUuid, type Uuid } from "../src/domain/ids.ts";
import { silentLog } from "../src/log.ts";
import { openSqliteStore } from "../src/store/sqlite/store.ts";
import type { ListeningState } from "../src/store/store.ts";
import { atLeast, atMost, say } from "./support/figure.ts";
import { type Mix, matchEvent, matchFilter, mixes, moment, subscriptionOf } from "./support/filters.ts";
import { median } from "./support/quantiles.ts";

/**
 * What does it cost to find out which of a bucket's filters want an event, when there is one filter, 1,000, 100,000 or a million? Three
 * mixes; each event comes as JSON, is parsed, and is matched as dispatch does it, as far as the numbers of its subscriptions. Processor time of
 * this thread, medians of rounds; the figures are those of the worst mix. Then how long a start takes to read the largest number of them from the real store, and how long it holds the
 * thread at once. `bench:watch` goes on to whole subscriptions, each of a resource of its own.
 *
 *   npm run bench:match -- [largest number] [rounds]
 */

const most = Number(process.argv[2] ?? 1_000_000);
const sizes = [1, 1_000, most / 10, most] as const;
const rounds = Number(process.argv[3] ?? 7);
const eventsPerRound = 20_000;
const tenant = "acme";
const bucket = newUuid("bucket", moment());

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function state(mix: Mix, number: number, size: number): ListeningState {
  const filter = matchFilter(mix, number, size) as FilterText;
  const access = accessText(filter, faceFields.objects);
  const event = number % 3 === 0 ? "*" : "OBJECT_CREATED_PUT";
  const uuid = "" as Uuid;
  return {
    number,
    uuid,
    face: "objects",
    scope: bucket,
    event,
    filter,
    access,
    listens: true,
    fromRevision: 1,
    revision: 1,
  };
}

function memory(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

interface Filled {
  readonly index: TenantIndex;
  readonly texts: readonly string[];
  readonly bytesPerFilter: number;
  readonly charactersPerFilter: number;
}

function filled(mix: Mix, size: number): Filled {
  const before = memory();
  const index = new TenantIndex(tenant, 1, new FilterCache());
  let characters = 0;
  for (let number = 1; number <= size; number += 1) {
    const one = state(mix, number, size);
    characters += one.filter?.length ?? 0;
    const indexed = indexedAtOnce(one);
    if (indexed === undefined) throw new Error("the access of a filter was not made");
    index.put(indexed);
  }
  const bytesPerFilter = (memory() - before) / size;
  const texts = Array.from({ length: eventsPerRound }, (_, turn) =>
    // A step that visits all filters before it comes back to one.
    JSON.stringify(matchEvent({ tenant, bucket, mix, number: 1 + ((turn * 7_919) % size), size })),
  );
  return { index, texts, bytesPerFilter, charactersPerFilter: characters / size };
}

/** Microseconds for one event, and how many subscriptions one meets. */
function round({ index, texts }: Filled): { readonly us: number; readonly met: number } {
  let met = 0;
  const sinceMs = cpuMs();
  for (const text of texts) {
    const match = beginMatch(index.candidates(JSON.parse(text) as Event));
    if (match.rest !== undefined) while (match.rest.next().done !== true);
    met += match.found.length;
  }
  if (met < texts.length) throw new Error(`${met} subscriptions were met by ${texts.length} events`);
  return { us: ((cpuMs() - sinceMs) * 1_000) / texts.length, met: met / texts.length };
}

interface Cost {
  readonly us: number;
  readonly bytesBeyondText: number;
}

/** Of one mix, in turn. */
function costs(mix: Mix): readonly Cost[] {
  const all = sizes.map((size) => filled(mix, size));
  const seen = all.map((): ReturnType<typeof round>[] => []);
  for (let turn = 0; turn <= rounds; turn += 1) {
    for (const [at, one] of all.entries()) {
      const cost = round(one);
      // The first compiles what the others run.
      if (turn > 0) seen[at]?.push(cost);
    }
  }
  return all.map(({ bytesPerFilter, charactersPerFilter }, at) => {
    const us = median((seen[at] ?? []).map((cost) => cost.us));
    const met = seen[at]?.[0]?.met ?? 0;
    const memoryUsed = globalThis.gc === undefined ? "" : `, ${Math.round(bytesPerFilter)} bytes a filter in all`;
    console.log(
      `${mix}: ${us.toFixed(2)} us/event among ${sizes[at]} filters, ${Math.round(1e6 / us)} events/s; ` +
        `${met.toFixed(2)} are met${memoryUsed}, ${Math.round(charactersPerFilter)} characters each`,
    );
    return { us, bytesBeyondText: bytesPerFilter - charactersPerFilter };
  });
}

/** The longest that this thread computes at one go until it is stopped. */
function watched(): () => number {
  let longestMs = 0;
  let going = true;
  let before = cpuMs();
  const look = (): void => {
    longestMs = Math.max(longestMs, cpuMs() - before);
    before = cpuMs();
    if (going) setImmediate(look);
  };
  setImmediate(look);
  return () => {
    going = false;
    return longestMs;
  };
}

interface Load {
  readonly tookMs: number;
  readonly cpuMs: number;
  readonly stallMs: number;
}

async function load(size: number): Promise<Load> {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-bench-"));
  try {
    await using opened = await openSqliteStore({ folder, clock: systemClock, log: silentLog });
    const { store } = opened;
    await store.commit({ changes: [{ do: "tenant.add", tenant: { id: tenant, name: tenant, createdMs: 0 } }] });
    for (let from = 1; from <= size; from += 2_000) {
      const count = Math.min(2_000, size + 1 - from);
      const changes = Array.from({ length: count }, (_, index) => ({
        do: "subscription.add" as const,
        subscription: subscriptionOf({ tenant, bucket, filter: matchFilter("prefixes", from + index, size) }),
      }));
      await store.commit({ changes });
    }
    const event = matchEvent({ tenant, bucket, mix: "prefixes", number: 1, size });
    const audience = new Audience(store, silentLog);
    const [sinceMs, usedMs, stop] = [performance.now(), cpuMs(), watched()];
    await audience.freshen([event]);
    const tookMs = performance.now() - sinceMs;
    return { tookMs, cpuMs: cpuMs() - usedMs, stallMs: stop() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const largest = sizes[3];
const found = mixes.map((mix) => {
  const all = costs(mix);
  const [few, many] = [all[1], all[3]];
  if (few === undefined || many === undefined) throw new Error("a size was not measured");
  return { ratio: many.us / few.us, us: many.us, bytes: many.bytesBeyondText };
});
const worst = (of: (one: (typeof found)[number]) => number): number => Math.max(...found.map(of));
const { tookMs, cpuMs: usedMs, stallMs } = await load(largest);
const among = `among ${largest} filters`;
say(
  ...(globalThis.gc === undefined
    ? []
    : [
        {
          name: "match memory",
          value: worst(({ bytes }) => bytes),
          unit: "B",
          goal: atMost(150),
          of: "a filter beyond its text",
        } as const,
      ]),
  {
    name: "match load",
    value: tookMs / 1_000,
    unit: "s",
    goal: atMost(10),
    of: `${Math.round(usedMs)} ms of processor time`,
  },
  { name: "match stall", value: stallMs, unit: "ms", goal: atMost(50), of: "at once, while they are loaded" },
  { name: "match rate", value: 1e6 / worst(({ us }) => us), unit: "/s", goal: atLeast(100_000), of: `events ${among}` },
  {
    name: "match",
    value: worst(({ ratio }) => ratio),
    goal: atMost(10),
    of: `an event ${among}, against one among ${sizes[1]}`,
  },
);
