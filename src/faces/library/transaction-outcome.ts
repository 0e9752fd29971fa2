import { SignalboxError } from "../../errors.ts";
import type { Intent } from "../../store/records.ts";
import type { LibraryContext } from "./library-context.ts";

/** The event is durable in the host's database by then: who waits for it to be durable here as well waits for no longer. */
const patienceMs = 5_000;
/** Looks follow each other after this long; a batch that was moved cuts it short. */
const lookMs = 200;

/** What the host's database says of the transaction of an operation. */
type TransactionOutcome =
  /** The operation has ended: its event is durable, or another has told of its end. */
  | { readonly kind: "ended" }
  | { readonly kind: "aborted" }
  /** Its event waits in the inbox, or that cannot be asked: it will be known. */
  | { readonly kind: "moving" }
  | { readonly kind: "in progress" }
  /** No transaction was noted. */
  | { readonly kind: "unnoted" }
  /** It cannot be found out by the transaction. */
  | { readonly kind: "unknown"; readonly reason: string };

/** @throws what the store throws. */
export async function transactionOutcome(
  { store, inbox, relay }: LibraryContext,
  operation: string,
): Promise<TransactionOutcome> {
  const intent = await store.operations.intent(operation);
  if (intent === undefined) return { kind: "ended" };
  const { transaction } = intent;
  if (transaction === undefined) return { kind: "unnoted" };
  if (transaction === "awaited") return { kind: "aborted" };
  if (inbox === undefined)
    return { kind: "unknown", reason: "its transaction was noted, and SIGNALBOX_INBOX is not set" };
  try {
    const state = await inbox.stateOf(transaction);
    if (state === "in progress") return { kind: state };
    // After the state: what had committed by then is seen now.
    const row = await inbox.find({ operation });
    if (row?.reason !== undefined) return { kind: "unknown", reason: `its event was set aside: ${row.reason}` };
    if (row !== undefined) {
      relay?.wake();
      return { kind: "moving" };
    }
    if (state === "aborted") return { kind: "aborted" };
    // Moved just now.
    if ((await store.operations.intent(operation)) === undefined) return { kind: "ended" };
    return { kind: "unknown", reason: unknownBecause(intent, state) };
  } catch (thrown) {
    if (thrown instanceof SignalboxError && thrown.code === "unavailable") return { kind: "moving" };
    throw thrown;
  }
}

/** The same, once nothing moves any more: when the event is durable here, or after some seconds. @throws what the store throws. */
export async function settledOutcome(
  context: LibraryContext,
  operation: string,
  stopping: AbortSignal,
): Promise<TransactionOutcome> {
  const { clock, relay } = context;
  const untilMs = clock.steady() + patienceMs;
  for (;;) {
    const moved = relay?.next(lookMs, stopping);
    const outcome = await transactionOutcome(context, operation);
    if (outcome.kind !== "moving" || stopping.aborted || clock.steady() >= untilMs) return outcome;
    await moved;
  }
}

function unknownBecause({ type }: Intent, state: "committed" | "unknown"): string {
  return state === "committed"
    ? `its transaction committed without POST_${type} in the inbox: context.done() writes it there`
    : "its transaction is of another database than SIGNALBOX_INBOX names, or was forgotten there";
}
