/** The judgement of a run at its end. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "../../../src/clock.ts";
import { silentLog } from "../../../src/log.ts";
import { openPostgresStore } from "../../../src/store/postgres/store.ts";
import type { Book } from "../../crash/book.ts";
import { assertArrivalsFit, assertBytesFit, assertLogFits, type Rule, remainsOf } from "../../crash/verdict.ts";
import { Bucket } from "../../crash/writers.ts";
import type { ServerProcess } from "../../support/server-process.ts";
import { until } from "../../support/until.ts";
import type { History } from "../history.ts";
import { type Judgement, judge } from "../judge.ts";
import { database, type Nodes } from "./nodes.ts";
import { type Receiver, steady } from "./receiver.ts";

/** What is asserted, far beyond the 8 s of a take-over; what is measured is told. */
const withinMs = Number(process.env["CLUSTER_WITHIN_MS"] ?? 60_000);
/** How long the end may take; it takes seconds. */
const drainMs = 180_000;

interface Verdict {
  readonly nodes: Nodes;
  readonly history: History;
  readonly book: Book;
  readonly rules: Rule[];
  readonly receiver: Receiver;
  readonly say: (line: string) => void;
}

export async function assertVerdict({ nodes, history, book, rules, receiver, say }: Verdict): Promise<void> {
  const [server = assert.fail("a node is up")] = nodes.up;
  const judged = (): Judgement => judge(history.entries, { nodes: nodes.names, database, steady, withinMs });
  await until("nothing waits, and nothing is dead", () => isAllSent(server), drainMs);
  await until(
    "all that was acknowledged has come",
    async () => {
      const { faults } = judged();
      if (faults.length > 0) await pause(500);
      return faults.length === 0;
    },
    drainMs / 3,
  ).catch(() => {});
  const judgement = judged();
  assert.deepEqual(judgement.faults, []);
  await assertBytesFit(server.s3, book);
  for (const name of nodes.names) await nodes.stop(name);
  const opened = await openPostgresStore({ url: nodes.url, clock: systemClock, log: silentLog });
  try {
    const remains = await remainsOf(opened.store, Bucket);
    assertLogFits(remains, book);
    const atRules = receiver.arrivals.filter(({ path }) => rules.some((rule) => rule.path === path));
    assertArrivalsFit(remains, atRules, rules);
  } finally {
    await opened[Symbol.asyncDispose]();
  }
  for (const line of figuresOf(judgement)) say(line);
}

/** Asks for what is dead to be sent again until none is. */
async function isAllSent(server: ServerProcess): Promise<boolean> {
  const any = async (status: string): Promise<boolean> => {
    const path = `/api/cloud/deliveries/?status=${status}&limit=1`;
    return (await server.api<{ deliveries: readonly unknown[] }>("GET", path)).deliveries.length > 0;
  };
  await pause(200);
  if (await any("dead")) {
    await redriveBy(server);
    return false;
  }
  return !(await any("waiting"));
}

function figuresOf({ acknowledged, refused, repeats, fired, waits }: Judgement): string[] {
  const longest = Map.groupBy(waits, ({ hurts }) => Math.min(hurts, 3));
  const told = [...longest]
    .toSorted(([a], [b]) => a - b)
    .map(
      ([hurts, all]) =>
        `${Math.round(all.at(-1)?.ms ?? 0)} ms (${all.at(-1)?.event}) among ${all.length} with ${hurts === 3 ? "more" : hurts} hurts`,
    );
  const at = (share: number): number => Math.round(waits[Math.floor(waits.length * share)]?.ms ?? 0);
  return [
    `${acknowledged} events acknowledged, none lost, ${refused} refused, none there, ${repeats} came to a steady receiver more than once, ${fired} subscriptions for one event had one`,
    `from acknowledged to received: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms; longest ${told.join(", ")}`,
  ];
}

/** Asks for what is dead to be sent again. */
export function redriveBy(server: ServerProcess): Promise<unknown> {
  return server.api("POST", "/api/cloud/deliveries/redrive/", { bucket: Bucket });
}
