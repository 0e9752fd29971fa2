import type { Client } from "pg";
import { shardCount } from "../cluster.ts";
import type { SeenShard } from "./members.ts";

/** Class of the advisory locks of shards. */
const lockClass = 51_265;
/** Something may be under way of what waits in a shard for so long after it was last claimed. */
const claimedMs = 30_000;

const lock = `SELECT id FROM unnest($1::bigint[]) AS id WHERE pg_try_advisory_lock(${lockClass}, id::integer)`;
const unlock = `SELECT pg_advisory_unlock(${lockClass}, id::integer) FROM unnest($1::bigint[]) AS id`;
const takeRows = `UPDATE shard SET owner = $3, epoch = shard.epoch + 1 FROM unnest($1::bigint[], $2::bigint[]) AS seen (id, epoch)
  WHERE shard.id = seen.id AND shard.epoch = seen.epoch RETURNING shard.id, shard.epoch, shard.watermark`;
const stillOurs = `SELECT shard.id FROM shard JOIN unnest($1::bigint[], $2::bigint[]) AS known (id, epoch) ON shard.id = known.id
  WHERE shard.epoch = known.epoch AND shard.owner = $3`;
const giveRows = "UPDATE shard SET owner = NULL WHERE id = ANY ($1::bigint[]) AND owner = $2";
const writeMarks = `UPDATE shard SET watermark = mark.sequence FROM unnest($1::bigint[], $2::bigint[]) AS mark (id, sequence)
  WHERE shard.id = mark.id AND shard.watermark < mark.sequence`;
const someWait = `SELECT id FROM unnest($1::bigint[]) AS id
  WHERE EXISTS (SELECT 1 FROM delivery WHERE (sequence & ${shardCount - 1}) = id AND status = 0)`;
const lastSequence = "SELECT last_event_sequence() AS last";

/** What was taken over, and how far it is. */
export interface Taken {
  readonly shards: readonly { readonly id: number; readonly watermark: number }[];
  /** Not less than any sequence in them, and less than those to come. */
  readonly upTo: number;
}

/** Who must know what this node holds. */
interface ShardListener {
  taken(taken: Taken): void;
  lost(shards: readonly number[]): void;
}

export type Watermarks = readonly (readonly [shard: number, sequence: number])[];

/** The part of the log that an event is in. */
export function shardOf(sequence: number): number {
  return sequence % shardCount;
}

/**
 * The parts of the log that this node holds: their locks are held by the connection that writes, so that nothing it commits about them is
 * committed after another has taken them. All that asks the database here is run by that connection, between its transactions.
 */
export class Shards {
  readonly #node: string;
  /** Epochs, by shard. */
  readonly #held = new Map<number, number>();
  /** Since when nothing is claimed of them, as they are to be given away. */
  readonly #parting = new Map<number, number>();
  readonly #listeners: ShardListener[] = [];
  #home: number | undefined;
  #losses = 0;
  #claimable: readonly number[] = [];

  constructor(node: string) {
    this.#node = node;
  }

  /** Where new events of this node go. */
  get home(): number | undefined {
    return this.#home;
  }

  /** Counts how often any were lost or given away. */
  get losses(): number {
    return this.#losses;
  }

  get held(): ReadonlySet<number> {
    return new Set(this.#held.keys());
  }

  /** Those of which what waits may be claimed. The same array as long as they are the same. */
  get claimable(): readonly number[] {
    return this.#claimable;
  }

  holds(sequence: number): boolean {
    return this.#held.has(shardOf(sequence));
  }

  listen(listener: ShardListener): void {
    this.#listeners.push(listener);
  }

  /** All there are, as no other works on the database. */
  async takeAll(client: Client): Promise<void> {
    const { rows } = await client.query("SELECT id, epoch FROM shard ORDER BY id");
    await this.take(
      client,
      (rows as { readonly id: number; readonly epoch: number }[]).map((row) => ({ ...row, owner: undefined })),
    );
  }

  /** Those of them that no other holds or has held since they were seen. */
  async take(client: Client, shards: readonly SeenShard[]): Promise<void> {
    if (shards.length === 0) return;
    const wanted = await this.#lock(
      client,
      shards.map(({ id }) => id),
    );
    const seen = shards.filter(({ id }) => wanted.has(id));
    const values = [seen.map(({ id }) => id), seen.map(({ epoch }) => epoch), this.#node];
    const { rows } = await client.query(takeRows, values);
    const taken = rows as { readonly id: number; readonly epoch: number; readonly watermark: number }[];
    for (const { id } of taken) wanted.delete(id);
    await this.#unlock(client, [...wanted]);
    const upTo = await lastOf(client);
    for (const { id, epoch } of taken) this.#held.set(id, epoch);
    this.#settle();
    if (taken.length > 0) for (const listener of this.#listeners) listener.taken({ shards: taken, upTo });
  }

  /** On a new connection: those that are still this node's; the others are lost. */
  async resume(client: Client): Promise<void> {
    if (this.#held.size === 0) return;
    const locked = await this.#lock(client, [...this.#held.keys()]);
    const ids = [...locked];
    const { rows } = await client.query(stillOurs, [ids, ids.map((id) => this.#held.get(id)), this.#node]);
    const kept = new Set((rows as { readonly id: number }[]).map(({ id }) => id));
    await this.#unlock(
      client,
      ids.filter((id) => !kept.has(id)),
    );
    this.#lose([...this.#held.keys()].filter((id) => !kept.has(id)));
  }

  /**
   * Gives some away, none of which is its home or is among `busy`. What waits for later attempts in one may be under way, so it is given only
   * when nothing was claimed of it for a while.
   *
   * @returns whether any were given
   */
  async give(
    client: Client,
    count: number,
    { busy, nowMs }: { readonly busy: ReadonlySet<number>; readonly nowMs: number },
  ): Promise<boolean> {
    if (count === 0) {
      this.#parting.clear();
      this.#settle();
      return false;
    }
    const may = [...this.#held.keys()].filter((id) => id !== this.#home && !busy.has(id));
    const { rows } = await client.query(someWait, [may]);
    const waited = new Set((rows as { readonly id: number }[]).map(({ id }) => id));
    const quiet = may.filter((id) => !waited.has(id) || nowMs - (this.#parting.get(id) ?? nowMs) >= claimedMs);
    const given = quiet.slice(0, count);
    const parting = may.filter((id) => !given.includes(id)).slice(0, count - given.length);
    for (const id of this.#parting.keys()) if (!parting.includes(id)) this.#parting.delete(id);
    for (const id of parting) if (!this.#parting.has(id)) this.#parting.set(id, nowMs);
    this.#settle();
    await this.#release(client, given);
    return given.length > 0;
  }

  /** Those that it does not hold, though their rows say so. */
  async disown(client: Client, shards: readonly number[]): Promise<void> {
    if (shards.length > 0) await client.query(giveRows, [shards, this.#node]);
  }

  /** At the end. */
  async giveAll(client: Client): Promise<void> {
    await this.#release(client, [...this.#held.keys()]);
  }

  /** Of some that it holds. */
  async mark(client: Client, watermarks: Watermarks): Promise<void> {
    if (watermarks.length > 0) await client.query(writeMarks, columnsOfMarks(watermarks));
  }

  async #release(client: Client, shards: readonly number[]): Promise<void> {
    if (shards.length === 0) return;
    this.#lose(shards);
    await client.query(giveRows, [shards, this.#node]);
    await this.#unlock(client, shards);
  }

  async #lock(client: Client, shards: readonly number[]): Promise<Set<number>> {
    const { rows } = await client.query(lock, [shards]);
    return new Set((rows as { readonly id: number }[]).map(({ id }) => id));
  }

  async #unlock(client: Client, shards: readonly number[]): Promise<void> {
    if (shards.length > 0) await client.query(unlock, [shards]);
  }

  #lose(shards: readonly number[]): void {
    if (shards.length === 0) return;
    for (const id of shards) {
      this.#held.delete(id);
      this.#parting.delete(id);
    }
    this.#losses += 1;
    for (const listener of this.#listeners) listener.lost(shards);
    this.#settle();
  }

  #settle(): void {
    if (this.#home === undefined || !this.#held.has(this.#home)) this.#home = this.#held.keys().next().value;
    this.#claimable = [...this.#held.keys()].filter((id) => !this.#parting.has(id)).sort((a, b) => a - b);
  }
}

/** Not less than the sequence of any event that is there. */
export async function lastOf(client: Client): Promise<number> {
  const { rows } = await client.query(lastSequence);
  return (rows[0] as { readonly last: number }).last;
}

function columnsOfMarks(watermarks: Watermarks): [number[], number[]] {
  return [watermarks.map(([shard]) => shard), watermarks.map(([, sequence]) => sequence)];
}

/** In a settlement. */
export function markStep(watermarks: Watermarks): {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
} {
  return { name: "write_marks", text: writeMarks, values: columnsOfMarks(watermarks) };
}
