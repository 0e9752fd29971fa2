import { sleep } from "../../../clock.ts";
import type { Context } from "../../../context.ts";
import { asError, SignalboxError } from "../../../errors.ts";
import type { Inbox, InboxFigures, InboxRow } from "../../../inbox/inbox.ts";
import { usualTenant } from "../../access/identities.ts";
import { type PublishRowsContext, publishRows } from "./publish-rows.ts";

/** Rows of one batch, and bytes of their params. */
const batch = { max: 200, maxBytes: 2 ** 20 };
/** How long until it looks again: after something was there, and after nothing was. A hint cuts it short. */
const busyMs = 50;
const idleMs = 500;
/** For so long after it found something it counts as busy. */
const busyForMs = 5_000;
/** After the first failure, and then twice as long, and so on. */
const firstWaitMs = 250;
const longestWaitMs = 30_000;
/** How old figures may be. */
const figuresMs = 5_000;

/** How it stands with the inbox, as this process sees it. */
export interface RelayState {
  readonly name: string;
  /** `standby`: another node has the duty. */
  readonly state: "relaying" | "standby" | "failing";
  /** Of `failing`: why, and what is to be done. */
  readonly problem?: string;
  /** Since it is in this state. */
  readonly sinceMs: number;
  /** Events that this process has published, and rows that had been published before. */
  readonly relayed: number;
  readonly duplicates: number;
  /** As of the last few seconds. Absent: not known yet. */
  readonly figures?: InboxFigures;
}

type RelayContext = PublishRowsContext & Pick<Context, "log" | "rates"> & { readonly inbox: Inbox };

/**
 * Moves rows from the host's inbox to events of ours, the lowest id first:
 *
 *   read a batch ─▶ one commit: events, and the names of their rows ─▶ delete the rows
 *
 * A process that dies before the commit has done nothing; one that dies after it has left rows whose names are known, so that the next
 * one only deletes them. It remembers nothing else.
 */
export class InboxRelay {
  readonly #context: RelayContext;
  /** Tenants that have made more events than they may in a second, and until when their rows stay. */
  readonly #overRate = new Map<string, number>();
  #hint = new AbortController();
  #state: RelayState["state"] = "standby";
  #problem: string | undefined;
  #sinceMs: number;
  #relayed = 0;
  #duplicates = 0;
  #figures: { readonly of: InboxFigures; readonly atMs: number } | undefined;
  /** Called after each batch, for those who wait for their row. */
  readonly #moved = new Set<() => void>();

  constructor(context: RelayContext) {
    this.#context = context;
    this.#sinceMs = context.clock.now();
    context.inbox.listen(() => this.wake());
  }

  state(): RelayState {
    const { name } = this.#context.inbox;
    const told = {
      name,
      state: this.#state,
      sinceMs: this.#sinceMs,
      relayed: this.#relayed,
      duplicates: this.#duplicates,
    };
    const problem = this.#problem === undefined ? {} : { problem: this.#problem };
    return { ...told, ...problem, ...(this.#figures === undefined ? {} : { figures: this.#figures.of }) };
  }

  /** A hint that there may be something now. */
  wake(): void {
    this.#hint.abort();
  }

  /** Resolves when a batch was moved, after `ms`, or when `signal` aborts. */
  async next(ms: number, signal: AbortSignal): Promise<void> {
    const moved = new AbortController();
    const done = (): void => moved.abort();
    this.#moved.add(done);
    await sleep(this.#context.clock, ms, AbortSignal.any([signal, moved.signal]));
    this.#moved.delete(done);
  }

  /** Moves what is there, until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    let failures = 0;
    let foundMs = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      this.#hint = new AbortController();
      const woken = AbortSignal.any([signal, this.#hint.signal]);
      try {
        const found = await this.#moveBatch();
        failures = 0;
        this.#is("relaying");
        const nowMs = clock.steady();
        if (found > 0) {
          foundMs = nowMs;
          for (const done of this.#moved) done();
          continue;
        }
        await this.#count();
        await sleep(clock, nowMs - foundMs < busyForMs ? busyMs : idleMs, woken);
      } catch (thrown) {
        if (signal.aborted) break;
        this.#is("failing", asError(thrown).message);
        const waitMs = Math.min(firstWaitMs * 2 ** failures, longestWaitMs);
        failures += 1;
        // Not cut short: a connection that breaks at once is a hint too.
        await sleep(clock, waitMs * (0.5 + clock.random() / 2), signal);
      }
    }
    this.#is("standby");
  }

  /** @returns how many rows are no longer where they were. */
  async #moveBatch(): Promise<number> {
    const { inbox, log } = this.#context;
    const rows = await inbox.waiting({ ...batch, exceptTenants: await this.#stayed() });
    const within = await this.#withinRates(rows);
    if (within.length === 0) return 0;
    const { published, duplicates, refused } = await publishRows(this.#context, within);
    await inbox.remove(published.map(({ id }) => id));
    for (const { row, reason } of refused) {
      await inbox.setAside(row.id, reason);
      const { event, tenant, type } = row;
      log.warn({ inbox: inbox.name, eventId: event, tenant, type, reason }, "an event of the inbox was set aside");
    }
    this.#relayed += published.length - duplicates;
    this.#duplicates += duplicates;
    return within.length;
  }

  /** Those whose tenant may make events now. The first row of one that may not has all of its rows wait, so that they stay in order. */
  async #withinRates(rows: readonly InboxRow[]): Promise<InboxRow[]> {
    const { rates, store, clock } = this.#context;
    const usual = rows.some(({ tenant }) => tenant === undefined) ? await usualTenant(store) : undefined;
    const known = new Map<string, boolean>();
    for (const { tenant = usual } of rows) {
      if (tenant === undefined || known.has(tenant)) continue;
      // Of one that does not exist there is no account: its rows are set aside.
      const exists = (await store.identities.tenant(tenant)) !== undefined;
      try {
        if (exists) rates.judge(tenant);
        known.set(tenant, true);
      } catch (thrown) {
        if (!(thrown instanceof SignalboxError)) throw thrown;
        const afterMs = Number(thrown.data?.["retry_after_ms"] ?? idleMs);
        this.#overRate.set(tenant, clock.steady() + Math.min(Math.max(afterMs, busyMs), idleMs));
        known.set(tenant, false);
      }
    }
    return rows.filter(({ tenant = usual }) => tenant === undefined || known.get(tenant) !== false);
  }

  async #stayed(): Promise<(string | null)[]> {
    const nowMs = this.#context.clock.steady();
    for (const [tenant, untilMs] of this.#overRate) if (untilMs <= nowMs) this.#overRate.delete(tenant);
    if (this.#overRate.size === 0) return [];
    const usual = await usualTenant(this.#context.store);
    const unnamed = usual !== undefined && this.#overRate.has(usual) ? [null] : [];
    return [...this.#overRate.keys(), ...unnamed];
  }

  async #count(): Promise<void> {
    const { inbox, clock } = this.#context;
    if (this.#figures !== undefined && clock.steady() - this.#figures.atMs < figuresMs) return;
    this.#figures = { of: await inbox.figures(), atMs: clock.steady() };
  }

  #is(state: RelayState["state"], problem?: string): void {
    const { inbox, log, clock } = this.#context;
    if (state !== this.#state) this.#sinceMs = clock.now();
    if (state === "failing" && problem !== this.#problem) {
      log.warn({ inbox: inbox.name, problem }, "events of the inbox cannot be moved; trying again");
    }
    if (state === "relaying" && this.#state !== "relaying")
      log.info({ inbox: inbox.name }, "moving events of the inbox");
    this.#state = state;
    this.#problem = problem;
  }
}
