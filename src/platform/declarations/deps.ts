import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { fieldsText } from "../../domain/path.ts";
import { type FieldError, SignalboxError } from "../../errors.ts";
import type { StoredDeclaration } from "../../store/declarations.ts";
import type { Change } from "../../store/unit.ts";
import { notedBy } from "../edits.ts";

/** What the verbs on declarations work with. */
export type DeclarationContext = Pick<
  Context,
  "store" | "publish" | "offload" | "slices" | "clock" | "declared" | "declarationsChanged" | "alertPaused"
>;

/** Who declares. Absent: the operator, by a file that the server was started with. */
export type Declarer = Principal | undefined;

/** What declarations may take. */
export const declarationLimits = {
  /** In the store, beside the built-in ones and the host's. */
  eventTypes: 500,
  /** With those of the host. */
  kinds: 200,
  /** Of one declaration as JSON. */
  bytes: 32_768,
  depth: 64,
  /** Live subscriptions with a filter to one event type, of all tenants: each filter is read when the type changes. */
  filters: 10_000,
  /** Subscriptions that one change may pause. */
  paused: 1_000,
  /** Subscriptions that a refusal names. */
  named: 100,
} as const;

interface Forcing {
  /** Does it although subscriptions are paused by it, or are left without what they are about. Default: it is refused. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
}
export type DeclareOptions = Forcing;

/** What came of declaring something. */
export interface Declared<D extends StoredDeclaration> {
  readonly declaration: D;
  /** `unchanged`: it was declared just so before; nothing was done. */
  readonly outcome: "made" | "changed" | "unchanged";
  /** How many subscriptions were paused, because their filters cannot be read any more. */
  readonly paused: number;
}

/** Who pays for work that is done elsewhere. */
export function payerOf(by: Declarer): string {
  return by?.tenant ?? "declarations";
}

export function byName(by: Declarer): { readonly by?: string } {
  return defined({ by: by?.name });
}

export function edited({ clock }: Pick<DeclarationContext, "clock">, by: Declarer, thing: string): Change {
  return notedBy({ clock }, { origin: "api", ...defined({ actor: by?.name }) }, thing);
}

export function refusedFields(fields: readonly FieldError[]): SignalboxError {
  return new SignalboxError("invalid_request", fieldsText(fields), { fields });
}
