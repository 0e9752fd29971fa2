import { sleep } from "../../../clock.ts";
import { asError } from "../../../errors.ts";
import type { Intent } from "../../../store/records.ts";
import type { Change } from "../../../store/unit.ts";
import { askResolver, type QuestionContext, type ResolverAnswer } from "./ask-resolver.ts";
import type { HostOperationContext } from "./begin.ts";
import { abortIntent, commitIntent, postEvent } from "./end.ts";

/** Of a batch of those that are due, and how many tenants' are asked about at once: one of a tenant at a time. */
const batch = 100;
const tenantsAtOnce = 8;
/** After the first time without an answer, and then twice as long, and so on. */
const firstWaitMs = 1_000;
const longestWaitMs = 300_000;
/** So often it looks by itself for what is due. */
const lookMs = 5_000;
const longestReason = 500;

const noResolver = "there is no resolver to ask: PUT /host/v1/resolve sets one";

type AskerContext = HostOperationContext & QuestionContext;

interface Silence {
  readonly waitMs: number;
  readonly untilMs: number;
  readonly reason: string;
}

/**
 * Asks platforms what became of operations that they began over HTTP, once they are due: an intent of theirs belongs to no process, so
 * the plan of it is in the store. A resolver that gives no answer is left alone for longer and longer, with all that it would be asked about, and
 * keeps none of another tenant waiting for more than one question.
 */
export class ResolverAsker {
  readonly #context: AskerContext;
  /** Tenants whose resolver gave no answer. */
  readonly #silent = new Map<string, Silence>();
  #woken = new AbortController();

  constructor(context: AskerContext) {
    this.#context = context;
  }

  /** A hint that something may be due earlier than was known. */
  wake(): void {
    this.#woken.abort();
  }

  /** Asks about what is due until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, clock, log } = this.#context;
    while (!signal.aborted) {
      this.#woken = new AbortController();
      const woken = AbortSignal.any([signal, this.#woken.signal]);
      try {
        const due = await store.operations.dueIntents(clock.now(), batch);
        if (due.length > 0) {
          await this.#askAll(due, signal);
          continue;
        }
        const nextMs = await store.operations.nextDueMs();
        const waitMs = nextMs === undefined ? lookMs : Math.max(1, Math.min(nextMs - clock.now(), lookMs));
        await sleep(clock, waitMs, woken);
      } catch (thrown) {
        log.error({ error: asError(thrown).message }, "could not ask what became of operations; trying again");
        await sleep(clock, lookMs, signal);
      }
    }
  }

  /** Asks at once, whatever was planned. Rejects when what came of it cannot be made durable. */
  async ask(intent: Intent, signal: AbortSignal): Promise<void> {
    const { store } = this.#context;
    const resolver = await store.resolvers.of(intent.tenant);
    if (resolver === undefined) return this.#unasked(intent);
    const asked = await askResolver(this.#context, resolver, intent, signal);
    if (!signal.aborted) await this.#settle(intent, asked);
  }

  async #askAll(due: readonly Intent[], signal: AbortSignal): Promise<void> {
    const groups = [...Map.groupBy(due, ({ tenant }) => tenant).entries()];
    const work = async (): Promise<void> => {
      for (let next = groups.shift(); next !== undefined && !signal.aborted; next = groups.shift()) {
        await this.#askAbout(next[0], next[1], signal);
      }
    };
    await Promise.all(Array.from({ length: tenantsAtOnce }, work));
  }

  async #askAbout(tenant: string, intents: readonly Intent[], signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#context;
    for (const [index, intent] of intents.entries()) {
      if (signal.aborted) return;
      const silence = this.#silent.get(tenant);
      if (silence !== undefined && clock.now() < silence.untilMs) {
        return this.#postpone(intents.slice(index), silence);
      }
      const resolver = await store.resolvers.of(tenant);
      if (resolver === undefined) {
        await this.#unasked(intent);
        continue;
      }
      const asked = await askResolver(this.#context, resolver, intent, signal);
      if (signal.aborted) return;
      this.#heard(tenant, asked);
      await this.#settle(intent, asked);
    }
  }

  #heard(tenant: string, asked: ResolverAnswer): void {
    if (asked.outcome !== "unreachable") return void this.#silent.delete(tenant);
    const before = this.#silent.get(tenant)?.waitMs;
    const waitMs = before === undefined ? firstWaitMs : Math.min(2 * before, longestWaitMs);
    this.#silent.set(tenant, { waitMs, untilMs: this.#context.clock.now() + waitMs, reason: asked.reason });
  }

  async #settle(intent: Intent, asked: ResolverAnswer): Promise<void> {
    switch (asked.outcome) {
      case "committed": {
        let event;
        try {
          event = postEvent(this.#context, intent, asked);
        } catch (thrown) {
          const why = asError(thrown).message;
          return this.#unresolved(intent, `what the resolver gave does not fit POST_${intent.type}: ${why}`);
        }
        // Refused: the platform has reported its end meanwhile, which counts.
        return void (await commitIntent(this.#context, intent, event));
      }
      case "aborted":
        return void (await abortIntent(
          this.#context,
          intent,
          asked.reason ?? "the platform says that it was not done",
        ));
      case "unknown":
        return this.#unresolved(intent, asked.reason ?? "the resolver does not know");
      case "unreachable":
        return this.#unresolved(intent, asked.reason);
    }
  }

  async #unresolved(intent: Intent, reason: string): Promise<void> {
    const { clock, publish, log } = this.#context;
    const { operation, tenant, type, asked } = intent;
    if (asked === 0) log.warn({ operation, tenant, type, reason }, "it is not known what became of an operation");
    const waitMs = Math.min(firstWaitMs * 2 ** Math.min(asked, 30), longestWaitMs);
    await publish({
      conditions: [{ if: "intent.open", operation }],
      changes: [unresolved(operation, reason, clock.now() + waitMs)],
    });
  }

  /** It waits for a resolver. */
  async #unasked(intent: Intent): Promise<void> {
    const { store, clock, publish, log } = this.#context;
    const { operation, tenant, type, asked } = intent;
    const conditions = [{ if: "intent.open", operation } as const];
    if (asked === 0)
      log.warn({ operation, tenant, type, reason: noResolver }, "it is not known what became of an operation");
    await publish({ conditions, changes: [unresolved(operation, noResolver)] });
    // One may have been set just before, and not have seen that this waits for it.
    if ((await store.resolvers.of(tenant)) === undefined) return;
    await publish({ conditions, changes: [unresolved(operation, noResolver, clock.now())] });
  }

  /** Until the resolver is asked again at all. */
  async #postpone(intents: readonly Intent[], { untilMs, reason }: Silence): Promise<void> {
    for (const { operation } of intents) {
      await this.#context.publish({
        conditions: [{ if: "intent.open", operation }],
        changes: [unresolved(operation, reason, untilMs)],
      });
    }
  }
}

function unresolved(operation: string, reason: string, askMs?: number): Change {
  const why = { do: "intent.unresolved", operation, reason: reason.slice(0, longestReason) } as const;
  return askMs === undefined ? why : { ...why, askMs };
}
