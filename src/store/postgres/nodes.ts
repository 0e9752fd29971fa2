import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../clock.ts";
import { asError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Cluster, Duty, NodeState } from "../cluster.ts";
import { integer, type Reads, type Row, text } from "../sql/step.ts";
import { nameOfNode, type Patience, type PostgresConnection } from "./connection.ts";
import { Duties } from "./duties.ts";
import { giveAll, type Held, type Member, passIdle } from "./member.ts";
import { MemberLink } from "./member-link.ts";
import { beatMs, type Look, leaseMs, nodesOver, shareOf } from "./members.ts";
import { type Hints, NodeHints } from "./node-hints.ts";
import type { StartedWith } from "./others.ts";
import type { Timelines } from "./timeline.ts";

/** Hints may be lost with the connection of who tells them or who hears them: what they are about is looked for this often. */
const lostMs = 60_000;
/** A node whose own clock says that its lease ends sooner than this says so of itself. */
const graceMs = 1_000;
/** Longer than any write takes where all is well. */
const mostShareMs = 20_000;
/** Others give a part of the log at their next look, unless all they hold is in use. */
const firstMs = 5_000;

const beat = `INSERT INTO node (id, version, address, started_ms, beat_at, leaving, duties, started_with)
  VALUES ($1, $2, $3, $4, clock_timestamp(), $5, $6, $7)
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, address = excluded.address, beat_at = excluded.beat_at, leaving = excluded.leaving,
    duties = excluded.duties`;
const seeNodes = `SELECT id, (extract(epoch FROM clock_timestamp() - beat_at) * 1000)::bigint AS silent_ms, leaving,
  (SELECT count(*) FROM pg_stat_activity a WHERE a.datname = current_database() AND a.application_name = '${nameOfNode("")}' || node.id) AS connections
  FROM node`;
const seeShards = "SELECT id, owner, epoch FROM shard ORDER BY id";
/** Waits for their end, too. */
const endConnections = `SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = '${nameOfNode("")}' || $1`;
const forget = `DELETE FROM node WHERE id = $1 AND NOT EXISTS
  (SELECT 1 FROM pg_stat_activity a WHERE a.datname = current_database() AND a.application_name = '${nameOfNode("")}' || $1)`;
const leave = "DELETE FROM node WHERE id = $1";
const known = "SELECT 1 AS found FROM node WHERE id = ?";
const listed = `SELECT id, version, address, started_ms, (extract(epoch FROM beat_at) * 1000)::bigint AS seen_ms, leaving, duties,
  (SELECT count(*) FROM shard WHERE owner = node.id) AS shards FROM node ORDER BY started_ms, id`;

interface NodesOptions extends Held {
  readonly node: string;
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly patience: Patience;
  readonly reads: Reads;
  readonly timelines: Timelines;
  /** For others to know. */
  readonly startedWith: StartedWith | undefined;
}

/** The nodes that work on one database, seen from this one: says that it is there, takes its share of the log, and what those leave who are over. */
export class Nodes implements Cluster, Member {
  readonly node: string;
  readonly hints: Hints;
  readonly #options: NodesOptions;
  readonly #link: MemberLink;
  readonly #duties = new Duties();
  readonly #startedMs: number;
  #self = { version: "", address: "" };
  #isLeaving = false;
  #size = 1;
  #connectedMs = performance.now();
  #isNew = true;
  /** While it is seen to. */
  #share: { readonly sinceMs: number; readonly done: Promise<void> } | undefined;
  #beatMs = Number.NEGATIVE_INFINITY;
  #lookedMs = performance.now();
  readonly #first = Promise.withResolvers<void>();

  constructor(options: NodesOptions) {
    const { node, url, clock, log, patience } = options;
    this.#options = options;
    this.node = node;
    this.#startedMs = clock.now();
    this.#link = new MemberLink({
      url,
      name: nameOfNode(node),
      log,
      patience,
      everyMs: beatMs,
      opened: (connection) => this.#opened(connection),
      round: (connection) => this.#round(connection),
      lost: () => this.#duties.lose(),
    });
    options.timelines.onRise(() => this.#link.reconnect());
    this.hints = new NodeHints(node, () => this.#link.connection);
    this.hints.listen((hint) => {
      if (hint.about === "nodes") this.#link.hurry();
    });
  }

  get cluster(): Cluster {
    return this;
  }

  get size(): number {
    return this.#size;
  }

  get isReady(): boolean {
    return this.#options.shards.home !== undefined && performance.now() - this.#beatMs < leaseMs - graceMs;
  }

  /** Resolves when it holds a part of the log, or has waited long enough for others to give it one. */
  async start(): Promise<void> {
    this.#link.start();
    const waited = new AbortController();
    const patience = pause(firstMs, undefined, { signal: waited.signal }).catch(() => {});
    await Promise.race([this.#first.promise, patience]);
    waited.abort();
  }

  introduce(self: Pick<NodeState, "version" | "address">): void {
    this.#self = { ...self };
    this.#link.hurry();
  }

  leaving(): void {
    this.#isLeaving = true;
    this.#link.hurry();
  }

  async nodes(): Promise<readonly NodeState[]> {
    return (await this.#options.reads.all(listed)).map(stateOf);
  }

  async isGone(other: string | undefined): Promise<boolean> {
    if (other === undefined) return true;
    return other !== this.node && (await this.#options.reads.get(known, other)) === undefined;
  }

  async own(duty: Duty, work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const had = await this.#had(duty, signal);
      if (had === undefined) return;
      try {
        await work(AbortSignal.any([had.signal, signal]));
        if (!had.signal.aborted) return;
      } finally {
        await this.#duties.giveBack(duty, this.#link.connection);
        this.hints.tell({ about: "nodes" });
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link.close();
    this.#duties.lose();
  }

  /** Gives away what it holds: nothing is under way any more. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    // Another round would say again that it is there.
    await this.#link.stop();
    await giveAll(this.#options);
    await this.#options.writer.between(async (client) => void (await client.query(leave, [this.node])));
    await this.hints.tellNow({ about: "nodes" });
  }

  /** Until this node has it, with a signal that aborts when it has it no more; `undefined`: `signal` aborted before. */
  #had(duty: Duty, signal: AbortSignal): Promise<{ readonly signal: AbortSignal } | undefined> {
    return new Promise((resolve) => {
      const end = new AbortController();
      const wanted = {
        duty,
        got: () => {
          signal.removeEventListener("abort", unwanted);
          resolve({ signal: end.signal });
          return () => end.abort();
        },
      };
      const unwanted = (): void => {
        this.#duties.unwant(wanted);
        resolve(undefined);
      };
      signal.addEventListener("abort", unwanted, { once: true });
      this.#duties.want(wanted);
      this.#link.hurry();
    });
  }

  async #opened({ client }: PostgresConnection): Promise<void> {
    await this.#options.timelines.check(client);
    this.#connectedMs = performance.now();
    // What is written there may be lost: it is written again. So a standby that is slow does not make all nodes silent.
    await client.query("SET synchronous_commit = off");
    await this.hints.hear(client);
  }

  async #round(connection: PostgresConnection): Promise<void> {
    const { client } = connection;
    const sentMs = performance.now();
    // One that cannot write any more is to be taken for lost.
    if (sentMs - (this.#share?.sinceMs ?? sentMs) > mostShareMs)
      throw new Error("the connection that writes does not answer");
    const { version, address } = this.#self;
    const duties = JSON.stringify(this.#duties.own);
    const startedWith = JSON.stringify(this.#options.startedWith ?? {});
    await client.query(beat, [this.node, version, address, this.#startedMs, this.#isLeaving, duties, startedWith]);
    this.#beatMs = sentMs;
    let seen = await this.#see(connection);
    const over = nodesOver(seen);
    for (const id of over) await this.#end(connection, id);
    if (over.length > 0) seen = await this.#see(connection);
    const share = shareOf(seen);
    this.#size = share.size;
    await this.#keepShare(share);
    await this.#duties.take(connection);
    if (this.#isNew) this.hints.tell({ about: "nodes" });
    this.#isNew = false;
    if (sentMs - this.#lookedMs < lostMs) return;
    this.#lookedMs = sentMs;
    this.hints.tell({ about: "lost" });
  }

  async #see({ client }: PostgresConnection): Promise<Look> {
    const nowMs = performance.now();
    const stale = this.#options.events.stale(nowMs);
    const [nodes, shards] = await Promise.all([client.query(seeNodes), client.query(seeShards)]);
    return {
      me: this.node,
      nodes: (nodes.rows as Row[]).map((row) => ({
        id: text(row, "id"),
        silentMs: integer(row, "silent_ms"),
        connections: integer(row, "connections"),
        isLeaving: row["leaving"] === 1,
      })),
      shards: (shards.rows as Row[])
        .map((row) => ({
          id: integer(row, "id"),
          owner: (row["owner"] as string | null) ?? undefined,
          epoch: integer(row, "epoch"),
        }))
        .filter(({ id }) => !stale.has(id)),
      held: this.#options.shards.held,
      connectedMs: nowMs - this.#connectedMs,
      isNew: this.#isNew,
    };
  }

  async #end({ client }: PostgresConnection, id: string): Promise<void> {
    this.#options.log.warn({ node: id }, "a node is over; what it held is taken over");
    await client.query(endConnections, [id]);
    await client.query(forget, [id]);
  }

  /** Behind what else is being written, but not for longer than until the next look is due: it goes on saying that it is there. */
  async #keepShare(share: ReturnType<typeof shareOf>): Promise<void> {
    const { log } = this.#options;
    this.#share ??= {
      sinceMs: performance.now(),
      done: this.#takeShare(share)
        .catch((thrown: unknown) =>
          log.warn({ error: asError(thrown).message }, "the share of the log could not be seen to; trying again"),
        )
        .finally(() => {
          this.#share = undefined;
          if (this.#options.shards.home !== undefined) this.#first.resolve();
        }),
    };
    await Promise.race([this.#share.done, pause(beatMs, undefined, { ref: false })]);
  }

  /** Takes and gives what is due, and writes up to where everything is done. */
  async #takeShare({ take, disown, give }: ReturnType<typeof shareOf>): Promise<void> {
    const { shards, events, writer } = this.#options;
    let hasGiven = false;
    await writer.between(async (client) => {
      await shards.take(client, take);
      await shards.disown(client, disown);
      await passIdle(this.#options, client);
      hasGiven = await shards.give(client, give, { busy: events.busy, nowMs: performance.now() });
    });
    if (hasGiven) this.hints.tell({ about: "nodes" });
  }
}

function stateOf(row: Row): NodeState {
  return {
    id: text(row, "id"),
    version: text(row, "version"),
    address: text(row, "address"),
    startedMs: integer(row, "started_ms"),
    seenMs: integer(row, "seen_ms"),
    shards: integer(row, "shards"),
    duties: JSON.parse(text(row, "duties")) as Duty[],
    isLeaving: integer(row, "leaving") === 1,
  };
}
