/** A node of the model: the code that decides who holds what is the real one, what is around it (connections, rounds, turns) is as short as it can be. */
import type { Client } from "pg";
import { shardCount } from "../../../src/store/cluster.ts";
import { type Look, nodesOver, shareOf } from "../../../src/store/postgres/members.ts";
import { ShardLog } from "../../../src/store/postgres/shard-log.ts";
import { Shards } from "../../../src/store/postgres/shards.ts";
import type { EventLog } from "../../../src/store/sql/event-log.ts";
import type { Reads, Row } from "../../../src/store/sql/step.ts";
import type { Database, ServerSession, Writes } from "./database.ts";
import { eventOf, rowOf } from "./events.ts";

/** Lets one thing happen at a time: each waits for its turn, which the test gives. */
export interface Steps {
  turn(): Promise<void>;
}

/** What clients and receivers know. */
export interface World {
  readonly database: Database;
  readonly steps: Steps;
  readonly acknowledged: Set<string>;
  readonly received: Set<string>;
}

class Lost extends Error {}

export class ModelNode {
  readonly id: string;
  readonly shards: Shards;
  readonly #log: EventLog & ShardLog;
  readonly #world: World;
  #session: ServerSession | undefined;
  /** Of the last connection that wrote: it may not be over. */
  #before: ServerSession | undefined;
  #link: ServerSession | undefined;
  #connectedMs = 0;
  #isNew = true;
  #isLeaving = false;
  isDead = false;
  #thawed: PromiseWithResolvers<void> | undefined;
  /** What is written is written one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #commits = 0;
  readonly #busy = new Set<string>();
  /** Done, and not durable. */
  #settling: number[] = [];

  constructor(id: string, world: World) {
    this.id = id;
    this.#world = world;
    this.shards = new Shards(id);
    const upTo = async (_most: number, _sql: string, params: readonly unknown[]): Promise<Row[]> =>
      this.#step(() => this.#rows(params as [number, number, string, number]));
    this.#log = new ShardLog({ upTo } as unknown as Reads, this.shards);
  }

  get isFrozen(): boolean {
    return this.#thawed !== undefined;
  }

  freeze(): void {
    this.#thawed ??= Promise.withResolvers();
  }

  thaw(): void {
    this.#thawed?.resolve();
    this.#thawed = undefined;
  }

  /** @param isSeen the server learns of it at once, and not much later, as when a machine is lost */
  kill(isSeen: boolean): void {
    this.isDead = true;
    this.cut(isSeen);
  }

  /** Its connections are lost. */
  cut(isSeen: boolean): void {
    for (const session of [this.#session, this.#link]) {
      if (session === undefined) continue;
      if (isSeen) this.#world.database.end(session);
      else this.#world.database.unseen.push(session);
    }
    this.#session = undefined;
    this.#link = undefined;
  }

  /** Says that it is there, and takes what is due. */
  beat(): Promise<void> {
    return this.#alone("beat", () => this.#round());
  }

  publish(event: string): Promise<void> {
    return this.#inTurn(async () => {
      const session = await this.#connection();
      const { home } = this.shards;
      if (home === undefined) return;
      const sequence = await this.#ask(session, () => this.#world.database.draw(home));
      if (!(await this.#commit(session, { append: [{ sequence, id: event }], done: [], watermarks: [] }))) return;
      this.#log.committed(eventOf({ sequence, id: event }), 1);
      this.#world.acknowledged.add(event);
    });
  }

  /** Delivers some events; what became of them is recorded later. */
  dispatch(max: number): Promise<void> {
    return this.#alone("take", async () => {
      for (const { event } of await this.#log.take(max)) {
        await this.#step(() => this.#world.received.add(event.id));
        this.#settling.push(event.sequence);
      }
    });
  }

  /** In order: what it holds is for others. */
  leave(): Promise<void> {
    return this.#alone("beat", async () => {
      this.#isLeaving = true;
      await this.#inTurn(async () => {
        const client = this.#clientOf(await this.#connection());
        await this.#passIdle(client);
        await this.shards.giveAll(client);
        await this.#ask(this.#session, () => this.#world.database.nodes.delete(this.id));
      });
      this.kill(true);
    });
  }

  /** As the feed does: what is not this node's any more is for others to say. */
  settle(): Promise<void> {
    return this.#alone("settle", () => this.#settle());
  }

  async #settle(): Promise<void> {
    if (this.#settling.length === 0) return;
    const settling = this.#settling.splice(0);
    for (const sequence of settling) this.#log.done(sequence);
    const isMade = await this.#inTurn(async () => {
      const done = settling.filter((sequence) => this.#log.holds(sequence));
      const { watermarks, losses } = this.#log.marks();
      const session = await this.#connection();
      if (losses !== this.shards.losses) return false;
      if (!(await this.#commit(session, { append: [], done, watermarks }))) return false;
      this.#log.marked(watermarks);
      this.#log.recorded(settling);
      return true;
    });
    if (isMade !== true) this.#settling.unshift(...settling);
  }

  async #round(): Promise<void> {
    const { database } = this.#world;
    if (this.#link === undefined || this.#link.isOver) {
      this.#link = database.open(this.id);
      this.#connectedMs = database.nowMs;
    }
    const link = this.#link;
    await this.#ask(link, () => database.nodes.set(this.id, { beatMs: database.nowMs, isLeaving: this.#isLeaving }));
    let seen = await this.#ask(link, () => this.#see());
    for (const id of nodesOver(seen)) {
      await this.#ask(link, () => {
        for (const session of database.sessionsOf(id)) database.end(session);
      });
      await this.#ask(link, () => database.sessionsOf(id).length > 0 || database.nodes.delete(id));
    }
    seen = await this.#ask(link, () => this.#see());
    const { take, disown, give } = shareOf(seen);
    await this.#inTurn(async () => {
      const client = this.#clientOf(await this.#connection());
      await this.shards.take(client, take);
      await this.shards.disown(client, disown);
      await this.#passIdle(client);
      await this.shards.give(client, give, { busy: this.#log.busy, nowMs: database.nowMs });
    });
    this.#isNew = false;
  }

  async #passIdle(client: Client): Promise<void> {
    const { rows } = await client.query("SELECT last_event_sequence() AS last");
    this.#log.passed((rows[0] as { readonly last: number }).last);
    const marks = this.#log.news();
    await this.shards.mark(client, marks);
    this.#log.marked(marks);
  }

  #see(): Look {
    const { nodes, shards, nowMs } = this.#world.database;
    return {
      me: this.id,
      nodes: [...nodes].map(([id, { beatMs, isLeaving }]) => ({
        id,
        silentMs: nowMs - beatMs,
        connections: this.#world.database.sessionsOf(id).length,
        isLeaving,
      })),
      shards: shards.map(({ id, owner, epoch }) => ({ id, owner, epoch })),
      held: this.shards.held,
      connectedMs: nowMs - this.#connectedMs,
      isNew: this.#isNew,
    };
  }

  /** The one that writes; before it is used, the one before it is over, and what others have taken is lost. */
  async #connection(): Promise<ServerSession> {
    const { database } = this.#world;
    if (this.#session !== undefined && !this.#session.isOver) return this.#session;
    const session = database.open(this.id);
    session.askedMs = database.nowMs;
    this.#session = session;
    const before = this.#before;
    if (before !== undefined) await this.#ask(session, () => database.end(before));
    this.#before = session;
    await this.shards.resume(this.#clientOf(session));
    return session;
  }

  /** Whether it was made, which a new connection tells where the answer is lost. */
  async #commit(session: ServerSession, writes: Omit<Writes, "mark">): Promise<boolean> {
    const { database } = this.#world;
    this.#commits += 1;
    const mark = `${this.id} ${this.#commits}`;
    try {
      await this.#ask(session, () => database.commit(session, { ...writes, mark }));
      return true;
    } catch (thrown) {
      if (!(thrown instanceof Lost)) throw thrown;
    }
    for (;;) {
      try {
        const next = await this.#connection();
        return await this.#ask(next, () => database.marks.has(mark));
      } catch (thrown) {
        if (!(thrown instanceof Lost) || this.isDead) throw thrown;
      }
    }
  }

  #clientOf(session: ServerSession): Client {
    const query = (text: string, values?: unknown[]) =>
      this.#ask(session, () => this.#world.database.query(session, text, values));
    return { query } as unknown as Client;
  }

  /** The server does it, or the connection is lost before; the answer may be lost, too. */
  async #ask<T>(session: ServerSession | undefined, act: () => T): Promise<T> {
    return this.#step(() => {
      if (session === undefined || session.isOver) throw new Lost();
      if (session.askedMs !== undefined) session.askedMs = this.#world.database.nowMs;
      const answer = act();
      return { answer };
    }).then(({ answer }) => {
      if (session !== this.#session && session !== this.#link) throw new Lost();
      return answer;
    });
  }

  /** In its turn; while this node is frozen it neither asks nor hears. */
  async #step<T>(act: () => T): Promise<T> {
    await this.#thawed?.promise;
    await this.#world.steps.turn();
    if (this.isDead) throw new Lost();
    const answer = act();
    await this.#world.steps.turn();
    while (this.#thawed !== undefined) await this.#thawed.promise;
    if (this.isDead) throw new Lost();
    return answer;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T | undefined> {
    const done = this.#turn.then(() => forgiven(work));
    this.#turn = done;
    return done;
  }

  /** Not when it is under way already. */
  async #alone(name: string, work: () => Promise<void>): Promise<void> {
    if (this.isDead || this.#busy.has(name)) return;
    this.#busy.add(name);
    await forgiven(work);
    this.#busy.delete(name);
  }

  #rows([after, upTo, shards, max]: readonly [number, number, string, number]): Row[] {
    const wanted = new Set(JSON.parse(shards) as number[]);
    return [...this.#world.database.events.values()]
      .filter(({ sequence }) => sequence > after && sequence <= upTo && wanted.has(sequence % shardCount))
      .toSorted((a, b) => a.sequence - b.sequence)
      .slice(0, max)
      .map(rowOf);
  }
}

async function forgiven<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof Lost)) throw thrown;
    return undefined;
  }
}
