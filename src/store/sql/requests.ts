import type { Counter, PruneStep, Settled, UnitResult, WireError, WireSettlement, WireUnit } from "./wire.ts";

/** What is asked of the one who writes, one request after the other, and what comes back. */

export type Request =
  | {
      readonly kind: "commit";
      readonly nowMs: number;
      readonly units: readonly WireUnit[];
      readonly settlement?: WireSettlement;
    }
  | { readonly kind: "prune"; readonly step: PruneStep }
  | { readonly kind: "release"; readonly bytes: number }
  | { readonly kind: "redrive"; readonly uuid: string; readonly max: number; readonly nowMs: number }
  | { readonly kind: "reserve"; readonly counter: Counter; readonly count: number }
  /** Brings figures and usage up to date. */
  | { readonly kind: "fold" }
  | { readonly kind: "ready" }
  /** Writes what the log holds into the database, so that the log may begin anew. */
  | { readonly kind: "relieve" }
  | { readonly kind: "close" };

export type Reply =
  | { readonly kind: "committed"; readonly units: readonly UnitResult[]; readonly settlement?: Settled | WireError }
  | { readonly kind: "pruned"; readonly dropped: number; readonly more: boolean }
  | { readonly kind: "released"; readonly any: boolean }
  | {
      readonly kind: "redriven";
      readonly state: "running" | "done";
      readonly subscriptions: readonly number[];
      readonly waitMs?: number;
    }
  | { readonly kind: "reserved"; readonly first: number }
  | { readonly kind: "ok" }
  | WireError;
