/** Rounds of hurting nodes while clients write, and the judgement at their end. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { systemClock } from "../../../src/clock.ts";
import type { Uuid } from "../../../src/domain/ids.ts";
import { silentLog } from "../../../src/log.ts";
import { openPostgresStore } from "../../../src/store/postgres/store.ts";
import { type Asked, Book } from "../../crash/book.ts";
import { type Dice, dice } from "../../crash/dice.ts";
import { assertArrivalsFit, assertBytesFit, assertLogFits, type Rule, remainsOf } from "../../crash/verdict.ts";
import { Bucket, writeUntilOver } from "../../crash/writers.ts";
import { hooked } from "../../support/functions-api.ts";
import { askHost } from "../../support/host-listener.ts";
import { adminToken, type ServerProcess } from "../../support/server-process.ts";
import { until } from "../../support/until.ts";
import { History } from "../history.ts";
import { type Judgement, judge } from "../judge.ts";
import { createUsers, jobs, type Load, mayFail, plan, raiseEvents, rest, s3OfSome, someNode } from "./clients.ts";
import { hurtSome } from "./hurts.ts";
import { database, type Nodes, openNodes } from "./nodes.ts";
import { downs, openReceiver, type Receiver, steady, writeNamed } from "./receiver.ts";

export interface ClusterRun {
  readonly count: number;
  readonly rounds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** What is asserted; what is measured is told. */
const withinMs = 60_000;
/** How long the end may take; it takes seconds. */
const drainMs = 180_000;
/** How many acknowledgements come with each round at the least, in turn: hurts fall upon one another, or into a log that has grown. */
const depths = [20, 200, 60] as const;

/** Writes are in the history, too. */
class NotedBook extends Book {
  readonly #history: History;
  readonly #rules: readonly Rule[];

  constructor(history: History, rules: readonly Rule[]) {
    super();
    this.#history = history;
    this.#rules = rules;
  }

  override ask(what: Asked["what"], key: string, size: number): Asked {
    const asked = super.ask(what, key, size);
    const to = this.#rules.filter(({ matches }) => matches(key)).map(({ path }) => path);
    if (what !== "delete") this.#history.note({ what: "asked", event: writeNamed(asked), resource: key, to });
    return asked;
  }

  override acknowledge(...entries: readonly Asked[]): void {
    super.acknowledge(...entries);
    for (const one of entries) {
      if (one.what !== "delete") this.#history.note({ what: "acknowledged", event: writeNamed(one) });
    }
  }
}

export async function clusterRun({ count, rounds, seed, say }: ClusterRun): Promise<void> {
  using history = new History();
  try {
    await using cleanup = new AsyncDisposableStack();
    const chance = dice(seed);
    const receiver = cleanup.use(await openReceiver(history, dice(seed + 1)));
    const nodes = cleanup.use(await openNodes({ count, history }));
    const { rules, token } = await setUp(nodes, receiver.url);
    const book = new NotedBook(history, rules);
    const load = { nodes, history, dice: dice(seed + 2), token, receiver: receiver.url };

    const stop = new AbortController();
    cleanup.defer(() => stop.abort());
    const over = (): boolean => stop.signal.aborted;
    const working = work({ ...load, over }, book);
    await Promise.race([nodes.failed, working, hurtInRounds({ nodes, receiver, history, chance, rounds, say })]);
    stop.abort();
    await working;
    receiver.isDown = false;
    await assertVerdict({ nodes, history, book, rules, receiver, say });
    if (process.env["CLUSTER_HISTORY"] === "keep") {
      history.keep();
      say(`the history is in ${history.file}`);
    }
  } catch (thrown) {
    history.keep();
    throw new Error(`the history is in ${history.file}`, { cause: thrown });
  }
}

interface Hurting {
  readonly nodes: Nodes;
  readonly receiver: Receiver;
  readonly history: History;
  readonly chance: Dice;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

async function hurtInRounds({ nodes, receiver, history, chance, rounds, say }: Hurting): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    receiver.isDown = chance.chance(1 / 2);
    const before = acknowledgementsOf(history);
    const least = depths[round % depths.length] ?? 1;
    const told = await hurtSome(nodes, chance);
    await until("clients are answered again", () => acknowledgementsOf(history) >= before + least);
    say(`round ${round}: ${told}: ${acknowledgementsOf(history) - before} acknowledged`);
  }
}

function acknowledgementsOf({ entries }: History): number {
  return entries.reduce((sum, { what }) => sum + (what === "acknowledged" ? 1 : 0), 0);
}

async function setUp(nodes: Nodes, url: string): Promise<{ readonly rules: Rule[]; readonly token: string }> {
  const [server = assert.fail("a node is up")] = nodes.up;
  await server.s3.send(new CreateBucketCommand({ Bucket }));
  const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", {
    principal: "platform",
    role: "host",
    all_tenants: true,
  });
  for (const job of jobs) {
    const path = `/host/v1/resources/${job}/`;
    const body = { kind: "job", owner: "admin", data: {}, announce: false };
    const { status, text } = await askHost(server.hostUrl, { method: "PUT", path, token, body });
    assert.equal(status, 200, text);
    await subscribe(server, { associatedUuid: job, event: "RUNNING", url: `${url}/jobs` });
  }
  await subscribe(server, { associatedUuid: "*", event: "CREATED", url: `${url}/created` });
  await hooked(
    server,
    "PRE_USER_CREATE",
    `export default ({ params }) => params.username.startsWith("mallory")
      ? { decision: "deny", message: "not her" }
      : { decision: "allow", patch: { attributes: { plan: "${plan}" } } };`,
  );
  const make = async (path: string, more: Readonly<Record<string, unknown>>, prefix = ""): Promise<Rule> => {
    const filter = prefix === "" ? null : `WHERE key REGEXP "^${prefix}"`;
    const { id, signing_secret: secret } = await server.api<{ id: Uuid; signing_secret: string }>(
      "POST",
      `/api/cloud/buckets/${Bucket}/notifications/`,
      { url: `${url}${path}`, filter, ...more },
    );
    return { id, path, secret, matches: (key) => key.startsWith(prefix) };
  };
  const flaky = { max_retries: 100, timeout_ms: 250, backoff: { schedule_ms: [20, 50, 200] } };
  const rules = [
    await make("/all", flaky),
    await make("/images", flaky, "images"),
    await make(downs.parked, { max_retries: 100, backoff: { schedule_ms: [200, 2_000] } }),
    await make(downs.dead, { max_retries: 1, backoff: { schedule_ms: [200] } }),
  ];
  return { rules, token };
}

async function subscribe(server: ServerProcess, body: Readonly<Record<string, unknown>>): Promise<void> {
  const policy = { retryStrategy: "IMMEDIATE", retryLimit: 100, retryRate: 1 };
  const response = await fetch(`${server.url}/notifications/v2/`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: JSON.stringify({ ...body, persistent: true, policy }),
  });
  assert.equal(response.status, 201, await response.text());
}

/** All clients, until it is over. */
async function work(load: Load, book: Book): Promise<void> {
  await Promise.all([
    ...jobs.map((job) => raiseEvents(load, job)),
    createUsers(load),
    redriveAtTimes(load),
    writeUntilOver({
      s3: s3OfSome(load),
      book,
      dice: load.dice,
      acknowledged: () => {},
      rest: () => rest(load),
      over: load.over,
      failed: mayFail,
    }),
  ]);
}

async function redriveAtTimes(load: Load): Promise<void> {
  while (!load.over()) {
    await pause(load.dice.between(1_000, 5_000));
    // It may be that the node is hurt before it answers.
    await redriveBy(await someNode(load)).catch(() => {});
  }
}

function redriveBy(server: ServerProcess): Promise<unknown> {
  return server.api("POST", "/api/cloud/deliveries/redrive/", { bucket: Bucket });
}

interface Verdict {
  readonly nodes: Nodes;
  readonly history: History;
  readonly book: Book;
  readonly rules: Rule[];
  readonly receiver: Receiver;
  readonly say: (line: string) => void;
}

async function assertVerdict({ nodes, history, book, rules, receiver, say }: Verdict): Promise<void> {
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

function figuresOf({ acknowledged, repeats, fired, waits }: Judgement): string[] {
  const longest = Map.groupBy(waits, ({ hurts }) => Math.min(hurts, 3));
  const told = [...longest]
    .toSorted(([a], [b]) => a - b)
    .map(
      ([hurts, all]) =>
        `${Math.round(all.at(-1)?.ms ?? 0)} ms (${all.at(-1)?.event}) among ${all.length} with ${hurts === 3 ? "more" : hurts} hurts`,
    );
  const at = (share: number): number => Math.round(waits[Math.floor(waits.length * share)]?.ms ?? 0);
  return [
    `${acknowledged} events acknowledged, none lost, ${repeats} came to a steady receiver more than once, ${fired} subscriptions for one event had one`,
    `from acknowledged to received: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms; longest ${told.join(", ")}`,
  ];
}
