/** PostgreSQL as the protocol of several nodes sees it: sessions with locks, transactions, rows of nodes and shards, one clock, one sequence. */
import { shardCount } from "../../../src/store/cluster.ts";
import { writerIdleMs } from "../../../src/store/postgres/members.ts";

export interface StoredEvent {
  readonly sequence: number;
  readonly id: string;
  /** What became of it is recorded. */
  isDone: boolean;
}

interface ShardRow {
  readonly id: number;
  owner: string | undefined;
  epoch: number;
  watermark: number;
}

/** What a commit writes. */
export interface Writes {
  readonly append: readonly { readonly sequence: number; readonly id: string }[];
  readonly done: readonly number[];
  readonly watermarks: readonly (readonly [shard: number, sequence: number])[];
  /** Tells afterwards that it was made. */
  readonly mark: string;
}

/** One connection, as the server has it. */
export class ServerSession {
  readonly node: string;
  readonly locks = new Set<number>();
  isOver = false;
  /** When something was asked on it, where that matters. */
  askedMs: number | undefined;

  constructor(node: string) {
    this.node = node;
  }
}

interface Result {
  readonly rows: readonly unknown[];
}

const shardOf = (sequence: number): number => sequence % shardCount;

export class Database {
  nowMs = 0;
  readonly events = new Map<number, StoredEvent>();
  readonly nodes = new Map<string, { beatMs: number; isLeaving: boolean }>();
  readonly shards: readonly ShardRow[] = Array.from({ length: shardCount }, (_, id) => ({
    id,
    owner: undefined,
    epoch: 0,
    watermark: 0,
  }));
  readonly marks = new Set<string>();
  /** Sessions whose end it has not noticed. */
  readonly unseen: ServerSession[] = [];
  /** What must not have happened. */
  readonly faults: string[] = [];
  readonly #sessions = new Set<ServerSession>();
  #number = 0;

  open(node: string): ServerSession {
    const session = new ServerSession(node);
    this.#sessions.add(session);
    return session;
  }

  /** Time passes; what writes, and was idle for too long, is ended. */
  pass(ms: number): void {
    this.nowMs += ms;
    for (const session of this.#sessions) {
      if (this.nowMs - (session.askedMs ?? this.nowMs) > writerIdleMs) this.end(session);
    }
  }

  end(session: ServerSession): void {
    session.isOver = true;
    session.locks.clear();
    this.#sessions.delete(session);
  }

  sessionsOf(node: string): readonly ServerSession[] {
    return [...this.#sessions].filter((session) => session.node === node);
  }

  /** Drawn inside a transaction, before others see what it writes. */
  draw(shard: number): number {
    this.#number += 1;
    return this.#number * shardCount + shard;
  }

  /** By now it has asked for a sign of life, and got none. */
  notice(): void {
    for (const session of this.unseen.splice(0)) this.end(session);
  }

  commit(session: ServerSession, { append, done, watermarks, mark }: Writes): void {
    for (const { sequence, id } of append) {
      this.#mustHold(session, shardOf(sequence), `append ${id}`);
      const watermark = this.shards[shardOf(sequence)]?.watermark ?? 0;
      if (sequence <= watermark) this.faults.push(`${id} appears at ${sequence}, behind the watermark ${watermark}`);
      this.events.set(sequence, { sequence, id, isDone: false });
    }
    for (const sequence of done) {
      this.#mustHold(session, shardOf(sequence), `record ${sequence}`);
      const event = this.events.get(sequence);
      if (event !== undefined) event.isDone = true;
    }
    this.#mark(session, watermarks);
    this.marks.add(mark);
  }

  /** The statements of {@link Shards}, known by what only they have. */
  query(session: ServerSession, text: string, values: readonly unknown[] = []): Result {
    const [ids = [], second, third] = values as [number[]?, unknown?, string?];
    if (text.includes("pg_try_advisory_lock(")) {
      const got = ids.filter((id) => !this.#isLockedByOther(session, id));
      for (const id of got) session.locks.add(id);
      return rowsOf(got.map((id) => ({ id })));
    }
    if (text.includes("pg_advisory_unlock(")) {
      for (const id of ids) session.locks.delete(id);
      return rowsOf([]);
    }
    if (text.includes("SET owner = $3")) return rowsOf(this.#take(ids, second as number[], third));
    if (text.includes("shard.epoch = known.epoch")) {
      const epochs = second as number[];
      const ours = ids.filter(
        (id, index) => this.shards[id]?.epoch === epochs[index] && this.shards[id]?.owner === third,
      );
      return rowsOf(ours.map((id) => ({ id })));
    }
    if (text.includes("SET owner = NULL")) {
      for (const row of this.shards) if (ids.includes(row.id) && row.owner === second) row.owner = undefined;
      return rowsOf([]);
    }
    if (text.includes("SET watermark = mark.sequence")) {
      this.#mark(
        session,
        ids.map((id, index) => [id, (second as number[])[index] ?? 0]),
      );
      return rowsOf([]);
    }
    if (text.includes("last_event_sequence()")) return rowsOf([{ last: this.#number * shardCount + shardCount - 1 }]);
    if (text.includes("FROM delivery")) return rowsOf([]);
    throw new Error(`the model has no such statement: ${text}`);
  }

  #take(ids: readonly number[], epochs: readonly number[], owner: string | undefined) {
    return ids.flatMap((id, index) => {
      const row = this.shards[id];
      if (row === undefined || row.epoch !== epochs[index]) return [];
      row.owner = owner;
      row.epoch += 1;
      return [{ id, epoch: row.epoch, watermark: row.watermark }];
    });
  }

  #mark(session: ServerSession, watermarks: Writes["watermarks"]): void {
    for (const [shard, sequence] of watermarks) {
      const row = this.shards[shard];
      if (row === undefined || row.watermark >= sequence) continue;
      this.#mustHold(session, shard, `move the watermark to ${sequence}`);
      row.watermark = sequence;
      for (const event of this.events.values()) {
        const isPassed = shardOf(event.sequence) === shard && event.sequence <= sequence && !event.isDone;
        if (isPassed)
          this.faults.push(`the watermark ${sequence} of shard ${shard} passes ${event.id}, which is not done`);
      }
    }
  }

  #mustHold(session: ServerSession, shard: number, what: string): void {
    if (!session.locks.has(shard))
      this.faults.push(`${session.node} may not ${what}: it has no lock on shard ${shard}`);
  }

  #isLockedByOther(session: ServerSession, id: number): boolean {
    return [...this.#sessions].some((other) => other !== session && other.locks.has(id));
  }
}

function rowsOf(rows: readonly unknown[]): Result {
  return { rows };
}
