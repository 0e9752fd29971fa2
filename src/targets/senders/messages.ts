import type { ClockOrigin } from "../../clock.ts";
import type { EgressAllow } from "../../domain/egress.ts";
import type { Parcel } from "./parcel.ts";

/** What the main thread and a sender say to each other: one message for all of a turn of the loop, each way. */

/** With what a sender begins. */
export interface SenderData {
  readonly allow: EgressAllow;
  readonly ca: string | undefined;
  /** Unused connections that it keeps. */
  readonly mostIdle: number;
  /** Of the main thread. */
  readonly clock: ClockOrigin;
  /** For a module that is run in the place of ours. */
  readonly given: unknown;
}

/** A head that a sender does not know yet. It knows it by its number from then on, with the keys. */
export interface WireHead {
  readonly number: number;
  readonly href: string;
  readonly text: string;
  readonly keys: readonly Uint8Array[];
}

export type ToSender =
  | {
      readonly kind: "letters";
      readonly heads: readonly WireHead[];
      /** Heads that need not be known any more, but by these letters. */
      readonly forgotten: readonly number[];
      readonly letters: Parcel;
    }
  /** What was sent under the signal of this number is cancelled. */
  | { readonly kind: "abort"; readonly signal: number }
  /** Everything is. Then it says that it is closed. */
  | { readonly kind: "close" };

export type FromSender = { readonly kind: "answers"; readonly answers: Parcel } | { readonly kind: "closed" };
