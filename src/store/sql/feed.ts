import { setTimeout as pause } from "node:timers/promises";
import { defined } from "../../domain/defined.ts";
import type { Event } from "../../domain/event.ts";
import { asError, SignalboxError } from "../../errors.ts";
import type { Log, LogFields } from "../../log.ts";
import type { FedEvent, LocalFeed, Observers, Settlement, ToldSettlement } from "../feed.ts";
import type { Committer } from "./committer.ts";
import type { EventLog } from "./event-log.ts";
import { sequencesPerMs, wireBytes } from "./events-sql.ts";
import { wireSettlement } from "./wire-settlement.ts";

/** The feed looks by itself this often, should a wake-up be lost. */
const pollMs = 1_000;
/** Outcomes wait this long for company: they go to no caller, so none waits for them. */
const lingerMs = 4;
/** So many are company enough. */
const lingerRecords = 256;
/** Outcomes in one settlement, which is one message to the writer's thread and one commit; a run of a function counts for so many. */
const settledTogether = 1_024;
const weightOfRun = 16;
/** A settlement that could not be made durable (a full disk) is tried again after this. */
const againMs = 500;
/** That it could not is logged this often. */
const logEveryMs = 60_000;

interface Waiting {
  readonly settlement: ToldSettlement;
  readonly weight: number;
  /** It stands in a settlement that could not be made: what it is done with is noted. */
  again: boolean;
}

/**
 * The feed of one process: the log of events itself. What it hands out has one writer and sequences follow its commits, so "done" needs no row
 * per event: `watermark` is the sequence up to which every event is done, and it moves in the commits that record outcomes. Of those that were
 * handed out, only the open ones are known: one that stays open for long keeps nothing of the many that came after it.
 *
 *   handed out ──settle(done)──▶ done ──every earlier one done too──▶ watermark moves ──commit──▶ durable
 *
 * After a crash the events above the watermark come again, marked `again`. Settlements are committed one after the other, and
 * one that fails is kept and joined to the next, so that the watermark never passes an outcome that is not durable.
 */
export class LogFeed implements LocalFeed {
  readonly #log: EventLog;
  readonly #deps: { readonly committer: Committer; readonly log: Log };
  /** Settlements in the order they came, none of which is durable. */
  #waiting: Waiting[] = [];
  #waitingWeight = 0;
  #urgent = false;
  #flushing = false;
  #closing = false;
  /** Something was not made durable: nothing that comes after may be, or the watermark would pass it. */
  #gaveUp = false;
  #loggedMs: number | undefined;
  readonly #heard: ((settlement: Settlement) => void)[] = [];
  #observers: Observers | undefined;
  /** Until what is taken is handed out. */
  #taking: Promise<void> | undefined;
  #wakes = 0;
  /** Wakes each of those who found nothing. */
  readonly #sleeping = new Set<() => void>();

  constructor(log: EventLog, deps: { readonly committer: Committer; readonly log: Log }) {
    this.#log = log;
    this.#deps = deps;
  }

  /** A hint that there are new events. */
  wake(): void {
    this.#wakes += 1;
    for (const woken of this.#sleeping) woken();
  }

  /** Called for every event in the order of commits. */
  committed(event: Event, bytes: number): void {
    this.#log.committed(event, bytes);
  }

  async next(max: number, signal: AbortSignal): Promise<FedEvent[]> {
    while (!signal.aborted) {
      const wakes = this.#wakes;
      const fed = await this.#taken(max);
      if (fed.length > 0) return fed;
      // What was committed while the store was read may not be in what it gave.
      if (wakes === this.#wakes) await this.#sleepUntilWoken(signal);
    }
    return [];
  }

  /** The next events, handed out to one who asks: others wait. None where the store cannot be asked now: it is asked again. */
  async #taken(max: number): Promise<FedEvent[]> {
    while (this.#taking !== undefined) await this.#taking;
    const taking = Promise.withResolvers<void>();
    this.#taking = taking.promise;
    try {
      return await this.#log.take(max);
    } catch (thrown) {
      if (!(thrown instanceof SignalboxError) || thrown.code !== "unavailable") throw thrown;
      this.#tell({ error: thrown.message }, "the events that wait could not be read");
      return [];
    } finally {
      this.#taking = undefined;
      taking.resolve();
    }
  }

  settle(settlement: Settlement): Promise<void> {
    return new Promise((resolve) => this.take({ ...settlement, settled: () => resolve() }));
  }

  take(settlement: ToldSettlement): void {
    if (this.#gaveUp) return settlement.settled(false);
    let weight = 1;
    for (const { status, attempts, invocation } of settlement.records) {
      weight += invocation === undefined ? 1 : weightOfRun;
      // Parked: a claim waits for it.
      if (status === "waiting" && attempts === 0) this.#urgent = true;
    }
    this.#waitingWeight += weight;
    this.#waiting.push({ settlement, weight, again: false });
    if (this.#flushing) return;
    this.#flushing = true;
    void this.#flush();
  }

  holds(sequence: number): boolean {
    return this.#log.holds(sequence);
  }

  get oldestMs(): number | undefined {
    const sequence = this.#log.oldest();
    return sequence === undefined ? undefined : sequence / sequencesPerMs;
  }

  listen(heard: (settlement: Settlement) => void): void {
    this.#heard.push(heard);
  }

  observe(observers: Observers): void {
    if (observers.revision !== undefined) this.#observers = observers;
  }

  /** From now on what cannot be made durable is given up: those events are not done, and come again after the next start. */
  stopping(): void {
    this.#closing = true;
    this.#deps.committer.stopping();
  }

  /** Resolves when everything that was settled is durable, or could not be made so. */
  async close(): Promise<void> {
    this.stopping();
    while (this.#flushing) await pause(1);
  }

  async #sleepUntilWoken(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const woken = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", woken);
        this.#sleeping.delete(woken);
        resolve();
      };
      const timer = setTimeout(woken, pollMs);
      signal.addEventListener("abort", woken, { once: true });
      this.#sleeping.add(woken);
    });
  }

  /** Runs while there is something to settle. */
  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#waitingWeight < lingerRecords && !this.#urgent) await pause(lingerMs);
      const waiting = this.#take();
      if (await this.#record(waiting)) {
        for (const { settlement } of waiting) {
          this.#log.recorded(settlement.done);
          for (const heard of this.#heard) heard(settlement);
          settlement.settled(true);
        }
        continue;
      }
      for (const one of waiting) {
        one.again = true;
        this.#waitingWeight += one.weight;
      }
      this.#waiting = [...waiting, ...this.#waiting];
      if (this.#closing) break;
      await pause(againMs);
    }
    this.#flushing = false;
    if (this.#waiting.length === 0) return;
    this.#gaveUp = true;
    for (const { settlement } of this.#waiting.splice(0)) settlement.settled(false);
  }

  /** Whether they could be made durable. */
  async #record(waiting: readonly Waiting[]): Promise<boolean> {
    const urgent = this.#urgent;
    // What is left behind may be what was urgent.
    this.#urgent &&= this.#waiting.length > 0;
    // Others say what becomes of what they have taken over.
    const observers = this.#observers;
    const records = waiting
      .flatMap(({ settlement }) => settlement.records)
      .filter(({ sequence }) => this.#log.holds(sequence))
      .map((record) => observers?.announced(record) ?? record);
    const announced = records.flatMap((record) => record.announced ?? []);
    const marks = this.#log.marks();
    try {
      const wire = {
        ...wireSettlement(records, announced, marks),
        ...defined({ watchers: observers?.revision }),
      };
      const { sequences, revisions } = await this.#deps.committer.settle(wire, urgent);
      this.#log.marked(marks.watermarks);
      for (const [index, event] of announced.entries()) {
        const wired = wire.events[index];
        const bytes = wired === undefined ? 0 : wireBytes(wired);
        this.committed({ ...event, sequence: sequences[index] ?? 0, revision: revisions[index] ?? 0 }, bytes);
      }
      if (announced.length > 0) this.wake();
      return true;
    } catch (thrown) {
      // Others have parts of the log by now that were this process's: what is left is made without them.
      if (this.#log.marks().losses !== marks.losses) return this.#record(waiting);
      // It may have been refused because there are others by now.
      if (await observers?.renew().catch(() => false)) return this.#record(waiting);
      this.#tell({ error: asError(thrown).message, records: records.length }, "outcomes are not yet durable");
      return false;
    }
  }

  #tell(fields: LogFields, what: string): void {
    const nowMs = performance.now();
    if (this.#loggedMs !== undefined && nowMs - this.#loggedMs < logEveryMs) return;
    this.#loggedMs = nowMs;
    this.#deps.log.error(fields, what);
  }

  /** The settlements for the next commit: what was done with them is done once it is durable. */
  #take(): Waiting[] {
    let weight = 0;
    let end = 0;
    for (const waiting of this.#waiting) {
      if (end > 0 && weight + waiting.weight > settledTogether) break;
      weight += waiting.weight;
      end += 1;
    }
    this.#waitingWeight -= weight;
    const taken = this.#waiting.slice(0, end);
    this.#waiting = this.#waiting.slice(end);
    for (const { settlement, again } of taken) {
      if (!again) for (const sequence of settlement.done) this.#log.done(sequence);
    }
    return taken;
  }
}
