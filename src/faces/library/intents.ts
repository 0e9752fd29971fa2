import { sleep } from "../../clock.ts";
import { defined } from "../../domain/defined.ts";
import type { NewEvent } from "../../domain/event.ts";
import { asError, SignalboxError } from "../../errors.ts";
import { freshId } from "../../platform/deps.ts";
import type { CallerInput } from "../../platform/host/caller.ts";
import { type BegunOperation, beginOperation, reasonOf } from "../../platform/host/operations/begin.ts";
import { abortIntent, commitIntent, postEvent } from "../../platform/host/operations/end.ts";
import type { Resolution } from "../../platform/host/resolution.ts";
import type { Intent } from "../../store/records.ts";
import { AskAgain } from "./ask-again.ts";
import { hostIntent, type Resolve } from "./host.ts";
import type { LibraryContext } from "./library-context.ts";
import { settledOutcome, transactionOutcome } from "./transaction-outcome.ts";
import type { UnderWay } from "./under-way.ts";

/** What is asked of the host at once, at the most, and how long it may take to answer: a start does not wait for ever. */
const askedAtOnce = 8;
const answerMs = 30_000;
const page = 100;
/** Between tries to commit an event that must come; then twice as long, and so on. */
const retryMs = 1_000;
const longestRetryMs = 60_000;
const longestReason = 500;
const rolledBack = "its transaction was rolled back";

/** An operation, as it is asked for. */
interface Proposed {
  readonly tenant: string;
  readonly type: string;
  readonly params: object;
  readonly options: CallerInput & {
    readonly noted?: boolean;
    readonly resource?: string;
    readonly signal?: AbortSignal;
  };
}

/** What is known now of an operation. `unasked`: there is no one to ask. */
export type IntentEnd = "announced" | "aborted" | "unresolved" | "unasked";

/**
 * What `around` has begun and whose end is not reported yet.
 *
 *   add ─▶ open ──committed──▶ (gone; its POST event is in the same commit)
 *           │  ▲──aborted────▶ (gone; functions whose hooks ran are notified)
 *   unknown ▼  │ the host is asked again and again, also by the next start
 *        unresolved
 *
 * Open ones survive the process. Those of this process end with their operation, those that an earlier one left are asked about.
 */
export class Intents {
  readonly #context: LibraryContext;
  readonly #stopping: AbortSignal;
  readonly #again: AskAgain;
  /** Operations that this process began: only it may say what became of them. */
  readonly #own = new Set<string>();
  /** Why the POST event of an operation that was done could not be made. */
  readonly #notAnnounced = new Map<string, string>();

  constructor(context: LibraryContext, underWay: UnderWay) {
    const { clock } = context;
    const { stopping } = underWay;
    this.#context = context;
    this.#stopping = stopping;
    const ask = (operation: string): Promise<boolean> => underWay.track(this.#askOnceMore(operation));
    this.#again = new AskAgain({ clock }, { stopping, atOnce: askedAtOnce, ask });
  }

  /**
   * Asks the hooks, and makes it durable.
   *
   * @param cut aborts when the process waits no longer.
   * @throws SignalboxError as `beginOperation`: then nothing was begun.
   */
  async begin({ tenant, type, params, options }: Proposed, cut: AbortSignal): Promise<BegunOperation> {
    const { clock, cluster, store } = this.#context;
    const { user, app, resource, noted = false } = options;
    const operation = freshId(clock);
    const signal = options.signal === undefined ? cut : AbortSignal.any([options.signal, cut]);
    const optional = defined({ user, app, resource });
    const proposed = { tenant, type, params, ...optional, origin: "library", operation, signal } as const;
    this.#own.add(operation);
    try {
      return await beginOperation(this.#context, proposed, {
        intent: { node: cluster.node, ...(noted ? { transaction: "awaited" } : {}) },
      });
    } catch (thrown) {
      // A commit that broke off may have been made.
      const left = await store.operations.intent(operation).catch(() => undefined);
      if (left !== undefined) await this.aborted(left, reasonOf(thrown));
      this.#own.delete(operation);
      throw thrown;
    }
  }

  /** It was done. Resolves when its event is durable, or will be as soon as the store takes it. */
  async committed(intent: Intent, event: NewEvent): Promise<void> {
    if (await this.#publish(intent, event)) return;
    const { operation, tenant } = intent;
    this.#context.log.error({ operation, tenant }, "could not publish what follows a done operation; trying again");
    void this.#publishLater(intent, event);
  }

  /** It was not done. Never rejects. */
  async aborted(intent: Intent, reason: string): Promise<void> {
    const { operation, tenant } = intent;
    try {
      await abortIntent(this.#context, intent, reason);
      this.#own.delete(operation);
      this.#notAnnounced.delete(operation);
    } catch (thrown) {
      const error = asError(thrown).message;
      this.#context.log.error({ operation, tenant, error }, "could not end the intent of an aborted operation");
    }
  }

  /** What became of it is not known. Never rejects. */
  async #unresolved({ operation, tenant, type }: Intent, reason: string): Promise<void> {
    const { publish, log } = this.#context;
    const known = this.#notAnnounced.get(operation);
    const why = (known === undefined || known === reason ? reason : `${known}; ${reason}`).slice(0, longestReason);
    log.warn({ operation, tenant, type, reason: why }, "it is not known what became of an operation");
    try {
      await publish({
        conditions: [{ if: "intent.open", operation }],
        changes: [{ do: "intent.unresolved", operation, reason: why }],
      });
    } catch (thrown) {
      // It stays open, and is asked about all the same.
      log.error({ operation, tenant, error: asError(thrown).message }, "could not mark an intent as unresolved");
    }
  }

  /** The operation threw, which may hide that it was done. Never rejects. */
  async thrown(intent: Intent, thrown: unknown): Promise<void> {
    const { resolve } = this.#context;
    if ((await this.#byTransaction(intent, reasonOf(thrown))) !== "ask") return;
    if (resolve === undefined) await this.aborted(intent, reasonOf(thrown));
    else await this.#settle(intent, await this.#ask(resolve, intent), reasonOf(thrown));
  }

  /**
   * It has returned, and its transaction holds its event. Resolves when that is durable here, and no later than it is certain to be once the
   * transaction commits.
   *
   * @throws SignalboxError `conflict` when the transaction was rolled back: it was not done.
   */
  async committing(intent: Intent): Promise<void> {
    if ((await this.#byTransaction(intent, rolledBack, { settled: true })) !== "aborted") return;
    throw new SignalboxError("conflict", `${intent.type} was not done: ${rolledBack}`);
  }

  /** What the transaction says that was noted of it. `ask`: nothing, and the host is to be asked. Never rejects. */
  async #byTransaction(intent: Intent, whyAborted: string, { settled = false } = {}): Promise<IntentEnd | "ask"> {
    const { resolve, log } = this.#context;
    const { operation } = intent;
    try {
      const outcome = settled
        ? await settledOutcome(this.#context, operation, this.#stopping)
        : await transactionOutcome(this.#context, operation);
      switch (outcome.kind) {
        case "ended":
          this.#own.delete(operation);
          return "announced";
        case "aborted":
          await this.aborted(intent, whyAborted);
          return "aborted";
        case "unnoted":
          return "ask";
        case "unknown":
          if (resolve !== undefined) return "ask";
          await this.#unresolved(intent, outcome.reason);
          return "unasked";
        case "moving":
        case "in progress":
          break;
        default:
          return outcome satisfies never;
      }
    } catch (thrown) {
      log.error({ operation, error: asError(thrown).message }, "could not find out what became of a transaction");
    }
    this.#again.later(operation);
    return "unresolved";
  }

  /** It was done, and its POST event cannot be made of what the operation returned: the host may report it otherwise. Never rejects. */
  async notAnnounced(intent: Intent, why: string): Promise<IntentEnd> {
    const { resolve, log } = this.#context;
    const { operation, tenant, type } = intent;
    const reason = `it was done, but POST_${type} could not be made: ${why}`.slice(0, longestReason / 2);
    this.#notAnnounced.set(operation, reason);
    log.error({ operation, tenant, type, reason }, "an operation was done whose POST event could not be made");
    if (resolve !== undefined) {
      return this.#settle(intent, await this.#ask(resolve, intent), "the host says that it was not done");
    }
    await this.#unresolved(intent, reason);
    return "unasked";
  }

  /** @returns whether it is settled now. */
  async #askOnceMore(operation: string): Promise<boolean> {
    const { store, resolve, log } = this.#context;
    try {
      const intent = await store.operations.intent(operation);
      if (intent === undefined) {
        this.#own.delete(operation);
        return true;
      }
      const exact = await this.#byTransaction(intent, rolledBack);
      if (exact !== "ask") return exact !== "unresolved";
      if (resolve === undefined) return true;
      const resolution = await this.#ask(resolve, intent, this.#stopping);
      if (this.#stopping.aborted) return false;
      return (await this.#settle(intent, resolution, "the host says that it was not done")) !== "unresolved";
    } catch (thrown) {
      const error = asError(thrown).message;
      log.error({ operation, error }, "could not ask what became of an operation; trying again");
      return false;
    }
  }

  /** Asks about each intent that a node which is gone left behind, until `stopping`. Never rejects. */
  async recover(): Promise<void> {
    const { store, cluster, log } = this.#context;
    try {
      let after: string | undefined;
      for (;;) {
        const found = await store.operations.intents({ origin: "library" }, { max: page, ...defined({ after }) });
        const gone = await Promise.all(found.map(({ node }) => cluster.isGone(node)));
        const left = found.filter(({ operation }, index) => gone[index] === true && !this.#own.has(operation));
        const ask = async (): Promise<void> => {
          for (let intent = left.shift(); intent !== undefined; intent = left.shift()) await this.#recoverOne(intent);
        };
        await Promise.all(Array.from({ length: askedAtOnce }, ask));
        after = found.at(-1)?.operation;
        if (found.length < page || after === undefined || this.#stopping.aborted) return;
      }
    } catch (thrown) {
      const error = asError(thrown).message;
      log.error({ error }, "could not find out what became of operations; the next start does");
    }
  }

  async #recoverOne(intent: Intent): Promise<void> {
    const { resolve } = this.#context;
    if (this.#stopping.aborted) return;
    if ((await this.#byTransaction(intent, "the process ended before the operation")) !== "ask") return;
    if (resolve === undefined) return this.#unresolved(intent, "start() was not given a resolve function");
    const resolution = await this.#ask(resolve, intent, this.#stopping);
    if (!this.#stopping.aborted) await this.#settle(intent, resolution, "the process ended before the operation");
  }

  /** @param cut aborts when its answer is not wanted any more. */
  async #ask(resolve: Resolve, intent: Intent, cut?: AbortSignal): Promise<Resolution> {
    const answered = new AbortController();
    const over = cut === undefined ? answered.signal : AbortSignal.any([answered.signal, cut]);
    const late = sleep(this.#context.clock, answerMs, over).then((): Resolution => {
      return { outcome: "unknown", reason: `resolve has not answered within ${answerMs} ms` };
    });
    try {
      const answer: Resolution | undefined = await Promise.race([resolve(hostIntent(intent)), late]);
      return answer ?? { outcome: "unknown", reason: "resolve answered nothing" };
    } catch (thrown) {
      return { outcome: "unknown", reason: `resolve threw: ${asError(thrown).message}` };
    } finally {
      answered.abort();
    }
  }

  /** What cannot be settled is asked about again. Never rejects. */
  async #settle(intent: Intent, resolution: Resolution, whyAborted: string): Promise<IntentEnd> {
    const unresolved = async (reason: string): Promise<IntentEnd> => {
      await this.#unresolved(intent, reason);
      this.#again.later(intent.operation);
      return "unresolved";
    };
    switch (resolution.outcome) {
      case "committed":
        try {
          await this.committed(intent, postEvent(this.#context, intent, resolution));
          return "announced";
        } catch (thrown) {
          return unresolved(`what resolve gave does not fit POST_${intent.type}: ${asError(thrown).message}`);
        }
      case "aborted":
        await this.aborted(intent, whyAborted);
        return "aborted";
      case "unknown":
        return unresolved(resolution.reason ?? "resolve does not know");
      default:
        return unresolved(`resolve answered nothing that it may: ${JSON.stringify(resolution satisfies never)}`);
    }
  }

  /** Whether the event is durable, or another had ended the intent. */
  async #publish(intent: Intent, event: NewEvent): Promise<boolean> {
    const { log } = this.#context;
    const { operation } = intent;
    try {
      const commit = await commitIntent(this.#context, intent, event);
      if (commit.kind === "refused") log.warn({ operation }, "the intent of an operation had been ended by another");
      this.#own.delete(operation);
      this.#notAnnounced.delete(operation);
      return true;
    } catch (thrown) {
      log.error({ operation, error: asError(thrown).message }, "could not commit an event");
      return false;
    }
  }

  async #publishLater(intent: Intent, event: NewEvent): Promise<void> {
    for (let waitMs = retryMs; ; waitMs = Math.min(2 * waitMs, longestRetryMs)) {
      await sleep(this.#context.clock, waitMs, this.#stopping);
      if (this.#stopping.aborted || (await this.#publish(intent, event))) return;
    }
  }
}
