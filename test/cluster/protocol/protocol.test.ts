/** The protocol of several nodes (docs/decisions/0040-nodes.md) on a database that is simulated, in any order of what can happen. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as flushed } from "node:timers/promises";
import fc from "fast-check";
import { shardCount } from "../../../src/store/cluster.ts";
import { beatMs, leaseMs } from "../../../src/store/postgres/members.ts";
import { Database } from "./database.ts";
import { ModelNode, type Steps, type World } from "./node.ts";

const runs = Number(process.env["PROTOCOL_RUNS"] ?? 60);
/** The same histories each time, unless others are wanted. */
const seed = Number(process.env["PROTOCOL_SEED"] ?? 21);
/** Of one that is over: until it is seen, until its connections are ended, and until what it held is taken. */
const mostBeats = Math.ceil(leaseMs / beatMs) * 2 + 4;
const names = ["a", "b", "c"] as const;

class Turns implements Steps {
  readonly #waiting: (() => void)[] = [];

  get any(): boolean {
    return this.#waiting.length > 0;
  }

  turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async give(pick: number): Promise<void> {
    const [next] = this.#waiting.splice(pick % Math.max(1, this.#waiting.length), 1);
    next?.();
    await flushed();
  }
}

class Model {
  readonly turns = new Turns();
  readonly database = new Database();
  readonly world: World = {
    database: this.database,
    steps: this.turns,
    acknowledged: new Set(),
    received: new Set(),
  };
  readonly #nodes = new Map<string, ModelNode>();
  #started = 0;
  #published = 0;

  get living(): ModelNode[] {
    return [...this.#nodes.values()].filter(({ isDead }) => !isDead);
  }

  get able(): ModelNode[] {
    return this.living.filter(({ isFrozen }) => !isFrozen);
  }

  node(name: string): ModelNode | undefined {
    const node = this.#nodes.get(name);
    return node?.isDead === false ? node : undefined;
  }

  start(name: string): void {
    if (this.node(name) !== undefined) return;
    this.#started += 1;
    this.#nodes.set(name, new ModelNode(`${name}${this.#started}`, this.world));
  }

  publish(name: string): void {
    this.#published += 1;
    void this.node(name)?.publish(`event ${this.#published}`);
  }

  check(): void {
    assert.deepEqual(this.database.faults, []);
    for (const { sequence, id, isDone } of this.database.events.values()) {
      const watermark = this.database.shards[sequence % shardCount]?.watermark ?? 0;
      assert.ok(isDone || sequence > watermark, `${id} is neither done nor above the watermark`);
    }
    const there = new Set([...this.database.events.values()].map(({ id }) => id));
    for (const id of this.world.acknowledged) assert.ok(there.has(id), `${id} was acknowledged, and is not there`);
  }

  /** Attempts take their time: what became of them is recorded after the next look at the others. */
  async goOn(): Promise<void> {
    for (const node of this.able) void Promise.all([node.beat(), node.settle()]);
    await this.drain();
    for (let turn = 0; turn < 2; turn += 1) {
      for (const node of this.able) void node.dispatch(10);
      await this.drain();
    }
    this.check();
  }

  async drain(): Promise<void> {
    for (let pick = 0; this.turns.any; pick += 7) await this.turns.give(pick);
  }
}

const who = fc.constantFrom(...names);
const seen = fc.boolean();
/** What can happen next. Most of it takes its time: turns are given to what is under way, in any order. */
const acts = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ act: fc.constant("give turns"), turns: fc.array(fc.nat(30), { maxLength: 12 }) }),
  },
  { weight: 4, arbitrary: fc.record({ act: fc.constant("beat"), who }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant("publish"), who }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant("dispatch"), who, most: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant("settle"), who }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant("pass"), ms: fc.integer({ min: 1, max: 7_000 }) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("start"), who }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("kill"), who, seen }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("cut"), who, seen }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("freeze"), who }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("thaw"), who }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("leave"), who }) },
);
type Act = typeof acts extends fc.Arbitrary<infer One> ? One : never;

async function perform(model: Model, one: Act): Promise<void> {
  const node = "who" in one ? model.node(one.who) : undefined;
  if ("turns" in one) for (const pick of one.turns) await model.turns.give(pick);
  else if ("most" in one) void node?.dispatch(one.most);
  else if ("ms" in one) model.database.pass(one.ms);
  else if ("seen" in one) {
    if (one.act === "kill") node?.kill(one.seen);
    else node?.cut(one.seen);
  } else if (one.act === "start") model.start(one.who);
  else if (one.act === "publish") model.publish(one.who);
  else if (one.act === "freeze") node?.freeze();
  else if (one.act === "thaw") node?.thaw();
  else if (one.act === "settle") void node?.settle();
  else if (one.act === "leave") void node?.leave();
  else void node?.beat();
  await flushed();
}

/** From now on nothing happens to those that are there: what all hold is held, and all that was acknowledged has come. */
async function settle(model: Model): Promise<void> {
  await model.drain();
  model.database.notice();
  if (model.able.length === 0) model.start("d");
  for (let beat = 0; beat < mostBeats; beat += 1) {
    model.database.pass(beatMs);
    await model.goOn();
  }
  const shares = model.able.map(({ shards }) => shards.held.size);
  assert.equal(
    shares.reduce((sum, share) => sum + share, 0),
    shardCount,
    `all are held: ${shares.join(", ")}`,
  );
  assert.ok(Math.max(...shares) <= Math.ceil(shardCount / shares.length), `they are shared: ${shares.join(", ")}`);
  for (let turn = 0; turn < mostBeats; turn += 1) await model.goOn();
  for (const id of model.world.acknowledged) assert.ok(model.world.received.has(id), `${id} came`);
  for (const { id, isDone } of model.database.events.values()) assert.ok(isDone, `${id} is done`);
}

describe("several nodes on one database", () => {
  it(`hold what is theirs alone, and lose nothing, whatever happens (${runs} histories)`, async (t) => {
    let model = new Model();
    t.mock.method(performance, "now", () => model.database.nowMs);
    await fc.assert(
      fc.asyncProperty(fc.array(acts, { minLength: 10, maxLength: 120, size: "max" }), async (history) => {
        model = new Model();
        for (const one of names) model.start(one);
        for (const _ of names) await model.goOn();
        for (const act of history) {
          await perform(model, act);
          model.check();
        }
        await settle(model);
      }),
      { numRuns: runs, seed },
    );
  });
});
