/** Nodes under the load of all clients while something is done to them, and the judgement at its end. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import type { Uuid } from "../../../src/domain/ids.ts";
import { type Asked, Book } from "../../crash/book.ts";
import { type Dice, dice } from "../../crash/dice.ts";
import type { Rule } from "../../crash/verdict.ts";
import { Bucket, writeUntilOver } from "../../crash/writers.ts";
import { hooked } from "../../support/functions-api.ts";
import { askHost } from "../../support/host-listener.ts";
import { adminToken, type ServerProcess } from "../../support/server-process.ts";
import { until } from "../../support/until.ts";
import { History } from "../history.ts";
import {
  createUsers,
  jobs,
  type Load,
  mayFail,
  onceJob,
  plan,
  raiseEvents,
  raiseOnce,
  rest,
  s3OfSome,
  someNode,
} from "./clients.ts";
import { type Nodes, type NodesOptions, openNodes } from "./nodes.ts";
import { downs, openReceiver, type Receiver, writeNamed } from "./receiver.ts";
import { assertVerdict, redriveBy } from "./verdict.ts";

export interface LoadOptions extends Omit<NodesOptions, "history"> {
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** What something is done to. */
export interface Loaded {
  readonly nodes: Nodes;
  readonly receiver: Receiver;
  readonly chance: Dice;
  /** Acknowledgements so far. */
  readonly acknowledged: () => number;
  /** Until so many more have come. */
  readonly untilAcknowledged: (more: number) => Promise<void>;
}

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

/**
 * Opens nodes, has all clients work, does `something` meanwhile, and judges what has come of it all.
 *
 * @throws Error with the file of the history when anything was lost, doubled, out of order or late.
 */
export async function underLoad(options: LoadOptions, something: (loaded: Loaded) => Promise<void>): Promise<void> {
  const { seed, say, ...more } = options;
  using history = new History();
  try {
    await using cleanup = new AsyncDisposableStack();
    const chance = dice(seed);
    const receiver = cleanup.use(await openReceiver(history, dice(seed + 1), options.network?.host));
    const nodes = cleanup.use(await openNodes({ ...more, history }));
    const { rules, token } = await setUp(nodes, receiver.url);
    const book = new NotedBook(history, rules);
    const load = { nodes, history, dice: dice(seed + 2), token, receiver: receiver.url };

    const stop = new AbortController();
    cleanup.defer(() => stop.abort());
    const over = (): boolean => stop.signal.aborted;
    const working = work({ ...load, over }, book);
    const acknowledged = (): number => acknowledgementsOf(history);
    const untilAcknowledged = (more: number): Promise<void> => {
      const enough = acknowledged() + more;
      return until("clients are answered", () => acknowledged() >= enough);
    };
    await Promise.race([
      nodes.failed,
      working,
      something({ nodes, receiver, chance, acknowledged, untilAcknowledged }),
    ]);
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
  for (const job of [...jobs, onceJob]) {
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
    raiseOnce(load),
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
