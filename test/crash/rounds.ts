/** Rounds of writing and killing, and the judgement at their end. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { systemClock } from "../../src/clock.ts";
import type { Uuid } from "../../src/domain/ids.ts";
import { silentLog } from "../../src/log.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { killedWhileStarting, refusedServer, type ServerProcess, serverProcess } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { type Asked, Book } from "./book.ts";
import { type Dice, dice } from "./dice.ts";
import { type FlakyReceiver, flakyReceiver, thirdFails } from "./flaky-receiver.ts";
import {
  assertArrivalsFit,
  assertBytesFit,
  assertLogFits,
  blobFiles,
  type Remains,
  type Rule,
  remainsOf,
} from "./verdict.ts";
import { Bucket, writeUntilOver } from "./writers.ts";

export interface CrashRun {
  readonly rounds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** How far a round may get before the kill, in turn: also a short run has a long round, and one that ends as it begins. */
const depths = [50, 400, 5] as const;
/** How long the end may take; it takes seconds. */
const drainMs = 60_000;

export async function crashRun({ rounds, seed, say }: CrashRun): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-crash-"));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const chance = dice(seed);
  const book = new Book();
  const watch: Watch = { told: () => {} };
  const arrived = (): void => watch.told("arrival");
  const receiver = cleanup.use(await flakyReceiver({ answers: thirdFails(dice(seed + 1)), arrived }));

  await killedWhileStarting({ folder }, chance.between(50, 500));
  const rules = await setUp(folder, receiver.url);
  for (let round = 1; round <= rounds; round++) {
    const before = { asked: book.asked.length, acknowledged: book.acknowledgements, arrived: receiver.arrivals.length };
    const most = depths[round % depths.length] ?? 1;
    const moment = await killAtRandom(folder, { book, chance, watch, most });
    const asked = book.asked.length - before.asked;
    const acknowledged = book.acknowledgements - before.acknowledged;
    const arrived = receiver.arrivals.length - before.arrived;
    say(`round ${round}: killed at ${moment}: ${acknowledged} of ${asked} acknowledged, ${arrived} arrivals`);
    if (chance.chance(1 / 4)) await killedWhileStarting({ folder }, chance.between(0, 500));
  }
  await assertAllSent(folder, book, rules);
  const remains = await lastRestart(folder);
  assertLogFits(remains, book);
  assertArrivalsFit(remains, receiver.arrivals, rules);
  say(summary(remains, book, receiver));
}

async function setUp(folder: string, receiverUrl: string): Promise<Rule[]> {
  await using server = await serverProcess({ folder });
  await server.s3.send(new CreateBucketCommand({ Bucket }));
  const make = async (path: string, filter: string | null, matches: (key: string) => boolean): Promise<Rule> => {
    const { id, signing_secret: secret } = await server.api<{ id: Uuid; signing_secret: string }>(
      "POST",
      `/api/cloud/buckets/${Bucket}/notifications/`,
      {
        url: `${receiverUrl}${path}`,
        filter,
        max_retries: 50,
        timeout_ms: 250,
        backoff: { schedule_ms: [20, 50] },
      },
    );
    return { id, path, secret, matches };
  };
  return [
    await make("/all", null, () => true),
    await make("/images", 'WHERE key REGEXP "^images"', (key) => key.startsWith("images")),
  ];
}

/** What a killer counts. */
type Sign = "acknowledgement" | "arrival";

interface Watch {
  told: (sign: Sign) => void;
}

interface Killing {
  readonly book: Book;
  readonly chance: Dice;
  readonly watch: Watch;
  /** How many signs of life it shows at the most. */
  readonly most: number;
}

/**
 * Kills it a moment after a random number of acknowledgements, or of arrivals, has come: counting spares slow machines an
 * early death. Tells when that was.
 */
async function killAtRandom(folder: string, { book, chance, watch, most }: Killing): Promise<string> {
  await using server = await serverProcess({ folder });
  let over = false;
  let left = chance.between(1, most);
  const sign = chance.oneOf(["acknowledgement", "acknowledgement", "arrival"] as const);
  const moment = `${sign} ${left}`;
  const reached = new Promise<void>((resolve) => {
    watch.told = (told) => {
      if (told === sign) left -= 1;
      if (left === 0) resolve();
    };
  });
  const acknowledged = (): void => watch.told("acknowledgement");
  const writing = writeUntilOver({
    s3: () => server.s3,
    book,
    dice: chance,
    acknowledged,
    over: () => over,
    failed: (thrown) => Promise.reject(thrown),
  });
  await Promise.race([reached, writing, server.ended.then((ending) => assert.fail(`it ended by itself: ${ending}`))]);
  await pause(chance.between(0, 20));
  over = true;
  await server.kill();
  await writing;
  return moment;
}

interface UsageRow {
  readonly rule: string | null;
  readonly accepted: number;
  readonly attempts: number;
  readonly delivered: number;
  readonly dead: number;
}

/** Everything that waits is sent, and what was acknowledged can be read. */
async function assertAllSent(folder: string, book: Book, rules: readonly Rule[]): Promise<void> {
  await using server = await serverProcess({ folder });
  const refused = refusedServer({ folder });
  await untilSent(server, rules);
  await assertFigures(server);
  const { ending, log } = await refused;
  assert.equal(ending, 1);
  assert.ok(log.includes(`the data folder ${folder} is in use`), log);
  await assertBytesFit(server.s3, book);
  assert.equal(await server.stop(), 0, server.log);
}

async function untilSent(server: ServerProcess, [all]: readonly Rule[]): Promise<void> {
  const sent = async (): Promise<boolean> => {
    const { usage } = await server.api<{ usage: readonly UsageRow[] }>("GET", "/api/cloud/usage/");
    const accepted = usage.reduce((sum, row) => sum + row.accepted, 0);
    const delivered = usage.reduce((sum, row) => sum + (row.rule === all?.id ? row.delivered : 0), 0);
    return delivered === accepted && (await waiting(server)) === 0;
  };
  try {
    await until("every event is sent", sent, drainMs);
  } catch (thrown) {
    const { usage } = await server.api<{ usage: unknown }>("GET", "/api/cloud/usage/");
    const left = await server.api<unknown>("GET", "/api/cloud/deliveries/?status=waiting&limit=5");
    throw new Error(`${JSON.stringify({ usage, left })} ${server.log.slice(-2_000)}`, { cause: thrown });
  }
}

/** What is counted by minute and hour is what is counted by day, however often it was killed. */
async function assertFigures(server: ServerProcess): Promise<void> {
  const { usage } = await server.api<{ usage: readonly UsageRow[] }>("GET", "/api/cloud/usage/");
  const from = new Date(Date.now() - 86_400_000).toISOString();
  const total = async (query: string): Promise<number> => {
    const path = `/api/cloud/stats/?from=${from}&${query}`;
    const { series } = await server.api<{ series: readonly { total: number }[] }>("GET", path);
    return series.reduce((sum, one) => sum + one.total, 0);
  };
  for (const step of ["1m", "1h"]) {
    for (const [measure, figure] of [
      ["events", "accepted"],
      ["attempts", "attempts"],
      ["delivered", "delivered"],
      ["dead", "dead"],
    ] as const) {
      const counted = usage.reduce((sum, row) => sum + row[figure], 0);
      assert.equal(await total(`step=${step}&measure=${measure}`), counted, `${measure} by ${step}`);
    }
  }
  assert.equal(
    await total("step=1h&by=subscription"),
    usage.reduce((sum, row) => sum + row.attempts, 0),
  );
}

async function waiting(server: ServerProcess): Promise<number> {
  const path = "/api/cloud/deliveries/?status=waiting&limit=1";
  return (await server.api<{ deliveries: readonly unknown[] }>("GET", path)).deliveries.length;
}

/** What attempts under way had left is sent, what crashes left on the disk is swept. */
async function lastRestart(folder: string): Promise<Remains> {
  await using server = await serverProcess({ folder });
  await until("nothing waits", async () => (await waiting(server)) === 0, drainMs);
  const dead = await server.api<{ deliveries: readonly unknown[] }>("GET", "/api/cloud/deliveries/?status=dead");
  assert.deepEqual(dead.deliveries, []);
  assert.equal(await server.stop(), 0, server.log);
  const opened = await openSqliteStore({ folder, clock: systemClock, log: silentLog });
  try {
    const remains = await remainsOf(opened.store, Bucket);
    assert.deepEqual(await blobFiles(folder), remains.blobs, "there are files for what is referred to, and no others");
    return remains;
  } finally {
    await opened[Symbol.asyncDispose]();
  }
}

function summary({ events, deliveries }: Remains, book: Book, { arrivals }: FlakyReceiver): string {
  const failed = arrivals.filter(({ answer }) => answer !== "ok").length;
  const twice = arrivals.length - failed - deliveries.length;
  const told = (what: Asked["what"]): number =>
    book.asked.filter((entry) => entry.what === what && entry.acknowledged !== undefined).length;
  return (
    `${book.acknowledgements} of ${book.asked.length} requests acknowledged (${told("put")} writes, ` +
    `${told("multipart")} in parts, ${told("delete")} deletes), ${events.length} events, ` +
    `${deliveries.length} deliveries, ${arrivals.length} arrivals of which ${failed} failed, ${twice} duplicates`
  );
}
